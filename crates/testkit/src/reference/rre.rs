//! RRE, and CoRRE, whose coordinates have a byte (RFC 6143, "RRE Encoding").

use super::{Area, Decoder, Reader, Stop};

/// How often the parts may draw the whole rectangle, which the protocol does not bound.
const PASSES: usize = 4;

pub(super) fn decode(
    decoder: &mut Decoder,
    area: Area,
    input: &mut Reader<'_>,
    mut coordinate: impl FnMut(&mut Reader<'_>) -> Result<usize, Stop>,
) -> Result<(), Stop> {
    decoder.seen.insert("rre or corre");
    let count = input.u32()?;
    let background = decoder.format.pixel(input)?;
    decoder.canvas.fill(area, background);
    let mut drawn = 0;
    for _ in 0..count {
        let color = decoder.format.pixel(input)?;
        let (x, y) = (coordinate(input)?, coordinate(input)?);
        let (width, height) = (coordinate(input)?, coordinate(input)?);
        let part = area
            .part(Area::new(x, y, width, height))
            .ok_or(Stop::Wrong("a part outside its rectangle"))?;
        drawn += width * height;
        if PASSES * area.width * area.height < drawn {
            return Err(Stop::Wrong("a rectangle that is drawn over and over"));
        }
        decoder.canvas.fill(part, color);
    }
    Ok(())
}
