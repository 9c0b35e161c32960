//! Recordings with evidence: what the verifier says of what the recorder wrote.

use std::fs;
use std::path::Path;

use bytes::Bytes;
use guac_policy::{Permitted, Tap as _};
use guac_protocol::{BlobData, Keysym, ServerInstruction, StreamIndex, Timestamp};
use guac_recorder::evidence::{
    Anchoring, Anchors, Ending, Entry, Line, Moment, Report, Segment, State, verify,
};
use guac_recorder::seal::Recipients;
use guac_recorder::{
    End, EvidencePlace, Metadata, Reader, Recording, RecordingOptions, SEGMENT_MAX_BYTES,
};

use crate::vetted;

pub(super) fn at(monotonic_ms: u64) -> Moment {
    let wall = jiff::Timestamp::from_millisecond(1_795_000_000_000 + monotonic_ms as i64);
    Moment {
        wall: wall.unwrap(),
        monotonic_ms,
    }
}

pub(super) fn metadata() -> Metadata {
    Metadata {
        session: "$5a09a6c4".into(),
        user: Some("zoë".into()),
        started: at(0).wall,
        at: Timestamp(0),
        daemon: "0.1.0".into(),
        policy: Some("ab".repeat(32)),
    }
}

/// A frame of about this many bytes.
pub(super) fn frame(time: i64, bytes: usize) -> Permitted<Bytes> {
    let data = vec![7; 6_000];
    let stream = StreamIndex(0);
    let image = ServerInstruction::Img {
        stream,
        mode: guac_protocol::CompositeMode::Over,
        layer: guac_protocol::LayerIndex::DESKTOP,
        mimetype: "image/png",
        x: 0,
        y: 0,
    };
    let blob = ServerInstruction::Blob {
        stream,
        data: BlobData::Raw(&data),
    };
    let sync = ServerInstruction::Sync {
        timestamp: Timestamp(time),
        frames: 1,
    };
    let blobs = std::iter::repeat_n(blob, bytes / 8_000);
    let end = ServerInstruction::End { stream };
    let instructions = std::iter::once(image).chain(blobs).chain([end, sync]);
    vetted(&instructions.collect::<Vec<_>>())
}

pub(super) struct Place {
    pub(super) recordings: tempfile::TempDir,
    evidence: tempfile::TempDir,
}

impl Place {
    pub(super) fn new() -> Self {
        Self {
            recordings: tempfile::tempdir().unwrap(),
            evidence: tempfile::tempdir().unwrap(),
        }
    }

    fn begin(&self) -> Recording {
        self.begin_sealed(None)
    }

    pub(super) fn begin_sealed(&self, seal: Option<Recipients>) -> Recording {
        let options = RecordingOptions {
            include_keys: true,
            seal,
            ..RecordingOptions::new(self.recordings.path(), "r")
        };
        let mut recording = Recording::create(&options, at(0)).unwrap();
        let place = EvidencePlace::Directory(self.evidence.path().join("new"));
        recording.prove(&place, &metadata()).unwrap();
        recording.describe(&metadata()).unwrap();
        recording
    }

    pub(super) fn evidence(&self) -> Vec<u8> {
        fs::read(self.evidence.path().join("new/5a09a6c4.evidence.jsonl")).unwrap()
    }

    pub(super) fn segments(&self) -> Vec<Segment> {
        let text = String::from_utf8(self.evidence()).unwrap();
        let lines = text
            .lines()
            .map(|line| serde_json::from_str::<Line>(line).unwrap());
        lines
            .filter_map(|line| match line.entry {
                Entry::Segment(segment) => Some(segment),
                Entry::Begin(_) | Entry::End(_) => None,
            })
            .collect()
    }

    fn verify(&self, anchors: &Anchors) -> Report {
        let recording = fs::read(self.recordings.path().join("r")).unwrap();
        verify(&mut &recording[..], &mut &self.evidence()[..], anchors).unwrap()
    }
}

