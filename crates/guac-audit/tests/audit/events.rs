//! `guac-audit events`, and what `guac-audit show` tells of who, when and what was refused.

use std::fs;

use serde_json::{Value, json};

use super::run;

/// Begins at noon at 5 s of its clock. A resize and a pasted and a copied text, and two idle spans.
const RECORDING: &str = "8.guacd-rs,1.1,7.session,5.$4f0c,4.user,17.ada%20%1B%5B2J%22,\
    7.started,24.2026-11-28T12:00:00.000Z,2.at,4.5000,6.daemon,5.0.1.0,6.policy,4.beef;\
    4.size,1.0,2.20,2.10;4.rect,1.0,1.0,1.0,2.20,2.10;5.cfill,2.14,1.0,3.255,1.0,1.0,3.255;\
    4.sync,4.6000,1.1;5.mouse,1.1,1.1,1.0,4.7000;\
    9.clipboard,2.63,10.text/plain;4.blob,2.63,8.aGkbWzJK;3.end,2.63;\
    4.size,1.0,2.30,2.15;4.rect,1.0,1.0,1.0,2.20,2.10;5.cfill,2.14,1.0,3.255,1.0,1.0,3.255;\
    4.sync,5.80000,1.1;3.key,2.97,1.1,6.170000;\
    9.clipboard,2.62,10.text/plain;4.blob,2.62,4.b3V0;3.end,2.62;4.sync,6.171000,1.1;";

/// A log with another session, a refusal of this one, and a line that was lost.
fn log() -> String {
    let line = |second: &str, sequence: u32, rest: &str| {
        format!(
            "{{\"version\":1,\"time\":\"2026-11-28T12:{second}Z\",\"sequence\":{sequence},{rest}}}\n"
        )
    };
    let decision = "\"event\":\"decision\",\"session\":\"$4f0c\",\"user\":\"ada\",\"action\":\"clipboard\",\
        \"direction\":\"in\",\"rule\":\"clipboard.paste\",\"verdict\":\"refused\",\"setting\":null,\
        \"file\":null,\"line\":null,\"count\":3,\"bytes\":0";
    [
        line("00:00.500", 1, "\"event\":\"join\",\"session\":\"$4f0c\",\"user\":\"bob\\u001b[31m\",\"role\":\"joiner\""),
        line("00:00.600", 2, "\"event\":\"join\",\"session\":\"$other\",\"user\":\"eve\""),
        line("00:02.500", 3, decision),
        line("02:00.000", 4, "\"event\":\"leave\",\"session\":\"$4f0c\",\"user\":\"bob\",\"refused\":0"),
    ]
    .concat()
}

fn with_files(arguments: &[&str]) -> (Option<i32>, String, String) {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("r"), RECORDING).unwrap();
    fs::write(directory.path().join("log"), log()).unwrap();
    fs::write(
        directory.path().join("stock"),
        "4.size,1.0,1.5,1.5;4.sync,1.1,1.1;",
    )
    .unwrap();
    run(directory.path(), arguments)
}

#[test]
fn events_of_recording_and_log_come_in_the_order_of_time() {
    let (code, said, complaints) = with_files(&["events", "r", "--decision-log", "log"]);
    assert_eq!((code, complaints.as_str()), (Some(0), ""));
    let expected = "\
-0:00:00.500  2026-11-28T12:00:00.500Z  join  role=joiner  user=\"bob\\u{1b}[31m\"
0:00:00.000  2026-11-28T12:00:01.000Z  first-frame  height=10  width=20
0:00:01.000  2026-11-28T12:00:02.000Z  clipboard  bytes=6  direction=in  text=\"hi\\u{1b}[2J\"  type=text/plain
0:00:01.000  2026-11-28T12:00:02.000Z  idle  milliseconds=163000
0:00:01.500  2026-11-28T12:00:02.500Z  decision  action=clipboard  bytes=0  count=3  direction=in  file=-  \
line=-  rule=clipboard.paste  setting=-  user=ada  verdict=refused
0:01:14.000  2026-11-28T12:01:15.000Z  resize  height=15  width=30
0:01:59.000  2026-11-28T12:02:00.000Z  leave  refused=0  user=bob
0:02:44.000  2026-11-28T12:02:45.000Z  clipboard  bytes=3  direction=out  text=out  type=text/plain
0:02:45.000  2026-11-28T12:02:46.000Z  last-frame
0:02:45.000  2026-11-28T12:02:46.000Z  end  how=cleanly";
    let lines: Vec<_> = said.lines().map(str::trim_start).collect();
    assert_eq!(lines.join("\n"), expected);
}

