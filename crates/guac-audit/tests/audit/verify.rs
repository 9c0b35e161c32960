//! `guac-audit verify`

use std::fs;
use std::path::Path;

use guac_protocol::{Keysym, Timestamp};
use guac_recorder::evidence::{Anchor, Ending, Hex, Moment};
use guac_recorder::{End, EvidencePlace, Metadata, Recording, RecordingOptions};

use crate::run;

const SESSION: &str = "$5a09a6c4-0000-4000-8000-000000000000";

fn at(monotonic_ms: u64) -> Moment {
    Moment {
        wall: "2026-11-28T04:50:12Z".parse().unwrap(),
        monotonic_ms,
    }
}

/// A recording `r` of some keys, with evidence in `e`; its first key, and its head after each segment.
fn record(directory: &Path) -> (Hex<32>, Vec<Anchor>) {
    let options = RecordingOptions {
        exclude_output: true,
        include_keys: true,
        ..RecordingOptions::new(directory, "r")
    };
    let metadata = Metadata {
        session: SESSION.to_owned(),
        user: Some("zoë\u{1b}[2J".to_owned()),
        started: at(0).wall,
        at: Timestamp(0),
        daemon: "0.1.0".to_owned(),
        policy: None,
    };
    let mut recording = Recording::create(&options, at(0)).unwrap();
    let place = EvidencePlace::Directory(directory.join("e"));
    recording.prove(&place, &metadata).unwrap();
    recording.describe(&metadata).unwrap();
    let (_, key) = recording.evidence().unwrap();
    let mut heads = Vec::new();
    for round in 1..=3 {
        let time = Timestamp(i64::try_from(round).unwrap());
        recording.key(Keysym(0x61), true, time).unwrap();
        recording.tick(at(round * 6_000)).unwrap();
        heads.push(recording.head().unwrap());
    }
    let end = End {
        state: Ending::Complete,
        reason: "all-left",
        status: None,
    };
    heads.extend(recording.finish(end).unwrap().head);
    (key, heads)
}

/// A decision log that tells of the evidence.
fn log(directory: &Path, key: Hex<32>, heads: &[Anchor]) {
    let line = |rest: String| {
        format!(
            "{{\"version\":1,\"time\":\"2026-11-28T04:50:12.000Z\",\"sequence\":1,\
             \"session\":\"{SESSION}\",{rest}}}\n"
        )
    };
    let mut text = line(format!("\"event\":\"evidence-begin\",\"key\":\"{key}\""));
    for head in heads {
        text += &line(format!(
            "\"event\":\"evidence-head\",\"evidence_line\":{},\"sha256\":\"{}\"",
            head.line, head.sha256
        ));
    }
    fs::write(directory.join("log"), text).unwrap();
}

const EVIDENCE: &str = "e/5a09a6c4-0000-4000-8000-000000000000.evidence.jsonl";

fn verify(directory: &Path) -> (Option<i32>, String) {
    let words = ["verify", "r", "--evidence", "e", "--decision-log", "log"];
    let (code, stdout, _) = run(directory, &words);
    (code, stdout)
}

#[test]
fn what_is_whole_is_said_to_be() {
    let directory = tempfile::tempdir().unwrap();
    let (key, heads) = record(directory.path());
    log(directory.path(), key, &heads[1..]);
    let (code, said) = verify(directory.path());
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("whole and unaltered, complete (all-left)"),
        "{said}"
    );
    assert!(said.contains("anchor    up to its line 4"), "{said}");
    assert!(!said.contains('\u{1b}'), "nothing moves the cursor: {said}");
    let alone = run(
        directory.path(),
        &["verify", "r", "--evidence", EVIDENCE, "--json"],
    );
    assert_eq!(alone.0, Some(0));
    let object: serde_json::Value = serde_json::from_str(&alone.1).unwrap();
    assert_eq!(object["state"], "whole");
    assert_eq!(object["anchor"]["by"], "nothing");
    assert_eq!(object["begin"]["session"], SESSION);
}

