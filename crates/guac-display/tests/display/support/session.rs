//! A session in simulated time: a display, its viewers, and a recorder.

use super::canvas::Canvas;
use guac_display::limits::{BYTES_IN_FLIGHT, FRAME_INTERVAL, FRAMES_IN_FLIGHT_MAX};
use guac_display::{Display, Rect, Stamp, ViewerCaps, ViewerId};
use guac_protocol::{ServerInstruction, Timestamp};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// All of any picture.
pub(crate) const WHOLE: Rect = Rect {
    x: 0,
    y: 0,
    width: u16::MAX,
    height: u16::MAX,
};

pub(crate) fn rect(x: u16, y: u16, width: u16, height: u16) -> Rect {
    Rect {
        x,
        y,
        width,
        height,
    }
}

/// A picture that is smooth and has no two neighbours alike.
pub(crate) fn photograph(x: usize, y: usize) -> u32 {
    let wave = |step: f64, at: usize| 128.0 + 100.0 * (at as f64 * step).sin();
    let channels = [wave(0.05, x), wave(0.07, y + 2 * x), wave(0.03, x + y)].map(|c| c as u32);
    channels[0] << 16 | channels[1] << 8 | channels[2]
}

/// A pixel of a picture of a film: a photograph that comes nearer, so that nothing in it merely moves.
pub(crate) fn film(picture: usize, x: usize, y: usize) -> u32 {
    photograph(x * (20 + picture) / 20, y * (20 + picture) / 20 + picture)
}

/// What lies over a viewer's picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Mark {
    #[default]
    None,
    /// 50x20 pixels at (40, 70), half of them opaque.
    Corner,
    /// The same everywhere.
    Everywhere,
}

const MARK_SIZE: (u16, u16) = (50, 20);

impl Mark {
    /// The pixel that lies over a place, if one does.
    pub(crate) fn pixel(self, x: usize, y: usize) -> Option<u32> {
        let (width, height) = (usize::from(MARK_SIZE.0), usize::from(MARK_SIZE.1));
        let (x, y) = match self {
            Self::None => return None,
            Self::Corner => (x.checked_sub(40)?, y.checked_sub(70)?),
            Self::Everywhere => (x % width, y % height),
        };
        let place = (y * width + x) as u32;
        let opaque = (x + y) % 2 == 0;
        let alpha = if opaque { 0xFF } else { 77 * place % 200 };
        (x < width && y < height).then_some((alpha << 24) | ((place * 0x01_2345) & 0xFF_FFFF))
    }

    fn stamp(self) -> Option<Arc<Stamp>> {
        let (width, height) = MARK_SIZE;
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x.into(), y.into())));
        let pixels = places.map(|(x, y)| Self::Everywhere.pixel(x, y).unwrap());
        let stamp = match self {
            Self::None => return None,
            Self::Corner => Stamp::at(40, 70, width, height, pixels.collect()),
            Self::Everywhere => Stamp::everywhere(width, height, pixels.collect()),
        };
        Some(Arc::new(stamp.unwrap()))
    }

    /// A picture of opaque pixels with the mark over it.
    pub(crate) fn over(self, picture: &[u32], width: usize) -> Vec<u32> {
        let over = |(place, under): (usize, &u32)| {
            let Some(mark) = self.pixel(place % width, place / width) else {
                return *under;
            };
            let alpha = f64::from(mark >> 24) / 255.0;
            let channel = |shift: u32| {
                let of = |pixel: u32| f64::from((pixel >> shift) & 0xFF);
                let mixed = of(mark).mul_add(alpha, of(*under) * (1.0 - alpha));
                (mixed.round() as u32) << shift
            };
            0xFF00_0000 | channel(16) | channel(8) | channel(0)
        };
        picture.iter().enumerate().map(over).collect()
    }
}

#[derive(Default)]
pub(crate) struct Viewer {
    pub(crate) mark: Mark,
    jpeg: bool,
    webp: bool,
    pub(crate) canvas: Canvas,
    /// Times that were not answered yet.
    pub(crate) unanswered: VecDeque<i64>,
    /// When its picture frames came, and their instructions on the wire.
    pub(crate) frames: Vec<(Duration, Vec<u8>)>,
}

