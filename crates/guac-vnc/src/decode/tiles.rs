//! Tiles of palettes and runs, which TRLE and ZRLE share (RFC 6143, "TRLE" and "ZRLE").

use super::{Canvas, raster::Raster};
use crate::{DecodeError, Rect, Surface, input::Input, pixel::Format};

/// A rectangle cut into tiles of `SIDE` pixels, from the left and from the top.
#[derive(Debug, Default)]
pub(super) struct Grid<const SIDE: u16> {
    rect: Rect,
    x: u16,
    y: u16,
}

impl<const SIDE: u16> Grid<SIDE> {
    pub(super) const fn new(rect: Rect) -> Self {
        Self { rect, x: 0, y: 0 }
    }

    /// The current tile, in pixels of the framebuffer; none when all are done.
    pub(super) fn tile(&self) -> Option<Rect> {
        if self.rect.is_empty() || self.rect.height <= self.y {
            return None;
        }
        let width = SIDE.min(self.rect.width - self.x);
        let height = SIDE.min(self.rect.height - self.y);
        Some(Rect::new(
            self.rect.x + self.x,
            self.rect.y + self.y,
            width,
            height,
        ))
    }

    pub(super) const fn advance(&mut self) {
        self.x = self.x.saturating_add(SIDE);
        if self.rect.width <= self.x {
            self.x = 0;
            self.y = self.y.saturating_add(SIDE);
        }
    }
}

/// Whether a tile may use the palette of the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reuse {
    Allowed,
    Never,
}

/// Colours in a palette: at most 127.
#[derive(Debug)]
struct Palette {
    colors: [u32; 128],
    len: u8,
}

impl Palette {
    fn color(&self, index: u8) -> Result<u32, DecodeError> {
        match self.colors.get(usize::from(index)) {
            Some(color) if index < self.len => Ok(*color),
            _ => Err(DecodeError::PaletteIndex {
                index,
                colors: self.len.into(),
            }),
        }
    }
}

impl Default for Palette {
    fn default() -> Self {
        Self {
            colors: [0; 128],
            len: 0,
        }
    }
}

/// A decoder of tiles.
#[derive(Debug, Default)]
pub(super) struct Tiles<const SIDE: u16> {
    grid: Grid<SIDE>,
    palette: Palette,
    state: State,
}

/// What comes next of a tile.
#[derive(Debug, Default)]
enum State {
    #[default]
    Subencoding,
    Raw(Raster),
    Solid(Rect),
    /// A palette of so many colours, then pixels or runs.
    Palette {
        tile: Rect,
        colors: u8,
        runs: bool,
    },
    Packed(Raster),
    PlainRuns(Raster),
    PaletteRuns(Raster),
}

impl<const SIDE: u16> Tiles<SIDE> {
    pub(super) fn begin(&mut self, rect: Rect) {
        self.grid = Grid::new(rect);
        self.palette.len = 0;
        self.state = State::Subencoding;
    }

    /// Writes what the bytes at hand allow. True once the rectangle is complete.
    pub(super) fn decode(
        &mut self,
        input: &mut Input<'_>,
        canvas: &mut Canvas<'_>,
        reuse: Reuse,
    ) -> Result<bool, DecodeError> {
        let format = canvas.formats.compact;
        let surface = &mut canvas.surface;
        while let Some(tile) = self.grid.tile() {
            let done = match &mut self.state {
                State::Subencoding => {
                    let Some(number) = input.u8() else {
                        return Ok(false);
                    };
                    self.state = subencoding(number, tile, reuse, &self.palette)?;
                    continue;
                }
                State::Palette { tile, colors, runs } => {
                    let (raster, colors, runs) = (Raster::new(*tile), *colors, *runs);
                    if !read_palette(&mut self.palette, colors, input, format) {
                        return Ok(false);
                    }
                    self.state = if runs {
                        State::PaletteRuns(raster)
                    } else {
                        State::Packed(raster)
                    };
                    continue;
                }
                State::Raw(raster) => raster.pixels(input, format, surface),
                State::Solid(tile) => match format.take(input) {
                    None => false,
                    Some(color) => {
                        surface.fill(*tile, color);
                        // A palette of one colour: nothing can be packed with it.
                        true
                    }
                },
                State::Packed(raster) => packed(raster, &self.palette, input, surface)?,
                State::PlainRuns(raster) => runs(raster, input, surface, |input| {
                    let Some(color) = format.take(input) else {
                        return Ok(None);
                    };
                    Ok(run_length(input).map(|length| (color, length)))
                })?,
                State::PaletteRuns(raster) => {
                    let palette = &self.palette;
                    runs(raster, input, surface, |input| {
                        let Some(index) = input.u8() else {
                            return Ok(None);
                        };
                        let color = palette.color(index & 0x7f)?;
                        let length = if index < 0x80 {
                            Some(1)
                        } else {
                            run_length(input)
                        };
                        Ok(length.map(|length| (color, length)))
                    })?
                }
            };
            if !done {
                return Ok(false);
            }
            self.grid.advance();
            self.state = State::Subencoding;
        }
        Ok(true)
    }
}

