//! One pass over a recording, counting.

use std::io;
use std::ops::ControlFlow;

use guac_protocol::{LayerIndex, ServerInstruction, Timestamp};
use guac_recorder::Metadata;

use crate::activity::{Activity, Happened};
use crate::clock::WallTime;
use crate::reading::{End, read};
use crate::source::Recording;

/// What a recording holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    /// Who, when and under what, if the recording tells it.
    pub(crate) metadata: Option<Metadata>,
    /// Bytes that were read.
    pub(crate) bytes: u64,
    pub(crate) frames: u64,
    pub(crate) first_sync: Option<Timestamp>,
    pub(crate) last_sync: Option<Timestamp>,
    /// Keys that went down.
    pub(crate) keys: u64,
    pub(crate) mouse: u64,
    /// Texts of the clipboard.
    pub(crate) clipboard: u64,
    /// When something happened.
    pub(crate) activity: Activity,
    /// Whether something was drawn since the last frame.
    drawn: bool,
    /// The desktop's last size in pixels.
    pub(crate) picture: Option<(i32, i32)>,
    /// The largest width and height of the desktop at a frame, in pixels.
    pub(crate) largest: (usize, usize),
    /// Instructions that are framed well and make no sense.
    pub(crate) odd: u64,
    pub(crate) end: End,
}

impl Summary {
    /// Reads a recording to its end.
    ///
    /// # Errors
    /// Those of reading the file; what is wrong with its content is part of the summary.
    pub(crate) fn of(file: &Recording) -> io::Result<Self> {
        let mut summary = Self::default();
        summary.end = read(file.open()?, |step| {
            summary.bytes = step.end;
            if summary.metadata.is_none() {
                summary.metadata = Metadata::parse(&step.raw);
            }
            match &step.instruction {
                Some(instruction) => summary.count(instruction),
                None => summary.odd += 1,
            }
            ControlFlow::Continue(())
        })?;
        Ok(summary)
    }

    /// From the first frame to the last, in milliseconds.
    pub(crate) fn duration(&self) -> u64 {
        match (self.first_sync, self.last_sync) {
            (Some(first), Some(last)) => {
                u64::try_from(last.0.saturating_sub(first.0)).unwrap_or_default()
            }
            _ => 0,
        }
    }

    /// The time of day at a time of the recording, if it is known.
    pub(crate) fn wall(&self, time: Timestamp) -> Option<WallTime> {
        self.metadata.as_ref()?.wall(time).map(WallTime)
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "everything else is drawing, which a summary does not count"
    )]
    fn count(&mut self, instruction: &ServerInstruction<'_>) {
        match *instruction {
            ServerInstruction::Sync { timestamp, .. } => {
                self.frames += 1;
                self.first_sync.get_or_insert(timestamp);
                if std::mem::take(&mut self.drawn) {
                    self.activity.note(timestamp, Happened::PICTURE);
                }
                self.last_sync = Some(timestamp);
                let side = |length: i32| usize::try_from(length).unwrap_or(0);
                let (width, height) = self.picture.unwrap_or_default();
                self.largest.0 = self.largest.0.max(side(width));
                self.largest.1 = self.largest.1.max(side(height));
            }
            ServerInstruction::Size {
                layer,
                width,
                height,
            } if layer == LayerIndex::DESKTOP => {
                self.picture = Some((width, height));
                self.drawn = true;
            }
            ServerInstruction::Img { .. }
            | ServerInstruction::Copy { .. }
            | ServerInstruction::Transfer { .. }
            | ServerInstruction::CFill { .. } => self.drawn = true,
            ServerInstruction::Key {
                pressed, timestamp, ..
            } => {
                self.keys += u64::from(pressed);
                self.activity.note(timestamp, Happened::INPUT);
            }
            ServerInstruction::Mouse { timestamp, .. } => {
                self.mouse += 1;
                self.activity.note(timestamp, Happened::INPUT);
            }
            ServerInstruction::Clipboard { .. } => self.clipboard += 1,
            _ => {}
        }
    }
}
