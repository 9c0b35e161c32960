//! The decision log of whole sessions.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;
use guac_policy::{JoinMode, JoinRule, Policy};
use guacd::server::{DecisionLog, Records, VncOptions};
use serde_json::Value;
use tempfile::TempDir;
use testkit::client::Handshake;
use testkit::vnc_server::message::cut_text;
use testkit::vnc_server::{FakeVncServer, Script};
use testkit::wait::{PATIENCE, until};

use crate::support::{Daemon, error_of};

const SECRET: &str = "Kreuzotter-7419";

struct Log {
    _folder: TempDir,
    path: PathBuf,
}

impl Log {
    fn new() -> Result<(Self, Records)> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("decisions.jsonl");
        let records = Records {
            decisions: DecisionLog::open(std::slice::from_ref(&path))?,
            ..Records::default()
        };
        let this = Self {
            _folder: folder,
            path,
        };
        Ok((this, records))
    }

    /// The lines, once there is one for which this holds.
    fn await_line(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Result<Vec<Value>> {
        until(what, PATIENCE, || {
            let text = fs::read_to_string(&self.path)?;
            let lines: Vec<Value> = text
                .lines()
                .filter_map(|line| serde_json::from_str(line).ok())
                .collect();
            Ok(lines.iter().any(&wanted).then_some(lines))
        })
    }
}

/// Every line keeps to the published schema.
fn assert_valid(lines: &[Value]) -> Result<()> {
    let schema = include_str!("../../../../docs/decision-log.schema.json");
    let validator = jsonschema::validator_for(&serde_json::from_str(schema)?)?;
    for line in lines {
        let faults: Vec<_> = validator.iter_errors(line).map(|e| e.to_string()).collect();
        assert!(faults.is_empty(), "{line}: {faults:?}");
    }
    Ok(())
}

/// Lines in a few words: the event, then what decided and what became of it.
fn words(lines: &[Value]) -> Vec<String> {
    let word = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
    let one = |line: &Value| match word(line, "event").as_str() {
        "decision" => ["action", "direction", "rule", "verdict"]
            .map(|name| word(line, name))
            .join(" "),
        "session-end" | "session-refused" => {
            format!("{}: {}", word(line, "event"), word(line, "reason"))
        }
        event => event.to_owned(),
    };
    lines.iter().map(one).collect()
}

#[test]
fn a_session_is_told_from_its_start_to_its_end_without_a_word_of_what_was_said() -> Result<()> {
    let (log, decisions) = Log::new()?;
    let desktop = FakeVncServer::start(Script::Serve)?;
    let daemon = Daemon::with_records(Policy::builtin(), VncOptions::default(), decisions)?;
    let mut handshake = Handshake::vnc(desktop.port()).with("enable-sftp", "true");
    handshake.name = Some("Ada".into());
    let mut owner = daemon.watch(&handshake)?;
    let join = Handshake::join(&owner.id).with("read-only", "true");
    let mut joiner = daemon.watch(&join)?;
    joiner.send("key", &["97", "1"])?;
    joiner.send("disconnect", &[])?;
    joiner.read_to_end(PATIENCE)?;
    log.await_line("the joiner is gone", |line| line["event"] == "leave")?;
    desktop.send(&cut_text(SECRET.as_bytes()))?;
    log.await_line("the text that stays", |line| line["direction"] == "out")?;
    for (opcode, arguments) in [
        ("clipboard", &["0", "text/plain"][..]),
        ("argv", &["1", "text/plain", "hostname"]),
        ("file", &["2", "text/plain", SECRET]),
        ("clipbaord", &["3", SECRET]),
        ("get", &["0", SECRET]),
        ("disconnect", &[]),
    ] {
        owner.send(opcode, arguments)?;
    }
    owner.read_to_end(PATIENCE)?;
    let lines = log.await_line("the end", |line| line["event"] == "session-end")?;
    assert_eq!(
        words(&lines),
        [
            "parameter in parameter.not-offered ignored",
            "session-start",
            "unrecorded",
            "join",
            "keyboard in read-only ignored",
            "leave",
            "clipboard out clipboard.copy refused",
            "clipboard in clipboard.paste refused",
            "parameter in parameter.not-asked refused",
            "file in default-deny refused",
            "unknown-opcode in default-deny ignored",
            "object in default-deny refused",
            "leave",
            "session-end: all-left",
        ]
    );
    for line in &lines {
        assert_eq!(line["session"], owner.id);
    }
    assert_valid(&lines)?;
    assert_eq!(
        lines[4]["setting"],
        Value::Null,
        "a sharing profile said so"
    );
    let refused = &lines[7];
    assert_eq!(refused["user"], "Ada");
    assert_eq!(refused["role"], "owner");
    assert_eq!(refused["kind"], "text");
    assert_eq!(lines[6]["bytes"], SECRET.len());
    assert_eq!(lines[0]["parameter"], "enable-sftp");
    let text = fs::read_to_string(&log.path)?;
    assert!(!text.contains(SECRET), "{text}");
    Ok(())
}

#[test]
fn who_is_turned_away_is_written_down() -> Result<()> {
    let (log, decisions) = Log::new()?;
    let desktop = FakeVncServer::start(Script::Serve)?;
    let joins = JoinRule {
        mode: JoinMode::Nobody,
        ..JoinRule::default()
    };
    let policy = Policy::builder().joins(joins).build();
    let daemon = Daemon::with_records(policy, VncOptions::default(), decisions)?;
    let reverse = Handshake::vnc(desktop.port()).with("reverse-connect", "true");
    assert_eq!(error_of(&mut daemon.open(&reverse)?)?, 0x0303);
    let owner = daemon.watch(&Handshake::vnc(desktop.port()))?;
    let mut joiner = daemon.open(&Handshake::join(&owner.id))?;
    assert_eq!(error_of(&mut joiner)?, 0x0303);
    let lines = log.await_line("the join", |line| line["action"] == "join")?;
    assert_eq!(
        words(&lines),
        [
            "connect in closed-door ended",
            "session-refused: policy",
            "session-start",
            "unrecorded",
            "join in join.nobody refused",
        ]
    );
    assert_valid(&lines)?;
    assert_eq!(lines[0]["parameter"], "reverse-connect");
    assert_eq!(lines[1]["status"], 0x0303);
    let numbers: Vec<_> = lines.iter().map(|line| line["sequence"].as_u64()).collect();
    assert_eq!(numbers, [Some(1), Some(2), Some(3), Some(4), Some(5)]);
    Ok(())
}
