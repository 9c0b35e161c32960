//! RRE and CoRRE: a background and rectangles of one colour (RFC 6143, "RRE Encoding"; CoRRE is
//! the same with 8-bit coordinates).

use super::{Canvas, Decoder, Progress};
use crate::{DecodeError, Rect, input::Input};

/// How often the subrectangles may draw all of their rectangle. Servers never draw a pixel twice;
/// without a bound, a few bytes could ask for hours of drawing.
const PASSES_MAX: usize = 4;

/// The decoder of RRE rectangles.
#[derive(Debug, Default)]
pub(super) struct Rre(Subrectangles);

/// The decoder of CoRRE rectangles.
#[derive(Debug, Default)]
pub(super) struct CoRre(Subrectangles);

#[derive(Debug, Default)]
struct Subrectangles {
    rect: Rect,
    /// Subrectangles to come, once the background is there.
    left: Option<u32>,
    /// Pixels that they may draw still.
    pixels_left: usize,
}

impl Subrectangles {
    fn begin(rect: Rect) -> Self {
        Self {
            rect,
            left: None,
            pixels_left: PASSES_MAX.saturating_mul(rect.area()),
        }
    }

    fn decode(
        &mut self,
        input: &mut Input<'_>,
        canvas: &mut Canvas<'_>,
        place: impl Fn(&mut Input<'_>) -> Option<Rect>,
    ) -> Result<Progress, DecodeError> {
        let format = canvas.formats.full;
        let mut left = match self.left {
            Some(left) => left,
            None => {
                let header = input.whole(|input| Some((input.u32()?, format.take(input)?)));
                let Some((count, background)) = header else {
                    return Ok(Progress::Wait);
                };
                canvas.surface.fill(self.rect, background);
                count
            }
        };
        while 0 < left {
            let part = input.whole(|input| Some((format.take(input)?, place(input)?)));
            let Some((color, part)) = part else {
                self.left = Some(left);
                return Ok(Progress::Wait);
            };
            if !part.fits(self.rect.width, self.rect.height) {
                return Err(DecodeError::OutsideRectangle);
            }
            self.pixels_left = self
                .pixels_left
                .checked_sub(part.area())
                .ok_or(DecodeError::Overdrawn)?;
            let (x, y) = (self.rect.x + part.x, self.rect.y + part.y);
            canvas.surface.fill(Rect { x, y, ..part }, color);
            left -= 1;
        }
        Ok(Progress::Done)
    }
}

impl Decoder for Rre {
    fn begin(&mut self, rect: Rect) {
        self.0 = Subrectangles::begin(rect);
    }

    fn decode(
        &mut self,
        input: &mut Input<'_>,
        canvas: &mut Canvas<'_>,
    ) -> Result<Progress, DecodeError> {
        self.0.decode(input, canvas, |input| {
            Some(Rect::new(
                input.u16()?,
                input.u16()?,
                input.u16()?,
                input.u16()?,
            ))
        })
    }
}

impl Decoder for CoRre {
    fn begin(&mut self, rect: Rect) {
        self.0 = Subrectangles::begin(rect);
    }

    fn decode(
        &mut self,
        input: &mut Input<'_>,
        canvas: &mut Canvas<'_>,
    ) -> Result<Progress, DecodeError> {
        self.0.decode(input, canvas, |input| {
            let [x, y, width, height] = input.array()?.map(u16::from);
            Some(Rect::new(x, y, width, height))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::Table;

    const BACK: u32 = 0x101010;
    const ROWS: [[u32; 4]; 3] = [
        [0, BACK, BACK, BACK],
        [0, BACK, 0x0000ff, 0x0000ff],
        [0, 0xff0000, 0x0000ff, 0x0000ff],
    ];

    #[test]
    fn rectangles_are_drawn_over_the_background() {
        let data = [
            0, 0, 0, 2, 0x10, 0x10, 0x10, 0, // two on grey
            0, 0, 0xff, 0, 0, 0, 0, 2, 0, 2, 0, 1, // red, 2x1 at 0,2
            0xff, 0, 0, 0, 0, 1, 0, 1, 0, 2, 0, 2, // blue, 2x2 at 1,1
        ];
        Table::new(4, 3, Rect::new(1, 0, 3, 3)).expect::<Rre>(&data, &ROWS);
    }

    #[test]
    fn corre_has_small_coordinates() {
        let data = [
            0, 0, 0, 2, 0x10, 0x10, 0x10, 0, // two on grey
            0, 0, 0xff, 0, 0, 2, 2, 1, // red
            0xff, 0, 0, 0, 1, 1, 2, 2, // blue
        ];
        Table::new(4, 3, Rect::new(1, 0, 3, 3)).expect::<CoRre>(&data, &ROWS);
    }

    #[test]
    fn a_part_that_reaches_out_of_its_rectangle_is_refused() {
        let table = Table::new(4, 3, Rect::new(1, 0, 2, 2));
        let part = |x: u8, y: u8, w: u8, h: u8| [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, x, y, w, h];
        table.refuse::<CoRre>(&part(1, 0, 2, 1), DecodeError::OutsideRectangle);
        table.refuse::<CoRre>(&part(0, 1, 1, 2), DecodeError::OutsideRectangle);
        table.refuse::<CoRre>(&part(255, 255, 255, 255), DecodeError::OutsideRectangle);
    }

    #[test]
    fn drawing_over_and_over_is_refused() {
        let whole = [0, 0, 0xff, 0, 0, 0, 2, 2];
        let parts =
            |count: u8| [&[0, 0, 0, count, 0, 0, 0, 0], &*whole.repeat(count.into())].concat();
        let table = Table::new(2, 2, Rect::new(0, 0, 2, 2));
        table.expect::<CoRre>(&parts(4), &[[0xff_0000; 2]; 2]);
        table.refuse::<CoRre>(&parts(5), DecodeError::Overdrawn);
    }

    #[test]
    fn four_thousand_million_parts_take_no_memory() {
        let mut rre = Rre::default();
        rre.begin(Rect::new(0, 0, 1, 1));
        let table = Table::new(1, 1, Rect::new(0, 0, 1, 1));
        let mut data = vec![0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];
        data.extend([0; 12 * 3]);
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            table.run(&mut rre, &[&data], &mut [0])
        }));
        assert!(outcome.is_err(), "it waits for the rest");
        assert_eq!(rre.0.left, Some(u32::MAX - 3));
    }
}
