//! Hextile: 16x16 tiles, each Raw or a background with rectangles (RFC 6143, "Hextile
//! Encoding").

use super::{Canvas, Decoder, Progress, raster::Raster, tiles::Grid};
use crate::{DecodeError, Rect, input::Input};

const RAW: u8 = 1;
const BACKGROUND: u8 = 2;
const FOREGROUND: u8 = 4;
const SUBRECTANGLES: u8 = 8;
const COLOURED: u8 = 16;

/// The decoder of Hextile rectangles.
#[derive(Debug, Default)]
pub(super) struct Hextile {
    grid: Grid<16>,
    state: State,
    /// Colours hold from tile to tile within a rectangle.
    background: u32,
    foreground: u32,
}

/// What comes next of a tile.
#[derive(Debug, Default)]
enum State {
    #[default]
    Header,
    Raw(Raster),
    Subrectangles {
        tile: Rect,
        coloured: bool,
        left: u8,
    },
}

impl Hextile {
    /// Takes the head of a tile: its mask and what that announces. Fills the background.
    fn header(
        &mut self,
        tile: Rect,
        input: &mut Input<'_>,
        canvas: &mut Canvas<'_>,
    ) -> Option<State> {
        let format = canvas.formats.full;
        let (mask, background, foreground, count) = input.whole(|input| {
            let mask = input.u8()?;
            if mask & RAW != 0 {
                return Some((mask, 0, 0, 0));
            }
            let mut color = |bit, before| match mask & bit {
                0 => Some(before),
                _ => format.take(input),
            };
            let background = color(BACKGROUND, self.background)?;
            let foreground = color(FOREGROUND, self.foreground)?;
            let count = if mask & SUBRECTANGLES == 0 {
                0
            } else {
                input.u8()?
            };
            Some((mask, background, foreground, count))
        })?;
        if mask & RAW != 0 {
            return Some(State::Raw(Raster::new(tile)));
        }
        (self.background, self.foreground) = (background, foreground);
        canvas.surface.fill(tile, background);
        Some(State::Subrectangles {
            tile,
            coloured: mask & COLOURED != 0,
            left: count,
        })
    }
}

impl Decoder for Hextile {
    fn begin(&mut self, rect: Rect) {
        *self = Self {
            grid: Grid::new(rect),
            ..Self::default()
        };
    }

    fn decode(
        &mut self,
        input: &mut Input<'_>,
        canvas: &mut Canvas<'_>,
    ) -> Result<Progress, DecodeError> {
        let format = canvas.formats.full;
        while let Some(tile) = self.grid.tile() {
            match &mut self.state {
                State::Header => {
                    let Some(state) = self.header(tile, input, canvas) else {
                        return Ok(Progress::Wait);
                    };
                    self.state = state;
                    continue;
                }
                State::Raw(raster) => {
                    if !raster.pixels(input, format, &mut canvas.surface) {
                        return Ok(Progress::Wait);
                    }
                }
                State::Subrectangles {
                    tile,
                    coloured,
                    left,
                } => {
                    let color = (!*coloured).then_some(self.foreground);
                    subrectangles(*tile, color, left, input, canvas)?;
                    if 0 < *left {
                        return Ok(Progress::Wait);
                    }
                }
            }
            self.grid.advance();
            self.state = State::Header;
        }
        Ok(Progress::Done)
    }
}

/// Draws the subrectangles that are there whole, of one colour or of one each.
fn subrectangles(
    tile: Rect,
    color: Option<u32>,
    left: &mut u8,
    input: &mut Input<'_>,
    canvas: &mut Canvas<'_>,
) -> Result<(), DecodeError> {
    let format = canvas.formats.full;
    let size = if color.is_some() { 0 } else { format.bytes() } + 2;
    let count = usize::from(*left).min(input.len() / size);
    let mut parts = Input::new(input.up_to(count * size));
    *left -= u8::try_from(count).unwrap_or(*left);
    if let Some(color) = color {
        let (places, _) = parts.rest().as_chunks();
        for place in places {
            canvas.surface.fill(subrectangle(tile, *place)?, color);
        }
    } else {
        while let (Some(color), Some(place)) = (format.take(&mut parts), parts.array()) {
            canvas.surface.fill(subrectangle(tile, place)?, color);
        }
    }
    Ok(())
}

/// The place of a subrectangle: x and y in one byte, width and height less one in the other.
fn subrectangle(tile: Rect, [place, size]: [u8; 2]) -> Result<Rect, DecodeError> {
    let (x, y) = (u16::from(place >> 4), u16::from(place & 15));
    let (width, height) = (u16::from(size >> 4) + 1, u16::from(size & 15) + 1);
    if Rect::new(x, y, width, height).fits(tile.width, tile.height) {
        Ok(Rect::new(tile.x + x, tile.y + y, width, height))
    } else {
        Err(DecodeError::OutsideRectangle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::Table;

    const RED: [u8; 4] = [0, 0, 0xff, 0];
    const BLUE: [u8; 4] = [0xff, 0, 0, 0];

    #[test]
    fn colours_hold_from_tile_to_tile() {
        let mut data = vec![BACKGROUND | FOREGROUND | SUBRECTANGLES];
        data.extend(RED);
        data.extend(BLUE);
        data.extend([1, 0x00, 0xf0]); // one, at 0,0, 16x1
        data.extend([SUBRECTANGLES, 1, 0x10, 0x01]); // at 1,0, 1x2
        let mut rows = vec![[0xff0000; 18]; 2];
        rows[0][..16].fill(0x0000ff);
        rows[0][17] = 0x0000ff;
        rows[1][17] = 0x0000ff;
        Table::new(18, 2, Rect::new(0, 0, 18, 2)).expect::<Hextile>(&data, &rows);
    }

    #[test]
    fn a_tile_may_be_raw_and_subrectangles_coloured() {
        let mut data = vec![BACKGROUND | SUBRECTANGLES | COLOURED];
        data.extend(RED);
        data.push(2);
        data.extend([0, 0xff, 0, 0, 0x22, 0x00]); // green at 2,2
        data.extend([1, 1, 1, 0, 0x33, 0x00]); // grey at 3,3
        // The mask of a raw tile means nothing but raw.
        data.push(RAW | BACKGROUND);
        data.extend([3, 2, 1, 0].repeat(16));
        let mut rows = vec![[0xff0000; 16]; 17];
        rows[2][2] = 0x00ff00;
        rows[3][3] = 0x010101;
        rows[16].fill(0x010203);
        Table::new(16, 17, Rect::new(0, 0, 16, 17)).expect::<Hextile>(&data, &rows);
    }

    #[test]
    fn a_subrectangle_outside_its_tile_is_refused() {
        let table = Table::new(16, 16, Rect::new(0, 0, 4, 4));
        let error = DecodeError::OutsideRectangle;
        table.refuse::<Hextile>(&[SUBRECTANGLES, 1, 0x40, 0x00], error);
        table.refuse::<Hextile>(&[SUBRECTANGLES, 1, 0x00, 0x04], error);
        table.refuse::<Hextile>(&[SUBRECTANGLES, 1, 0x31, 0x10], error);
    }
}
