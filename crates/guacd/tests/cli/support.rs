//! Starting the binary of this build and talking to it.

use std::ffi::OsStr;
use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use testkit::process::Process;
use testkit::wait::PATIENCE;

/// A protocol that no daemon has: it is refused, and the connection closed, by any session layer.
pub(crate) const BOGUS_SELECT: &[u8] = b"6.select,5.bogus;";

/// The daemon with these arguments, and with nothing of this machine's configuration.
pub(crate) fn command<I: AsRef<OsStr>>(arguments: impl IntoIterator<Item = I>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guacd"));
    for variable in [
        "LOG_LEVEL",
        "GUACD_LOG_LEVEL",
        "GUACD_LOG_FORMAT",
        "GUACD_POLICY",
        "GUACD_DECISION_LOG",
        "GUACD_EVIDENCE",
        "GUACD_SEAL_TO",
        "RUST_BACKTRACE",
    ] {
        command.env_remove(variable);
    }
    command.args(["--config", "/dev/null"]).args(arguments);
    command
}

/// What a run that ends by itself did.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the daemon to its end.
pub(crate) fn end_of(command: &mut Command) -> Result<Ended> {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output()?;
    Ok(Ended {
        code: status.code(),
        stdout: String::from_utf8(stdout)?,
        stderr: String::from_utf8(stderr)?,
    })
}

/// A daemon in the foreground that listens.
pub(crate) struct Daemon {
    pub(crate) process: Process,
    pub(crate) port: u16,
}

impl Daemon {
    pub(crate) fn start(arguments: &[&str]) -> Result<Self> {
        Self::start_command(command(["-f", "-l", "0"]).args(arguments))
    }

    pub(crate) fn start_command(command: &mut Command) -> Result<Self> {
        let mut process = Process::start(command)?;
        let port = process.await_line("the port", 0, PATIENCE, port_of)?;
        Ok(Self { process, port })
    }

    pub(crate) fn address(&self, host: &str) -> Result<SocketAddr> {
        Ok(SocketAddr::new(host.parse::<IpAddr>()?, self.port))
    }

    pub(crate) fn await_log(&mut self, text: &str) -> Result<()> {
        let wanted = |line: &str| line.contains(text).then_some(());
        self.process.await_line(text, 0, PATIENCE, wanted)
    }

    /// The log lines of a level, `ERROR` for example.
    pub(crate) fn lines_of(&self, level: &str) -> Vec<String> {
        let mark = format!("]: {level}:\t");
        self.process
            .lines()
            .into_iter()
            .filter(|line| line.contains(&mark))
            .collect()
    }
}

/// The port in a line that says where the daemon listens.
pub(crate) fn port_of(line: &str) -> Option<u16> {
    let (_, place) = line.split_once("Listening on host ")?;
    place.split_once(", port ")?.1.trim().parse().ok()
}

/// Checks that the daemon reads what is said to it and ends a connection for it.
pub(crate) fn assert_answers(address: SocketAddr) -> Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(BOGUS_SELECT)?;
    assert_closed(stream.read_to_end(&mut Vec::new()))
}

/// Checks that reading came to the end of a connection, in whatever manner it was closed.
pub(crate) fn assert_closed(end: std::io::Result<usize>) -> Result<()> {
    match end {
        Err(error)
            if !matches!(
                error.kind(),
                ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof
            ) =>
        {
            Err(error).context("the connection is closed")
        }
        _ => Ok(()),
    }
}

/// Checks an exit code, and shows what was said when it is another.
pub(crate) fn assert_code(ended: &Ended, code: i32) -> Result<()> {
    let Ended {
        code: found,
        stdout,
        stderr,
    } = ended;
    ensure!(
        *found == Some(code),
        "exit code {found:?}\n{stdout}\n{stderr}"
    );
    Ok(())
}
