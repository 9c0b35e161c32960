//! Drawing a recording.

use std::io;
use std::ops::ControlFlow;

use guac_canvas::{Canvas, Limits};
use guac_protocol::{ServerInstruction, Timestamp};

use crate::reading::{End, read};
use crate::source::Recording;
use crate::{Outcome, complain};

/// What drawing a recording may cost: a desktop of 8192x8192 with its copy, and images of that size.
const LIMITS: Limits = Limits {
    layers: 4_160,
    side: 32_767,
    pixels: 160 << 20,
    image_pixels: 64 << 20,
    streams: 1_024,
    stream_bytes: 256 << 20,
    path: 65_536,
};

/// How the drawing went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Drawn {
    pub(crate) end: End,
    /// Instructions that could not be drawn.
    pub(crate) failed: u64,
}

impl Drawn {
    /// How well the instructions were drawn. Where some could not be, the user is told.
    pub(crate) fn tell_failed(self, file: &Recording) -> Outcome {
        let failed = self.failed;
        if failed == 0 {
            return Outcome::Whole;
        }
        complain(&format!(
            "{file:?}: {failed} instructions could not be drawn"
        ));
        Outcome::Damaged
    }
}

/// What has just been drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// A frame is whole.
    Frame {
        /// Its time.
        time: Timestamp,
        /// Bytes from the start of the recording to its end.
        end: u64,
    },
    /// The pointer moved.
    Pointer {
        /// When it did.
        time: Timestamp,
    },
}

/// Draws a recording and shows `visit` the canvas at each frame and move of the pointer, until it
/// breaks.
///
/// # Errors
/// Those of reading the file.
pub(crate) fn draw(
    file: &Recording,
    mut visit: impl FnMut(Moment, &mut Canvas) -> ControlFlow<()>,
) -> io::Result<Drawn> {
    let mut canvas = Canvas::with_limits(LIMITS);
    let mut failed = 0;
    let end = read(file.open()?, |step| {
        let drawn = step
            .instruction
            .as_ref()
            .map(|instruction| canvas.apply(instruction));
        failed += u64::from(!matches!(drawn, Some(Ok(()))));
        match step.instruction {
            Some(ServerInstruction::Sync {
                timestamp: time, ..
            }) => visit(
                Moment::Frame {
                    time,
                    end: step.end,
                },
                &mut canvas,
            ),
            Some(ServerInstruction::Mouse {
                timestamp: time, ..
            }) => visit(Moment::Pointer { time }, &mut canvas),
            _ => ControlFlow::Continue(()),
        }
    })?;
    Ok(Drawn { end, failed })
}