#[test]
fn idle_spans_are_as_long_as_is_asked_for() {
    for (idle, spans) in [("1", 3), ("163", 1), ("164", 0)] {
        let (_, said, _) = with_files(&["events", "r", "--idle", idle]);
        assert_eq!(said.matches("  idle  ").count(), spans, "{idle}: {said}");
    }
}

#[test]
fn events_are_json_where_that_is_asked_for() {
    let (code, said, _) = with_files(&["events", "r", "--json"]);
    assert_eq!(code, Some(0));
    let events: Vec<Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        events[1],
        json!({"event": "clipboard", "elapsed_ms": 1_000, "time": "2026-11-28T12:00:02.000Z", "bytes": 6,
            "direction": "in", "type": "text/plain", "text": "hi\u{1b}[2J"})
    );
    assert_eq!(events.last().unwrap()["event"], "end");
}

#[test]
fn who_and_when_and_what_was_refused_is_shown() {
    let (code, said, complaints) = with_files(&["show", "r", "--decision-log", "log"]);
    assert_eq!((code, complaints.as_str()), (Some(0), ""));
    for line in [
        "  session   $4f0c",
        "  user      \"ada \\u{1b}[2J\\\"\"",
        "  began     2026-11-28T12:00:00.000Z",
        "  last seen 2026-11-28T12:02:46.000Z",
        "  daemon    0.1.0",
        "  policy    beef",
        "  duration  165.000 s",
        "  clipboard 2",
        "  refused   3 clipboard in by clipboard.paste",
    ] {
        assert!(said.lines().any(|said| said == line), "{line}\n{said}");
    }
    assert!(!said.contains('\u{1b}'));
}

#[test]
fn the_summary_is_json_where_that_is_asked_for() {
    let (_, said, _) = with_files(&["show", "stock", "r", "--json"]);
    let [stock, ours]: [Value; 2] = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    assert_eq!(
        (&stock["file"], &stock["session"], &stock["frames"]),
        (&json!("stock"), &Value::Null, &json!(1))
    );
    assert_eq!(ours["user"], "ada \u{1b}[2J\"");
    assert_eq!(
        (&ours["duration_ms"], &ours["picture"]["width"]),
        (&json!(165_000), &json!(30))
    );
    let (_, said, _) = with_files(&["show", "r", "--json", "--decision-log", "log"]);
    let shown: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(
        shown["decided"],
        json!([{"verdict": "refused", "action": "clipboard", "direction": "in", "rule": "clipboard.paste", "count": 3}])
    );
}

#[test]
fn a_log_that_does_not_belong_is_told() {
    for (arguments, complaint) in [
        (
            ["events", "stock", "--decision-log", "log"],
            "does not say which session",
        ),
        (
            ["show", "stock", "--decision-log", "log"],
            "does not say which session",
        ),
        (
            ["show", "r", "--decision-log", "missing"],
            "could not be read",
        ),
    ] {
        let (code, _, said) = with_files(&arguments);
        assert!(said.contains(complaint), "{said}");
        assert_eq!(code, Some(1));
    }
    let (code, _, said) = with_files(&["show", "r", "--decision-log", "stock"]);
    assert!(
        said.contains("1 lines make no sense") && said.contains("says nothing about the session"),
        "{said}"
    );
    assert_eq!(code, Some(0));
}

#[test]
fn the_end_of_a_cut_recording_is_an_event() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("r"), format!("{RECORDING}3.no")).unwrap();
    let (code, said, complaints) = run(directory.path(), &["events", "r"]);
    assert_eq!(code, Some(3));
    assert!(complaints.contains("ends in a cut instruction"));
    assert!(
        said.trim_end()
            .ends_with("end  how=\"in a cut instruction, 4 bytes of it\""),
        "{said}"
    );
}
