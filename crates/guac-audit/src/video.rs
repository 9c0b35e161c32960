//! `guac-audit video`

mod encoder;
mod matroska;
mod screen;

use std::io::{self, IsTerminal as _, Write as _};
use std::ops::ControlFlow;
use std::path::Path;

use anyhow::{Context as _, ensure};
use guac_canvas::Canvas;

use crate::Outcome;
use crate::clock::{Clock, Elapsed};
use crate::film::{Moment, draw};
use crate::source::Recording;
use crate::summary::Summary;
use encoder::{Encoder, Format};
use screen::Screen;

/// Longest session that becomes a video, in milliseconds: 31 days. A damaged time must not become
/// millions of pictures.
const LONGEST: u64 = 31 * 24 * 3_600 * 1_000;

/// Widest and highest video, in pixels.
const SIDE_MAX: usize = 8_192;

/// What the video looks like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    /// Most pictures in a second.
    pub(crate) fps: u32,
    /// Width and height in pixels; those of the recording if there is none.
    pub(crate) size: Option<(u32, u32)>,
    /// Draws the clock and the progress bar.
    pub(crate) clock: bool,
    /// Draws the pointer.
    pub(crate) pointer: bool,
}

impl Look {
    /// What the command line's defaults are.
    pub(crate) const DEFAULT: Self = Self {
        fps: 25,
        size: None,
        clock: true,
        pointer: true,
    };
}

/// Makes a video of a recording.
pub(crate) fn video(file: &Recording, video: &Path, look: Look) -> anyhow::Result<Outcome> {
    let name = || format!("{file:?} could not be read");
    Format::of(video)?;
    let summary = Summary::of(file).with_context(name)?;
    ensure!(summary.frames != 0, "{file:?} holds no frame");
    let duration = summary.duration();
    ensure!(
        duration <= LONGEST,
        "{file:?} claims to last more than 31 days"
    );
    let (width, height) = summary.largest;
    ensure!(
        0 < width && 0 < height,
        "no frame of {file:?} has a picture"
    );
    ensure!(
        width <= SIDE_MAX && height <= SIDE_MAX,
        "{width}x{height} pixels are too large for a video: at most {SIDE_MAX} each way"
    );
    let clock = Clock::of(file).with_context(name)?;
    let screen = Screen::new((width, height), look.clock, look.pointer);
    let encoder = Encoder::start(video, &screen, look.size)?;
    let mut film = Film {
        clock,
        look,
        duration: i64::try_from(duration).unwrap_or(i64::MAX),
        screen,
        encoder,
        now: 0,
        begun: false,
        changed: false,
        progress: Progress::new(),
    };
    let mut sent = Ok(());
    let drawn = draw(file, |moment, canvas| {
        sent = film.take(moment, canvas);
        if sent.is_ok() {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    let drawn = match drawn {
        Ok(drawn) => drawn,
        Err(error) => {
            film.encoder.abort();
            return Err(error).with_context(name);
        }
    };
    let sent = sent.and_then(|()| film.end());
    film.progress.end();
    // What ffmpeg says goes before what the pipe to it says.
    film.encoder.finish().and(sent)?;
    Ok(drawn.tell_failed(file).max(drawn.end.tell(file)))
}

/// A video on its way.
struct Film {
    clock: Clock,
    look: Look,
    /// All times are milliseconds from the first frame.
    duration: i64,
    screen: Screen,
    encoder: Encoder,
    /// The time of what the screen shows.
    now: i64,
    begun: bool,
    /// Whether the screen shows something that was not sent.
    changed: bool,
    progress: Progress,
}

impl Film {
    /// Takes over a frame or a move of the pointer. What the screen showed until then is sent first,
    /// unless so little time has passed that it is left out.
    fn take(&mut self, moment: Moment, canvas: &mut Canvas) -> anyhow::Result<()> {
        let time = match moment {
            Moment::Frame { time, .. } | Moment::Pointer { time } => self.clock.since_start(time),
        };
        let is_frame = matches!(moment, Moment::Frame { .. });
        if !self.begun && !is_frame {
            return Ok(());
        }
        // A recording's times may go astray; a video's may not.
        let time = time.clamp(self.now, self.duration);
        if self.slot(self.now) < self.slot(time) {
            self.send_until(time)?;
        }
        self.now = time;
        self.begun = true;
        self.changed |= if is_frame {
            self.screen.update(canvas)
        } else {
            self.screen.update_pointer(canvas)
        };
        Ok(())
    }

    /// Sends what the screen shows, and again at each second before `time`, since the clock goes on.
    fn send_until(&mut self, time: i64) -> anyhow::Result<()> {
        if self.changed {
            self.send(self.now)?;
        }
        if self.look.clock {
            let next_second = (self.now / 1_000 + 1) * 1_000;
            let until = self.slot_time(self.slot(time));
            for second in (next_second..until).step_by(1_000) {
                if self.slot(self.now) < self.slot(second) {
                    self.send(second)?;
                }
            }
        }
        Ok(())
    }

    /// Sends what the screen shows, with the clock at `time`.
    fn send(&mut self, time: i64) -> anyhow::Result<()> {
        if self.look.clock {
            let text = self.text(time);
            let duration = self.duration.max(1);
            let over = usize::try_from(time.saturating_mul(1_000) / duration).unwrap_or(0);
            self.screen.write_strip(&text, over);
        }
        let shown_from = u64::try_from(self.slot_time(self.slot(time))).unwrap_or(0);
        self.encoder.send(&self.screen, shown_from)?;
        self.changed = false;
        self.progress.tell(time, self.duration);
        Ok(())
    }

    /// Sends the last picture, and once more at the very end, which gives it its length.
    fn end(&mut self) -> anyhow::Result<()> {
        self.send_until(self.now)?;
        self.now = self.duration;
        self.send(self.duration)
    }

    /// The time of day if it is known, and how much of how much is over.
    fn text(&self, time: i64) -> String {
        let [over, all] =
            [time, self.duration].map(|time| Elapsed(time / 1_000 * 1_000).to_string());
        let [over, all] =
            [&over, &all].map(|text| text.strip_suffix(".000").unwrap_or(text).to_owned());
        match self.clock.wall_since_start(time) {
            Some(wall) => format!("{}  {over} / {all}", wall.to_seconds()),
            None => format!("{over} / {all}"),
        }
    }

    /// Which of the video's possible pictures a time belongs to.
    fn slot(&self, time: i64) -> i64 {
        time * i64::from(self.look.fps) / 1_000
    }

    /// When that picture begins, in milliseconds.
    fn slot_time(&self, slot: i64) -> i64 {
        let fps = i64::from(self.look.fps);
        (slot * 1_000 + fps - 1) / fps
    }
}

/// How far it is, on standard error: in one line on a terminal, else a line for each tenth.
struct Progress {
    on_terminal: bool,
    told: Option<i64>,
}

impl Progress {
    fn new() -> Self {
        let on_terminal = io::stderr().is_terminal();
        Self {
            on_terminal,
            told: None,
        }
    }

    fn tell(&mut self, time: i64, duration: i64) {
        let percent = time.saturating_mul(100) / duration.max(1);
        let step = if self.on_terminal { 1 } else { 10 };
        let rounded = percent / step * step;
        if self.told == Some(rounded) {
            return;
        }
        self.told = Some(rounded);
        let end = if self.on_terminal { "\r" } else { "\n" };
        // Where nobody can be told, the work goes on.
        let _ = write!(io::stderr(), "{rounded:3} %{end}");
    }

    fn end(&self) {
        if self.on_terminal && self.told.is_some() {
            let _ = writeln!(io::stderr());
        }
    }
}
