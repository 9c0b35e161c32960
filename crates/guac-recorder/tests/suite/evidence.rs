//! What a verifier finds in recordings and evidence that are not as they were.

use guac_recorder::evidence::{
    Anchor, Anchoring, Anchors, Begin, ChainFault, Close, Ending, Extent, Fault, Hex, Ledger,
    Moment, Report, Segment, State, verify,
};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

const SEGMENT_BYTES: [usize; 4] = [700, 1, 300, 64];

struct Sample {
    recording: Vec<u8>,
    evidence: Vec<u8>,
    /// The head after each line.
    heads: Vec<Anchor>,
    first_key: Hex<32>,
}

fn moment(step: u64) -> Moment {
    Moment {
        wall: jiff::Timestamp::from_second(1_795_000_000 + i64::try_from(step).unwrap()).unwrap(),
        monotonic_ms: 1_000 * step,
    }
}

fn begin() -> Begin {
    Begin {
        session: "$a session".into(),
        user: Some("zoë".into()),
        recording: "recording".into(),
        daemon: "0.1.0".into(),
        policy: None,
        sealed: false,
        store: None,
    }
}

fn segment(number: u64, from: usize, bytes: &[u8]) -> Segment {
    Segment {
        number,
        file: Extent {
            from: from as u64,
            to: (from + bytes.len()) as u64,
            sha256: Hex(Sha256::digest(bytes).into()),
        },
        plain: None,
        opened_ms: 0,
        first_frame: 2 * number - 1,
        frames: 2,
        keys: 0,
        refused: 0,
        seen: Vec::new(),
    }
}

fn close(segments: u64, bytes: usize) -> Close {
    Close {
        state: Ending::Complete,
        reason: "all-left".into(),
        status: None,
        bytes: bytes as u64,
        segments,
        frames: 2 * segments,
        lost_events: 0,
    }
}

/// A whole recording of a session that came to its end.
fn sample() -> Sample {
    let length = SEGMENT_BYTES.iter().sum();
    let recording: Vec<u8> = (0..length).map(|at| (at * 31 % 251) as u8).collect();
    let (mut ledger, mut evidence) = Ledger::begin(begin(), moment(0)).unwrap();
    let mut heads = vec![ledger.head()];
    let mut from = 0;
    for (number, length) in (1..).zip(SEGMENT_BYTES) {
        let bytes = &recording[from..from + length];
        let line = ledger.segment(segment(number, from, bytes), moment(number));
        evidence.extend(line.unwrap());
        heads.push(ledger.head());
        from += length;
    }
    evidence.extend(ledger.end(close(4, from), moment(9)).unwrap());
    heads.push(ledger.head());
    let first_key = ledger.first_key();
    Sample {
        recording,
        evidence,
        heads,
        first_key,
    }
}

impl Sample {
    fn anchors(&self, lines: &[usize]) -> Anchors {
        Anchors {
            first_key: Some(self.first_key),
            heads: lines.iter().map(|line| self.heads[*line]).collect(),
        }
    }

    fn lines(&self) -> Vec<Vec<u8>> {
        let lines = self.evidence.split_inclusive(|byte| *byte == b'\n');
        lines.map(<[u8]>::to_vec).collect()
    }
}

fn check(recording: &[u8], evidence: &[u8], anchors: &Anchors) -> Report {
    verify(&mut &recording[..], &mut &evidence[..], anchors).unwrap()
}

fn unanchored(recording: &[u8], evidence: &[u8]) -> Report {
    check(recording, evidence, &Anchors::default())
}

fn is_good(report: &Report) -> bool {
    matches!(report.state, State::Closed(_)) && report.uncovered == 0
}

#[test]
fn what_is_whole_is_found_whole() {
    let sample = sample();
    let report = check(&sample.recording, &sample.evidence, &sample.anchors(&[2]));
    assert_eq!(
        report.state,
        State::Closed(close(4, sample.recording.len()))
    );
    assert_eq!(report.anchoring, Anchoring::Head { line: 2 });
    assert_eq!(report.begin, Some(begin()));
    let intact = report.intact;
    assert_eq!(intact.bytes, sample.recording.len() as u64);
    assert_eq!((intact.segments, intact.frames, intact.lines), (4, 8, 6));
    assert_eq!(intact.until.as_deref(), Some("2026-11-18T11:06:49.000Z"));
    let alone = unanchored(&sample.recording, &sample.evidence);
    assert_eq!(alone.anchoring, Anchoring::Unanchored);
    let keyed = check(&sample.recording, &sample.evidence, &sample.anchors(&[]));
    assert_eq!(keyed.anchoring, Anchoring::FirstKey);
}