fn subencoding(
    number: u8,
    tile: Rect,
    reuse: Reuse,
    palette: &Palette,
) -> Result<State, DecodeError> {
    let raster = Raster::new(tile);
    match (number, reuse) {
        (0, _) => Ok(State::Raw(raster)),
        (1, _) => Ok(State::Solid(tile)),
        (2..=16, _) => Ok(State::Palette {
            tile,
            colors: number,
            runs: false,
        }),
        (128, _) => Ok(State::PlainRuns(raster)),
        (130.., _) => Ok(State::Palette {
            tile,
            colors: number - 128,
            runs: true,
        }),
        (127, Reuse::Allowed) if (2..=16).contains(&palette.len) => Ok(State::Packed(raster)),
        (129, Reuse::Allowed) if 2 <= palette.len => Ok(State::PaletteRuns(raster)),
        (127 | 129, Reuse::Allowed) => Err(DecodeError::NoPalette),
        (17..=127 | 129, _) => Err(DecodeError::UnknownSubencoding(number)),
    }
}

/// Takes a whole palette. False if it is not all there.
fn read_palette(palette: &mut Palette, len: u8, input: &mut Input<'_>, format: Format<'_>) -> bool {
    let Some(bytes) = input.take(usize::from(len) * format.bytes()) else {
        return false;
    };
    format.convert(
        bytes,
        palette.colors.get_mut(..len.into()).unwrap_or_default(),
    );
    palette.len = len;
    true
}

/// Takes rows of packed indices, each row padded to whole bytes.
fn packed(
    raster: &mut Raster,
    palette: &Palette,
    input: &mut Input<'_>,
    surface: &mut Surface<'_>,
) -> Result<bool, DecodeError> {
    let bits: u32 = match palette.len {
        ..=2 => 1,
        3..=4 => 2,
        _ => 4,
    };
    let mask = (1_u8 << bits) - 1;
    let row_bytes = (raster.width() * bits as usize).div_ceil(8);
    while !raster.is_done() {
        let Some(bytes) = input.take(row_bytes) else {
            return Ok(false);
        };
        let row = raster.row(surface);
        for (pixels, byte) in row.chunks_mut(8 / bits as usize).zip(bytes) {
            let mut byte = *byte;
            for pixel in pixels {
                byte = byte.rotate_left(bits);
                *pixel = palette.color(byte & mask)?;
            }
        }
        raster.advance(raster.width());
    }
    Ok(true)
}

/// Takes runs until the tile is complete.
fn runs(
    raster: &mut Raster,
    input: &mut Input<'_>,
    surface: &mut Surface<'_>,
    run: impl Fn(&mut Input<'_>) -> Result<Option<(u32, usize)>, DecodeError>,
) -> Result<bool, DecodeError> {
    while !raster.is_done() {
        let row = raster.row(surface);
        let (mut column, mut longer) = (0, None);
        while column < row.len() && longer.is_none() {
            let before = *input;
            let Some((color, length)) = run(input)? else {
                *input = before;
                raster.advance(column);
                return Ok(false);
            };
            match row.get_mut(column..column + length) {
                Some(part) => {
                    part.fill(color);
                    column += length;
                }
                None => longer = Some((color, length)),
            }
        }
        raster.advance(column);
        if let Some((color, length)) = longer {
            raster.run(color, length, surface)?;
        } else if column == 0 {
            // As in `Raster::run`: a surface that is too small was ruled out.
            return Err(DecodeError::OutsideRectangle);
        }
    }
    Ok(true)
}

/// The most pixels that a tile of either encoding has.
const LONGEST_RUN: usize = 64 * 64;

/// One more than the sum of all bytes up to the first that is not 255. A run longer than any
/// tile has an end before that, for the caller to refuse.
fn run_length(input: &mut Input<'_>) -> Option<usize> {
    let mut length = 1;
    loop {
        let byte = input.u8()?;
        length += usize::from(byte);
        if byte < 255 || LONGEST_RUN < length {
            return Some(length);
        }
    }
}
