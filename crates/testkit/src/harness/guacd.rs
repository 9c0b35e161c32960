//! The daemon under test, as the binary that is shipped.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::process::Signal;

use crate::process::Process;
use crate::wait::PATIENCE;

/// A running daemon on a loopback port of its own.
pub struct Guacd {
    process: Process,
    address: SocketAddr,
}

impl Guacd {
    /// Starts the daemon of `GUACD_BIN`, or the one of this workspace, built first if need be.
    ///
    /// # Errors
    /// When it does not build, start or listen.
    pub fn start() -> Result<Self> {
        Self::start_command(&mut Command::new(binary()?))
    }

    /// Starts a daemon by a command of its own, to which the address and the log's level are added.
    ///
    /// # Errors
    /// When it does not start or listen.
    pub fn start_command(command: &mut Command) -> Result<Self> {
        command.args(["-f", "-b", "127.0.0.1", "-l", "0", "-L", "debug"]);
        let mut process = Process::start(command)?;
        let port = process.await_line("the daemon's port", 0, PATIENCE, |line| {
            line.split_once("Listening on host 127.0.0.1, port ")?
                .1
                .trim()
                .parse()
                .ok()
        })?;
        Ok(Self {
            process,
            address: SocketAddr::from(([127, 0, 0, 1], port)),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Its log so far.
    pub fn log(&self) -> Vec<String> {
        self.process.lines()
    }

    /// Waits for a log line, from the `skip`th on, that contains `text`.
    ///
    /// # Errors
    /// When it does not come in time; the message carries the log.
    #[track_caller]
    pub fn await_log(&mut self, text: &str, skip: usize, limit: Duration) -> Result<String> {
        let wanted = |line: &str| line.contains(text).then(|| line.to_owned());
        self.process
            .await_line(&format!("the log line {text:?}"), skip, limit, wanted)
    }

    /// Whether it still runs.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn is_running(&mut self) -> Result<bool> {
        Ok(self.process.ended()?.is_none())
    }

    /// Asks it to end, and waits for that.
    ///
    /// # Errors
    /// When it ends with another exit code than 0, or not in time.
    pub fn terminate(mut self) -> Result<()> {
        self.process.signal(Signal::TERM)?;
        let status = self.process.await_end(PATIENCE)?;
        ensure!(status.success(), "the daemon ended with {status}");
        Ok(())
    }

    /// Ends it in the middle of whatever it does, by SIGKILL, and waits for that.
    ///
    /// # Errors
    /// When it is gone already.
    pub fn kill(&mut self) -> Result<()> {
        self.process.signal(Signal::KILL)?;
        self.process.await_end(PATIENCE).map(drop)
    }

    /// How many file descriptors it has open.
    ///
    /// # Errors
    /// When it is gone.
    pub fn descriptors(&self) -> Result<usize> {
        Ok(std::fs::read_dir(format!("/proc/{}/fd", self.id()))?.count())
    }

    /// How many threads it runs.
    ///
    /// # Errors
    /// When it is gone.
    pub fn threads(&self) -> Result<usize> {
        Ok(std::fs::read_dir(format!("/proc/{}/task", self.id()))?.count())
    }

    /// How much of its memory is resident, in KiB.
    ///
    /// # Errors
    /// When it is gone.
    pub fn resident_kib(&self) -> Result<usize> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|rest| rest.split_whitespace().next());
        Ok(number.context("VmRSS is in the status")?.parse()?)
    }
}

/// The directory of this build's profile, `target/debug` for one.
///
/// # Errors
/// When this executable does not stand in a target directory.
pub fn profile_directory() -> Result<PathBuf> {
    let executable = std::env::current_exe()?;
    let deps = executable
        .parent()
        .context("an executable has a directory")?;
    let profile = if deps.ends_with("deps") {
        deps.parent()
    } else {
        Some(deps)
    };
    Ok(profile
        .context("test executables stand in target/<profile>/deps")?
        .to_owned())
}

/// The target directory of this build.
///
/// # Errors
/// As [`profile_directory`].
pub fn target_directory() -> Result<PathBuf> {
    let profile = profile_directory()?;
    Ok(profile
        .parent()
        .context("a profile's directory has a parent")?
        .to_owned())
}

/// The daemon's binary, brought up to date once in this process.
///
/// # Errors
/// When it does not build.
pub fn binary() -> Result<PathBuf> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    if let Some(given) = std::env::var_os("GUACD_BIN") {
        return Ok(given.into());
    }
    let built = BUILT.get_or_init(|| build().map_err(|error| format!("{error:#}")));
    built.clone().map_err(anyhow::Error::msg)
}

fn build() -> Result<PathBuf> {
    let directory = profile_directory()?;
    let profile = match directory.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(other) => other,
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args([
            "build",
            "--quiet",
            "--package",
            "guacd",
            "--bin",
            "guacd",
            "--profile",
            profile,
        ])
        .arg("--target-dir")
        .arg(target_directory()?)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .status()
        .context("cargo runs")?;
    ensure!(status.success(), "the daemon does not build");
    Ok(directory.join("guacd"))
}
