//! Object store servers from the registries, each on a free port of the loopback. `cargo xtask setup`
//! installs them.
//!
//! A test gets a URL and the variables of an environment that reaches it, as the daemon and the auditor's tool take
//! them.

mod azure;
mod directory;
mod s3;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::process::{Process, free_port};
use crate::wait::until_true;

pub use azure::Azure;
pub use directory::Directory;
pub use s3::S3;

/// For a server to start on a machine that is busy.
const START: Duration = Duration::from_secs(60);

/// A server of objects that can be stopped in the middle of whatever it does, and started again.
pub trait ObjectServer {
    /// The URL of a store in it.
    fn url(&self) -> String;

    /// The environment in which that URL means something.
    fn variables(&self) -> Vec<(String, String)>;

    /// Ends it, as hard as leaves it what it has acknowledged.
    ///
    /// # Errors
    /// When it does not end.
    fn stop(&mut self) -> Result<()>;

    /// Starts it again, with all that it has acknowledged.
    ///
    /// # Errors
    /// When it does not listen in time.
    fn start_again(&mut self) -> Result<()>;
}

/// A server's process, or what it takes to start one.
struct Server {
    program: PathBuf,
    arguments: Vec<String>,
    environment: Vec<(&'static str, String)>,
    port: u16,
    process: Option<Process>,
    /// Where it keeps what it keeps.
    directory: TempDir,
}

impl Server {
    fn new(program: &str, arguments: impl Fn(u16, &Path) -> Vec<String>) -> Result<Self> {
        let program = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../tests/stores")
            .join(program);
        ensure!(
            program.exists(),
            "{} is not installed: run `cargo xtask setup`",
            program.display()
        );
        let port = free_port()?;
        let directory = tempfile::tempdir()?;
        Ok(Self {
            arguments: arguments(port, directory.path()),
            program,
            environment: Vec::new(),
            port,
            process: None,
            directory,
        })
    }

    fn start(&mut self) -> Result<()> {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .envs(self.environment.iter().cloned())
            .current_dir(self.directory.path());
        let mut process = Process::start(&mut command)?;
        until_true("the server of objects", START, || {
            if let Some(status) = process.ended()? {
                bail!("it ended with {status}:\n{}", process.lines().join("\n"));
            }
            Ok(TcpStream::connect(("127.0.0.1", self.port)).is_ok())
        })?;
        self.process = Some(process);
        Ok(())
    }

    fn stop(&mut self, signal: Signal) -> Result<()> {
        let mut process = self.process.take().context("it runs")?;
        process.signal(signal)?;
        process.await_end(START).map(drop)
    }

    /// Asks something, with these headers beside those that every request has.
    fn ask(&self, request: &str, headers: &[(&str, &str)], body: &str) -> Result<Answer> {
        let mut socket = TcpStream::connect(("127.0.0.1", self.port))?;
        let mut text = format!(
            "{request} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nconnection: close\r\ncontent-length: {}\r\n",
            self.port,
            body.len()
        );
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        socket.write_all(format!("{text}\r\n{body}").as_bytes())?;
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer)?;
        let answer = String::from_utf8_lossy(&answer);
        let (head, _) = answer.split_once("\r\n\r\n").context("a whole answer")?;
        let status = head.split(' ').nth(1).context("a status")?;
        Ok(Answer {
            status: status.parse()?,
            head: head.to_owned(),
        })
    }

    /// Asks what has to be granted.
    fn demand(&self, request: &str, headers: &[(&str, &str)], body: &str) -> Result<Answer> {
        let answer = self.ask(request, headers, body)?;
        ensure!((200..300).contains(&answer.status), "{request}: {answer:?}");
        Ok(answer)
    }
}

/// What a server answered.
#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
}

fn owned<const N: usize>(variables: [(&str, String); N]) -> Vec<(String, String)> {
    let owned = variables.map(|(name, value)| (name.to_owned(), value));
    owned.to_vec()
}
