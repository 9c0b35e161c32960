use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use guac_policy::{Action, Counters, Ignored, Policy, Refusal, Role, Rule, Verdict};
use serde_json::Value;

use super::*;

fn open(path: &Path) -> DecisionLog {
    DecisionLog::open(&[path.to_owned()]).unwrap()
}

fn witness(log: &DecisionLog, user: &str) -> Witness {
    let peer: SocketAddr = "192.0.2.1:4000".parse().unwrap();
    let policy = Arc::new(Policy::builtin());
    Witness::of_viewer(
        log,
        &policy,
        "$session",
        ("@viewer", user),
        peer,
        Role::Owner,
    )
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

const PASTE: Refusal = Refusal::inward(Action::Clipboard, Rule::ClipboardPaste, 12);

#[test]
fn a_decision_is_a_line_with_everything_but_the_content() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("decisions");
    let log = open(&path);
    witness(&log, "Ada\n\"x\"").refused(&PASTE, Verdict::Refused);
    log.close();
    let [line] = &lines(&path)[..] else {
        panic!("one line");
    };
    let time = line["time"].as_str().unwrap();
    assert!(
        time.ends_with('Z') && time.parse::<jiff::Timestamp>().is_ok(),
        "{time}"
    );
    let mut line = line.clone();
    line.as_object_mut().unwrap().remove("time");
    let expected = serde_json::json!({
        "version": 1, "sequence": 1, "event": "decision", "session": "$session",
        "viewer": "@viewer", "user": "Ada\n\"x\"", "peer": "192.0.2.1:4000", "role": "owner",
        "action": "clipboard", "direction": "in", "rule": "clipboard.paste",
        "verdict": "refused", "setting": "clipboard.paste.allow", "file": null, "line": null,
        "count": 1, "bytes": 12
    });
    assert_eq!(line, expected);
}

#[test]
fn what_repeats_is_counted_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("decisions");
    let log = open(&path);
    let (one, other) = (witness(&log, "one"), witness(&log, "other"));
    for _ in 0..10_000 {
        one.refused(&PASTE, Verdict::Refused);
    }
    other.refused(&PASTE, Verdict::Refused);
    other.ignored(Ignored::UnknownOpcode);
    other.ignored(Ignored::Acknowledgement);
    one.left(1, Counters::default());
    log.close();
    let lines = lines(&path);
    let of = |user: &str| {
        let count = |line: &&Value| line["user"] == user && line["event"] == "decision";
        let counts = lines
            .iter()
            .filter(count)
            .map(|line| line["count"].as_u64().unwrap());
        counts.collect::<Vec<_>>()
    };
    assert_eq!(of("one"), [1, 1, 1, 1, 1, 9_995]);
    assert_eq!(of("other"), [1, 1]);
    let bytes: u64 = lines
        .iter()
        .filter(|line| line["user"] == "one")
        .filter_map(|line| line["bytes"].as_u64())
        .sum();
    assert_eq!(bytes, 120_000);
    let numbers: Vec<_> = lines.iter().map(|line| line["sequence"].as_u64()).collect();
    assert!(numbers.iter().copied().eq((1..=9).map(Some)), "{numbers:?}");
}

#[test]
fn a_log_that_was_moved_away_goes_on_in_a_new_file() {
    let folder = tempfile::tempdir().unwrap();
    let (path, moved) = (folder.path().join("now"), folder.path().join("before"));
    let log = open(&path);
    log.write(&Event::DaemonStart { daemon: "1" });
    testkit::wait::until_true("the first line", testkit::wait::PATIENCE, || {
        Ok(0 < fs::metadata(&path)?.len())
    })
    .unwrap();
    fs::rename(&path, &moved).unwrap();
    log.reopen();
    log.write(&Event::DaemonEnd);
    log.close();
    assert_eq!(lines(&moved).len(), 1);
    assert_eq!(lines(&path)[0]["event"], "daemon-end");
}

#[test]
fn what_cannot_be_written_is_counted() {
    // Every write to this device fails for want of space.
    let queue = Queue::default();
    let outputs = Outputs::open(&["/dev/full".into()]).unwrap();
    thread::scope(|scope| {
        let shared = &queue;
        scope.spawn(move || writer::run(shared, outputs));
        queue.write(&Event::DaemonEnd);
        queue.close();
    });
    queue.write(&Event::DaemonEnd);
    let waiting: Vec<String> = queue
        .next()
        .lines
        .into_iter()
        .map(|line| String::from_utf8(line).unwrap())
        .collect();
    assert!(
        waiting[0].contains("\"event\":\"lost\",\"lines\":1"),
        "{waiting:?}"
    );
    assert!(waiting[1].contains("daemon-end"), "{waiting:?}");
}

#[test]
fn without_a_destination_nothing_is_kept() {
    let log = DecisionLog::open(&[]).unwrap();
    witness(&log, "x").refused(&PASTE, Verdict::Refused);
    log.close();
    assert!(log.queue.is_none());
}

#[test]
fn every_name_is_documented() {
    let document = include_str!("../../../../docs/decision-log.md");
    let actions = Action::ALL.iter().map(|action| action.name());
    let rules = Rule::ALL.iter().map(|rule| rule.name());
    for name in actions.chain(rules) {
        assert!(document.contains(&format!("| `{name}` |")), "{name}");
    }
}
