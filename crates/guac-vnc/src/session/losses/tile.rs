//! One tile of the picture, and which of its pixels are exact.

use std::num::NonZeroU16;
use std::ops::Range;

use super::{MAX_LOSSLESS_ATTEMPTS, MAX_LOSSY_MASKS, SIDE};
use crate::Rect;

/// Rows of a tile from the top, each with its leftmost pixel in the lowest bit: set if it is exact.
/// Those outside of the framebuffer are.
pub(super) type Mask = [u64; 64];

/// Moments without a change after which a tile is still: more than one less than that have passed.
const STILL: u8 = 3;

/// What the tiles of a picture have together.
#[derive(Debug, Default)]
pub(super) struct Common {
    /// How many tiles are lossy.
    pub(super) lossy: usize,
    /// The masks of those that have one, and of some that had.
    masks: Vec<Mask>,
    /// The places of those that nobody has.
    free: Vec<MaskId>,
}

/// The place of a mask, counted from one.
type MaskId = NonZeroU16;

/// A part of a tile, which is not empty.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) left: u16,
    pub(super) right: u16,
    pub(super) top: u16,
    pub(super) bottom: u16,
    /// How much of the tile is within the framebuffer.
    pub(super) width: u16,
    pub(super) height: u16,
}

/// A tile, exact at first.
#[derive(Debug, Default, Clone)]
pub(super) struct Tile {
    lossy: bool,
    /// What says which pixels of a lossy tile are exact; none is without it.
    mask: Option<MaskId>,
    /// Moments since something lossy was drawn, as far as they are counted.
    still: u8,
    /// How often it was asked for in vain since it was exact.
    attempts: u8,
}

/// The rows of a tile.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rows<'a> {
    Exact,
    Lossy,
    Some(&'a Mask),
}

impl Part {
    /// What of a rectangle is in a tile that it touches, in this column and row of a framebuffer.
    pub(super) fn of(rect: Rect, (column, row): (u16, u16), (width, height): (u16, u16)) -> Self {
        let (left, top) = (column * SIDE, row * SIDE);
        Self {
            left: rect.x.saturating_sub(left),
            right: (rect.x + rect.width - left).min(SIDE),
            top: rect.y.saturating_sub(top),
            bottom: (rect.y + rect.height - top).min(SIDE),
            width: (width - left).min(SIDE),
            height: (height - top).min(SIDE),
        }
    }

    /// Its columns as bits of a row.
    pub(super) fn columns(self) -> u64 {
        low(self.right) & !low(self.left)
    }

    fn is_whole(self) -> bool {
        (self.left, self.top) == (0, 0) && (self.right, self.bottom) == (self.width, self.height)
    }

    fn rows(self) -> Range<usize> {
        self.top.into()..self.bottom.into()
    }

    /// Which pixels of a row are outside of the framebuffer.
    const fn outside(self, row: u16) -> u64 {
        if row < self.height {
            !low(self.width)
        } else {
            u64::MAX
        }
    }
}

impl Common {
    /// Bytes of memory held.
    pub(super) const fn held_bytes(&self) -> usize {
        self.masks.capacity() * size_of::<Mask>() + self.free.capacity() * size_of::<MaskId>()
    }

    /// How many masks are in use.
    #[cfg(test)]
    pub(super) const fn masks(&self) -> usize {
        self.masks.len() - self.free.len()
    }

    fn mask(&self, id: MaskId) -> Option<&Mask> {
        self.masks.get(usize::from(id.get()) - 1)
    }

    fn mask_mut(&mut self, id: MaskId) -> Option<&mut Mask> {
        self.masks.get_mut(usize::from(id.get()) - 1)
    }

    /// A place for a mask, if there is room for one.
    fn take(&mut self) -> Option<MaskId> {
        if let Some(id) = self.free.pop() {
            return Some(id);
        }
        if MAX_LOSSY_MASKS <= self.masks.len() {
            return None;
        }
        self.masks.push([0; 64]);
        u16::try_from(self.masks.len()).ok().and_then(MaskId::new)
    }
}

