//! Cuts a changed region into pieces: one colour, an exact image, or one that is about right.

use crate::area::Area;
use crate::limits::{IMAGE_MAX_SIDE, THIN_MAX_SIDE, THIN_SIDE};
use crate::picture::Picture;
use crate::region::Region;
use crate::stamp::Stamp;

/// What an image costs beside its pixels (its instructions, its headers, and a decoder's start in
/// the browser), as a number of pixels.
const IMAGE_OVERHEAD: u32 = 4096;

/// A rectangle to be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) area: Area,
    pub(crate) paint: Paint,
}

impl Piece {
    pub(crate) fn is_image(&self) -> bool {
        !matches!(self.paint, Paint::Fill(_))
    }
}

/// How a rectangle is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paint {
    /// It has only this colour.
    Fill(u32),
    /// An image, exact in every pixel.
    Exact,
    /// An image that may be about right.
    Lossy,
}

/// Plans, in memory that it keeps.
#[derive(Debug, Default)]
pub(crate) struct Planner {
    done: Vec<Piece>,
    /// Pieces that reach down to the row of tiles above, and may grow.
    open: Vec<Piece>,
    row: Vec<Piece>,
}

impl Planner {
    /// Pieces that together hold `region`. They may overlap, and hold pixels besides: all of them
    /// are of the same picture, so that their order does not matter. `may_lose` says of a tile, by its
    /// number in the region, and of its part whether it may be about right if it is a photograph.
    /// What the stamp touches is never of one colour.
    pub(crate) fn plan(
        &mut self,
        picture: &Picture,
        stamp: Option<&Stamp>,
        region: &Region,
        may_lose: impl Fn(usize, Area) -> bool,
    ) -> Vec<Piece> {
        self.done.clear();
        self.open.clear();
        if region.is_empty() {
            return std::mem::take(&mut self.done);
        }
        let mut first = 0;
        for tiles in region.rows() {
            self.cut_row(picture, stamp, tiles, |column, area| {
                may_lose(first + column, area)
            });
            self.join_down();
            first += tiles.len();
        }
        self.done.append(&mut self.open);
        std::mem::take(&mut self.done)
    }

    /// Takes back the memory of a plan.
    pub(crate) fn recycle(&mut self, plan: Vec<Piece>) {
        self.done = plan;
    }

    /// Makes the pieces of one row of tiles, joining neighbours.
    fn cut_row(
        &mut self,
        picture: &Picture,
        stamp: Option<&Stamp>,
        tiles: &[Area],
        may_lose: impl Fn(usize, Area) -> bool,
    ) {
        self.row.clear();
        let mut beside = false;
        for (column, area) in tiles.iter().enumerate() {
            let Some(view) = picture.view(*area) else {
                beside = false;
                continue;
            };
            let paint = match view.flat_colour() {
                Some(colour) if !stamp.is_some_and(|stamp| stamp.touches(*area)) => {
                    Paint::Fill(colour)
                }
                _ if may_lose(column, *area) && view.is_photographic() => Paint::Lossy,
                _ => Paint::Exact,
            };
            let piece = Piece { area: *area, paint };
            let last = self.row.last_mut().filter(|_| beside);
            if !last.is_some_and(|last| join_into(last, piece)) {
                self.row.push(piece);
            }
            beside = true;
        }
    }

    /// Joins the row's pieces to those above; pieces above that end there are done.
    fn join_down(&mut self) {
        for piece in &mut self.row {
            let above = self
                .open
                .iter_mut()
                .position(|above| join_into(above, *piece));
            if let Some(above) = above {
                *piece = self.open.swap_remove(above);
            }
        }
        self.done.append(&mut self.open);
        std::mem::swap(&mut self.open, &mut self.row);
    }
}