pub(crate) struct Session {
    pub(crate) display: Display,
    pub(crate) now: Duration,
    /// Whether those who join from now on can show JPEG.
    pub(crate) jpeg: bool,
    /// The same for WebP.
    pub(crate) webp: bool,
    /// What lies over the picture of those who join from now on.
    pub(crate) mark: Mark,
    /// A viewer that `answer_all` leaves out.
    pub(crate) silent: Option<u64>,
    pub(crate) viewers: BTreeMap<u64, Viewer>,
    /// Fed with canonical frames only.
    pub(crate) recorder: Canvas,
    /// Canonical frames on the wire.
    pub(crate) recorded: Vec<(Duration, Vec<u8>)>,
    pub(crate) canonical_frames: usize,
    pub(crate) derived_frames: usize,
    last_news: Option<Duration>,
    last_refined: Option<Duration>,
    pub(crate) last_stamp: i64,
}

impl Viewer {
    /// Whatever it is shown, no frame ends without the opaque pixels of its mark.
    fn assert_marked(&self) {
        if self.jpeg {
            return;
        }
        let desktop = self.canvas.desktop();
        for (place, pixel) in desktop.pixels.iter().enumerate() {
            let width = desktop.width as usize;
            let mark = self.mark.pixel(place % width, place / width);
            let mark = mark.filter(|mark| mark >> 24 == 0xFF);
            assert!(mark.is_none_or(|mark| mark == *pixel), "{place}");
        }
    }
}

impl Session {
    pub(crate) fn new(width: u16, height: u16) -> Self {
        let mut display = Display::new();
        display.desktop().resize(width, height).unwrap();
        Self {
            display,
            now: Duration::from_secs(1000),
            jpeg: false,
            webp: false,
            silent: None,
            viewers: BTreeMap::new(),
            recorder: Canvas::default(),
            recorded: Vec::new(),
            mark: Mark::None,
            canonical_frames: 0,
            derived_frames: 0,
            last_news: None,
            last_refined: None,
            last_stamp: 0,
        }
    }

    pub(crate) fn join(&mut self, id: u64) {
        let mut caps = ViewerCaps::default();
        caps.jpeg = self.jpeg;
        caps.webp = self.webp;
        self.display
            .add_viewer(ViewerId(id), caps, self.mark.stamp());
        let viewer = Viewer {
            mark: self.mark,
            jpeg: self.jpeg,
            webp: self.webp,
            ..Viewer::default()
        };
        self.viewers.insert(id, viewer);
    }

    pub(crate) fn leave(&mut self, id: u64) {
        self.display.remove_viewer(ViewerId(id));
        self.viewers.remove(&id);
    }

    /// Writes pixels as a decoder does and marks them.
    pub(crate) fn draw(&mut self, rect: Rect, pixel: impl Fn(usize, usize) -> u32) {
        let (width, height) = self.display.desktop().size();
        let (pixels, stride) = self.display.desktop().pixels_mut();
        for y in rect.y..rect.y.saturating_add(rect.height).min(height) {
            for x in rect.x..rect.x.saturating_add(rect.width).min(width) {
                let (x, y) = (usize::from(x), usize::from(y));
                pixels[y * stride + x] = pixel(x, y);
            }
        }
        self.display.desktop().damage(rect);
    }

    /// Copies within the desktop as a decoder does, if both places are inside, and marks it.
    pub(crate) fn copy(&mut self, source: Rect, x: u16, y: u16) {
        let (width, height) = self.display.desktop().size();
        let fits = |rect: Rect| {
            u32::from(rect.x) + u32::from(rect.width) <= width.into()
                && u32::from(rect.y) + u32::from(rect.height) <= height.into()
        };
        if !fits(source) || !fits(Rect { x, y, ..source }) {
            return;
        }
        let (pixels, stride) = self.display.desktop().pixels_mut();
        let before = pixels.to_vec();
        for row in 0..usize::from(source.height) {
            for column in 0..usize::from(source.width) {
                let from = (usize::from(source.y) + row) * stride + usize::from(source.x) + column;
                let to = (usize::from(y) + row) * stride + usize::from(x) + column;
                pixels[to] = before[from];
            }
        }
        self.display.desktop().copied(source, x, y);
    }

    /// The end of an update, and all that is ready to be sent at once.
    pub(crate) fn finish(&mut self) {
        self.display.update_finished();
        self.deliver();
    }

