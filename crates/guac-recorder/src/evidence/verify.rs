//! Checking a recording against its evidence.

use std::io::{self, BufRead, Read};

use sha2::{Digest as _, Sha256};

use super::chain::{Checking, digest};
use super::{Anchor, Begin, ChainFault, Close, Entry, Extent, Hex, LINE_MAX_BYTES, Line, Segment};

/// What is known of a chain from somewhere else, as from the decision log.
#[derive(Debug, Clone, Default)]
pub struct Anchors {
    /// The public key that signs its first line.
    pub first_key: Option<Hex<32>>,
    /// Lines that it had.
    pub heads: Vec<Anchor>,
}

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

/// Checks a recording, in the form in which it is in its file, against its evidence. Memory is bounded
/// whatever either holds.
///
/// # Errors
/// When either cannot be read. Whatever is wrong with their content is in the report.
pub fn verify(
    recording: &mut dyn Read,
    evidence: &mut dyn BufRead,
    anchors: &Anchors,
) -> io::Result<Report> {
    let mut verifier = Verifier::default();
    let mut fault = verifier.read(recording, evidence, anchors)?;
    let uncovered = count(recording)?;
    if fault.is_none() && verifier.close.is_some() && uncovered != 0 {
        let end = verifier.intact.bytes;
        fault = Some(Fault::Continued { end });
    }
    Ok(Report {
        anchoring: verifier.anchoring(anchors),
        state: match (fault, verifier.close) {
            (Some(fault), _) => State::Broken(fault),
            (None, Some(close)) => State::Closed(close),
            (None, None) => State::EndedUnexpectedly,
        },
        begin: verifier.begin,
        intact: verifier.intact,
        uncovered,
    })
}

/// What the first line of evidence says, which proves nothing: to find out whose evidence it is.
///
/// # Errors
/// When it cannot be read.
pub fn peek(evidence: &mut dyn BufRead) -> io::Result<Option<Begin>> {
    let Piece::Line(text) = next_line(evidence)? else {
        return Ok(None);
    };
    let line = Checking::default().check(&text).ok();
    Ok(line.and_then(|line| match line.entry {
        Entry::Begin(begin) => Some(begin),
        Entry::Segment(_) | Entry::End(_) => None,
    }))
}

#[derive(Default)]
struct Verifier {
    chain: Checking,
    begin: Option<Begin>,
    close: Option<Close>,
    intact: Intact,
    /// Where the sealed recording has got to, if there is one.
    plain: u64,
    keyed: bool,
    matched: Option<u64>,
}

impl Verifier {
    fn read(
        &mut self,
        recording: &mut dyn Read,
        evidence: &mut dyn BufRead,
        anchors: &Anchors,
    ) -> io::Result<Option<Fault>> {
        loop {
            let number = self.chain.lines();
            let text = match next_line(evidence)? {
                Piece::Line(text) => text,
                Piece::TooLong => {
                    let fault = ChainFault::TooLong;
                    return Ok(Some(Fault::Evidence {
                        line: number,
                        fault,
                    }));
                }
                Piece::Cut if self.close.is_some() => {
                    let fault = ChainFault::Place;
                    return Ok(Some(Fault::Evidence {
                        line: number,
                        fault,
                    }));
                }
                Piece::Cut | Piece::End => break,
            };
            let line = match self.chain.check(&text) {
                Ok(line) => line,
                Err(fault) => {
                    return Ok(Some(Fault::Evidence {
                        line: number,
                        fault,
                    }));
                }
            };
            if let Some(fault) = self.check_anchors(&line, &text, anchors) {
                return Ok(Some(fault));
            }
            if let Some(fault) = self.take(line, recording)? {
                return Ok(Some(fault));
            }
        }
        Ok(self.missing(anchors))
    }

    fn check_anchors(&mut self, line: &Line, text: &[u8], anchors: &Anchors) -> Option<Fault> {
        if let (Some(told), Some(key)) = (anchors.first_key, line.key) {
            if told != key {
                return Some(Fault::OtherChain);
            }
            self.keyed = true;
        }
        let told = anchors.heads.iter().filter(|head| head.line == line.line);
        for head in told {
            if head.sha256 != digest(text) {
                return Some(Fault::OtherHead { line: head.line });
            }
            self.matched = Some(head.line);
        }
        None
    }

