//! The daemon in the background.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, getsid, kill_process};
use testkit::wait::{PATIENCE, until_true};

use crate::support::{assert_answers, assert_code, command, end_of, port_of};

/// A process that the caller did not start itself, ended with the test.
struct Background(Pid);

impl Background {
    fn of_file(path: &Path) -> Result<Self> {
        let number = fs::read_to_string(path)?.trim().parse()?;
        Ok(Self(
            Pid::from_raw(number).context("process ids are positive")?,
        ))
    }

    fn file(&self, name: &str) -> String {
        format!("/proc/{}/{name}", self.0.as_raw_pid())
    }

    /// Gone, or only waiting to be buried by whoever inherited it.
    fn has_ended(&self) -> bool {
        fs::read_to_string(self.file("stat")).map_or(true, |text| text.contains(") Z "))
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if !self.has_ended() {
            // When it ended in between, that is what is wanted.
            let _ = kill_process(self.0, Signal::KILL);
        }
    }
}

#[test]
fn the_daemon_detaches_answers_and_stops() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("guacd.pid");
    // This returns when the first process has ended and nobody holds its output any more.
    let ended = end_of(command(["-l", "0", "-b", "127.0.0.1", "-p"]).arg(&path))?;
    assert_code(&ended, 0)?;
    let daemon = Background::of_file(&path)?;
    let port = ended
        .stderr
        .lines()
        .find_map(port_of)
        .context(ended.stderr.clone())?;
    assert_eq!(ended.stdout, "");

    assert_eq!(
        getsid(Some(daemon.0))?,
        daemon.0,
        "it leads a session of its own"
    );
    assert_eq!(fs::read_link(daemon.file("cwd"))?, Path::new("/"));
    for descriptor in 0..3 {
        let target = fs::read_link(daemon.file(&format!("fd/{descriptor}")))?;
        assert_eq!(target, Path::new("/dev/null"));
    }
    assert_eq!(fs::read_to_string(daemon.file("comm"))?, "guacd\n");
    assert_answers(SocketAddr::from(([127, 0, 0, 1], port)))?;

    kill_process(daemon.0, Signal::TERM)?;
    until_true("the daemon's end", PATIENCE, || Ok(daemon.has_ended()))?;
    TcpListener::bind(("127.0.0.1", port))?;
    Ok(())
}

#[test]
fn the_caller_learns_that_the_port_is_in_use() -> Result<()> {
    let holder = TcpListener::bind("127.0.0.1:0")?;
    let port = holder.local_addr()?.port().to_string();
    let ended = end_of(&mut command(["-b", "127.0.0.1", "-l", &port]))?;
    assert_code(&ended, 1)?;
    let line = "ERROR:\tUnable to bind socket to any addresses.";
    assert!(ended.stderr.contains(line), "{}", ended.stderr);
    Ok(())
}
