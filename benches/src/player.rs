//! A display that shows pictures, one after the other, to one viewer that answers at once.

use std::time::{Duration, Instant};

use guac_display::limits::FRAME_INTERVAL;
use guac_display::{Display, EncodePool, Frame, Rect, ViewerCaps, ViewerId};
use testkit::Picture;

const VIEWER: ViewerId = ViewerId(1);

/// Shows pictures of one size in turn.
pub struct Player {
    display: Display,
    pictures: Vec<Picture>,
    shown: usize,
    took: Duration,
    now: Duration,
}

impl Player {
    /// Has shown the first picture, since what a viewer gets first has more in it than pixels.
    ///
    /// # Panics
    /// When there is no picture, or one is larger than a desktop may be.
    pub fn new(pictures: impl Iterator<Item = Picture>) -> Self {
        let pictures: Vec<Picture> = pictures.collect();
        let side = |side| u16::try_from(side).expect("not large");
        let mut display = Display::new();
        let (width, height) = (side(pictures[0].width), side(pictures[0].height));
        display.desktop().resize(width, height).expect("not large");
        let mut caps = ViewerCaps::default();
        (caps.jpeg, caps.webp) = (true, true);
        display.add_viewer(VIEWER, caps, None);
        let mut this = Self {
            display,
            pictures,
            shown: 0,
            took: Duration::ZERO,
            now: Duration::from_secs(1_000),
        };
        let first = this.frame();
        this.recycle(first);
        this
    }

    /// Makes everything exact.
    pub fn force_lossless(&mut self) {
        self.display.force_lossless();
    }

    /// Has large frames made with the help of a pool's threads.
    pub fn encode_with(&mut self, pool: EncodePool) {
        self.display.encode_with(pool);
    }

    /// How long the last frame took, from the end of its update.
    #[must_use]
    pub fn took(&self) -> Duration {
        self.took
    }

    /// The server draws the next picture; whatever frame that makes.
    ///
    /// # Panics
    /// When the display takes no answer to the frame.
    pub fn draw(&mut self) -> Option<Frame> {
        let picture = &self.pictures[self.shown % self.pictures.len()];
        self.shown += 1;
        self.now += FRAME_INTERVAL;
        let (pixels, stride) = self.display.desktop().pixels_mut();
        let rows = pixels.chunks_mut(stride);
        for (row, new) in rows.zip(picture.pixels.chunks(picture.width)) {
            row[..new.len()].copy_from_slice(new);
        }
        let all = Rect {
            x: 0,
            y: 0,
            width: u16::MAX,
            height: u16::MAX,
        };
        self.display.desktop().damage(all);
        self.display.update_finished();
        let began = Instant::now();
        let mut last = None;
        while let Some(delivery) = self.display.poll_frame(self.now) {
            last = Some(delivery.frame);
        }
        self.took = began.elapsed();
        if let Some(timestamp) = last.as_ref().and_then(Frame::timestamp) {
            let acknowledged = self.display.acknowledge(VIEWER, timestamp, self.now);
            acknowledged.expect("it was sent");
        }
        last
    }

    /// The frame that shows the next picture, which is another.
    ///
    /// # Panics
    /// When it is not another, so that there is no frame.
    pub fn frame(&mut self) -> Frame {
        self.draw().expect("a frame is due")
    }

    /// Gives a frame's memory back.
    pub fn recycle(&mut self, frame: Frame) {
        self.display.recycle(frame);
    }
}
