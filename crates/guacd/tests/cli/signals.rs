//! Signals and the PID file of a daemon in the foreground.

use std::time::Duration;

use anyhow::Result;
use rustix::process::Signal;

use crate::support::{Daemon, assert_answers, assert_code, command, end_of};

/// Long enough for an orderly end without sessions, short of the daemon's own time limit.
const PROMPT: Duration = Duration::from_secs(4);

#[test]
fn both_requests_to_end_are_followed_with_0() -> Result<()> {
    for signal in [Signal::TERM, Signal::INT] {
        let mut daemon = Daemon::start(&["-b", "127.0.0.1"])?;
        daemon.process.signal(signal)?;
        assert_eq!(daemon.process.await_end(PROMPT)?.code(), Some(0));
    }
    Ok(())
}

#[test]
fn a_hangup_is_survived() -> Result<()> {
    let mut daemon = Daemon::start(&["-b", "127.0.0.1"])?;
    daemon.process.signal(Signal::HUP)?;
    daemon.await_log("INFO:\tSIGHUP received")?;
    assert_answers(daemon.address("127.0.0.1")?)
}

#[test]
fn the_pid_file_is_replaced_and_stays() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("guacd.pid");
    std::fs::write(&path, "123456789\nold\n")?;
    let mut daemon =
        Daemon::start_command(command(["-f", "-l", "0", "-b", "127.0.0.1", "-p"]).arg(&path))?;
    let text = format!("{}\n", daemon.process.id());
    assert_eq!(std::fs::read_to_string(&path)?, text);
    daemon.process.signal(Signal::TERM)?;
    daemon.process.await_end(PROMPT)?;
    assert_eq!(std::fs::read_to_string(&path)?, text);
    Ok(())
}

#[test]
fn a_pid_file_that_cannot_be_written_ends_with_1() -> Result<()> {
    for mode in [["-f"].as_slice(), &[]] {
        let ended = end_of(command(["-l", "0", "-p", "/nonexistent/guacd.pid"]).args(mode))?;
        assert_code(&ended, 1)?;
        assert!(
            ended.stderr.contains("ERROR:\tCould not write PID file: "),
            "{}",
            ended.stderr
        );
    }
    Ok(())
}
