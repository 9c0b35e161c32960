//! The lines of an evidence file.

use serde::{Deserialize, Serialize};

use super::Hex;

/// A line without its signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Fields")]
pub struct Line {
    /// [`VERSION`](super::VERSION).
    pub version: u32,
    /// The line's number, from 0.
    pub line: u64,
    /// The time of day when it was written: RFC 3339, UTC, with milliseconds.
    pub wall: String,
    /// The same moment on the machine's monotonic clock, in milliseconds: the clock of the
    /// recording's `sync`. A step of the time of day shows as a difference between the two.
    pub monotonic_ms: u64,
    /// SHA-256 of the line before, signature included and line end not; zeros in the first line.
    pub previous: Hex<32>,
    /// The public key that signs this line; only in the first line, since those of the others stand in the
    /// line before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<Hex<32>>,
    /// The public key that signs the next line. The last line has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_key: Option<Hex<32>>,
    /// What the line says.
    #[serde(flatten)]
    pub entry: Entry,
}

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    /// A recording begins: the first line.
    Begin(Begin),
    /// A piece of it is closed.
    Segment(Segment),
    /// It is over: the last line.
    End(Close),
}

/// A line as it is read: one that says two things at once would mean another thing to another verifier.
#[derive(Deserialize)]
struct Fields {
    version: u32,
    line: u64,
    wall: String,
    monotonic_ms: u64,
    previous: Hex<32>,
    key: Option<Hex<32>>,
    next_key: Option<Hex<32>>,
    begin: Option<Begin>,
    segment: Option<Segment>,
    end: Option<Close>,
}

impl TryFrom<Fields> for Line {
    type Error = &'static str;

    fn try_from(fields: Fields) -> Result<Self, Self::Error> {
        let entry = match (fields.begin, fields.segment, fields.end) {
            (Some(begin), None, None) => Entry::Begin(begin),
            (None, Some(segment), None) => Entry::Segment(segment),
            (None, None, Some(end)) => Entry::End(end),
            _ => return Err("not exactly one of begin, segment and end"),
        };
        Ok(Self {
            version: fields.version,
            line: fields.line,
            wall: fields.wall,
            monotonic_ms: fields.monotonic_ms,
            previous: fields.previous,
            key: fields.key,
            next_key: fields.next_key,
            entry,
        })
    }
}

/// Whose recording it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begin {
    /// The connection's id: `$` and a UUID.
    pub session: String,
    /// The owner's name as the web application gives it, if it gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The recording's file name, without its directory.
    pub recording: String,
    /// The daemon's version.
    pub daemon: String,
    /// SHA-256 of the policy document in hexadecimal; missing for the policy that is built in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Whether the file is sealed.
    pub sealed: bool,
    /// The URL of the object store that the recording is copied to, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
}

/// A closed piece of a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// Its number, from 1.
    pub number: u64,
    /// What it is in the file.
    pub file: Extent,
    /// What it is in the recording that is sealed in the file; missing if the file is not sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plain: Option<Extent>,
    /// When its first byte was written, on the monotonic clock in milliseconds.
    pub opened_ms: u64,
    /// The number of its first frame, counted from 1; that of the next frame if it has none.
    pub first_frame: u64,
    /// How many frames it has.
    pub frames: u64,
    /// Presses and releases of keys by any user, recorded or not.
    pub keys: u64,
    /// Actions that the policy refused or limited since the segment before was closed.
    pub refused: u64,
    /// Who was sent which frames, as far as [`VIEWERS_MAX`](super::VIEWERS_MAX) goes.
    pub seen: Vec<Seen>,
}

/// A range of bytes and their digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    /// The first byte, counted from 0.
    pub from: u64,
    /// The byte after the last.
    pub to: u64,
    /// SHA-256 of the bytes.
    pub sha256: Hex<32>,
}

/// What a viewer was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// `@` and a UUID, as in the decision log.
    pub viewer: String,
    /// The first frame whose pixels it was sent.
    pub first: u64,
    /// The last one.
    pub last: u64,
}

/// How a recording ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Close {
    /// Whether the session came to its own end.
    pub state: Ending,
    /// Why it ended, in the decision log's words.
    pub reason: String,
    /// What viewers were told: a Guacamole status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Segments.
    pub segments: u64,
    /// Frames.
    pub frames: u64,
    /// Input events before the first frame that were too many to keep.
    pub lost_events: u64,
}

/// Whether a session came to its own end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// Everyone left, or the daemon was asked to end.
    Complete,
    /// It was ended: by the policy, or since something failed.
    Ended,
}
