//! Checking a recording against its evidence.

use std::io::{self, BufRead, Read};

use sha2::{Digest as _, Sha256};

use super::chain::{Checking, digest};
use super::{
    Anchor, Anchoring, Begin, ChainFault, Close, Entry, Extent, Fault, Hex, Intact, LINE_MAX_BYTES,
    Line, Report, Segment, State,
};
use crate::seal::UnsealError;

/// What is known of a chain from somewhere else, as from the decision log.
#[derive(Debug, Clone, Default)]
pub struct Anchors {
    /// The public key that signs its first line.
    pub first_key: Option<Hex<32>>,
    /// Lines that it had.
    pub heads: Vec<Anchor>,
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
    check(
        &mut Sources {
            recording,
            unsealed: None,
        },
        evidence,
        anchors,
    )
}

/// Checks a sealed recording as [`verify`] does, and that what is `unsealed` of it by an
/// [`Unsealer`](crate::seal::Unsealer) is what was recorded.
///
/// # Errors
/// When any of them cannot be read, as when the identity is not that of an auditor. Whatever is wrong with their
/// content is in the report.
pub fn verify_unsealed(
    recording: &mut dyn Read,
    unsealed: &mut dyn Read,
    evidence: &mut dyn BufRead,
    anchors: &Anchors,
) -> io::Result<Report> {
    check(
        &mut Sources {
            recording,
            unsealed: Some(unsealed),
        },
        evidence,
        anchors,
    )
}

/// What evidence is compared with.
struct Sources<'a> {
    /// As it is in its file.
    recording: &'a mut dyn Read,
    /// The same without its seal, if somebody can take that off.
    unsealed: Option<&'a mut dyn Read>,
}

fn check(
    sources: &mut Sources<'_>,
    evidence: &mut dyn BufRead,
    anchors: &Anchors,
) -> io::Result<Report> {
    let mut verifier = Verifier::default();
    let mut fault = verifier.read(sources, evidence, anchors)?;
    let uncovered = count(sources.recording)?;
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
    let Piece::Line(text) = next_piece(evidence)? else {
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
        sources: &mut Sources<'_>,
        evidence: &mut dyn BufRead,
        anchors: &Anchors,
    ) -> io::Result<Option<Fault>> {
        loop {
            let number = self.chain.lines();
            let text = match next_piece(evidence)? {
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
            if let Some(fault) = self.take(line, sources)? {
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

    fn take(&mut self, line: Line, sources: &mut Sources<'_>) -> io::Result<Option<Fault>> {
        let contradiction = Fault::Contradiction { line: line.line };
        match line.entry {
            Entry::Begin(begin) => self.begin = Some(begin),
            Entry::Segment(segment) => {
                if !self.follows(&segment) {
                    return Ok(Some(contradiction));
                }
                if let Some(fault) = sources.compare(&segment)? {
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

fn next_piece(evidence: &mut dyn BufRead) -> io::Result<Piece> {
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

/// The next line that is whole, without its end.
pub(crate) fn next_line(evidence: &mut dyn BufRead) -> io::Result<Option<Vec<u8>>> {
    Ok(match next_piece(evidence)? {
        Piece::Line(text) => Some(text),
        Piece::TooLong | Piece::Cut | Piece::End => None,
    })
}

impl Sources<'_> {
    /// Reads a segment and compares it with its digests.
    fn compare(&mut self, segment: &Segment) -> io::Result<Option<Fault>> {
        let number = segment.number;
        let Extent { from, to, .. } = segment.file;
        let (end, is_the_same) = compare(self.recording, segment.file)?;
        if end != to {
            let segment = number;
            return Ok(Some(Fault::Cut { segment, end, to }));
        }
        if !is_the_same {
            let segment = number;
            return Ok(Some(Fault::Altered { segment, from, to }));
        }
        match (&mut self.unsealed, segment.plain) {
            (Some(unsealed), Some(plain)) => is_what_was_recorded(*unsealed, plain)
                .map(|is| (!is).then_some(Fault::Unsealed { segment: number })),
            _ => Ok(None),
        }
    }
}

/// Reads the bytes of a segment without its seal, and says whether they are those that were recorded.
fn is_what_was_recorded(unsealed: &mut dyn Read, plain: Extent) -> io::Result<bool> {
    match compare(unsealed, plain) {
        Ok((end, is_the_same)) => Ok(end == plain.to && is_the_same),
        // It is what the evidence says, and what was sealed there cannot be read.
        Err(error) if UnsealError::is_damage(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Reads bytes; says where they end, and whether their digest is the right one.
fn compare(source: &mut dyn Read, extent: Extent) -> io::Result<(u64, bool)> {
    let Extent { from, to, sha256 } = extent;
    let mut hasher = Sha256::new();
    let read = pass(&mut source.take(to.saturating_sub(from)), |bytes| {
        hasher.update(bytes);
    })?;
    let is_the_same = Hex(hasher.finalize().into()) == sha256;
    Ok((from.saturating_add(read), is_the_same))
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
