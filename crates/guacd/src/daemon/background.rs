//! Into the background without `fork`, which cannot be done safely from Rust.
//!
//! The program starts itself again with one more flag. That process makes a session of its own and does
//! all the work of starting up, while the first one waits on a pipe. So the first one's exit code tells
//! whether the daemon listens, where the C daemon's was decided before its PID file and `listen`.

use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitCode, Stdio};
use std::{env, fs};

use rustix::process::{chdir, setsid};
use rustix::stdio::{dup2_stderr, dup2_stdin, dup2_stdout};

use crate::exit::Exit;

/// The flag that makes a process the one in the background.
const DETACHED_FLAG: &str = "--detached";

/// What the background process says once it listens.
const READY: &[u8] = b"ready\n";

/// Starts the background process, and returns its fate once that is known.
pub(crate) fn start() -> ExitCode {
    match spawn().and_then(outcome) {
        Ok(code) => code,
        Err(error) => {
            // The log is the background process's; this one has only its standard error.
            let _ = writeln!(io::stderr(), "Could not become a daemon: {error}");
            Exit::Failure.into()
        }
    }
}

fn spawn() -> io::Result<Child> {
    let mut words = env::args_os();
    let mut command = Command::new(program()?);
    if let Some(name) = words.next() {
        command.arg0(name);
    }
    // First, because what follows `--` on the given command line is no flag.
    command.arg(DETACHED_FLAG).args(words);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()
}

/// The path of this program's file, under its real name: `pidof guacd` must find the daemon.
fn program() -> io::Result<std::path::PathBuf> {
    fs::canonicalize(env::current_exe()?)
}

fn outcome(mut child: Child) -> io::Result<ExitCode> {
    let mut said = Vec::new();
    if let Some(pipe) = child.stdout.take() {
        pipe.take(READY.len().try_into().unwrap_or(u64::MAX))
            .read_to_end(&mut said)?;
    }
    if said == READY {
        return Ok(Exit::Success.into());
    }
    let code = child
        .wait()?
        .code()
        .and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(Exit::Failure.into(), ExitCode::from))
}

/// Cuts the background process off from the terminal and the folder it was started in. Relative paths
/// that are used afterwards start at the root, as with the C daemon.
pub(crate) fn detach() -> io::Result<()> {
    setsid()?;
    chdir("/")?;
    Ok(())
}

/// Tells the waiting process that the daemon listens, and lets go of its terminal.
pub(crate) fn report_ready() -> io::Result<()> {
    // Nobody may be waiting any more; that does not concern the daemon.
    let _ = io::stdout()
        .write_all(READY)
        .and_then(|()| io::stdout().flush());
    let null = OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/null")?;
    dup2_stdin(&null)?;
    dup2_stdout(&null)?;
    dup2_stderr(&null)?;
    Ok(())
}
