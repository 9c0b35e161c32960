//! The published schema takes every line that the recorder writes, and nothing that is not one.

use std::fs;

use guac_policy::Tap as _;
use guac_protocol::{Keysym, ServerInstruction, Timestamp};
use guac_recorder::evidence::{Begin, Extent, Hex, Ledger, Line, Segment};
use guac_recorder::{End, EvidencePlace, Metadata, Recording, RecordingOptions};
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::{END, moment, vetted};

/// Where a line has what may be missing.
const OPTIONAL: [&str; 6] = [
    "/begin/user",
    "/begin/policy",
    "/begin/store",
    "/segment/plain",
    "/segment/seen/0",
    "/end/status",
];

fn schema() -> Validator {
    let text = include_str!("../../../../docs/evidence.schema.json");
    jsonschema::validator_for(&serde_json::from_str(text).unwrap()).unwrap()
}

/// The lines of the recording of a session that was watched, ended as told.
fn written(end: End) -> Vec<Value> {
    let directory = tempfile::tempdir().unwrap();
    let metadata = Metadata {
        session: "$5a09a6c4".into(),
        user: Some("zoë".into()),
        started: jiff::Timestamp::now(),
        at: Timestamp(0),
        daemon: "0.1.0".into(),
        policy: Some("ab".repeat(32)),
    };
    let options = RecordingOptions::new(directory.path(), "r");
    let mut recording = Recording::create(&options, moment(0)).unwrap();
    recording.prove(&EvidencePlace::Beside, &metadata).unwrap();
    for time in [0, 5_000, 10_000] {
        recording.tick(moment(time)).unwrap();
        let timestamp = Timestamp(i64::try_from(time).unwrap());
        let frames = 1;
        let frame = vetted(&[ServerInstruction::Sync { timestamp, frames }]);
        recording.accept(&frame).unwrap();
        recording.seen("@a");
        recording.key(Keysym(0x61), true, timestamp).unwrap();
        recording.refused(time);
    }
    recording.finish(end).unwrap();
    lines(&fs::read_to_string(recording.evidence().unwrap().0).unwrap())
}

/// The first two lines of a sealed recording of nobody that is known.
fn sealed() -> Vec<Value> {
    let extent = Extent {
        from: 0,
        to: u64::MAX,
        sha256: Hex([0xA5; 32]),
    };
    let begin = Begin {
        session: "$5a09a6c4".into(),
        user: None,
        recording: "r".into(),
        daemon: "0.1.0".into(),
        policy: None,
        sealed: true,
        store: Some("s3://recordings/desk".into()),
    };
    let segment = Segment {
        number: 1,
        file: extent,
        plain: Some(extent),
        opened_ms: 0,
        first_frame: 1,
        frames: 0,
        keys: 0,
        refused: 0,
        seen: Vec::new(),
    };
    let (mut ledger, mut text) = Ledger::begin(begin, moment(0)).unwrap();
    text.extend(ledger.segment(segment, moment(1)).unwrap());
    lines(std::str::from_utf8(&text).unwrap())
}

fn lines(text: &str) -> Vec<Value> {
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Every kind of line, with all that a line can have.
fn samples() -> Vec<Value> {
    let end = End {
        status: Some(0x20A),
        ..END
    };
    [written(end), sealed()].concat()
}

/// The places of everything in a line, outermost first, as JSON pointers.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let below: Vec<_> = match value {
        Value::Object(object) => object.iter().map(|(k, v)| (k.clone(), v)).collect(),
        Value::Array(array) => (0..).map(|n: usize| n.to_string()).zip(array).collect(),
        _ => Vec::new(),
    };
    for (name, value) in below {
        let at = format!("{at}/{name}");
        found.push(at.clone());
        places(value, &at, found);
    }
}

/// The line with its part at the place changed.
fn changed(line: &Value, place: &str, change: impl FnOnce(&mut Value, &str)) -> Value {
    let mut line = line.clone();
    let (parent, name) = place.rsplit_once('/').unwrap();
    change(line.pointer_mut(parent).unwrap(), name);
    line
}

fn remove(parent: &mut Value, name: &str) {
    match parent {
        Value::Array(array) => drop(array.remove(name.parse().unwrap())),
        other => drop(other.as_object_mut().unwrap().remove(name).unwrap()),
    }
}

fn part<'a>(parent: &'a mut Value, name: &str) -> &'a mut Value {
    match parent {
        Value::Array(array) => &mut array[name.parse::<usize>().unwrap()],
        other => &mut other[name],
    }
}

#[test]
fn every_line_that_is_written_keeps_to_the_schema() {
    let schema = schema();
    for line in [samples(), written(END)].concat() {
        let faults: Vec<_> = schema.iter_errors(&line).map(|e| e.to_string()).collect();
        assert!(faults.is_empty(), "{line}: {faults:?}");
    }
}

#[test]
fn a_line_that_lacks_something_does_not() {
    let schema = schema();
    for line in samples() {
        let mut all = Vec::new();
        places(&line, "", &mut all);
        for place in all {
            let without = changed(&line, &place, remove);
            let may_lack = OPTIONAL.contains(&place.as_str());
            assert_eq!(schema.is_valid(&without), may_lack, "{without}: {place}");
        }
    }
}

#[test]
fn a_line_with_something_wrong_does_not() {
    let schema = schema();
    let wrong = [
        json!(null),
        json!(-1),
        json!(0.5),
        json!(""),
        json!("Ä/"),
        json!("A5".repeat(32)),
        json!([[]]),
        json!({ "more": 1 }),
    ];
    // A name and a version can be most texts.
    let any_text = ["/begin/user", "/begin/daemon", "/begin/recording"];
    for line in samples() {
        let mut all = Vec::new();
        places(&line, "", &mut all);
        for place in all {
            for value in &wrong {
                if value.is_string() && any_text.contains(&place.as_str()) {
                    continue;
                }
                let other = changed(&line, &place, |parent, name| {
                    *part(parent, name) = value.clone();
                });
                assert!(!schema.is_valid(&other), "{other}: {place}");
            }
        }
    }
}

#[test]
fn a_line_with_something_more_does_not() {
    let schema = schema();
    for line in samples() {
        let mut all = vec![String::new()];
        places(&line, "", &mut all);
        for place in all {
            let mut more = line.clone();
            let Some(Value::Object(object)) = more.pointer_mut(&place) else {
                continue;
            };
            object.insert("more".into(), json!(1));
            assert!(!schema.is_valid(&more), "{more}: {place}");
        }
    }
}

/// Which keys and contents a line has follows from where it stands.
#[test]
fn a_line_that_is_two_kinds_or_stands_elsewhere_does_not() {
    let schema = schema();
    let lines = samples();
    let number = |line: &Value, number: u64| changed(line, "/line", |l, at| l[at] = json!(number));
    let with = |line: &Value, name: &str, from: &Value| {
        changed(line, &format!("/{name}"), |line, at| {
            line[at] = from[at].clone();
        })
    };
    let (begin, segment, end) = (&lines[0], &lines[1], &lines[4]);
    for wrong in [
        number(begin, 1),
        number(segment, 0),
        number(end, 0),
        with(segment, "key", begin),
        with(end, "key", begin),
        with(end, "next_key", begin),
        with(begin, "previous", segment),
    ] {
        assert!(!schema.is_valid(&wrong), "{wrong}");
    }
    for two in [
        with(begin, "segment", segment),
        with(segment, "end", end),
        with(end, "begin", begin),
    ] {
        assert!(!schema.is_valid(&two), "{two}");
        assert!(serde_json::from_value::<Line>(two).is_err());
    }
}