    /// Lines that were told and are not there.
    fn missing(&self, anchors: &Anchors) -> Option<Fault> {
        let lines = self.chain.lines();
        if lines == 0 {
            return Some(Fault::NoEvidence);
        }
        let last = anchors.heads.iter().map(|head| head.line).max()?;
        (lines <= last).then_some(Fault::OtherHead { line: last })
    }

    fn take(&mut self, line: Line, recording: &mut dyn Read) -> io::Result<Option<Fault>> {
        let contradiction = Fault::Contradiction { line: line.line };
        match line.entry {
            Entry::Begin(begin) => self.begin = Some(begin),
            Entry::Segment(segment) => {
                if !self.follows(&segment) {
                    return Ok(Some(contradiction));
                }
                if let Some(fault) = compare(recording, &segment)? {
                    return Ok(Some(fault));
                }
                self.intact.bytes = segment.file.to;
                self.intact.segments = segment.number;
                self.intact.frames += segment.frames;
                self.plain = segment.plain.map_or(0, |plain| plain.to);
            }
            Entry::End(close) => {
                let (bytes, segments) = (self.intact.bytes, self.intact.segments);
                if (close.bytes, close.segments) != (bytes, segments)
                    || close.frames != self.intact.frames
                {
                    return Ok(Some(contradiction));
                }
                self.close = Some(close);
            }
        }
        self.intact.lines = self.chain.lines();
        self.intact.until = Some(line.wall);
        self.intact.until_ms = Some(line.monotonic_ms);
        Ok(None)
    }

    /// Whether a segment begins where the one before it ended.
    fn follows(&self, segment: &Segment) -> bool {
        let sealed = self.begin.as_ref().is_some_and(|begin| begin.sealed);
        let plain_follows = match segment.plain {
            Some(plain) => sealed && plain.from == self.plain && plain.from <= plain.to,
            None => !sealed,
        };
        plain_follows
            && Some(segment.number) == self.intact.segments.checked_add(1)
            && Some(segment.first_frame) == self.intact.frames.checked_add(1)
            && segment.first_frame.checked_add(segment.frames).is_some()
            && segment.file.from == self.intact.bytes
            && segment.file.from <= segment.file.to
    }

    fn anchoring(&self, anchors: &Anchors) -> Anchoring {
        match self.matched {
            Some(line) => Anchoring::Head { line },
            None if self.keyed && anchors.first_key.is_some() => Anchoring::FirstKey,
            None => Anchoring::Unanchored,
        }
    }
}

enum Piece {
    Line(Vec<u8>),
    TooLong,
    /// A last line without its end, as a killed process leaves it.
    Cut,
    End,
}

fn next_line(evidence: &mut dyn BufRead) -> io::Result<Piece> {
    let limit = u64::try_from(LINE_MAX_BYTES).unwrap_or(u64::MAX);
    let mut text = Vec::new();
    evidence
        .take(limit.saturating_add(1))
        .read_until(b'\n', &mut text)?;
    Ok(match text.pop() {
        None => Piece::End,
        Some(b'\n') => Piece::Line(text),
        Some(_) if LINE_MAX_BYTES <= text.len() => Piece::TooLong,
        Some(_) => Piece::Cut,
    })
}

/// Reads a segment and compares it with its digest.
fn compare(recording: &mut dyn Read, segment: &Segment) -> io::Result<Option<Fault>> {
    let Extent { from, to, sha256 } = segment.file;
    let mut hasher = Sha256::new();
    let read = pass(&mut recording.take(to.saturating_sub(from)), |bytes| {
        hasher.update(bytes);
    })?;
    let segment = segment.number;
    let end = from.saturating_add(read);
    if end != to {
        return Ok(Some(Fault::Cut { segment, end, to }));
    }
    let is_the_same = Hex(hasher.finalize().into()) == sha256;
    Ok((!is_the_same).then_some(Fault::Altered { segment, from, to }))
}

/// How many bytes are left.
fn count(source: &mut dyn Read) -> io::Result<u64> {
    pass(source, |_bytes| {})
}

/// Reads to the end, giving every byte once; says how many there were.
fn pass(source: &mut dyn Read, mut each: impl FnMut(&[u8])) -> io::Result<u64> {
    const PIECE: usize = 256 * 1_024;
    let mut buffer = vec![0; PIECE];
    let mut total = 0_u64;
    loop {
        let read = match source.read(&mut buffer) {
            Ok(0) => return Ok(total),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        each(buffer.get(..read).unwrap_or_default());
        total = total.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
    }
}
