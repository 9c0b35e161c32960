//! The verifier of evidence.

use std::io::{BufReader, Read};

use ed25519_dalek::{Signer as _, SigningKey};
use guac_recorder::evidence::{
    Anchor, Anchoring, Anchors, Begin, Close, Ending, Entry, Extent, Fault, Hex, Ledger, Line,
    Moment, Report, Segment, State, peek, verify,
};
use sha2::{Digest as _, Sha256};

use super::pieces::{Pieces, Trickle};

/// What a digest says that the oracle is to work out.
const UNKNOWN: Hex<32> = Hex([0; 32]);

/// Whatever recording and evidence hold, the report fits them: what it calls proven proves itself alone, and
/// the rest is not passed over. As a fuzzer cannot sign, the first byte chooses how deep the others go; the two
/// after it say how many are the recording.
pub fn evidence_verifier(bytes: &[u8]) {
    let Some(([how, low, high], rest)) = bytes.split_first_chunk() else {
        return;
    };
    let length = usize::from(u16::from_le_bytes([*low, *high])).min(rest.len());
    let (recording, rest) = rest.split_at(length);
    match how {
        0 => as_it_is(recording, rest),
        1 => as_signed(recording, rest),
        _ => as_altered(recording, rest),
    }
}

/// Evidence that is read as it stands there.
fn as_it_is(recording: &[u8], evidence: &[u8]) {
    let report = check(recording, evidence, &Anchors::default());
    assert_eq!(report.anchoring, Anchoring::Unanchored);
    assert_fits(&report, recording, evidence);
}

/// Lines that say anything, well signed: each is what follows `"previous"` in its JSON.
fn as_signed(recording: &[u8], contents: &[u8]) {
    let mut evidence = Vec::new();
    let mut heads = Vec::new();
    for (number, content) in (0..).zip(contents.split(|byte| *byte == b'\n')) {
        let line = sign(number, heads.last(), content, recording);
        heads.push(Anchor {
            line: number,
            sha256: digest(&line),
        });
        evidence.extend(line);
        evidence.push(b'\n');
    }
    let report = check(recording, &evidence, &Anchors::default());
    assert_fits(&report, recording, &evidence);
    let intact = usize::try_from(report.intact.lines).expect("they are in memory");
    if intact == 0 {
        return;
    }
    // What was told of good lines changes nothing but that the chain is known.
    let told = Anchors {
        first_key: Some(Hex(key(0).verifying_key().to_bytes())),
        heads: heads[..intact].to_vec(),
    };
    let anchored = check(recording, &evidence, &told);
    assert_eq!(anchored.state, report.state);
    let line = report.intact.lines - 1;
    assert!(matches!(anchored.anchoring, Anchoring::Head { line: found } if line <= found));
    let lie = Anchors {
        first_key: None,
        heads: vec![Anchor {
            line,
            sha256: UNKNOWN,
        }],
    };
    let refused = check(recording, &evidence, &lie).state;
    assert_eq!(refused, State::Broken(Fault::OtherHead { line }));
}

/// A chain as the recorder writes it is good, and is not once a byte of it or of its recording is altered.
fn as_altered(recording: &[u8], change: &[u8]) {
    let mut evidence = chain(recording);
    let report = check(recording, &evidence, &Anchors::default());
    assert!(matches!(report.state, State::Closed(_)), "{report:?}");
    assert_fits(&report, recording, &evidence);
    let Some(([low, high, mask], _)) = change.split_first_chunk() else {
        return;
    };
    let mut recording = recording.to_vec();
    let at = usize::from(u16::from_le_bytes([*low, *high])) % (recording.len() + evidence.len());
    let (mut proven, mut good) = (recording.len(), usize::MAX);
    if let Some(at) = at.checked_sub(recording.len()) {
        evidence[at] ^= mask | 1;
        good = evidence[..at].iter().filter(|byte| **byte == b'\n').count();
    } else {
        recording[at] ^= mask | 1;
        proven = at;
    }
    let report = check(&recording, &evidence, &Anchors::default());
    assert!(
        !matches!(report.state, State::Closed(_)),
        "an altered byte is passed over"
    );
    assert_fits(&report, &recording, &evidence);
    assert!(report.intact.bytes <= proven as u64, "it is proven");
    assert!(report.intact.lines <= good as u64, "its line is good");
}

/// The evidence of a recording in segments of some bytes.
fn chain(recording: &[u8]) -> Vec<u8> {
    let now = |step: u64| Moment {
        wall: "2026-11-18T11:06:49Z".parse().expect("a time"),
        monotonic_ms: step,
    };
    let begin = Begin {
        session: "$".into(),
        user: None,
        recording: "r".into(),
        daemon: "0".into(),
        policy: None,
        sealed: false,
        store: None,
    };
    let (mut ledger, mut evidence) = Ledger::begin(begin, now(0)).expect("a chain begins");
    let (mut from, mut segments) = (0, 0);
    for piece in Pieces::new(recording) {
        let to = from + piece.len() as u64;
        segments += 1;
        let segment = Segment {
            number: segments,
            file: Extent {
                from,
                to,
                sha256: digest(piece),
            },
            plain: None,
            opened_ms: 0,
            first_frame: segments,
            frames: 1,
            keys: 0,
            refused: 0,
            seen: Vec::new(),
        };
        from = to;
        evidence.extend(ledger.segment(segment, now(from)).expect("it goes on"));
    }
    let close = Close {
        state: Ending::Complete,
        reason: "all-left".into(),
        status: None,
        bytes: from,
        segments,
        frames: segments,
        lost_events: 0,
    };
    evidence.extend(ledger.end(close, now(from)).expect("it ends"));
    evidence
}

