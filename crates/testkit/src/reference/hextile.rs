//! Hextile (RFC 6143, "Hextile Encoding").

use super::{Area, Decoder, Reader, Stop};

pub(super) fn decode(
    decoder: &mut Decoder,
    area: Area,
    input: &mut Reader<'_>,
) -> Result<(), Stop> {
    let (mut background, mut foreground) = (0, 0);
    for tile in area.tiles(16) {
        let mask = input.u8()?;
        let has = |bit: u8| mask & bit != 0;
        if has(1) {
            decoder.seen.insert("hextile raw");
            for (x, y) in tile.places() {
                let color = decoder.format.pixel(input)?;
                decoder.canvas.set(x, y, color);
            }
            continue;
        }
        if has(2) {
            background = decoder.format.pixel(input)?;
        }
        if has(4) {
            foreground = decoder.format.pixel(input)?;
        }
        let count = if has(8) { input.u8()? } else { 0 };
        decoder.seen.insert(match (has(8), has(16)) {
            (false, _) => "hextile background",
            (true, false) => "hextile foreground",
            (true, true) => "hextile coloured",
        });
        decoder.canvas.fill(tile, background);
        for _ in 0..count {
            let color = if has(16) {
                decoder.format.pixel(input)?
            } else {
                foreground
            };
            let [place, size] = input.array()?.map(usize::from);
            let part = Area::new(place / 16, place % 16, size / 16 + 1, size % 16 + 1);
            let part = tile
                .part(part)
                .ok_or(Stop::Wrong("a part outside its tile"))?;
            decoder.canvas.fill(part, color);
        }
    }
    Ok(())
}