#[test]
fn a_line_is_signed_by_the_key_that_the_line_before_names() {
    // By another implementation's hands: plain JSON, SHA-256 and Ed25519, as the book describes them.
    let sample = sample();
    let mut previous = "0".repeat(64);
    let mut key = sample.first_key.to_string();
    for line in sample.lines() {
        let text = line.strip_suffix(b"\n").unwrap();
        let value: serde_json::Value = serde_json::from_slice(text).unwrap();
        assert_eq!(value["previous"], previous);
        let text = std::str::from_utf8(text).unwrap();
        let (signed, signature) = text.rsplit_once(",\"signature\":\"").unwrap();
        let signature: Hex<64> = Hex::parse(signature.strip_suffix("\"}").unwrap()).unwrap();
        let public = Hex::<32>::parse(&key).unwrap();
        let public = ed25519_dalek::VerifyingKey::from_bytes(&public.0).unwrap();
        public
            .verify_strict(
                signed.as_bytes(),
                &ed25519_dalek::Signature::from_bytes(&signature.0),
            )
            .unwrap();
        previous = Hex::<32>(Sha256::digest(text).into()).to_string();
        key = value["next_key"].as_str().unwrap_or_default().to_owned();
    }
    assert_eq!(key, "", "the last line names no key");
}

#[test]
fn every_changed_bit_is_found() {
    let sample = sample();
    for at in 0..sample.evidence.len() {
        for bit in 0..8 {
            let mut evidence = sample.evidence.clone();
            evidence[at] ^= 1 << bit;
            let report = unanchored(&sample.recording, &evidence);
            assert!(!is_good(&report), "evidence byte {at} bit {bit}");
        }
    }
    for at in 0..sample.recording.len() {
        let mut recording = sample.recording.clone();
        recording[at] ^= 1 << (at % 8);
        let report = unanchored(&recording, &sample.evidence);
        let State::Broken(Fault::Altered { segment, from, to }) = report.state else {
            panic!("byte {at}: {:?}", report.state);
        };
        assert!((from..to).contains(&(at as u64)), "byte {at}");
        assert_eq!(report.intact.bytes, from, "what stands before is good");
        assert_eq!(report.intact.segments, segment - 1);
    }
}

#[test]
fn every_cut_is_found() {
    let sample = sample();
    for end in 0..sample.recording.len() {
        let report = unanchored(&sample.recording[..end], &sample.evidence);
        assert!(
            matches!(report.state, State::Broken(Fault::Cut { end: at, .. }) if at == end as u64),
            "{end}: {:?}",
            report.state
        );
    }
    for end in 0..sample.evidence.len() {
        let report = unanchored(&sample.recording, &sample.evidence[..end]);
        assert!(!is_good(&report), "{end}");
        let whole_lines = sample.evidence[..end]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        assert_eq!(report.intact.lines, whole_lines as u64, "{end}");
        let covered: usize = SEGMENT_BYTES
            .iter()
            .take(whole_lines.saturating_sub(1))
            .sum();
        assert_eq!(report.intact.bytes, covered as u64);
        assert_eq!(report.uncovered, (sample.recording.len() - covered) as u64);
    }
}

#[test]
fn what_was_inserted_is_found() {
    let sample = sample();
    for at in 0..=sample.recording.len() {
        let mut recording = sample.recording.clone();
        recording.insert(at, b'x');
        assert!(!is_good(&unanchored(&recording, &sample.evidence)), "{at}");
    }
    for at in 0..=sample.evidence.len() {
        for byte in [b' ', b'\n', b'0', b'x'] {
            let mut evidence = sample.evidence.clone();
            evidence.insert(at, byte);
            let report = unanchored(&sample.recording, &evidence);
            assert!(!is_good(&report), "{byte} at {at}");
        }
    }
}

