//! What happens on a desktop while something is measured, one step after the other at its own pace.

use std::time::Duration;

use anyhow::Result;
use testkit::x11::Window;
use testkit::{Picture, Xvnc};

use crate::decoding::scene::Scene;

/// The desktop's size.
pub const SIZE: (u16, u16) = (1920, 1080);

/// Something that goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// A video of 640×360, 30 frames a second.
    Video,
    /// A video that fills the screen, 30 frames a second.
    FullVideo,
    /// A page of text of 800×800 that scrolls by 20 pixels, 30 times a second.
    Scroll,
    /// A letter, 12 times a second.
    Typing,
    /// A caret that is there or not there, twice a second.
    Caret,
    /// Nothing.
    Idle,
}

impl Doing {
    /// All of it, in the order of reports.
    pub const ALL: [Self; 6] = [
        Self::Video,
        Self::FullVideo,
        Self::Scroll,
        Self::Typing,
        Self::Caret,
        Self::Idle,
    ];

    /// How reports call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::FullVideo => "fullvideo",
            Self::Scroll => "scroll",
            Self::Typing => "typing",
            Self::Caret => "caret",
            Self::Idle => "idle",
        }
    }

    /// From one step to the next.
    #[must_use]
    pub const fn pace(self) -> Duration {
        Duration::from_millis(match self {
            Self::Video | Self::FullVideo | Self::Scroll => 33,
            Self::Typing => 83,
            Self::Caret | Self::Idle => 500,
        })
    }
}

/// A desktop on which it happens.
pub struct Desk {
    doing: Doing,
    window: Window,
    pictures: Vec<Picture>,
    step: usize,
}

impl Desk {
    /// Opens a window on the desktop.
    ///
    /// # Errors
    /// When the X server is gone.
    pub fn open(xvnc: &Xvnc, doing: Doing) -> Result<Self> {
        let size = (usize::from(SIZE.0), usize::from(SIZE.1));
        let pictures: Vec<Picture> = match doing {
            Doing::Video => film(640, 360, 48),
            Doing::FullVideo => film(size.0, size.1, 12),
            Doing::Scroll | Doing::Typing | Doing::Caret | Doing::Idle => {
                Scene::Text.pictures(800, 800).collect()
            }
        };
        let window = xvnc.desktop()?.window(0, 0, &pictures[0])?;
        Ok(Self {
            doing,
            window,
            pictures,
            step: 0,
        })
    }

    /// Does the next step; tells whether anything was drawn.
    ///
    /// # Errors
    /// When the X server is gone.
    pub fn step(&mut self) -> Result<bool> {
        self.step += 1;
        match self.doing {
            Doing::Video | Doing::FullVideo => {
                let picture = &self.pictures[self.step % self.pictures.len()];
                self.window.draw(0, 0, picture)?;
            }
            Doing::Scroll => {
                let coming = self.part(0, self.step * 20 % 780, 800, 20);
                self.window.scroll_up(20, &coming)?;
            }
            Doing::Typing => {
                let (column, row) = (self.step % 80, self.step / 80 % 40);
                let letter = self.part(column * 9 + 40, 40, 9, 20);
                let place = (i16::try_from(column * 9)?, i16::try_from(row * 20)?);
                self.window.draw(place.0, place.1, &letter)?;
            }
            Doing::Caret => {
                let colour = if self.step.is_multiple_of(2) {
                    0xffffff
                } else {
                    0
                };
                self.window
                    .draw(300, 300, &Picture::filled(2, 16, colour))?;
            }
            Doing::Idle => return Ok(false),
        }
        Ok(true)
    }

    /// A piece of the page that is not shown at first.
    fn part(&self, x: usize, y: usize, width: usize, height: usize) -> Picture {
        let page = &self.pictures[1];
        let rows = (y..y + height).flat_map(|y| (x..x + width).map(move |x| page.at(x, y)));
        Picture {
            width,
            height,
            pixels: rows.collect(),
        }
    }
}

/// So many pictures, no two alike: photographs that fade into each other. They are more than what compression of
/// the recording looks back at.
fn film(width: usize, height: usize, count: usize) -> Vec<Picture> {
    let photos: Vec<Picture> = Scene::Photo.pictures(width, height).collect();
    let fade = |index: usize| {
        let place = index * photos.len() * 256 / count;
        let (first, part) = (place / 256, (place % 256) as u32);
        let (from, to) = (&photos[first], &photos[(first + 1) % photos.len()]);
        let pairs = from.pixels.iter().zip(&to.pixels);
        let pixels = pairs.map(|(from, to)| mixed(*from, *to, part));
        Picture {
            width,
            height,
            pixels: pixels.collect(),
        }
    };
    (0..count).map(fade).collect()
}

/// So many of 256 parts of one colour, and the others of another.
fn mixed(from: u32, to: u32, part: u32) -> u32 {
    [0, 8, 16].into_iter().fold(0, |colour, shift| {
        let of = |colour: u32| colour >> shift & 0xff;
        colour | ((of(from) * (256 - part) + of(to) * part) / 256) << shift
    })
}