/// A line with this content, and with the digest of the bytes that it tells of where it has none.
fn sign(number: u64, before: Option<&Anchor>, content: &[u8], recording: &[u8]) -> Vec<u8> {
    let public = |number| Hex(key(number).verifying_key().to_bytes());
    let previous = before.map_or(UNKNOWN, |head| head.sha256);
    let mut text = format!(
        "{{\"version\":1,\"line\":{number},\"wall\":\"now\",\"monotonic_ms\":{number},\"previous\":\"{previous}\""
    )
    .into_bytes();
    let is_end = content.starts_with(b"\"end\"");
    if number == 0 {
        text.extend(format!(",\"key\":\"{}\"", public(0)).into_bytes());
    }
    if !is_end {
        text.extend(format!(",\"next_key\":\"{}\"", public(number + 1)).into_bytes());
    }
    text.push(b',');
    text.extend(fill_in(content, recording));
    let signature = Hex(key(number).sign(&text).to_bytes());
    text.extend(format!(",\"signature\":\"{signature}\"}}").into_bytes());
    text
}

/// The content of a segment's line with the digest of its bytes in place of a `~`.
fn fill_in(content: &[u8], recording: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(content) else {
        return content.to_vec();
    };
    let unknown = text.replace('~', &UNKNOWN.to_string());
    let whole = format!(
        "{{\"version\":1,\"line\":0,\"wall\":\"\",\"monotonic_ms\":0,\"previous\":\"{UNKNOWN}\",{unknown}}}"
    );
    let range = match serde_json::from_str(&whole) {
        Ok(Line {
            entry: Entry::Segment(segment),
            ..
        }) => segment.file,
        _ => return unknown.into_bytes(),
    };
    let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    let bytes = recording.get(place(range.from)..place(range.to));
    let sha256 = digest(bytes.unwrap_or_default());
    text.replace('~', &sha256.to_string()).into_bytes()
}

fn key(number: u64) -> SigningKey {
    SigningKey::from_bytes(&digest(&number.to_le_bytes()).0)
}

fn digest(bytes: &[u8]) -> Hex<32> {
    Hex(Sha256::digest(bytes).into())
}

/// What the verifier says, which is the same however the bytes arrive.
fn check(recording: &[u8], evidence: &[u8], anchors: &Anchors) -> Report {
    let report = verify(&mut &recording[..], &mut &evidence[..], anchors).expect("it can be read");
    let mut trickle = BufReader::with_capacity(7, Trickle::new(evidence));
    let pieces = verify(&mut OneByOne(recording), &mut trickle, anchors);
    assert_eq!(
        report,
        pieces.expect("it can be read"),
        "the cuts changed it"
    );
    report
}

/// One byte at a time.
struct OneByOne<'a>(&'a [u8]);

impl Read for OneByOne<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let one = buffer.len().min(1);
        self.0.read(&mut buffer[..one])
    }
}

fn assert_fits(report: &Report, recording: &[u8], evidence: &[u8]) {
    let intact = &report.intact;
    let proven = usize::try_from(intact.bytes).expect("it is in memory");
    assert!(proven <= recording.len(), "more is proven than there is");
    match &report.state {
        State::Closed(close) => {
            assert_eq!(close.bytes, recording.len() as u64);
            assert_eq!(
                (close.bytes, close.segments),
                (intact.bytes, intact.segments)
            );
            assert_eq!(close.frames, intact.frames);
            assert_eq!(report.uncovered, 0);
        }
        State::EndedUnexpectedly => {
            assert_eq!(intact.bytes + report.uncovered, recording.len() as u64);
        }
        State::Broken(Fault::Altered { from, .. }) => assert_eq!(*from, intact.bytes),
        State::Broken(Fault::Cut { end, .. }) => assert_eq!(*end, recording.len() as u64),
        State::Broken(_) => {}
    }
    if intact.lines == 0 {
        assert_eq!((&report.begin, proven), (&None, 0));
        return;
    }
    let mut source = evidence;
    assert_eq!(peek(&mut source).expect("it can be read"), report.begin);
    // What is proven is so without what comes after it.
    let lines = evidence.split_inclusive(|byte| *byte == b'\n');
    let good: Vec<u8> = lines
        .take(usize::try_from(intact.lines).expect("they are in memory"))
        .flatten()
        .copied()
        .collect();
    let alone = verify(
        &mut &recording[..proven],
        &mut &good[..],
        &Anchors::default(),
    )
    .expect("it can be read");
    assert_eq!(&alone.intact, intact);
    assert!(!matches!(alone.state, State::Broken(_)), "{alone:?}");
}
