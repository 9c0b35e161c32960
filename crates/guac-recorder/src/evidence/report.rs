//! What a verifier says.

use super::{Begin, ChainFault, Close};

/// What a recording and its evidence are worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How it ends, or what is wrong.
    pub state: State,
    /// Whose recording it is, if the first line is good.
    pub begin: Option<Begin>,
    /// What is proven.
    pub intact: Intact,
    /// Bytes of the recording after those that closed segments cover. In the recording of a killed process that
    /// is its open segment, of which nothing is proven.
    pub uncovered: u64,
    /// What else is known about the chain.
    pub anchoring: Anchoring,
}

/// How a recording ends, or what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// As its last line says.
    Closed(Close),
    /// Without a last line, as that of a killed process.
    EndedUnexpectedly,
    /// Something is not as it was.
    Broken(Fault),
}

/// What of a recording is proven to be as it was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Intact {
    /// Bytes, from the first.
    pub bytes: u64,
    /// Segments.
    pub segments: u64,
    /// Frames.
    pub frames: u64,
    /// Lines of evidence.
    pub lines: u64,
    /// The time of day that the last good line tells.
    pub until: Option<String>,
    /// The same on the monotonic clock, in milliseconds.
    pub until_ms: Option<u64>,
}

/// Whether the chain is the one that the daemon wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchoring {
    /// Nothing was given to compare with: a chain that was replaced as a whole would not be noticed.
    Unanchored,
    /// Its first key is the one that was told.
    FirstKey,
    /// It holds the lines that were told, up to this one.
    Head {
        /// The last of them.
        line: u64,
    },
}

/// What is not as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// There is not one good line of evidence.
    #[error("the evidence is empty")]
    NoEvidence,
    /// A line of evidence.
    #[error("line {line} of the evidence: {fault}")]
    Evidence {
        /// Which, from 0.
        line: u64,
        /// What is wrong with it.
        fault: ChainFault,
    },
    /// A line is signed as it should be, and cannot be true after those before it.
    #[error("line {line} of the evidence contradicts those before it")]
    Contradiction {
        /// Which, from 0.
        line: u64,
    },
    /// Bytes of the recording are not those that were written.
    #[error(
        "bytes {from} to {to} of the recording, segment {segment}, are not those that were written"
    )]
    Altered {
        /// The segment's number.
        segment: u64,
        /// Its first byte.
        from: u64,
        /// The byte after its last.
        to: u64,
    },
    /// A segment's sealed bytes are those that were written, and hold something else than what was recorded.
    #[error("what is sealed in segment {segment} is not what was recorded")]
    Unsealed {
        /// The segment's number.
        segment: u64,
    },
    /// The recording lacks bytes.
    #[error(
        "the recording ends at byte {end}, within segment {segment}, which goes on to byte {to}"
    )]
    Cut {
        /// The segment's number.
        segment: u64,
        /// Where the recording ends.
        end: u64,
        /// The byte after the segment's last.
        to: u64,
    },
    /// The recording goes on after its end.
    #[error("the recording goes on after byte {end}, where it ended")]
    Continued {
        /// Where it ended.
        end: u64,
    },
    /// The chain begins with another key than was told: it was replaced.
    #[error("the evidence begins with another key than the one that was told elsewhere")]
    OtherChain,
    /// The chain lacks a line that was told, or has another one in its place.
    #[error("the evidence does not have the line {line} that was told elsewhere")]
    OtherHead {
        /// Which, from 0.
        line: u64,
    },
}