/// Lets `piece` hold `other` too if that is cheaper than both, and says whether it does.
fn join_into(piece: &mut Piece, other: Piece) -> bool {
    let union = piece.area.union(other.area);
    let pixels = piece.area.pixels() + other.area.pixels();
    let (width, height) = (union.width(), union.height());
    let longest = if width.min(height) <= THIN_SIDE {
        THIN_MAX_SIDE
    } else {
        IMAGE_MAX_SIDE
    };
    let fits = width.max(height) <= longest;
    let joins = match (piece.paint, other.paint) {
        // A fill must hold nothing else.
        (Paint::Fill(one), Paint::Fill(two)) => one == two && union.pixels() == pixels,
        (Paint::Exact, Paint::Exact) => fits && union.pixels() <= pixels + IMAGE_OVERHEAD,
        // What lies beside it loses too, and may be text.
        (Paint::Lossy, Paint::Lossy) => fits && union.pixels() <= pixels + pixels / 16,
        _ => false,
    };
    if joins {
        piece.area = union;
    }
    joins
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of noise with one white tile row, 256x192.
    fn picture() -> Picture {
        let mut picture = Picture::default();
        picture.resize(256, 192);
        for (number, pixel) in (0_u32..).zip(picture.pixels_mut()) {
            let white = (64..128).contains(&(number / 256));
            *pixel = if white { 0xFF_FFFF } else { number };
        }
        picture
    }

    fn planned(areas: &[(u16, u16, u16, u16)]) -> Vec<(u16, u16, u16, u16, bool)> {
        let mut region = Region::new(256, 192);
        for (left, top, right, bottom) in areas.iter().copied() {
            region.add(Area {
                left,
                top,
                right,
                bottom,
            });
        }
        let mut planner = Planner::default();
        let mut pieces: Vec<_> = planner
            .plan(&picture(), None, &region, |_, _| false)
            .iter()
            .map(|Piece { area, paint }| {
                let flat = matches!(paint, Paint::Fill(_));
                (area.left, area.top, area.right, area.bottom, flat)
            })
            .collect();
        pieces.sort_unstable();
        pieces
    }

    #[test]
    fn one_colour_becomes_a_fill_and_the_rest_images() {
        assert_eq!(
            planned(&[(0, 0, 256, 192)]),
            [
                (0, 0, 256, 64, false),
                (0, 64, 256, 128, true),
                (0, 128, 256, 192, false)
            ]
        );
    }

    #[test]
    fn joins_only_what_is_cheaper_together() {
        for (areas, expected) in [
            (vec![], vec![]),
            (vec![(60, 3, 70, 9)], vec![(60, 3, 70, 9, false)]),
            // Not neighbours.
            (
                vec![(0, 0, 64, 64), (128, 0, 192, 64)],
                vec![(0, 0, 64, 64, false), (128, 0, 192, 64, false)],
            ),
            // Neighbours whose common rectangle is far larger than they are.
            (
                vec![(0, 0, 64, 1), (127, 0, 128, 64), (64, 63, 127, 64)],
                vec![(0, 0, 128, 64, false)],
            ),
            // A fill of parts that do not make a rectangle stays in parts.
            (
                vec![(0, 64, 64, 128), (64, 64, 128, 100)],
                vec![(0, 64, 64, 128, true), (64, 64, 128, 100, true)],
            ),
        ] {
            assert_eq!(planned(&areas), expected, "{areas:?}");
        }
    }

    #[test]
    fn images_are_bounded_and_fills_are_not() {
        let mut picture = Picture::default();
        picture.resize(2048, 1024);
        let region = Region::full(2048, 1024);
        let mut planner = Planner::default();
        assert_eq!(planner.plan(&picture, None, &region, |_, _| true).len(), 1);
        for (number, pixel) in (0..).zip(picture.pixels_mut()) {
            *pixel = number;
        }
        let pieces = planner.plan(&picture, None, &region, |_, _| false);
        assert_eq!(pieces.len(), 8);
        for piece in pieces {
            assert!(piece.area.width() == 512 && piece.area.height() == 512);
        }
        for (height, images) in [(THIN_SIDE, 1), (THIN_SIDE + 1, 2)] {
            let mut stripe = Region::new(2048, 1024);
            stripe.add(Area {
                left: 0,
                top: 100,
                right: 2048,
                bottom: 100 + height,
            });
            assert_eq!(
                planner.plan(&picture, None, &stripe, |_, _| false).len(),
                images
            );
        }
    }

    #[test]
    fn only_photographs_that_may_lose_do() {
        let mut picture = Picture::default();
        picture.resize(256, 64);
        for (number, pixel) in (0_u32..).zip(picture.pixels_mut()) {
            // From 192 on, each pixel has a neighbour like it, as text and lines do.
            let column = number % 256;
            *pixel = if column < 192 { number } else { number / 4 };
        }
        let mut planner = Planner::default();
        let region = Region::full(256, 64);
        let plan = planner.plan(&picture, None, &region, |tile, area| {
            assert_eq!(usize::from(area.left / 64), tile);
            tile != 0
        });
        let seen: Vec<_> = plan
            .iter()
            .map(|piece| (piece.area.left, piece.area.right, piece.paint))
            .collect();
        let expected = [
            (0, 64, Paint::Exact),
            (64, 192, Paint::Lossy),
            (192, 256, Paint::Exact),
        ];
        assert_eq!(seen, expected);
    }
}
