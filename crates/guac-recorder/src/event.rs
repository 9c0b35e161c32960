//! What users did, as it stands between the frames of a recording.

use guac_protocol::limits::BLOB_MAX_BYTES;
use guac_protocol::{BlobData, Keysym, ServerInstruction, StreamIndex, Timestamp};

/// The stream of texts that were copied from the desktop. No image stream has its index: frames use
/// low ones. It is below 64, beyond which stock's `guacenc` would warn of each of its blobs.
pub const COPY_STREAM: StreamIndex = StreamIndex(62);

/// The stream of texts that were pasted into the desktop.
pub const PASTE_STREAM: StreamIndex = StreamIndex(63);

/// The way of a clipboard text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClipboardWay {
    /// From the desktop to viewers.
    Copy,
    /// From a viewer to the desktop.
    Paste,
}

impl ClipboardWay {
    /// The stream that the file has for texts of this way. The stock format says which way a text
    /// went in no other place.
    #[must_use]
    pub const fn stream(self) -> StreamIndex {
        match self {
            Self::Copy => COPY_STREAM,
            Self::Paste => PASTE_STREAM,
        }
    }
}

/// Something that is recorded beside frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    Mouse {
        x: i32,
        y: i32,
        buttons: i32,
        timestamp: Timestamp,
    },
    Key {
        keysym: Keysym,
        pressed: bool,
        timestamp: Timestamp,
    },
    /// Written out already. The stock format gives a text no time of its own.
    Clipboard(Vec<u8>),
}

impl Event {
    /// A text as a stream of its own: base64, so that the file stays ASCII.
    pub(crate) fn clipboard(way: ClipboardWay, text: &str) -> Self {
        let stream = way.stream();
        let open = ServerInstruction::Clipboard {
            stream,
            mimetype: "text/plain",
        };
        let blobs = text.as_bytes().chunks(BLOB_MAX_BYTES);
        let blobs = blobs.map(|piece| ServerInstruction::Blob {
            stream,
            data: BlobData::Raw(piece),
        });
        let mut bytes = Vec::with_capacity(64 + text.len() / 3 * 4);
        for instruction in std::iter::once(open)
            .chain(blobs)
            .chain([ServerInstruction::End { stream }])
        {
            let written = instruction.write_to(&mut bytes);
            debug_assert!(written.is_ok(), "a blob of this size fits");
        }
        Self::Clipboard(bytes)
    }

    /// Bytes that the event keeps beside its own size.
    pub(crate) fn kept_bytes(&self) -> usize {
        match self {
            Self::Mouse { .. } | Self::Key { .. } => 0,
            Self::Clipboard(bytes) => bytes.len(),
        }
    }

    /// When it happened, if it has a time.
    pub(crate) fn timestamp(&self) -> Option<Timestamp> {
        match self {
            Self::Mouse { timestamp, .. } | Self::Key { timestamp, .. } => Some(*timestamp),
            Self::Clipboard(_) => None,
        }
    }

    /// Writes the event with a time that is not before `last`, and gives back that time.
    pub(crate) fn write(self, last: Option<Timestamp>, out: &mut Vec<u8>) -> Option<Timestamp> {
        let monotonic = |timestamp: Timestamp| last.map_or(timestamp, |last| last.max(timestamp));
        let (instruction, timestamp) = match self {
            Self::Mouse {
                x,
                y,
                buttons,
                timestamp,
            } => {
                let timestamp = monotonic(timestamp);
                let mouse = ServerInstruction::Mouse {
                    x,
                    y,
                    buttons,
                    timestamp,
                };
                (mouse, timestamp)
            }
            Self::Key {
                keysym,
                pressed,
                timestamp,
            } => {
                let timestamp = monotonic(timestamp);
                let key = ServerInstruction::Key {
                    keysym,
                    pressed,
                    timestamp,
                };
                (key, timestamp)
            }
            Self::Clipboard(bytes) => {
                out.extend_from_slice(&bytes);
                return last;
            }
        };
        let written = instruction.write_to(out);
        debug_assert!(written.is_ok(), "four numbers fit into an instruction");
        Some(timestamp)
    }
}
