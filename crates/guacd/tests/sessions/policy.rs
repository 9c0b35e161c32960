//! What a policy says, seen from both ends of a session.

use std::net::TcpListener;
use std::time::Duration;

use anyhow::{Result, ensure};
use guac_policy::{
    ClosedDoor, Excess, JoinMode, JoinRule, KeyBudget, ParameterRule, Policy, PolicyBuilder, Rate,
    RecordingMode, RecordingRule, RefusedParameter, SessionLimits,
};
use testkit::client::{FakeClient, Handshake};
use testkit::vnc_server::{ClientMessage, FakeVncServer, Script};
use testkit::wait::{PATIENCE, until};

use crate::support::{Daemon, await_key, error_of};

const FORBIDDEN: i64 = 0x0303;

struct Scene {
    daemon: Daemon,
    desktop: FakeVncServer,
}

impl Scene {
    fn under(policy: PolicyBuilder) -> Result<Self> {
        Ok(Self {
            daemon: Daemon::with_policy(policy.build())?,
            desktop: FakeVncServer::start(Script::Serve)?,
        })
    }

    fn handshake(&self) -> Handshake {
        Handshake::vnc(self.desktop.port())
    }

    fn watch(&self) -> Result<FakeClient> {
        self.daemon.watch(&self.handshake())
    }

    /// The keys that the desktop has been told of, once `last` was among them.
    fn pressed(&self, last: u32) -> Result<Vec<u32>> {
        await_key(&self.desktop, last, true)?;
        let messages = self.desktop.messages();
        let pressed = messages.iter().filter_map(|message| match message {
            ClientMessage::Key {
                keysym,
                pressed: true,
            } => Some(*keysym),
            _ => None,
        });
        Ok(pressed.collect())
    }
}

/// Presses and releases a key for each number.
fn type_keys(client: &mut FakeClient, keys: impl IntoIterator<Item = u32>) -> Result<()> {
    for key in keys {
        client.send("key", &[&key.to_string(), "1"])?;
        client.send("key", &[&key.to_string(), "0"])?;
    }
    Ok(())
}

fn joins(rule: JoinRule) -> PolicyBuilder {
    Policy::builder().joins(rule)
}

#[test]
fn nobody_joins_where_nobody_may() -> Result<()> {
    let scene = Scene::under(joins(JoinRule {
        mode: JoinMode::Nobody,
        ..JoinRule::default()
    }))?;
    let mut owner = scene.watch()?;
    let mut joiner = scene.daemon.open(&Handshake::join(&owner.id))?;
    assert_eq!(error_of(&mut joiner)?, FORBIDDEN);
    type_keys(&mut owner, [97])?;
    assert_eq!(scene.pressed(97)?, [97]);
    Ok(())
}

#[test]
fn joiners_only_look_where_the_policy_says_so() -> Result<()> {
    let scene = Scene::under(joins(JoinRule {
        mode: JoinMode::ReadOnly,
        ..JoinRule::default()
    }))?;
    let mut owner = scene.watch()?;
    let join = Handshake::join(&owner.id).with("read-only", "false");
    let mut joiner = scene.daemon.watch(&join)?;
    type_keys(&mut joiner, [98])?;
    // The answer shows that what came before it was taken.
    joiner.send("pipe", &["0", "text/plain", "x"])?;
    joiner.expect("ack")?;
    type_keys(&mut owner, [97])?;
    assert_eq!(scene.pressed(97)?, [97]);
    Ok(())
}

#[test]
fn joiners_have_names_and_a_number() -> Result<()> {
    let scene = Scene::under(joins(JoinRule {
        names: Some(vec!["supervisor".into()]),
        max_viewers: 2,
        ..JoinRule::default()
    }))?;
    let owner = scene.watch()?;
    let named = |name: &str| {
        let mut join = Handshake::join(&owner.id);
        join.name = Some(name.to_owned());
        join
    };
    for other in ["", "Supervisor", "supervisor2"] {
        let mut joiner = scene.daemon.open(&named(other))?;
        assert_eq!(error_of(&mut joiner)?, FORBIDDEN, "{other}");
    }
    let _first = scene.daemon.watch(&named("supervisor"))?;
    let mut second = scene.daemon.open(&named("supervisor"))?;
    assert_eq!(error_of(&mut second)?, 0x031D);
    Ok(())
}

