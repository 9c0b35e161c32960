//! `guac-audit unseal`

use std::fs;
use std::path::Path;

use guac_recorder::seal::{Recipients, Sealer};

use crate::{RECORDING, run};

/// A key of tests, and its public key.
const IDENTITY: &str = include_str!("../../../testkit/src/auditor/auditor.key");
pub(super) const RECIPIENT: &str = include_str!("../../../testkit/src/auditor/auditor.pub");

/// A recording, sealed in two segments.
pub(super) fn seal(directory: &Path) -> Vec<u8> {
    let recipients = Recipients::parse([RECIPIENT.trim()]).unwrap();
    let mut sealer = Sealer::new(recipients);
    let mut sealed = Vec::new();
    for half in RECORDING.as_bytes().chunks(RECORDING.len() / 2 + 1) {
        sealer.batch(half, &mut sealed).unwrap();
        sealer.end_segment(&mut sealed).unwrap();
    }
    fs::write(directory.join("sealed"), &sealed).unwrap();
    fs::write(directory.join("key"), IDENTITY).unwrap();
    sealed
}

fn unseal(directory: &Path) -> (Option<i32>, String) {
    let words = ["unseal", "sealed", "plain", "--identity", "key"];
    let (code, _, complaint) = run(directory, &words);
    (code, complaint)
}

#[test]
fn it_gives_back_the_recording_byte_for_byte_and_replaces_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let sealed = seal(directory.path());
    let contains = |text: &str| {
        sealed
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    assert!(!contains("4.sync"), "it is sealed");
    assert_eq!(unseal(directory.path()), (Some(0), String::new()));
    let plain = directory.path().join("plain");
    assert_eq!(fs::read(&plain).unwrap(), RECORDING.as_bytes());
    assert_eq!(unseal(directory.path()).0, Some(1), "the file is there");
}

#[test]
fn what_is_cut_or_altered_is_told_and_what_is_before_it_is_given() {
    let directory = tempfile::tempdir().unwrap();
    let sealed = seal(directory.path());
    let mut altered = sealed.clone();
    *altered.last_mut().unwrap() ^= 1;
    for damaged in [&sealed[..sealed.len() - 1], &altered] {
        fs::write(directory.path().join("sealed"), damaged).unwrap();
        let (code, complaint) = unseal(directory.path());
        assert_eq!(code, Some(3), "{complaint}");
        let plain = fs::read(directory.path().join("plain")).unwrap();
        assert!(RECORDING.as_bytes().starts_with(&plain) && RECORDING.len() / 2 < plain.len());
        fs::remove_file(directory.path().join("plain")).unwrap();
    }
}

#[test]
fn without_the_key_there_is_nothing() {
    let directory = tempfile::tempdir().unwrap();
    seal(directory.path());
    // A well-known key, that of age's own test vectors, and not the one.
    let other = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
    fs::write(directory.path().join("key"), other).unwrap();
    let (code, complaint) = unseal(directory.path());
    assert_eq!(code, Some(1), "{complaint}");
    assert!(!directory.path().join("plain").exists());
}