#[test]
fn a_directory_is_checked_file_by_file() {
    let directory = tempfile::tempdir().unwrap();
    record(directory.path());
    fs::create_dir(directory.path().join("all")).unwrap();
    for name in ["a", "b"] {
        fs::copy(
            directory.path().join("r"),
            directory.path().join("all").join(name),
        )
        .unwrap();
    }
    fs::write(directory.path().join("all/b"), "4.sync,1.0;").unwrap();
    let (code, said, complaint) = run(directory.path(), &["verify", "all", "--evidence", "e"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.starts_with("\"all/a\"\n  result    whole and unaltered"),
        "{said}"
    );
    assert!(
        complaint.contains("no evidence of \"all/b\""),
        "{complaint}"
    );
}

#[test]
fn one_changed_byte_is_found_and_where() {
    let directory = tempfile::tempdir().unwrap();
    let (key, heads) = record(directory.path());
    log(directory.path(), key, &heads);
    let path = directory.path().join("r");
    let mut bytes = fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, &bytes).unwrap();
    let (code, said) = verify(directory.path());
    assert_eq!(code, Some(3));
    assert!(said.contains("NOT AS IT WAS WRITTEN: bytes"), "{said}");
    assert!(said.contains("segment 3"), "{said}");
    assert!(
        said.contains(" 2 segments"),
        "what is before it is good: {said}"
    );
}

#[test]
fn evidence_that_was_cut_short_is_found_by_the_decision_log_alone() {
    let directory = tempfile::tempdir().unwrap();
    let (key, heads) = record(directory.path());
    let evidence = directory.path().join(EVIDENCE);
    let text = fs::read_to_string(&evidence).unwrap();
    let kept: String = text.split_inclusive('\n').take(2).collect();
    fs::write(&evidence, kept).unwrap();
    log(directory.path(), key, &[]);
    let (code, said) = verify(directory.path());
    assert_eq!(code, Some(3));
    assert!(said.contains("ended unexpectedly"), "{said}");
    assert!(said.contains("it could have been cut short"), "{said}");
    log(directory.path(), key, &heads);
    let (code, said) = verify(directory.path());
    assert_eq!(code, Some(3));
    assert!(
        said.contains("does not have the line 4 that was told elsewhere"),
        "{said}"
    );
}

#[test]
fn evidence_of_another_recording_proves_nothing() {
    let [ours, theirs] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let (key, heads) = record(ours.path());
    record(theirs.path());
    log(ours.path(), key, &heads);
    for name in ["r", EVIDENCE] {
        fs::copy(theirs.path().join(name), ours.path().join(name)).unwrap();
    }
    let (code, said) = verify(ours.path());
    assert_eq!(code, Some(3));
    assert!(said.contains("begins with another key"), "{said}");
}

/// The verifier of the book, which knows nothing but what the book says.
fn second_opinion(directory: &Path) -> Option<i32> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/verify_evidence.py");
    // That of Debian, for which `cargo xtask setup` installs what the script imports.
    let status = std::process::Command::new("/usr/bin/python3")
        .arg(script)
        .args(["r", EVIDENCE, "log"])
        .current_dir(directory)
        .status();
    status.unwrap().code()
}

#[test]
fn the_verifier_of_the_book_comes_to_the_same_result() {
    let directory = tempfile::tempdir().unwrap();
    let (key, heads) = record(directory.path());
    log(directory.path(), key, &heads[..2]);
    let paths = ["r", EVIDENCE].map(|name| directory.path().join(name));
    let whole = paths.each_ref().map(|path| fs::read(path).unwrap());
    assert_eq!(second_opinion(directory.path()), Some(0));
    for (path, bytes) in paths.iter().zip(&whole) {
        let places = (1..4).map(|part| part * bytes.len() / 4);
        for place in places {
            let mut altered = bytes.clone();
            altered[place] ^= 2;
            fs::write(path, altered).unwrap();
            let ours = verify(directory.path()).0;
            let theirs = second_opinion(directory.path());
            assert_eq!(ours == Some(0), theirs == Some(0), "{path:?} at {place}");
            fs::write(path, bytes).unwrap();
        }
        fs::write(path, &bytes[..bytes.len() - 1]).unwrap();
        let cut = (verify(directory.path()).0, second_opinion(directory.path()));
        assert_eq!(cut.0 == Some(0), cut.1 == Some(0), "{path:?} cut");
        fs::write(path, bytes).unwrap();
    }
}
