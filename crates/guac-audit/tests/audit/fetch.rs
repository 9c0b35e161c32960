//! `guac-audit fetch` and `verify` of a session in a store, here a directory.

use std::fs;
use std::path::Path;

use guac_recorder::evidence::{Begin, Close, Ending, Extent, Hex, Ledger, Moment, Segment};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::run;

/// The store of a recording in two segments; returns its session's URL.
fn store(directory: &Path) -> String {
    let objects = directory.join("store/s-1");
    fs::create_dir_all(&objects).unwrap();
    let put = |name: &str, bytes: &[u8]| fs::write(objects.join(name), bytes).unwrap();
    let now = Moment {
        wall: jiff::Timestamp::UNIX_EPOCH,
        monotonic_ms: 0,
    };
    let begin = Begin {
        session: "$s-1".into(),
        user: None,
        recording: "r".into(),
        daemon: "0.1.0".into(),
        policy: None,
        sealed: false,
        store: None,
    };
    let (mut ledger, line) = Ledger::begin(begin, now).unwrap();
    put("000000.evidence", &line);
    let mut from = 0;
    for (number, bytes) in (1..).zip(["4.sync,1.1,1.1;", "4.sync,1.2,1.1;"]) {
        let to = from + bytes.len() as u64;
        let segment = Segment {
            number,
            file: Extent {
                from,
                to,
                sha256: Hex(Sha256::digest(bytes).into()),
            },
            plain: None,
            opened_ms: 0,
            first_frame: number,
            frames: 1,
            keys: 0,
            refused: 0,
            seen: Vec::new(),
        };
        from = to;
        put(&format!("{number:06}.segment"), bytes.as_bytes());
        let line = ledger.segment(segment, now).unwrap();
        put(&format!("{number:06}.evidence"), &line);
    }
    let close = Close {
        state: Ending::Complete,
        reason: "all-left".into(),
        status: None,
        bytes: from,
        segments: 2,
        frames: 2,
        lost_events: 0,
    };
    put("000003.evidence", &ledger.end(close, now).unwrap());
    format!("file://{}/s-1", directory.join("store").display())
}

#[test]
fn a_session_is_put_together_and_verified_and_nothing_is_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let url = store(directory.path());
    let (code, said, complaint) = run(directory.path(), &["verify", &url]);
    assert_eq!((code, complaint.as_str()), (Some(0), ""), "{said}");
    assert!(said.contains("whole and unaltered"), "{said}");
    // It is called what the store calls it, not where it was for a moment.
    assert!(said.starts_with(&format!("{url:?}\n")), "{said}");
    assert!(said.contains(&format!("  evidence  {url:?}\n")), "{said}");
    let (_, said, _) = run(directory.path(), &["verify", "--json", &url]);
    let found: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(
        (&found["file"], &found["evidence"]),
        (&json!(url), &json!(url))
    );
    let fetched = run(directory.path(), &["fetch", &url, "out"]);
    assert_eq!(fetched.0, Some(0), "{fetched:?}");
    let recording = directory.path().join("out/s-1");
    let expected = "4.sync,1.1,1.1;4.sync,1.2,1.1;";
    assert_eq!(fs::read_to_string(recording).unwrap(), expected);
    assert_eq!(run(directory.path(), &["verify", "out/s-1"]).0, Some(0));
    assert_eq!(run(directory.path(), &["fetch", &url, "out"]).0, Some(1));
}

#[test]
fn what_the_store_lacks_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let url = store(directory.path());
    let objects = directory.path().join("store/s-1");
    fs::remove_file(objects.join("000001.evidence")).unwrap();
    let (code, _, complaint) = run(directory.path(), &["fetch", &url, "out"]);
    assert_eq!(code, Some(3));
    assert!(complaint.contains("segment 1"), "{complaint}");
    let (code, said, _) = run(directory.path(), &["verify", &url]);
    assert_eq!(code, Some(3), "{said}");
    let none = format!("{url}0");
    assert_eq!(run(directory.path(), &["fetch", &none, "none"]).0, Some(1));
}
