//! A policy file: in force from the start, read again at a hangup, and refused when it is not valid.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;
use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;
use testkit::client::{FakeClient, Handshake};
use testkit::vnc_server::{FakeVncServer, Script};
use testkit::wait::{PATIENCE, until};

use crate::support::{Daemon, assert_code, command, end_of};

struct Scene {
    _folder: TempDir,
    policy: PathBuf,
    log: PathBuf,
    desktop: FakeVncServer,
}

impl Scene {
    fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        Ok(Self {
            policy: folder.path().join("policy.toml"),
            log: folder.path().join("decisions.jsonl"),
            desktop: FakeVncServer::start(Script::Serve)?,
            _folder: folder,
        })
    }

    /// A policy that lets this port of the loopback be reached.
    fn permit(&self, port: u16) -> Result<()> {
        let text = format!("version = 1\n\n[targets]\nallow = [\"127.0.0.1:{port}\"]\n");
        Ok(fs::write(&self.policy, text)?)
    }

    fn start(&self) -> Result<Daemon> {
        Daemon::start_command(
            command(["-f", "-l", "0", "-b", "127.0.0.1", "--policy"])
                .arg(&self.policy)
                .arg("--decision-log")
                .arg(&self.log),
        )
    }

    /// The status that a session is refused with; 0 if it comes up.
    fn status(&self, daemon: &Daemon) -> Result<i64> {
        let handshake = Handshake::vnc(self.desktop.port());
        let mut client = FakeClient::open(daemon.address("127.0.0.1")?, &handshake)?;
        let first = client.read_until(PATIENCE, |i| i.is("sync") || i.is("error"))?;
        if first.is("error") {
            first.number(1)
        } else {
            Ok(0)
        }
    }

    fn await_event(&self, event: &str) -> Result<Value> {
        until(event, PATIENCE, || {
            let text = fs::read_to_string(&self.log)?;
            let lines = text.lines().rev();
            let mut lines = lines.filter_map(|line| serde_json::from_str::<Value>(line).ok());
            Ok(lines.find(|line| line["event"] == event))
        })
    }
}

#[test]
fn a_policy_is_in_force_and_read_again_at_a_hangup() -> Result<()> {
    let scene = Scene::new()?;
    scene.permit(1)?;
    let mut daemon = scene.start()?;
    daemon.await_log("INFO:\tThe policy is that of ")?;
    assert_eq!(scene.status(&daemon)?, 0x0303);
    let decision = scene.await_event("decision")?;
    assert_eq!(decision["setting"], "targets.allow");
    assert_eq!(decision["line"], 4);

    // One that is not valid changes nothing, and loudly.
    fs::write(&scene.policy, "version = 1\n[targest]\n")?;
    daemon.process.signal(Signal::HUP)?;
    daemon.await_log("ERROR:\tSIGHUP received, but the policy before STAYS IN FORCE")?;
    scene.await_event("policy-rejected")?;
    assert_eq!(scene.status(&daemon)?, 0x0303);

    scene.permit(scene.desktop.port())?;
    daemon.process.signal(Signal::HUP)?;
    daemon.await_log("INFO:\tSIGHUP received: the policy was read again")?;
    assert_eq!(scene.status(&daemon)?, 0);

    daemon.process.signal(Signal::TERM)?;
    daemon.process.await_end(PATIENCE)?;
    let text = fs::read_to_string(&scene.log)?;
    assert!(
        text.lines()
            .last()
            .unwrap_or_default()
            .contains("daemon-end")
    );
    Ok(())
}

#[test]
fn a_session_keeps_the_policy_that_it_began_with() -> Result<()> {
    let scene = Scene::new()?;
    let joins = format!(
        "version = 1\n[targets]\nallow = [\"127.0.0.1:{}\"]\n[joins]\nallow = \"anyone\"\n",
        scene.desktop.port()
    );
    fs::write(&scene.policy, joins)?;
    let mut daemon = scene.start()?;
    let address = daemon.address("127.0.0.1")?;
    let mut owner = FakeClient::open(address, &Handshake::vnc(scene.desktop.port()))?;
    owner.expect("sync")?;
    scene.permit(1)?;
    daemon.process.signal(Signal::HUP)?;
    daemon.await_log("the policy was read again")?;
    FakeClient::open(address, &Handshake::join(&owner.id))?.expect("sync")?;
    assert_eq!(scene.status(&daemon)?, 0x0303);
    Ok(())
}

#[test]
fn a_daemon_does_not_start_on_a_policy_that_is_not_valid() -> Result<()> {
    let scene = Scene::new()?;
    let start = |arguments: &[&str]| {
        let mut command = command(["-f", "-l", "0", "-b", "127.0.0.1", "--policy"]);
        end_of(command.arg(&scene.policy).args(arguments))
    };
    let missing = start(&[])?;
    assert_code(&missing, 1)?;
    assert!(
        missing.stderr.contains("Unable to read the policy"),
        "{}",
        missing.stderr
    );

    fs::write(&scene.policy, "version = 1\n[targets]\nalow = [\"*:*\"]\n")?;
    let misspelled = start(&[])?;
    assert_code(&misspelled, 1)?;
    let place = format!("{}:3:", scene.policy.display());
    let place = place.as_str();
    for part in [place, "\"alow\"", "did you mean \"allow\"?"] {
        assert!(misspelled.stderr.contains(part), "{}", misspelled.stderr);
    }

    scene.permit(1)?;
    let beside = start(&["--allow", "repeater"])?;
    assert_code(&beside, 1)?;
    assert!(beside.stderr.contains("--allow"), "{}", beside.stderr);

    let no_log = start(&["--decision-log", "/nonexistent/log"])?;
    assert_code(&no_log, 1)?;
    assert!(
        no_log.stderr.contains("Could not open the decision log"),
        "{}",
        no_log.stderr
    );
    Ok(())
}

#[test]
fn decisions_go_to_standard_output_apart_from_the_diagnostics() -> Result<()> {
    let mut daemon = Daemon::start(&["-b", "127.0.0.1", "--decision-log", "-"])?;
    daemon.await_log("\"event\":\"policy-loaded\"")?;
    daemon.process.signal(Signal::TERM)?;
    daemon.process.await_end(PATIENCE)?;
    Ok(())
}
