//! The picture that the decoders write, and what they say about it.

use crate::area::{Area, Rect};
use crate::limits::{COPY_HINTS, DESKTOP_MAX_SIDE};
use crate::picture::Picture;
use crate::region::Region;

/// Why the desktop cannot take a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResizeError {
    /// A side is zero.
    #[error("a desktop of {width}x{height} pixels is empty")]
    Empty {
        /// Width asked for.
        width: u16,
        /// Height asked for.
        height: u16,
    },
    /// A side is over [`DESKTOP_MAX_SIDE`].
    #[error("a desktop of {width}x{height} pixels is over {DESKTOP_MAX_SIDE} on a side")]
    TooLarge {
        /// Width asked for.
        width: u16,
        /// Height asked for.
        height: u16,
    },
}

/// The desktop as the server has drawn it, written in place by the decoders. It has no size, and
/// no pixel, until the first [`resize`](Self::resize).
#[derive(Debug)]
pub struct Desktop {
    picture: Picture,
    damage: Region,
    copies: Vec<CopyHint>,
    drawn: bool,
}

/// A move that the server did, oldest first; both places are inside the desktop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CopyHint {
    pub(crate) source: Area,
    pub(crate) x: u16,
    pub(crate) y: u16,
}

impl CopyHint {
    /// Where the pixels come to lie.
    pub(crate) fn target(&self) -> Area {
        self.source.at(self.x, self.y)
    }

    /// Where what of an area is moved comes to lie; `None` if nothing of it is.
    pub(crate) fn carried(&self, area: Area) -> Option<Area> {
        let part = area.intersection(self.source);
        if part.is_empty() {
            return None;
        }
        let (left, top) = (part.left - self.source.left, part.top - self.source.top);
        Some(part.at(self.x + left, self.y + top))
    }

    /// This move and then `next` as one, if that is at least half of `next`: a frame that merges
    /// several steps of a scroll takes them in one.
    fn then(&self, next: &Self) -> Option<Self> {
        let common = self.target().intersection(next.source);
        if common.is_empty() || 2 * common.pixels() < next.source.pixels() {
            return None;
        }
        let left = common.left - self.x + self.source.left;
        let top = common.top - self.y + self.source.top;
        Some(Self {
            source: common.at(left, top),
            x: common.left - next.source.left + next.x,
            y: common.top - next.source.top + next.y,
        })
    }

    /// Whether doing it in `shown` brings at least half of its rows up to the desktop.
    pub(crate) fn is_worth_it(&self, desktop: &Picture, shown: &Picture) -> bool {
        let height = self.source.height();
        let gained = (0..height)
            .filter(|row| {
                let source = shown.row(self.source.top + row, self.source.left, self.source.right);
                let target = self.target();
                let wanted = desktop.row(target.top + row, target.left, target.right);
                let present = shown.row(target.top + row, target.left, target.right);
                source == wanted && present != wanted
            })
            .count();
        usize::from(height) <= 2 * gained
    }
}

impl Desktop {
    pub(crate) fn new() -> Self {
        Self {
            picture: Picture::default(),
            damage: Region::new(0, 0),
            copies: Vec::new(),
            drawn: false,
        }
    }

    /// Whether the server has drawn anything yet. Its first updates may carry no pixels at all,
    /// only the desktop's layout or a cursor, and black is not a picture to begin with.
    pub(crate) const fn has_been_drawn(&self) -> bool {
        self.drawn
    }

    /// Width and height in pixels; zero before the first resize.
    #[must_use]
    pub fn size(&self) -> (u16, u16) {
        self.picture.size()
    }

    /// Takes the server's new size. What both sizes have in common stays, the rest is black, and
    /// all of it is damage. The same size again changes nothing.
    ///
    /// # Errors
    /// A side is zero or over [`DESKTOP_MAX_SIDE`]. The desktop keeps its size, so that a decoder
    /// that goes on with the new one writes in the wrong places: the session cannot.
    pub fn resize(&mut self, width: u16, height: u16) -> Result<(), ResizeError> {
        if width == 0 || height == 0 {
            return Err(ResizeError::Empty { width, height });
        }
        if DESKTOP_MAX_SIDE < width || DESKTOP_MAX_SIDE < height {
            return Err(ResizeError::TooLarge { width, height });
        }
        if self.size() != (width, height) {
            self.picture.resize(width, height);
            self.damage = Region::full(width, height);
            self.copies.clear();
        }
        Ok(())
    }

    /// The pixels as `0x00RRGGBB` from the top row to the last, and how many pixels apart the rows
    /// begin.
    pub fn pixels_mut(&mut self) -> (&mut [u32], usize) {
        let stride = self.picture.stride();
        (self.picture.pixels_mut(), stride)
    }

    /// The pixels to read, and how many pixels apart the rows begin.
    #[must_use]
    pub fn pixels(&self) -> (&[u32], usize) {
        (self.picture.pixels(), self.picture.stride())
    }

    /// Marks a rectangle whose pixels *have been* written. Said before the writing, it could be
    /// used up by a frame in between, and what is written later would not be shown.
    pub fn damage(&mut self, rect: Rect) {
        self.drawn = true;
        let (width, height) = self.size();
        if let Some(area) = rect.clip(width, height) {
            self.damage.add(area);
        }
    }

    /// Marks that the pixels of `source` *have been* copied to (`x`, `y`), with nothing written to
    /// either place in between. The copied place is damage, and a copy may be shown as one.
    pub fn copied(&mut self, source: Rect, x: u16, y: u16) {
        let (width, height) = self.size();
        let target = Rect { x, y, ..source };
        self.damage(target);
        let (from, to) = (source.within(width, height), target.within(width, height));
        if let (Some(source), Some(_)) = (from, to) {
            self.note(CopyHint { source, x, y });
        }
    }

    fn note(&mut self, copy: CopyHint) {
        let last = self.copies.last_mut();
        if let Some((both, last)) = last.and_then(|last| Some((last.then(&copy)?, last))) {
            *last = both;
        } else if self.copies.len() < COPY_HINTS {
            self.copies.push(copy);
        }
    }

    pub(crate) fn picture(&self) -> &Picture {
        &self.picture
    }

    pub(crate) fn copies(&self) -> &[CopyHint] {
        &self.copies
    }

    pub(crate) fn damaged(&self) -> &Region {
        &self.damage
    }

    /// Forgets damage and copies: they have been shown.
    pub(crate) fn settle(&mut self) {
        self.damage.clear();
        self.copies.clear();
    }
}
