//! `guac-audit export`, read by other programs.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{RECORDING, run};

/// A directory with a recording, evidence and a decision log.
fn files() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let write = |name, content: &str| fs::write(directory.path().join(name), content).unwrap();
    let head = "8.guacd-rs,1.1,7.session,2.$4,7.started,24.2026-11-28T12:00:00.000Z,2.at,5.10000,\
        6.daemon,5.0.1.0,6.policy,8.built-in;";
    write("r", &format!("{head}{RECORDING}"));
    write("evidence", "{\"line\":1}\n");
    write(
        "log",
        "{\"version\":1,\"time\":\"2026-11-28T12:00:01.000Z\",\"sequence\":1,\"event\":\"join\",\"session\":\"$4\"}\n",
    );
    directory
}

/// Runs a program in a directory and returns what it printed.
fn program(directory: &Path, name: &str, arguments: &[&str]) -> String {
    let output = Command::new(name)
        .args(arguments)
        .current_dir(directory)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_bundle_holds_all_and_its_digests_are_right() {
    let directory = files();
    let options = [
        "export",
        "r",
        "case.tar",
        "--evidence",
        "evidence",
        "--decision-log",
        "log",
        "--video",
    ];
    let (code, _, said) = run(directory.path(), &options);
    assert_eq!(code, Some(0), "{said}");
    program(directory.path(), "tar", &["xf", "case.tar"]);
    let bundle = directory.path().join("case");
    let checked = program(&bundle, "sha256sum", &["-c", "--strict", "SHA256SUMS"]);
    let names = [
        "recording",
        "evidence.jsonl",
        "summary.json",
        "events.jsonl",
        "keys.txt",
        "contact-sheet.png",
        "video.mp4",
    ];
    let expected: String = names.iter().map(|name| format!("{name}: OK\n")).collect();
    assert_eq!(checked, expected);
    let mut found: Vec<_> = fs::read_dir(&bundle)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    found.sort();
    assert_eq!(found.len(), names.len() + 1, "{found:?}");

    let read = |name: &str| fs::read(bundle.join(name)).unwrap();
    assert_eq!(
        read("recording"),
        fs::read(directory.path().join("r")).unwrap()
    );
    assert_eq!(read("evidence.jsonl"), b"{\"line\":1}\n");
    assert_eq!(
        read("keys.txt"),
        b"  0:00:00.500  2026-11-28T12:00:00.500Z  a\n"
    );
    let events = String::from_utf8(read("events.jsonl")).unwrap();
    assert!(
        events.contains("\"event\":\"join\"") && events.contains("\"event\":\"last-frame\""),
        "{events}"
    );
    let summary: serde_json::Value = serde_json::from_slice(&read("summary.json")).unwrap();
    assert_eq!(
        (&summary["session"], &summary["file"]),
        (&"$4".into(), &"recording".into())
    );
    assert!(read("contact-sheet.png").starts_with(b"\x89PNG"));
}

#[test]
fn the_same_input_is_the_same_bundle() {
    let (one, other) = (files(), files());
    for directory in [&one, &other] {
        assert_eq!(
            run(directory.path(), &["export", "r", "case.tar"]).0,
            Some(0)
        );
    }
    let read = |directory: &tempfile::TempDir| fs::read(directory.path().join("case.tar")).unwrap();
    assert_eq!(read(&one), read(&other));
    let listed = program(
        one.path(),
        "tar",
        &["tvf", "case.tar", "--utc", "--full-time"],
    );
    assert_eq!(listed.lines().count(), 6);
    for line in listed.lines() {
        assert!(
            line.starts_with("-rw-r--r-- 0/0 ") && line.contains(" 1970-01-01 00:00:00 "),
            "{line}"
        );
    }
}

#[test]
fn a_bundle_of_a_damaged_recording_holds_what_there_is() {
    let directory = files();
    fs::write(
        directory.path().join("cut"),
        &RECORDING.as_bytes()[..RECORDING.len() - 3],
    )
    .unwrap();
    fs::write(directory.path().join("blank"), "3.nop;").unwrap();
    for (name, code, entries) in [("cut", 3, 6), ("blank", 0, 5)] {
        let archive = format!("{name}.tar");
        let (found, _, said) = run(directory.path(), &["export", name, &archive]);
        assert_eq!(found, Some(code), "{said}");
        assert_eq!(
            program(directory.path(), "tar", &["tf", &archive])
                .lines()
                .count(),
            entries
        );
    }
}

#[test]
fn what_cannot_be_a_bundle_leaves_no_file() {
    let directory = files();
    fs::write(directory.path().join("old.tar"), "precious").unwrap();
    for arguments in [
        &["missing", "x.tar"][..],
        &["r", "old.tar"],
        &["r", "x.tar", "--evidence", "missing"],
        &["r", "x.tar", "--decision-log", "missing"],
        &["r", "nowhere/x.tar"],
    ] {
        let (code, _, said) = run(directory.path(), &[&["export"], arguments].concat());
        assert_eq!(code, Some(1), "{said}");
    }
    assert_eq!(
        fs::read(directory.path().join("old.tar")).unwrap(),
        b"precious"
    );
    let left = fs::read_dir(directory.path()).unwrap().count();
    assert_eq!(left, 4, "a file or a directory was left behind");
}
