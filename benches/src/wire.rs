//! What is measured of the wire format: typical work, the same on every run.

use std::hint::black_box;

use guac_protocol::handshake::ClientOptions;
use guac_protocol::limits::{BLOB_MAX_BASE64, BLOB_MAX_BYTES};
use guac_protocol::{
    BlobData, ClientHandshake, ClientInstruction, CompositeMode, HandshakeEvent, InstructionReader,
    Instructions, Keysym, LayerIndex, ServerHandshake, ServerInstruction, StreamIndex, Timestamp,
};

use crate::case::Case;

/// All of them.
pub static CASES: [Case; 5] = [
    Case {
        name: "parse_input",
        work: "60 instructions of a moving, clicking, typing user, in 7 pieces, typed",
        iterations: 200,
        prepare: parse_input,
    },
    Case {
        name: "parse_recording_blob",
        work: "an image of 10 full blobs, as a slice, typed",
        iterations: 200,
        prepare: parse_recording_blob,
    },
    Case {
        name: "serialise_frame",
        work: "a frame of 22 small instructions",
        iterations: 500,
        prepare: serialise_frame,
    },
    Case {
        name: "serialise_blob",
        work: "a blob of 6048 bytes to base64",
        iterations: 500,
        prepare: serialise_blob,
    },
    Case {
        name: "handshake",
        work: "both sides of a whole handshake with 53 parameters",
        iterations: 100,
        prepare: handshake,
    },
];

fn parse_input() -> Box<dyn FnMut()> {
    let mut bytes = Vec::new();
    for step in 0..20_i32 {
        let keysym = Keysym(97 + step.unsigned_abs());
        for instruction in [
            ClientInstruction::Mouse {
                x: 500 + step * 3,
                y: 300 - step,
                buttons: step & 1,
            },
            ClientInstruction::Key {
                keysym,
                pressed: step & 1 == 0,
            },
            ClientInstruction::Sync {
                timestamp: Timestamp(1_234_567_890 + i64::from(step) * 16),
            },
        ] {
            instruction.write_to(&mut bytes).expect("short");
        }
    }
    let piece = bytes.len().div_ceil(7);
    Box::new(move || {
        let mut reader = InstructionReader::new();
        for piece in black_box(&bytes).chunks(piece) {
            reader.feed(piece);
            while let Some(raw) = reader.next().expect("legal") {
                black_box(ClientInstruction::parse(&raw).expect("sensible"));
            }
        }
    })
}

fn parse_recording_blob() -> Box<dyn FnMut()> {
    let mut bytes = Vec::new();
    append_frame(&mut bytes, 10, 0);
    Box::new(move || {
        black_box(count_recording(black_box(&bytes)));
    })
}

fn serialise_frame() -> Box<dyn FnMut()> {
    let mut out = Vec::new();
    Box::new(move || {
        out.clear();
        for index in 0..10_i32 {
            let (x, y, width, height) = (index * 64, 128, 64, 32);
            let layer = LayerIndex::DESKTOP;
            for instruction in [
                ServerInstruction::Rect {
                    layer,
                    x,
                    y,
                    width,
                    height,
                },
                ServerInstruction::CFill {
                    mode: CompositeMode::Over,
                    layer,
                    red: 238,
                    green: 238,
                    blue: 236,
                    alpha: 255,
                },
            ] {
                black_box(&instruction).write_to(&mut out).expect("short");
            }
        }
        let copy = ServerInstruction::Copy {
            source: LayerIndex::DESKTOP,
            source_x: 0,
            source_y: 17,
            width: 1920,
            height: 1000,
            mode: CompositeMode::Over,
            destination: LayerIndex::DESKTOP,
            x: 0,
            y: 0,
        };
        black_box(&copy).write_to(&mut out).expect("short");
        let sync = ServerInstruction::Sync {
            timestamp: Timestamp(1_234_567_890),
            frames: 1,
        };
        black_box(&sync).write_to(&mut out).expect("short");
        black_box(&out);
    })
}

