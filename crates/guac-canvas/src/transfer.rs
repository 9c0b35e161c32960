//! Binary raster operations.

use crate::picture::Surface;

/// Combines an image into the destination at this place by a raster function from 0 to 15, whose
/// bits are its truth table: 8 where both are 0, 4 where only the destination is 1, 2 where only the
/// source is, 1 where both are.
pub(crate) fn transfer(destination: &mut Surface, image: &Surface, x: i64, y: i64, function: u8) {
    for row in 0..image.height {
        let place = |offset: usize, origin: i64| {
            usize::try_from(i64::try_from(offset).ok()?.checked_add(origin)?).ok()
        };
        let Some(target) = place(row, y) else {
            continue;
        };
        for (column, source) in image.row(row).iter().enumerate() {
            let Some(pixel) = place(column, x).and_then(|x| destination.row_mut(target).get_mut(x))
            else {
                continue;
            };
            *pixel = combine(*source, *pixel, function);
        }
    }
}

fn combine(source: u32, destination: u32, function: u8) -> u32 {
    const COLOUR: u32 = 0x00ff_ffff;
    /// Copying the source, inverted or not, copies its opacity too; the others leave it as it was.
    const FROM_SOURCE: [u8; 2] = [0x3, 0xc];
    let term = |bit: u8, value: u32| if function & bit == 0 { 0 } else { value };
    let colour = term(8, !source & !destination)
        | term(4, !source & destination)
        | term(2, source & !destination)
        | term(1, source & destination);
    let alpha = if FROM_SOURCE.contains(&function) {
        source
    } else {
        destination
    } & !COLOUR;
    if alpha == 0 {
        0
    } else {
        alpha | (colour & COLOUR)
    }
}

#[cfg(test)]
mod tests {
    use super::combine;

    #[test]
    fn functions_follow_their_truth_tables() {
        let (source, destination) = (0xff0f_0f0f, 0xff33_3333);
        for (function, result) in [
            (0x0, 0xff00_0000),
            (0xf, 0xffff_ffff),
            (0x3, source),
            (0x5, destination),
            (0xc, 0xfff0_f0f0),
            (0xa, 0xffcc_cccc),
            (0x1, 0xff03_0303),
            (0x7, 0xff3f_3f3f),
            (0x6, 0xff3c_3c3c),
        ] {
            assert_eq!(
                combine(source, destination, function),
                result,
                "{function:x}"
            );
        }
    }
}
