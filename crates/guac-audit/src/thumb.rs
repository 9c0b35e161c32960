//! `guac-audit thumb` and `guac-audit thumbs`

use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use anyhow::{Context as _, ensure};
use guac_canvas::Picture;
use guac_protocol::{ServerInstruction, Timestamp};

use crate::clock::{Clock, Elapsed};
use crate::film::{Moment, draw};
use crate::image::{Colour, Image};
use crate::reading::{End, read};
use crate::source::Recording;
use crate::summary::Summary;
use crate::{Outcome, font};

const BACKGROUND: Colour = [32, 32, 32];
const TEXT: Colour = [224, 224, 224];

/// Room for a time under a picture, in pixels.
const TEXT_HEIGHT: usize = font::HEIGHT * SCALE + MARGIN / 2;

/// Space around pictures, in pixels.
const MARGIN: usize = 6;

/// How large a time is written.
const SCALE: usize = 2;

/// Most pixels of a sheet.
const SHEET_MAX: usize = 64 << 20;

/// What a contact sheet looks like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sheet {
    /// Pictures.
    pub(crate) count: usize,
    /// Pictures side by side.
    pub(crate) columns: usize,
    /// Width of one, in pixels.
    pub(crate) width: usize,
}

impl Sheet {
    /// What the command line's defaults are.
    pub(crate) const DEFAULT: Self = Self {
        count: 16,
        columns: 4,
        width: 320,
    };
}

/// Draws a recording up to its last whole frame and writes that as a picture.
pub(crate) fn thumb(file: &Recording, picture: &Path) -> anyhow::Result<Outcome> {
    let mut shown = None;
    let outcome = pictures(file, &[Timestamp(i64::MAX)], |_, picture| {
        shown = Some(Image::of(picture));
    })?;
    let shown = shown.filter(|shown| 0 < shown.height());
    let shown = shown.with_context(|| format!("the last frame of {file:?} has no picture"))?;
    shown.save(picture)?;
    Ok(outcome)
}

/// Writes pictures at even times, each with its time below it, as one picture.
pub(crate) fn thumbs(file: &Recording, picture: &Path, sheet: Sheet) -> anyhow::Result<Outcome> {
    let (image, outcome) = contact_sheet(file, sheet)?;
    image.save(picture)?;
    Ok(outcome)
}

/// The contact sheet, and how the recording was read.
pub(crate) fn contact_sheet(file: &Recording, sheet: Sheet) -> anyhow::Result<(Image, Outcome)> {
    let name = || format!("{file:?} could not be read");
    let summary = Summary::of(file).with_context(name)?;
    let clock = Clock::of(file).with_context(name)?;
    let times = even_times(&summary, sheet.count);
    let columns = sheet.columns.min(times.len()).max(1);
    let cell_width = sheet.width + MARGIN;
    // Portrait pictures are no higher than wide, so that a sheet's size follows from its options.
    let cell_height = sheet.width + TEXT_HEIGHT + MARGIN;
    let most = cell_width * columns * cell_height * times.len().div_ceil(columns);
    ensure!(
        most <= SHEET_MAX,
        "a contact sheet may have at most {SHEET_MAX} pixels"
    );
    let mut cells = Vec::with_capacity(times.len());
    let outcome = pictures(file, &times, |time, picture| {
        cells.push((time, Image::scaled(picture, sheet.width, sheet.width)));
    })?;
    let row_height = cells
        .iter()
        .map(|(_, image)| image.height())
        .max()
        .unwrap_or(0)
        + TEXT_HEIGHT;
    let rows = cells.len().div_ceil(columns);
    let mut image = Image::new(
        columns * cell_width + MARGIN,
        rows * (row_height + MARGIN) + MARGIN,
        BACKGROUND,
    );
    for (place, (time, cell)) in cells.iter().enumerate() {
        let x = place % columns * cell_width + MARGIN;
        let y = place / columns * (row_height + MARGIN) + MARGIN;
        image.put(cell, x, y);
        let text = label(&clock, *time, sheet.width);
        image.write(
            &text,
            x,
            y + row_height - TEXT_HEIGHT + MARGIN / 2,
            SCALE,
            TEXT,
        );
    }
    Ok((image, outcome))
}

/// Times from the first frame to the last, as far from each other.
fn even_times(summary: &Summary, count: usize) -> Vec<Timestamp> {
    let Some(first) = summary.first_sync else {
        return Vec::new();
    };
    let steps = u64::try_from(count.max(2) - 1).unwrap_or(u64::MAX);
    let duration = u128::from(summary.duration());
    (0..=steps)
        .take(count)
        .map(|step| {
            let passed = duration * u128::from(step) / u128::from(steps);
            Timestamp(
                first
                    .0
                    .saturating_add(i64::try_from(passed).unwrap_or(i64::MAX)),
            )
        })
        .collect()
}

/// As much of a time as there is room for: of day, or else since the first frame.
fn label(clock: &Clock, time: Timestamp, room: usize) -> String {
    let elapsed = Elapsed(clock.since_start(time)).to_string();
    let wall = clock.wall(time).map(|wall| format!("{elapsed}  {wall}"));
    wall.filter(|text| font::width(text, SCALE) <= room)
        .unwrap_or(elapsed)
}

/// Gives `each` what was shown at these times, which ascend, with the time of the frame that it was.
fn pictures(
    file: &Recording,
    times: &[Timestamp],
    mut each: impl FnMut(Timestamp, &Picture),
) -> anyhow::Result<Outcome> {
    let name = || format!("{file:?} could not be read");
    let (frames, end) = frames_at(file, times).with_context(name)?;
    ensure!(!frames.is_empty(), "{file:?} holds no frame");
    let read = end.tell(file);
    let mut wanted = frames.iter().peekable();
    let drawn = draw(file, |moment, canvas| {
        if let Moment::Frame { end, .. } = moment
            && wanted.peek().is_some_and(|frame| frame.end == end)
        {
            let shown = canvas.flatten();
            while let Some(frame) = wanted.next_if(|frame| frame.end == end) {
                each(frame.time, &shown);
            }
        }
        if wanted.peek().is_some() {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    })
    .with_context(name)?;
    Ok(read.max(drawn.tell_failed(file)))
}

/// A whole frame of a recording.
#[derive(Debug, Clone, Copy)]
struct Frame {
    time: Timestamp,
    /// Bytes from the start of the recording to its end.
    end: u64,
}

/// The frame that was shown at each of these times, which ascend; and how the recording ends. Empty
/// if there is no frame.
fn frames_at(file: &Recording, times: &[Timestamp]) -> io::Result<(Vec<Frame>, End)> {
    let mut frames = Vec::with_capacity(times.len());
    let mut shown: Option<Frame> = None;
    let end = read(file.open()?, |step| {
        if let Some(ServerInstruction::Sync {
            timestamp: time, ..
        }) = step.instruction
        {
            while let (Some(shown), Some(wanted)) = (shown, times.get(frames.len()))
                && *wanted < time
            {
                frames.push(shown);
            }
            shown = Some(Frame {
                time,
                end: step.end,
            });
        }
        ControlFlow::Continue(())
    })?;
    if let Some(shown) = shown {
        frames.resize(times.len(), shown);
    }
    Ok((frames, end))
}