fn serialise_blob() -> Box<dyn FnMut()> {
    let data: Vec<u8> = (0..=u8::MAX).cycle().take(BLOB_MAX_BYTES).collect();
    let mut out = Vec::new();
    Box::new(move || {
        out.clear();
        let data = BlobData::Raw(black_box(&data));
        let blob = ServerInstruction::Blob {
            stream: StreamIndex(1),
            data,
        };
        blob.write_to(&mut out).expect("fits");
        black_box(&out);
    })
}

fn handshake() -> Box<dyn FnMut()> {
    let names: Vec<String> = (0..53)
        .map(|index| format!("some-parameter-{index}"))
        .collect();
    let mut options = ClientOptions::new("vnc");
    options.parameters = names
        .iter()
        .map(|name| (name.clone(), "value".to_owned()))
        .collect();
    Box::new(move || {
        let (mut to_server, mut to_client) = (Vec::new(), Vec::new());
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut client =
            ClientHandshake::start(black_box(options.clone()), &mut to_server).expect("short");
        let mut server = ServerHandshake::new();
        let mut connected = None;
        while connected.is_none() {
            for raw in Instructions::new(&to_server) {
                match server.receive(&raw.expect("legal")).expect("in order") {
                    Some(HandshakeEvent::Selected(_)) => {
                        server.announce(&names, &mut to_client).expect("short");
                    }
                    Some(HandshakeEvent::Connected(result)) => connected = Some(result),
                    None => {}
                }
            }
            to_server.clear();
            for raw in Instructions::new(&to_client) {
                client
                    .receive(&raw.expect("legal"), &mut to_server)
                    .expect("in order");
            }
            to_client.clear();
        }
        black_box(connected);
    })
}

/// A recording of image blobs of at least so many bytes.
#[must_use]
pub fn recording(bytes: usize) -> Vec<u8> {
    let mut recording = Vec::with_capacity(bytes + 200_000);
    let mut timestamp = 0;
    while recording.len() < bytes {
        append_frame(&mut recording, 10, timestamp);
        timestamp += 16;
    }
    recording
}

/// A frame of one image in so many full blobs.
fn append_frame(out: &mut Vec<u8>, blobs: usize, timestamp: i64) {
    let stream = StreamIndex(1);
    let base64: String = ('A'..='Z')
        .chain('a'..='z')
        .chain('0'..='9')
        .cycle()
        .take(BLOB_MAX_BASE64)
        .collect();
    let image = ServerInstruction::Img {
        stream,
        mode: CompositeMode::Over,
        layer: LayerIndex::DESKTOP,
        mimetype: "image/png",
        x: 0,
        y: 0,
    };
    image.write_to(out).expect("short");
    for _ in 0..blobs {
        let data = BlobData::Base64(&base64);
        ServerInstruction::Blob { stream, data }
            .write_to(out)
            .expect("fits");
    }
    ServerInstruction::End { stream }
        .write_to(out)
        .expect("short");
    let timestamp = Timestamp(timestamp);
    ServerInstruction::Sync {
        timestamp,
        frames: 1,
    }
    .write_to(out)
    .expect("short");
}

/// Frames and types every instruction of a recording, and adds up its blobs.
#[must_use]
pub fn count_recording(bytes: &[u8]) -> usize {
    let mut characters = 0;
    for raw in Instructions::new(bytes) {
        let instruction = ServerInstruction::parse(&raw.expect("legal")).expect("sensible");
        if let ServerInstruction::Blob {
            data: BlobData::Base64(text),
            ..
        } = instruction
        {
            characters += text.len();
        }
    }
    characters
}

/// The same for a recording that arrives in pieces of so many bytes.
#[must_use]
pub fn count_recording_in_pieces(bytes: &[u8], piece: usize) -> usize {
    let mut reader = InstructionReader::new();
    let mut characters = 0;
    for piece in bytes.chunks(piece) {
        reader.feed(piece);
        while let Some(raw) = reader.next().expect("legal") {
            let instruction = ServerInstruction::parse(&raw).expect("sensible");
            if let ServerInstruction::Blob {
                data: BlobData::Base64(text),
                ..
            } = instruction
            {
                characters += text.len();
            }
        }
    }
    characters
}