    /// Takes all frames that are ready, and holds them to the rules.
    pub(crate) fn deliver(&mut self) {
        while let Some(delivery) = self.display.poll_frame(self.now) {
            if delivery.canonical {
                self.canonical_frames += 1;
                let mut brings_news = false;
                for instruction in delivery.frame.instructions() {
                    self.recorder.apply(&instruction);
                    brings_news |= match instruction {
                        ServerInstruction::Sync { frames, .. } => 0 < frames,
                        ServerInstruction::Cursor { .. } => true,
                        _ => false,
                    };
                }
                let last = if brings_news {
                    &mut self.last_news
                } else {
                    &mut self.last_refined
                };
                let last = last.replace(self.now);
                assert!(last.is_none_or(|last| FRAME_INTERVAL <= self.now - last));
            } else {
                self.derived_frames += usize::from(delivery.frame.timestamp().is_some());
                assert!(!delivery.to.is_empty());
            }
            if let Some(stamp) = delivery.frame.timestamp() {
                assert!(self.last_stamp < stamp.0);
                self.last_stamp = stamp.0;
            }
            let mut wire = Vec::new();
            for instruction in delivery.frame.instructions() {
                instruction.write_to(&mut wire).unwrap();
            }
            let guess = delivery.frame.wire_bytes();
            assert!(
                guess.abs_diff(wire.len()) < 200 + wire.len() / 2,
                "{guess} {}",
                wire.len()
            );
            if delivery.canonical {
                self.recorded.push((self.now, wire.clone()));
            }
            for ViewerId(id) in &delivery.to {
                let stats = self.display.viewer_stats(ViewerId(*id)).unwrap();
                assert!(stats.frames_in_flight <= FRAMES_IN_FLIGHT_MAX);
                let before = stats.bytes_in_flight.saturating_sub(guess);
                assert!(before < BYTES_IN_FLIGHT);
                let viewer = self.viewers.get_mut(id).unwrap();
                for instruction in delivery.frame.instructions() {
                    viewer.canvas.apply(&instruction);
                    if let ServerInstruction::Img { mimetype, .. } = instruction {
                        assert!(viewer.jpeg || mimetype != "image/jpeg");
                        assert!(viewer.webp || mimetype != "image/webp");
                    }
                }
                viewer.assert_marked();
                if let Some(stamp) = delivery.frame.timestamp() {
                    viewer.unanswered.push_back(stamp.0);
                    viewer.frames.push((self.now, wire.clone()));
                }
            }
            self.display.recycle(delivery.frame);
        }
    }

    /// The viewer answers its oldest unanswered frame, if there is one.
    pub(crate) fn answer(&mut self, id: u64) {
        let Some(viewer) = self.viewers.get_mut(&id) else {
            return;
        };
        if let Some(stamp) = viewer.unanswered.pop_front() {
            let answer = (ViewerId(id), Timestamp(stamp));
            self.display
                .acknowledge(answer.0, answer.1, self.now)
                .unwrap();
        }
    }

    /// Every viewer but the silent one answers all that it has, and is sent what it waited for.
    pub(crate) fn answer_all(&mut self) {
        let ids: Vec<u64> = self.viewers.keys().copied().collect();
        let silent = self.silent;
        for id in ids.into_iter().filter(|id| silent != Some(*id)) {
            while !self.viewers[&id].unanswered.is_empty() {
                self.answer(id);
            }
        }
        self.deliver();
    }

    /// Lets time pass, polling exactly when the display asks for it.
    pub(crate) fn advance(&mut self, time: Duration) {
        self.deliver();
        let end = self.now + time;
        while let Some(next) = self.display.next_timeout().filter(|next| *next <= end) {
            // What may be sent now has been sent, so that a timeout is never in the past.
            assert!(self.now < next);
            self.now = next;
            self.deliver();
        }
        self.now = end;
    }

    /// All but these viewers answer what they have, until nothing happens any more.
    pub(crate) fn settle(&mut self, silent: &[u64]) {
        loop {
            let ids: Vec<u64> = self.viewers.keys().copied().collect();
            for id in ids.into_iter().filter(|id| !silent.contains(id)) {
                while self.viewers[&id].unanswered.front().is_some() {
                    self.answer(id);
                }
            }
            self.deliver();
            let Some(next) = self.display.next_timeout() else {
                if self
                    .viewers
                    .iter()
                    .all(|(id, v)| silent.contains(id) || v.unanswered.is_empty())
                {
                    break;
                }
                continue;
            };
            assert!(self.now < next);
            self.now = next;
            self.deliver();
        }
    }

    /// The desktop as a viewer is to see it.
    pub(crate) fn seen(&mut self, id: u64) -> Vec<u32> {
        let width = usize::from(self.display.desktop().size().0);
        let desktop = self.desktop();
        self.viewers[&id].mark.over(&desktop, width)
    }

    /// The desktop as a canvas would hold it.
    pub(crate) fn desktop(&mut self) -> Vec<u32> {
        let pixels = self.display.desktop().pixels().0.iter();
        pixels.map(|pixel| pixel | 0xFF00_0000).collect()
    }
}
