//! What a frame of a moving picture costs on its way into a recording: bookkeeping, digests, sealing, but not what the
//! kernel does. On the processor that valgrind simulates digests have no instructions of their own, so that
//! they count for more than they take.

use std::hint::black_box;
use std::sync::Arc;

use bytes::Bytes;
use guac_policy::{FrameGate, Permitted};
use guac_protocol::limits::BLOB_MAX_BYTES;
use guac_protocol::{
    BlobData, CompositeMode, LayerIndex, ServerInstruction, StreamIndex, Timestamp,
};
use guac_recorder::evidence::Moment;
use guac_recorder::seal::Recipients;
use guac_recorder::{EvidencePlace, Metadata, Recording, RecordingOptions};

use crate::case::Case;

/// Full blobs of a frame, with which it is 32 kB long.
const BLOBS: usize = 4;
/// Frames that are no two alike: more than what compression looks back at.
const FRAMES: usize = 16;

/// The public key that recordings are sealed to. Nobody has its secret key.
pub const AUDITOR: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

/// All of them.
pub static CASES: [Case; 3] = [
    Case {
        name: "record_plain",
        work: "a frame of 32 kB, recorded",
        // Twice as many fit into one segment.
        iterations: 60,
        prepare: || record(false, false),
    },
    Case {
        name: "record_proven",
        work: "the same with evidence",
        iterations: 60,
        prepare: || record(true, false),
    },
    Case {
        name: "record_sealed",
        work: "the same with evidence, sealed to one auditor",
        iterations: 60,
        prepare: || record(true, true),
    },
];

fn record(proven: bool, sealed: bool) -> Box<dyn FnMut()> {
    let folder = tempfile::tempdir().expect("a directory");
    let mut options = RecordingOptions::new(folder.path(), "session");
    options.seal = sealed.then(|| Recipients::parse(&[AUDITOR.to_owned()]).expect("a key"));
    let now = Moment {
        wall: jiff::Timestamp::UNIX_EPOCH,
        monotonic_ms: 1_000,
    };
    let mut recording = Recording::create(&options, now).expect("a file");
    if proven {
        let metadata = Metadata {
            session: "$0".to_owned(),
            user: None,
            started: now.wall,
            at: Timestamp(1_000),
            daemon: "0".to_owned(),
            policy: None,
        };
        let place = EvidencePlace::Directory(folder.path().join("evidence"));
        recording.prove(&place, &metadata).expect("a file");
    }
    let mut frames = frames().into_iter().cycle();
    Box::new(move || {
        let frame = frames.next().expect("there is always one");
        recording.tick(now).expect("written");
        black_box(frame.record(&mut recording).expect("written"));
        recording.seen("@00000000-0000-0000-0000-000000000000");
        black_box(&folder);
    })
}

/// Frames of what cannot be compressed but for its base64, as images are.
fn frames() -> Vec<Permitted<Bytes>> {
    let mut gate = FrameGate::new(Arc::default());
    let mut random = 1_u32;
    let mut noise = || {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (random >> 24) as u8
    };
    let frame = |_| {
        let images: Vec<Vec<u8>> = (0..BLOBS)
            .map(|_| (0..BLOB_MAX_BYTES).map(|_| noise()).collect())
            .collect();
        let stream = StreamIndex(1);
        let begin = ServerInstruction::Img {
            stream,
            mode: CompositeMode::Over,
            layer: LayerIndex::DESKTOP,
            mimetype: "image/jpeg",
            x: 0,
            y: 0,
        };
        let blobs = images.iter().map(|image| ServerInstruction::Blob {
            stream,
            data: BlobData::Raw(image),
        });
        let end = [
            ServerInstruction::End { stream },
            ServerInstruction::Sync {
                timestamp: Timestamp(1_234_567_890),
                frames: 1,
            },
        ];
        let instructions = std::iter::once(begin).chain(blobs).chain(end);
        gate.vet_frame(instructions)
            .expect("such a frame may be shown")
    };
    (0..FRAMES).map(frame).collect()
}
