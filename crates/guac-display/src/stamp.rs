//! What lies over a viewer's picture, whatever is shown: it is put into the pixels before they are
//! encoded, so that no client can leave it out.

use crate::area::Area;
use crate::desktop::CopyHint;
use crate::limits::STAMP_MAX_SIDE;
use crate::picture::Picture;
use crate::region::Region;
use guac_encode::View;

/// Why pixels are not a stamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StampError {
    /// A side is zero or over [`STAMP_MAX_SIDE`].
    #[error("a stamp of {width}x{height} pixels is empty or over {STAMP_MAX_SIDE} on a side")]
    Size {
        /// Width asked for.
        width: u16,
        /// Height asked for.
        height: u16,
    },
    /// The number of pixels is not width times height.
    #[error("{pixels} pixels are not a stamp of {width}x{height}")]
    WrongLength {
        /// Width asked for.
        width: u16,
        /// Height asked for.
        height: u16,
        /// Pixels given.
        pixels: usize,
    },
}

/// An image that lies over a viewer's picture, at a fixed place or everywhere.
///
/// A viewer that has one is never sent a pixel under it as it is: neither drawn, nor moved there
/// and left. What is recorded has no stamp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    width: u16,
    height: u16,
    /// `0xAARRGGBB`, not premultiplied.
    pixels: Vec<u32>,
    place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Once, with its corner here.
    At { x: u16, y: u16 },
    /// Side by side over all of the picture, from its corner on.
    Everywhere,
}

impl Stamp {
    /// A stamp of pixels `0xAARRGGBB`, not premultiplied, with its corner at (`x`, `y`) of any
    /// picture. What does not fit a picture is cut off.
    ///
    /// # Errors
    /// A side is zero or over [`STAMP_MAX_SIDE`], or the number of pixels is not width times height.
    pub fn at(
        x: u16,
        y: u16,
        width: u16,
        height: u16,
        pixels: Vec<u32>,
    ) -> Result<Self, StampError> {
        Self::new(width, height, pixels, Place::At { x, y })
    }

    /// A stamp of such pixels that is repeated over all of any picture.
    ///
    /// # Errors
    /// As for [`at`](Self::at).
    pub fn everywhere(width: u16, height: u16, pixels: Vec<u32>) -> Result<Self, StampError> {
        Self::new(width, height, pixels, Place::Everywhere)
    }

    fn new(width: u16, height: u16, pixels: Vec<u32>, place: Place) -> Result<Self, StampError> {
        let sides = 1..=STAMP_MAX_SIDE;
        if !sides.contains(&width) || !sides.contains(&height) {
            return Err(StampError::Size { width, height });
        }
        if pixels.len() != usize::from(width) * usize::from(height) {
            let pixels = pixels.len();
            return Err(StampError::WrongLength {
                width,
                height,
                pixels,
            });
        }
        Ok(Self {
            width,
            height,
            pixels,
            place,
        })
    }

    /// A stamp with which nothing can be drawn: whoever tries panics.
    #[cfg(test)]
    pub(crate) fn broken() -> Self {
        Self {
            width: 0,
            height: 0,
            pixels: Vec::new(),
            place: Place::Everywhere,
        }
    }

    /// What of an area it may change.
    pub(crate) fn within(&self, area: Area) -> Area {
        match self.place {
            Place::Everywhere => area,
            Place::At { x, y } => area.intersection(Area {
                left: x,
                top: y,
                right: x.saturating_add(self.width),
                bottom: y.saturating_add(self.height),
            }),
        }
    }

    /// Whether it may change anything in an area.
    pub(crate) fn touches(&self, area: Area) -> bool {
        !self.within(area).is_empty()
    }

    /// Puts it over the pixels of an area, row by row.
    fn draw(&self, area: Area, pixels: &mut [u32]) {
        let under = self.within(area);
        let corner = match self.place {
            Place::Everywhere => (0, 0),
            Place::At { x, y } => (x, y),
        };
        let rows = pixels.chunks_mut(usize::from(area.width()).max(1));
        let rows = (area.top..area.bottom).zip(rows);
        for (y, row) in rows.filter(|(y, _)| (under.top..under.bottom).contains(y)) {
            let own = usize::from((y - corner.1) % self.height) * usize::from(self.width);
            let first = usize::from(under.left - area.left);
            let under_row = row.iter_mut().skip(first).take(under.width().into());
            for (x, pixel) in (under.left..).zip(under_row) {
                let column = usize::from((x - corner.0) % self.width);
                if let Some(own) = self.pixels.get(own + column) {
                    *pixel = over(*own, *pixel);
                }
            }
        }
    }
}

/// The colour of a pixel with alpha over an opaque one.
fn over(stamp: u32, under: u32) -> u32 {
    let [alpha, stamp @ ..] = stamp.to_be_bytes();
    let [_, under @ ..] = under.to_be_bytes();
    let alpha = u32::from(alpha);
    stamp
        .into_iter()
        .zip(under)
        .fold(0, |colour, (top, below)| {
            let sum = u32::from(top) * alpha + u32::from(below) * (255 - alpha);
            (colour << 8) | ((sum + 127) / 255)
        })
}

/// Makes the pixels that a viewer sees, in memory that it keeps: that of one image.
#[derive(Debug, Default)]
pub(crate) struct Press {
    pixels: Vec<u32>,
}

impl Press {
    /// An area of a picture, with the stamp over it.
    pub(crate) fn view<'a>(
        &'a mut self,
        picture: &'a Picture,
        stamp: Option<&Stamp>,
        area: Area,
    ) -> Option<View<'a>> {
        let Some(stamp) = stamp.filter(|stamp| stamp.touches(area)) else {
            return picture.view(area);
        };
        self.pixels.clear();
        for row in picture.view(area)?.rows() {
            self.pixels.extend_from_slice(row);
        }
        stamp.draw(area, &mut self.pixels);
        let (columns, rows) = (usize::from(area.width()), usize::from(area.height()));
        View::new(&self.pixels, columns, 0, 0, columns, rows)
    }
}

/// The moves that a viewer with a stamp is to do, of those that the picture under it does. What is
/// wrong after them, because it has lost the stamp or brought it along, is added to `region`, to be drawn.
/// A move that would be wrong in half of its target is drawn instead.
pub(crate) fn moves_under(
    stamp: &Stamp,
    copies: &[CopyHint],
    (width, height): (u16, u16),
    region: &mut Region,
) -> Vec<CopyHint> {
    let mut wrong = Region::new(width, height);
    let mut kept = Vec::with_capacity(copies.len());
    for copy in copies {
        let target = copy.target();
        // What was wrong before stays so at its place, too.
        let mut spoilt: Vec<Area> = wrong
            .rows()
            .flatten()
            .filter_map(|tile| copy.carried(*tile))
            .collect();
        spoilt.extend(copy.carried(stamp.within(copy.source)));
        spoilt.push(stamp.within(target));
        let pixels: u32 = spoilt.iter().map(|area| area.pixels()).sum();
        if target.pixels() <= pixels.saturating_mul(2) {
            wrong.add(target);
        } else {
            spoilt.into_iter().for_each(|area| wrong.add(area));
            kept.push(*copy);
        }
    }
    region.merge(&wrong);
    kept
}

#[cfg(test)]
mod tests;