#[test]
fn only_targets_are_connected_to_whatever_they_are_called() -> Result<()> {
    let desktop = FakeVncServer::start(Script::Serve)?;
    let other = TcpListener::bind(("127.0.0.1", 0))?;
    other.set_nonblocking(true)?;
    let target = format!("127.0.0.1:{}", desktop.port()).parse()?;
    let daemon = Daemon::with_policy(Policy::builder().targets(vec![target]).build())?;
    for name in ["127.0.0.1", "localhost", "::ffff:127.0.0.1"] {
        let handshake = Handshake::vnc(desktop.port()).with("hostname", name);
        daemon.watch(&handshake)?;
        let elsewhere = Handshake::vnc(other.local_addr()?.port()).with("hostname", name);
        assert_eq!(
            error_of(&mut daemon.open(&elsewhere)?)?,
            FORBIDDEN,
            "{name}"
        );
    }
    ensure!(other.accept().is_err(), "no connection was tried");
    Ok(())
}

#[test]
fn a_session_ends_when_its_time_is_over() -> Result<()> {
    let brief = SessionLimits {
        max_length: Some(Duration::from_millis(500)),
        idle_end: None,
    };
    let scene = Scene::under(Policy::builder().session(brief))?;
    assert_eq!(error_of(&mut scene.watch()?)?, 0x020B);
    let idle = SessionLimits {
        max_length: None,
        idle_end: Some(Duration::from_millis(500)),
    };
    let scene = Scene::under(Policy::builder().session(idle))?;
    assert_eq!(error_of(&mut scene.watch()?)?, 0x020A);
    Ok(())
}

fn budget(excess: Excess) -> PolicyBuilder {
    let rate = Rate {
        sustained: 20,
        burst: 5,
    };
    Policy::builder().keys(Some(KeyBudget {
        per_second: Some(rate),
        per_minute: None,
        excess,
    }))
}

#[test]
fn keys_beyond_the_budget_are_delayed_in_order() -> Result<()> {
    let scene = Scene::under(budget(Excess::Delay))?;
    let mut client = scene.watch()?;
    type_keys(&mut client, 100..120)?;
    // A click waits behind the keys that came before it.
    client.send("mouse", &["1", "2", "1"])?;
    assert_eq!(scene.pressed(119)?, (100..120).collect::<Vec<_>>());
    let click = ClientMessage::Pointer {
        x: 1,
        y: 2,
        buttons: 1,
    };
    scene
        .desktop
        .await_messages("the click", PATIENCE, |said| {
            said.iter().position(|message| *message == click)
        })?;
    let said = scene.desktop.messages();
    let released = ClientMessage::Key {
        keysym: 119,
        pressed: false,
    };
    let place = |wanted: &ClientMessage| said.iter().position(|message| message == wanted);
    assert!(place(&released) < place(&click), "{said:?}");
    Ok(())
}

#[test]
fn keys_beyond_the_budget_are_dropped_or_end_the_viewer() -> Result<()> {
    let scene = Scene::under(budget(Excess::Refuse))?;
    let mut client = scene.watch()?;
    type_keys(&mut client, 100..150)?;
    let typed = until("room for another key", PATIENCE, || {
        type_keys(&mut client, [200])?;
        let said = scene.desktop.messages();
        let last = ClientMessage::Key {
            keysym: 200,
            pressed: true,
        };
        Ok(said.contains(&last).then_some(()))
    });
    typed?;
    let pressed = scene.pressed(200)?;
    assert_eq!(pressed.get(..5), Some(&[100, 101, 102, 103, 104][..]));
    assert!(pressed.len() < 40, "{pressed:?}");

    let scene = Scene::under(budget(Excess::End))?;
    let mut client = scene.watch()?;
    type_keys(&mut client, 100..150)?;
    assert_eq!(error_of(&mut client)?, FORBIDDEN);
    Ok(())
}