#[test]
fn lines_that_were_dropped_doubled_or_reordered_are_found() {
    let sample = sample();
    let lines = sample.lines();
    for first in 0..lines.len() {
        let mut dropped = lines.clone();
        dropped.remove(first);
        assert!(!is_good(&unanchored(&sample.recording, &dropped.concat())));
        let mut doubled = lines.clone();
        doubled.insert(first, lines[first].clone());
        assert!(!is_good(&unanchored(&sample.recording, &doubled.concat())));
        for second in first + 1..lines.len() {
            let mut swapped = lines.clone();
            swapped.swap(first, second);
            assert!(!is_good(&unanchored(&sample.recording, &swapped.concat())));
        }
    }
}

#[test]
fn a_chain_that_was_cut_short_is_found_by_what_was_told_elsewhere() {
    let sample = sample();
    let lines = sample.lines();
    for kept in 1..lines.len() {
        let evidence = lines[..kept].concat();
        let bytes: usize = SEGMENT_BYTES.iter().take(kept - 1).sum();
        let recording = &sample.recording[..bytes];
        let alone = unanchored(recording, &evidence);
        assert_eq!(alone.state, State::EndedUnexpectedly);
        assert_eq!(alone.anchoring, Anchoring::Unanchored);
        let told = check(recording, &evidence, &sample.anchors(&[1, kept]));
        let line = kept as u64;
        assert_eq!(told.state, State::Broken(Fault::OtherHead { line }));
    }
}

#[test]
fn a_chain_that_was_replaced_is_found_by_what_was_told_elsewhere() {
    let (ours, theirs) = (sample(), sample());
    assert!(is_good(&unanchored(&theirs.recording, &theirs.evidence)));
    let by_key = check(&theirs.recording, &theirs.evidence, &ours.anchors(&[]));
    assert_eq!(by_key.state, State::Broken(Fault::OtherChain));
    let heads = Anchors {
        first_key: None,
        heads: vec![ours.heads[3]],
    };
    let by_head = check(&theirs.recording, &theirs.evidence, &heads);
    assert_eq!(by_head.state, State::Broken(Fault::OtherHead { line: 3 }));
}

/// Whoever has taken the key of an open segment can go on with the chain, and cannot change it.
#[test]
fn lines_of_another_chain_do_not_continue_this_one() {
    let (ours, theirs) = (sample(), sample());
    for at in 1..ours.lines().len() {
        let mut lines = ours.lines();
        lines[at] = theirs.lines()[at].clone();
        let report = unanchored(&ours.recording, &lines.concat());
        let line = at as u64;
        let fault = ChainFault::Previous;
        assert_eq!(report.state, State::Broken(Fault::Evidence { line, fault }));
        assert_eq!(report.intact.lines, line);
    }
}

#[test]
fn lines_are_bounded() {
    let sample = sample();
    let mut evidence = sample.evidence.clone();
    evidence.extend(vec![b'x'; 1 << 20]);
    let report = unanchored(&sample.recording, &evidence);
    let fault = ChainFault::TooLong;
    assert_eq!(
        report.state,
        State::Broken(Fault::Evidence { line: 6, fault })
    );
    let begin = Begin {
        user: Some("x".repeat(1 << 17)),
        ..begin()
    };
    assert!(Ledger::begin(begin, moment(0)).is_err());
}

proptest! {
    #[test]
    fn whatever_stands_there_is_judged(recording: Vec<u8>, evidence: Vec<u8>) {
        let report = unanchored(&recording, &evidence);
        prop_assert!(!is_good(&report));
        prop_assert_eq!(report.uncovered, recording.len() as u64);
    }

    #[test]
    fn runs_of_changed_bytes_are_found(at in any::<prop::sample::Index>(), bytes in prop::collection::vec(any::<u8>(), 1..200)) {
        let sample = sample();
        let at = at.index(sample.evidence.len());
        let end = (at + bytes.len()).min(sample.evidence.len());
        let mut evidence = sample.evidence.clone();
        evidence.splice(at..end, bytes);
        prop_assume!(evidence != sample.evidence);
        prop_assert!(!is_good(&unanchored(&sample.recording, &evidence)));
    }
}