impl Tile {
    /// Pixels come that are lossy or are not. Whether all of it is so already.
    pub(super) const fn is_already(&mut self, lossy: bool) -> bool {
        if lossy {
            self.still = 0;
        }
        self.lossy == lossy && self.mask.is_none()
    }

    /// A part of it gets pixels that are lossy or are not.
    pub(super) fn draw(&mut self, part: Part, lossy: bool, common: &mut Common) {
        if part.is_whole() {
            self.settle(lossy, common);
        } else if lossy {
            self.replace(part, true, |_| 0, common);
        } else {
            self.replace(part, false, |_| u64::MAX, common);
        }
    }

    /// A part of it gets pixels of which `exact` says for each row which are.
    pub(super) fn copy(&mut self, part: Part, exact: &Mask, common: &mut Common) {
        let columns = part.columns();
        let exact = |row: usize| exact.get(row).copied().unwrap_or_default();
        let loses = part.rows().any(|row| exact(row) & columns != columns);
        if loses {
            self.still = 0;
        }
        if loses || self.lossy {
            self.replace(part, loses, exact, common);
        }
    }

    fn replace(
        &mut self,
        part: Part,
        loses: bool,
        exact: impl Fn(usize) -> u64,
        common: &mut Common,
    ) {
        let columns = part.columns();
        let Some(mask) = self.mask(part, common) else {
            // What is not known counts as lossy.
            self.lose(common);
            return;
        };
        for (row, kept) in part.rows().zip(mask.iter_mut().skip(part.top.into())) {
            *kept = *kept & !columns | exact(row) & columns;
        }
        let is_exact = !loses && mask.iter().all(|row| *row == u64::MAX);
        let is_lost = loses
            && (0..)
                .zip(mask)
                .all(|(row, bits)| *bits == part.outside(row));
        if is_exact || is_lost {
            self.settle(is_lost, common);
        } else {
            self.lose(common);
        }
    }

    /// Its mask, which says what is known so far, if there is room for one.
    fn mask<'a>(&mut self, part: Part, common: &'a mut Common) -> Option<&'a mut Mask> {
        if let Some(id) = self.mask {
            return common.mask_mut(id);
        }
        self.mask = common.take();
        let mask = common.mask_mut(self.mask?)?;
        for (row, bits) in (0..).zip(mask.iter_mut()) {
            *bits = if self.lossy {
                part.outside(row)
            } else {
                u64::MAX
            };
        }
        Some(mask)
    }

    /// Some of it is lossy now, of which its mask, if any, knows.
    fn lose(&mut self, common: &mut Common) {
        common.lossy += usize::from(!self.lossy);
        self.lossy = true;
    }

    /// All of it is lossy now, or nothing.
    fn settle(&mut self, lossy: bool, common: &mut Common) {
        common.free.extend(self.mask.take());
        if lossy {
            self.lose(common);
        } else {
            common.lossy -= usize::from(self.lossy);
            *self = Self::default();
        }
    }

    pub(super) const fn moment_passed(&mut self) {
        self.still = self.still.saturating_add(1);
    }

    pub(super) const fn asked(&mut self) {
        self.attempts = self.attempts.saturating_add(1);
    }

    /// Whether it is lossy, and not given up.
    pub(super) const fn is_wanted(&self) -> bool {
        self.lossy && self.attempts < MAX_LOSSLESS_ATTEMPTS
    }

    pub(super) const fn is_still(&self) -> bool {
        STILL <= self.still
    }

    /// Which of its pixels are exact.
    pub(super) fn rows<'a>(&self, common: &'a Common) -> Rows<'a> {
        match self.mask.and_then(|id| common.mask(id)) {
            Some(mask) => Rows::Some(mask),
            None if self.lossy => Rows::Lossy,
            None => Rows::Exact,
        }
    }
}

impl Rows<'_> {
    /// The pixels of a row that are exact.
    pub(super) fn row(&self, row: usize) -> u64 {
        match self {
            Self::Exact => u64::MAX,
            Self::Lossy => 0,
            Self::Some(mask) => mask.get(row).copied().unwrap_or_default(),
        }
    }
}

/// So many of the lowest bits.
const fn low(bits: u16) -> u64 {
    match bits {
        64.. => u64::MAX,
        bits => (1 << bits) - 1,
    }
}
