//! One recording that was left, with its evidence.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read};
use std::os::unix::fs::FileExt as _;

use rustix::fd::OwnedFd;

use crate::evidence::{Anchors, Begin, Entry, Line, Report, next_line, peek, verify};
use crate::segment::SEGMENT_MAX_BYTES;
use crate::{ClosedSegment, file};

/// Most bytes of a closed segment that is believed. A sealed one is larger than what is in it.
const CLOSED_MAX_BYTES: u64 = 4 * SEGMENT_MAX_BYTES;

/// A recording that nobody writes any more, as long as it is open here, and its evidence.
#[derive(Debug)]
pub struct Leftover {
    recording: File,
    evidence: File,
    begin: Begin,
}

impl Leftover {
    /// Opens the two files; `None` if they are not both there, or somebody writes the recording.
    pub(super) fn open(
        directory: &OwnedFd,
        recording: &OsStr,
        evidence_directory: &OwnedFd,
        evidence: &OsStr,
    ) -> Option<Self> {
        let evidence = file::open_to_read(evidence_directory, evidence).ok()?;
        let begin = peek(&mut BufReader::new(At::start(&evidence))).ok()??;
        if recording != begin.recording.as_str() {
            return None;
        }
        let recording = file::open_to_read(directory, recording).ok()?;
        file::lock_to_read(&recording).ok()?;
        Some(Self {
            recording,
            evidence,
            begin,
        })
    }

    /// What the first line of the evidence says.
    #[must_use]
    pub const fn begin(&self) -> &Begin {
        &self.begin
    }

    /// Whether the first segment is what the evidence says, as far as there is one: other recordings may have the same
    /// name in other directories.
    pub(super) fn is_of_its_evidence(&self) -> bool {
        // What is wrong with evidence itself is told when it is checked.
        let closed = self.closed(2).unwrap_or_default();
        let Some(last) = closed.last() else {
            return true;
        };
        let mut evidence = BufReader::new(At::start(&self.evidence).take(last.evidence.end));
        let mut recording = At::start(&self.recording).take(last.recording.end);
        let report = verify(&mut recording, &mut evidence, &Anchors::default());
        report.is_ok_and(|report| usize::try_from(report.intact.lines) == Ok(closed.len()))
    }

    /// How many whole lines the evidence has.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn lines(&self) -> io::Result<u64> {
        let mut evidence = BufReader::new(At::start(&self.evidence));
        let mut lines = 0;
        loop {
            let read = evidence.fill_buf()?;
            if read.is_empty() {
                return Ok(lines);
            }
            lines += read
                .iter()
                .map(|byte| u64::from(*byte == b'\n'))
                .sum::<u64>();
            let read = read.len();
            evidence.consume(read);
        }
    }

    /// Checks the recording against its evidence.
    ///
    /// # Errors
    /// When either cannot be read.
    pub fn check(&self) -> io::Result<Report> {
        let mut evidence = BufReader::new(At::start(&self.evidence));
        verify(
            &mut At::start(&self.recording),
            &mut evidence,
            &Anchors::default(),
        )
    }

    /// What the first lines of the evidence are of, up to this number of lines. They should have been checked.
    ///
    /// # Errors
    /// When they cannot be read, or make no sense.
    pub fn closed(&self, lines: u64) -> io::Result<Vec<ClosedSegment>> {
        let mut evidence = BufReader::new(At::start(&self.evidence));
        let mut closed: Vec<ClosedSegment> = Vec::new();
        for number in 0..lines {
            let Some(text) = next_line(&mut evidence)? else {
                break;
            };
            let line: Line = serde_json::from_slice(&text).map_err(io::Error::from)?;
            let from = closed.last().map_or(0, |last| last.evidence.end);
            let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
            let recording = match line.entry {
                Entry::Segment(segment) => segment.file.from..segment.file.to,
                Entry::Begin(_) | Entry::End(_) => 0..0,
            };
            if line.line != number
                || CLOSED_MAX_BYTES < recording.end.saturating_sub(recording.start)
            {
                return Err(io::ErrorKind::InvalidData.into());
            }
            closed.push(ClosedSegment {
                number,
                recording,
                evidence: from..from.saturating_add(length).saturating_add(1),
            });
        }
        Ok(closed)
    }

    /// The files of the recording and of its evidence, which stay locked for as long as they are open.
    #[must_use]
    pub fn into_files(self) -> (File, File) {
        (self.recording, self.evidence)
    }
}

/// Reads a file from its start, whoever else reads it.
struct At<'a> {
    file: &'a File,
    place: u64,
}

impl<'a> At<'a> {
    const fn start(file: &'a File) -> Self {
        Self { file, place: 0 }
    }
}

impl Read for At<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.place)?;
        self.place = self
            .place
            .saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        Ok(read)
    }
}