#[test]
fn the_policy_has_the_last_word_on_parameters() -> Result<()> {
    let desktop = FakeVncServer::start(Script::Serve)?;
    let rule = ParameterRule {
        force: [
            ("hostname".to_owned(), "127.0.0.1".to_owned()),
            ("port".to_owned(), desktop.port().to_string()),
        ]
        .into(),
        refuse: ["cursor".to_owned()].into(),
        ..ParameterRule::default()
    };
    let daemon = Daemon::with_policy(Policy::builder().parameters(rule.clone()).build())?;
    let elsewhere = Handshake::vnc(1).with("hostname", "192.0.2.1");
    daemon.watch(&elsewhere.with("cursor", "remote"))?;
    let strict = ParameterRule {
        refused: RefusedParameter::End,
        ..rule
    };
    let daemon = Daemon::with_policy(Policy::builder().parameters(strict).build())?;
    daemon.watch(&Handshake::vnc(1))?;
    let given = Handshake::vnc(1).with("cursor", "remote");
    assert_eq!(error_of(&mut daemon.open(&given)?)?, FORBIDDEN);
    Ok(())
}

#[test]
fn a_required_recording_is_made_and_whole() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let scene = Scene::under(Policy::builder().recording(RecordingRule {
        mode: RecordingMode::Required,
        paths: Some(vec![folder.path().to_owned()]),
        names: vec![],
        ..RecordingRule::default()
    }))?;
    let client = scene.watch()?;
    let name = format!("session-{}", client.id.trim_start_matches('$'));
    ensure!(0 < std::fs::metadata(folder.path().join(name))?.len());
    for (parameter, value) in [
        ("recording-exclude-output", "true"),
        ("recording-write-existing", "true"),
        ("recording-path", "/tmp"),
    ] {
        let loosened = scene.handshake().with(parameter, value);
        let mut client = scene.daemon.open(&loosened)?;
        assert_eq!(error_of(&mut client)?, FORBIDDEN, "{parameter}");
    }
    Ok(())
}

/// Whatever else the policy says: no recording that was to be sealed lies there in the clear, and none stays where it was
/// to be stored away.
#[test]
fn what_cannot_be_recorded_as_the_policy_says_is_refused() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let plain = RecordingRule {
        mode: RecordingMode::Required,
        paths: Some(vec![folder.path().to_owned()]),
        break_glass: true,
        ..RecordingRule::default()
    };
    let sealed = RecordingRule {
        recipients: vec!["age1".to_owned()],
        ..plain.clone()
    };
    let stored = RecordingRule {
        store: Some("file:///nowhere".to_owned()),
        ..plain
    };
    for rule in [sealed, stored] {
        let scene = Scene::under(Policy::builder().recording(rule))?;
        assert_eq!(
            error_of(&mut scene.daemon.open(&scene.handshake())?)?,
            FORBIDDEN
        );
        assert_eq!(std::fs::read_dir(folder.path())?.count(), 0);
    }
    Ok(())
}

#[test]
fn a_policy_says_what_becomes_of_those_who_ask_for_a_closed_door() -> Result<()> {
    let outcome = |rule, parameter: &str, value: &str| -> Result<i64> {
        let scene = Scene::under(Policy::builder().closed_doors(rule))?;
        let handshake = scene.handshake().with(parameter, value);
        let mut client = scene.daemon.open(&handshake)?;
        let first = client.read_until(PATIENCE, |i| i.is("sync") || i.is("error"))?;
        if first.is("error") {
            first.number(1)
        } else {
            Ok(0)
        }
    };
    for (parameter, value, elsewhere) in [
        ("reverse-connect", "true", true),
        ("dest-host", "desktop", true),
        ("wol-send-packet", "true", false),
        ("enable-sftp", "true", false),
        ("sftp-hostname", "192.0.2.1", false),
        ("audio-servername", "192.0.2.1", false),
    ] {
        let as_needed = if elsewhere { FORBIDDEN } else { 0 };
        assert_eq!(
            outcome(ClosedDoor::AsNeeded, parameter, value)?,
            as_needed,
            "{parameter}"
        );
        assert_eq!(
            outcome(ClosedDoor::Refuse, parameter, value)?,
            FORBIDDEN,
            "{parameter}"
        );
        assert_eq!(
            outcome(ClosedDoor::Ignore, parameter, value)?,
            0,
            "{parameter}"
        );
    }
    Ok(())
}