pub(super) const END: End = End {
    state: Ending::Ended,
    reason: "desktop",
    status: Some(0x207),
};

#[test]
fn a_recording_that_was_closed_is_proven_whole() {
    let place = Place::new();
    let mut recording = place.begin();
    let (_, first_key) = recording.evidence().unwrap();
    for time in 0..100_u64 {
        recording.tick(at(time * 400)).unwrap();
        recording
            .accept(&frame((time * 400) as i64, 9_000))
            .unwrap();
        recording.seen("@a");
    }
    let summary = recording.finish(END).unwrap();
    let anchors = Anchors {
        first_key: Some(first_key),
        heads: vec![summary.head.unwrap()],
    };
    let report = place.verify(&anchors);
    let State::Closed(close) = &report.state else {
        panic!("{:?}", report.state);
    };
    assert_eq!((close.state, close.status), (Ending::Ended, Some(0x207)));
    assert_eq!((report.intact.frames, report.uncovered), (100, 0));
    assert_eq!(report.intact.bytes, summary.bytes);
    assert!(matches!(report.anchoring, Anchoring::Head { .. }));
    assert_eq!(report.begin.unwrap().user.as_deref(), Some("zoë"));
}

#[test]
fn segments_are_short_and_small() {
    let place = Place::new();
    let mut recording = place.begin();
    let mut now = 0;
    for (pause, bytes) in [
        (0, 100),
        (4_900, 100),
        (5_000, 100),
        (60_000, 10_000_000),
        (10, 100),
    ] {
        now += pause;
        recording.tick(at(now)).unwrap();
        recording.accept(&frame(now as i64, bytes)).unwrap();
    }
    recording.finish(END).unwrap();
    let segments = place.segments();
    assert!(
        segments
            .iter()
            .all(|one| one.file.to - one.file.from <= SEGMENT_MAX_BYTES)
    );
    let frames: Vec<_> = segments
        .iter()
        .map(|one| (one.first_frame, one.frames))
        .collect();
    // Two within five seconds; one; one of two full segments and a rest, with the one after it.
    assert_eq!(frames, [(1, 2), (3, 1), (4, 0), (4, 0), (4, 2)]);
    assert!(matches!(
        place.verify(&Anchors::default()).state,
        State::Closed(_)
    ));
}

#[test]
fn a_quiet_session_adds_nothing() {
    let place = Place::new();
    let mut recording = place.begin();
    recording.accept(&frame(1, 100)).unwrap();
    recording.tick(at(5_000)).unwrap();
    let (evidence, timeout) = (place.evidence(), recording.next_timeout());
    for second in 6..3_600 {
        recording.tick(at(1_000 * second)).unwrap();
    }
    assert_eq!(
        (place.evidence(), recording.next_timeout()),
        (evidence, timeout)
    );
    assert_eq!(timeout, None);
}

#[test]
fn what_was_done_refused_and_seen_is_counted() {
    let place = Place::new();
    let mut recording = place.begin();
    recording.accept(&frame(1, 100)).unwrap();
    recording.seen("@a");
    recording.accept(&frame(2, 100)).unwrap();
    recording.accept(&frame(3, 100)).unwrap();
    recording.seen("@a");
    recording.seen("@b");
    recording.key(Keysym(0x61), true, Timestamp(4)).unwrap();
    recording.refused(7);
    recording.tick(at(5_000)).unwrap();
    // What follows no frame is told as well.
    recording.refused(1);
    recording.seen("@c");
    recording.finish(END).unwrap();
    let segments = place.segments();
    assert_eq!(segments.len(), 2);
    assert_eq!((segments[0].keys, segments[0].refused), (1, 7));
    let seen = |segment: &Segment| -> Vec<_> {
        let seen = segment.seen.iter();
        seen.map(|one| (one.viewer.clone(), one.first, one.last))
            .collect()
    };
    assert_eq!(
        seen(&segments[0]),
        [("@a".into(), 1, 3), ("@b".into(), 3, 3)]
    );
    assert_eq!(seen(&segments[1]), [("@c".into(), 3, 3)]);
    assert_eq!((segments[1].refused, segments[1].frames), (1, 0));
    assert!(matches!(
        place.verify(&Anchors::default()).state,
        State::Closed(_)
    ));
}

