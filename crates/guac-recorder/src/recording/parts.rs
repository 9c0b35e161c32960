//! What goes into a recording and comes out of it.

use std::fs::File;
use std::io;

use crate::evidence::{Anchor, Ending};

/// What a finished recording holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Frames.
    pub frames: u64,
    /// Input events before the first frame that were too many to keep.
    pub lost_events: u64,
    /// The last line of the evidence, if there is any.
    pub head: Option<Anchor>,
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// Whether it came to its own end.
    pub state: Ending,
    /// Why, in a word.
    pub reason: &'static str,
    /// What viewers were told: a Guacamole status.
    pub status: Option<u16>,
}

/// A piece of a recording that does not change any more. That before the first segment is the first line of the
/// evidence alone, that after the last segment its last line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedSegment {
    /// The segment's number, from 1; 0 for the first line of the evidence.
    pub number: u64,
    /// Its bytes in the recording's file.
    pub recording: std::ops::Range<u64>,
    /// Its bytes in the evidence file; none without one.
    pub evidence: std::ops::Range<u64>,
}

/// The files of a recording, to be put onto the disk beside the writing.
#[derive(Debug)]
pub struct Durable(pub(super) Vec<File>);

impl Durable {
    /// Returns when what was written before is on the disk.
    ///
    /// # Errors
    /// The operating system's.
    pub fn sync(&self) -> io::Result<()> {
        self.0.iter().try_for_each(File::sync_data)
    }
}
