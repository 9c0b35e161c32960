//! From events and frames to the bytes of segments.

use std::ops::Range;

use guac_policy::TapError;
use guac_protocol::{ServerInstruction, Timestamp};

use super::{ClosedSegment, End, Recording};
use crate::event::Event;
use crate::evidence::Close;
use crate::proof::Proof;
use crate::segment::SEGMENT_MAX_BYTES;
use crate::spool::Ended;

/// Input events held back until the first frame; what comes after that many is counted only.
const EARLY_EVENTS_MAX: usize = 4_096;

/// Bytes of clipboard texts, in base64, held back until the first frame: more than the longest text.
const EARLY_TEXT_MAX_BYTES: usize = 80 << 20;

impl Recording {
    /// Players cannot load a file with a `key` before its first `sync`, so that events of the time
    /// before it wait for it.
    pub(super) fn event(&mut self, event: Event) -> Result<(), TapError> {
        if self.output && self.frames == 0 {
            return self.hold_back(event);
        }
        let mut bytes = Vec::with_capacity(64);
        self.last = event.write(self.last, &mut bytes);
        self.write(&bytes)
    }

    /// Too many keys and moves are counted, as they are of use to nobody before there is a picture; a
    /// text is data, which does not pass unrecorded.
    fn hold_back(&mut self, event: Event) -> Result<(), TapError> {
        let text_bytes = self.early_text_bytes.saturating_add(event.kept_bytes());
        let has_room = self.early.len() < EARLY_EVENTS_MAX && text_bytes <= EARLY_TEXT_MAX_BYTES;
        if has_room {
            self.early_text_bytes = text_bytes;
            self.early.push(event);
        } else if matches!(event, Event::Clipboard(_)) {
            return Err(TapError::EarlyText);
        } else {
            self.lost_events += 1;
        }
        Ok(())
    }

    pub(super) fn take_early(&mut self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.early_text_bytes);
        if self.output && self.frames == 0 && !self.early.is_empty() {
            self.empty_frame(&mut bytes);
        }
        for event in std::mem::take(&mut self.early) {
            self.last = event.write(self.last, &mut bytes);
        }
        self.early_text_bytes = 0;
        bytes
    }

    /// Stands before what was done in a session that never showed anything: players load no file in which
    /// keys have no frame before them.
    fn empty_frame(&mut self, out: &mut Vec<u8>) {
        let timestamp = self.early.iter().find_map(Event::timestamp);
        let sync = ServerInstruction::Sync {
            timestamp: timestamp.unwrap_or(Timestamp(0)),
            frames: 0,
        };
        let written = sync.write_to(out);
        debug_assert!(written.is_ok(), "two numbers fit into an instruction");
        self.frames += 1;
        self.segment.frame();
    }

    pub(super) fn is_full(&self) -> bool {
        SEGMENT_MAX_BYTES <= self.spool.segment_bytes()
    }

    /// Writes bytes, all or none of them, in as many segments as they need: in one, if one can have them all. So
    /// segments of small frames end after whole instructions, and the file always does.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), TapError> {
        if self.spool.has_failed() {
            return Err(TapError::Failed);
        }
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let begun = self.spool.segment_bytes();
        if begun != 0 && SEGMENT_MAX_BYTES < begun.saturating_add(length) {
            self.close_segment()?;
        }
        if bytes.is_empty() {
            return Ok(());
        }
        self.segment.touch(self.now);
        for segment in self.spool.write(bytes, &mut *self.patience)? {
            self.prove_segment(segment)?;
            self.segment.touch(self.now);
        }
        Ok(())
    }

    pub(super) fn close_segment(&mut self) -> Result<(), TapError> {
        // What is in the file is proven also where it could not be ended.
        let sealed = self.spool.seal_segment(&mut *self.patience);
        let segment = self.spool.end_segment();
        self.prove_segment(segment)?;
        sealed
    }

    fn prove_segment(&mut self, Ended { file, extents }: Ended) -> Result<(), TapError> {
        if let (Some(proof), Some(extents)) = (&mut self.proof, extents) {
            let segment = self.segment.close(extents);
            proof.segment(segment, self.now, &mut *self.patience)?;
        } else {
            self.segment = self.segment.after();
        }
        self.note_closed(self.segment.closed(), file);
        Ok(())
    }

    /// Keeps what was closed for whoever takes it elsewhere. Without anybody, it is little.
    pub(super) fn note_closed(&mut self, number: u64, recording: Range<u64>) {
        let evidence = self.proof.as_ref().map_or(0, Proof::written);
        let segment = ClosedSegment {
            number,
            recording,
            evidence: self.evidence_closed..evidence,
        };
        self.evidence_closed = evidence;
        self.closed.push_back(segment);
    }

    pub(super) fn end_evidence(&mut self, end: End) -> Result<(), TapError> {
        let Some(proof) = &mut self.proof else {
            return Ok(());
        };
        let close = Close {
            state: end.state,
            reason: end.reason.to_owned(),
            status: end.status,
            bytes: self.spool.written(),
            segments: self.segment.closed(),
            frames: self.frames,
            lost_events: self.lost_events,
        };
        proof.end(close, self.now, &mut *self.patience)?;
        let end = self.spool.written();
        self.note_closed(self.segment.closed() + 1, end..end);
        Ok(())
    }
}

/// The time of the `sync` at the end of a frame.
pub(super) fn last_sync(frame: &[u8]) -> Option<Timestamp> {
    /// Longest `sync`: opcode, a 20-digit time, a 10-digit count, their lengths and separators.
    const SYNC_MAX: usize = 6 + 1 + 3 + 20 + 1 + 3 + 10 + 1;
    const OPCODE: &[u8] = b"4.sync,";
    let tail = frame.get(frame.len().saturating_sub(SYNC_MAX)..)?;
    let start = tail
        .windows(OPCODE.len())
        .rposition(|window| window == OPCODE)?;
    let argument = std::str::from_utf8(tail.get(start + OPCODE.len()..)?).ok()?;
    let (_, value) = argument.split_once('.')?;
    let end = value.find([',', ';'])?;
    value.get(..end)?.parse().ok().map(Timestamp)
}
