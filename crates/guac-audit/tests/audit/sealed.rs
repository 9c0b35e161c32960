//! Sealed recordings, by whoever has the key and whoever has not.

use std::fs;
use std::path::Path;

use guac_protocol::{Keysym, Timestamp};
use guac_recorder::evidence::{Ending, Moment};
use guac_recorder::seal::Recipients;
use guac_recorder::{End, EvidencePlace, Metadata, Recording, RecordingOptions};

use crate::unseal::{RECIPIENT, seal};
use crate::{RECORDING, run};

/// A directory with a recording `r`, and one with the same sealed, by the same name.
fn twins() -> [tempfile::TempDir; 2] {
    let [plain, sealed] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    fs::write(plain.path().join("r"), RECORDING).unwrap();
    fs::write(sealed.path().join("r"), seal(sealed.path())).unwrap();
    [plain, sealed]
}

#[test]
fn with_the_key_every_command_tells_what_it_tells_of_the_plain_one() {
    let [plain, sealed] = twins();
    for (words, files) in [
        (&["events", "r"][..], &[][..]),
        (&["events", "r", "--json"], &[]),
        (&["keys", "r"], &[]),
        (&["thumb", "r", "last.png"], &["last.png"]),
        (
            &["thumbs", "r", "sheet.png", "--count", "3"],
            &["sheet.png"],
        ),
    ] {
        let expected = run(plain.path(), words);
        let words = [words, &["--identity", "key"]].concat();
        assert_eq!(run(sealed.path(), &words), expected, "{words:?}");
        assert_eq!(expected.0, Some(0), "{expected:?}");
        for file in files {
            let [one, other] = [&plain, &sealed].map(|place| place.path().join(file));
            assert_eq!(fs::read(one).unwrap(), fs::read(other).unwrap());
        }
    }
    let (code, said, _) = run(sealed.path(), &["show", "r", "--identity", "key"]);
    assert_eq!(code, Some(0));
    let without_seal = format!("sealed    {} bytes without its seal", RECORDING.len());
    assert!(said.contains(&without_seal), "{said}");
    assert!(said.contains("frames    2"), "{said}");
}

#[test]
fn without_the_key_it_is_said_what_is_missing() {
    let [_, sealed] = twins();
    for words in [
        &["show", "r"][..],
        &["events", "r"],
        &["keys", "r"],
        &["thumb", "r", "p"],
        &["export", "r", "a.tar"],
    ] {
        let (code, said, complaint) = run(sealed.path(), words);
        assert_eq!(code, Some(1), "{said}");
        assert!(complaint.contains("--identity"), "{words:?}: {complaint}");
        assert!(!said.contains("sync"), "{said}");
    }
}

#[test]
fn where_the_seal_is_cut_or_damaged_is_told_and_what_is_before_it_is_used() {
    let [_, sealed] = twins();
    let path = sealed.path().join("r");
    let whole = fs::read(&path).unwrap();
    let mut altered = whole.clone();
    *altered.last_mut().unwrap() ^= 1;
    let cut = whole.strip_suffix(&[*whole.last().unwrap()]).unwrap();
    for (bytes, told) in [
        (cut, "early: segment 2 is cut"),
        (&altered, "damaged in segment 2"),
    ] {
        fs::write(&path, bytes).unwrap();
        let (code, said, _) = run(sealed.path(), &["show", "r", "--identity", "key"]);
        assert_eq!(code, Some(3), "{said}");
        assert!(said.contains(told), "{said}");
        assert!(said.contains("frames    2"), "{said}");
    }
}

#[test]
fn a_bundle_has_it_with_and_without_its_seal() {
    let [_, sealed] = twins();
    let words = ["export", "r", "case.tar", "--identity", "key"];
    let (code, _, complaint) = run(sealed.path(), &words);
    assert_eq!(code, Some(0), "{complaint}");
    let unpacked = tempfile::tempdir().unwrap();
    let archive = fs::File::open(sealed.path().join("case.tar")).unwrap();
    tar::Archive::new(archive).unpack(unpacked.path()).unwrap();
    let read = |name: &str| fs::read(unpacked.path().join("case").join(name)).unwrap();
    assert_eq!(read("recording"), RECORDING.as_bytes());
    let original = fs::read(sealed.path().join("r")).unwrap();
    assert_eq!(read("recording.sealed"), original);
    let sums = String::from_utf8(read("SHA256SUMS")).unwrap();
    assert!(sums.contains("  recording\n") && sums.contains("  recording.sealed\n"));
}

/// A sealed recording of some keys, `r.sealed`, with evidence in `e`.
fn record(directory: &Path) {
    let at = |monotonic_ms| Moment {
        wall: "2026-11-28T04:50:12Z".parse().unwrap(),
        monotonic_ms,
    };
    let options = RecordingOptions {
        exclude_output: true,
        include_keys: true,
        seal: Some(Recipients::parse([RECIPIENT.trim()]).unwrap()),
        ..RecordingOptions::new(directory, "r")
    };
    let metadata = Metadata {
        session: "$5a09a6c4".to_owned(),
        user: None,
        started: at(0).wall,
        at: Timestamp(0),
        daemon: "0.1.0".to_owned(),
        policy: None,
    };
    let mut recording = Recording::create(&options, at(0)).unwrap();
    let place = EvidencePlace::Directory(directory.join("e"));
    recording.prove(&place, &metadata).unwrap();
    recording.describe(&metadata).unwrap();
    for round in 1..=3 {
        let time = Timestamp(i64::try_from(round).unwrap());
        recording.key(Keysym(0x61), true, time).unwrap();
        recording.tick(at(round * 6_000)).unwrap();
    }
    let end = End {
        state: Ending::Complete,
        reason: "all-left",
        status: None,
    };
    recording.finish(end).unwrap();
}

#[test]
fn it_is_verified_as_it_is_and_with_the_key_what_is_in_it_too() {
    let directory = tempfile::tempdir().unwrap();
    seal(directory.path());
    record(directory.path());
    let words = ["verify", "r.sealed", "--evidence", "e"];
    let (code, said, _) = run(directory.path(), &words);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("seal      closed"), "{said}");
    let with_key = [&words[..], &["--identity", "key"]].concat();
    let (code, said, _) = run(directory.path(), &with_key);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("seal      opened"), "{said}");
    let json = [&with_key[..], &["--json"]].concat();
    let (_, said, _) = run(directory.path(), &json);
    let object: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(
        (&object["seal"], &object["state"]),
        (&"opened".into(), &"whole".into())
    );

    let path = directory.path().join("r.sealed");
    let mut bytes = fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, bytes).unwrap();
    for words in [&words[..], &with_key] {
        let (code, said, _) = run(directory.path(), words);
        assert_eq!(code, Some(3), "{said}");
        assert!(said.contains("segment 3, are not those"), "{said}");
    }
}