#[test]
fn what_a_killed_process_leaves_is_proven_up_to_its_last_closed_segment() {
    let place = Place::new();
    let mut recording = place.begin();
    recording.accept(&frame(1, 100)).unwrap();
    recording.tick(at(5_000)).unwrap();
    recording.accept(&frame(5_001, 100)).unwrap();
    drop(recording);
    let report = place.verify(&Anchors::default());
    assert_eq!(report.state, State::EndedUnexpectedly);
    assert_eq!((report.intact.frames, report.intact.segments), (1, 1));
    assert_eq!(report.uncovered, frame(5_001, 100).get().len() as u64);
}

#[test]
fn closed_pieces_are_the_files() {
    let place = Place::new();
    let mut recording = place.begin();
    recording.accept(&frame(1, 9_000_000)).unwrap();
    recording.tick(at(5_000)).unwrap();
    recording.accept(&frame(5_001, 100)).unwrap();
    recording.finish(END).unwrap();
    let (mut bytes, mut lines) = (0, 0);
    let pieces: Vec<_> = recording.take_closed().collect();
    for (piece, number) in pieces.iter().zip(0..) {
        assert_eq!(piece.number, number);
        assert_eq!(
            (piece.recording.start, piece.evidence.start),
            (bytes, lines)
        );
        (bytes, lines) = (piece.recording.end, piece.evidence.end);
    }
    assert_eq!(bytes, fs::metadata(recording.path()).unwrap().len());
    assert_eq!(lines, place.evidence().len() as u64);
    assert_eq!(recording.take_closed().count(), 0);
}

#[test]
fn the_head_says_who_and_when() {
    let place = Place::new();
    let recording = place.begin();
    let mut reader = Reader::new(fs::File::open(recording.path()).unwrap());
    let entry = reader.next().unwrap().unwrap();
    assert_eq!(Metadata::parse(&entry.instruction), Some(metadata()));
}

#[test]
fn evidence_is_never_replaced() {
    let place = Place::new();
    let _first = place.begin();
    let options = RecordingOptions::new(place.recordings.path(), "r");
    let mut second = Recording::create(&options, at(0)).unwrap();
    let directory = EvidencePlace::Directory(place.evidence.path().join("new"));
    assert!(second.prove(&directory, &metadata()).is_err());
    second.prove(&EvidencePlace::Beside, &metadata()).unwrap();
    let (path, _) = second.evidence().unwrap();
    let name = Path::new("r.1.evidence.jsonl");
    assert_eq!(path, place.recordings.path().join(name));
}

/// Runs in a process of its own, in which no file can grow beyond 5 MiB.
#[test]
#[ignore = "run by `a_large_frame_that_does_not_fit_is_taken_back_whole`"]
fn within_five_megabytes() {
    let place = Place::new();
    let mut recording = place.begin();
    recording.accept(&frame(1, 100)).unwrap();
    let length = || {
        fs::metadata(place.recordings.path().join("r"))
            .unwrap()
            .len()
    };
    let before = length();
    assert!(recording.accept(&frame(2, 9_000_000)).is_err());
    assert_eq!(length(), before, "not one segment of it is left");
    assert!(recording.finish(END).is_err(), "it has failed");
    let report = place.verify(&Anchors::default());
    assert!(matches!(report.state, State::Closed(_)), "{report:?}");
    assert_eq!((report.intact.frames, report.intact.bytes), (1, before));
}

#[test]
fn a_large_frame_that_does_not_fit_is_taken_back_whole() {
    crate::passes_with_file_blocks(10240, "proven::within_five_megabytes");
}
