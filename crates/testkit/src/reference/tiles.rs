//! The tiles of TRLE and ZRLE (RFC 6143, "TRLE" and "ZRLE").

use super::{Area, Decoder, Reader, Stop};

/// The palette of the last tile that had one.
pub(super) type Palette = Vec<u32>;

/// Decodes one tile. A palette from outside may be used again, and is replaced by a new one.
pub(super) fn decode(
    decoder: &mut Decoder,
    tile: Area,
    input: &mut Reader<'_>,
    shared: Option<&mut Palette>,
) -> Result<(), Stop> {
    let number = input.u8()?;
    let mut own = Palette::new();
    let may_reuse = shared.is_some();
    let palette = shared.unwrap_or(&mut own);
    let has_palette = matches!(number, 2..=16 | 130..=255);
    if has_palette {
        let count = number & 0x7f;
        *palette = (0..count)
            .map(|_| decoder.format.compact(input))
            .collect::<Result<_, _>>()?;
    }
    let colors = match number {
        0 => {
            decoder.seen.insert("tile raw");
            raw(decoder, tile, input)?
        }
        1 => {
            decoder.seen.insert("tile solid");
            vec![decoder.format.compact(input)?; tile.width * tile.height]
        }
        2..=16 => {
            decoder.seen.insert("tile packed");
            packed(palette, tile, input)?
        }
        127 if may_reuse && (2..=16).contains(&palette.len()) => {
            decoder.seen.insert("tile packed again");
            packed(palette, tile, input)?
        }
        128 => {
            decoder.seen.insert("tile plain runs");
            runs(tile, input, |input| {
                let color = decoder.format.compact(input)?;
                Ok((color, run_length(input)?))
            })?
        }
        129 if !may_reuse || palette.len() < 2 => return Err(Stop::Wrong("no palette to reuse")),
        129.. => {
            decoder.seen.insert(if has_palette {
                "tile palette runs"
            } else {
                "tile palette runs again"
            });
            runs(tile, input, |input| {
                let index = input.u8()?;
                let color = color(palette, index & 0x7f)?;
                let is_run = index & 0x80 != 0;
                Ok((color, if is_run { run_length(input)? } else { 1 }))
            })?
        }
        _ => return Err(Stop::Wrong("an unknown tile")),
    };
    decoder.canvas.draw(tile, &colors);
    Ok(())
}

fn color(palette: &[u32], index: u8) -> Result<u32, Stop> {
    let color = palette.get(usize::from(index)).copied();
    color.ok_or(Stop::Wrong("an index beyond its palette"))
}

fn raw(decoder: &Decoder, tile: Area, input: &mut Reader<'_>) -> Result<Vec<u32>, Stop> {
    (0..tile.width * tile.height)
        .map(|_| decoder.format.compact(input))
        .collect()
}

/// Indices of one, two or four bits, rows of whole bytes, the first pixel in the highest bits.
fn packed(palette: &[u32], tile: Area, input: &mut Reader<'_>) -> Result<Vec<u32>, Stop> {
    let bits = match palette.len() {
        2 => 1,
        3..=4 => 2,
        _ => 4,
    };
    let mut colors = Vec::new();
    for _ in 0..tile.height {
        let row = input.take((tile.width * bits).div_ceil(8))?;
        for x in 0..tile.width {
            let (byte, place) = (x * bits / 8, x * bits % 8);
            let index = row[byte] >> (8 - bits - place) & ((1 << bits) - 1);
            colors.push(color(palette, index)?);
        }
    }
    Ok(colors)
}

fn runs(
    tile: Area,
    input: &mut Reader<'_>,
    mut run: impl FnMut(&mut Reader<'_>) -> Result<(u32, usize), Stop>,
) -> Result<Vec<u32>, Stop> {
    let area = tile.width * tile.height;
    let mut colors = Vec::new();
    while colors.len() < area {
        let (color, length) = run(input)?;
        if area - colors.len() < length {
            return Err(Stop::Wrong("a run beyond its tile"));
        }
        colors.resize(colors.len() + length, color);
    }
    Ok(colors)
}

/// One more than the sum of the bytes up to the first that is not 255.
fn run_length(input: &mut Reader<'_>) -> Result<usize, Stop> {
    let mut length = 1;
    loop {
        let byte = input.u8()?;
        length += usize::from(byte);
        if byte != 255 {
            return Ok(length);
        }
    }
}
