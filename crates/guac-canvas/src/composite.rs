//! Porter-Duff compositing with the semantics of a browser's canvas.

use guac_protocol::CompositeMode;

use crate::picture::Surface;
use crate::rect::{Rect, clip};

/// What is drawn.
pub(crate) enum Source<'a> {
    /// One colour everywhere.
    Colour(u32),
    /// An image with its top left corner at this place of the destination.
    Image { image: &'a Surface, x: i64, y: i64 },
}

/// Draws the source onto the destination wherever at least one of the rectangles lies.
pub(crate) fn draw(
    destination: &mut Surface,
    area: &[Rect],
    mode: CompositeMode,
    source: &Source<'_>,
) {
    let everywhere = clears_outside(mode);
    let top = area.iter().map(|rect| rect.y0).min().unwrap_or(0);
    let bottom = area.iter().map(|rect| rect.y1).max().unwrap_or(0);
    let rows = if everywhere {
        0..destination.height
    } else {
        clip(top, bottom, destination.height)
    };
    let mut spans = Vec::new();
    for y in rows {
        covered(area, y, destination.width, &mut spans);
        let row = destination.row_mut(y);
        let mut done = 0;
        for &(start, end) in &spans {
            if everywhere {
                row.get_mut(done..start).unwrap_or_default().fill(0);
            }
            let part = row.get_mut(start..end).unwrap_or_default();
            draw_span(part, start, y, mode, source);
            done = end;
        }
        if everywhere {
            row.get_mut(done..).unwrap_or_default().fill(0);
        }
    }
}

/// The columns of row `y` that the area covers, in order and apart.
fn covered(area: &[Rect], y: usize, width: usize, spans: &mut Vec<(usize, usize)>) {
    spans.clear();
    let row = i64::try_from(y).unwrap_or(i64::MAX);
    let touching = area.iter().filter(|rect| rect.y0 <= row && row < rect.y1);
    spans.extend(
        touching
            .map(|rect| clip(rect.x0, rect.x1, width))
            .map(|span| (span.start, span.end)),
    );
    if spans.len() < 2 {
        return;
    }
    spans.sort_unstable();
    spans.dedup_by(|next, kept| {
        let joined = next.0 <= kept.1;
        if joined {
            kept.1 = kept.1.max(next.1);
        }
        joined
    });
}

fn draw_span(part: &mut [u32], x: usize, y: usize, mode: CompositeMode, source: &Source<'_>) {
    match source {
        Source::Colour(colour) => {
            for pixel in part {
                *pixel = blend(*colour, *pixel, mode);
            }
        }
        Source::Image {
            image,
            x: left,
            y: top,
        } => {
            let offset = |place: usize, origin: i64| {
                usize::try_from(i64::try_from(place).unwrap_or(i64::MAX) - origin).ok()
            };
            let (Some(column), Some(row)) = (offset(x, *left), offset(y, *top)) else {
                return;
            };
            let pixels = image.row(row).get(column..).unwrap_or_default();
            for (pixel, drawn) in part.iter_mut().zip(pixels) {
                *pixel = blend(*drawn, *pixel, mode);
            }
        }
    }
}

/// A canvas applies these modes to all of itself: where nothing is drawn, the source is transparent,
/// and the mode keeps nothing of the destination there.
pub(crate) const fn clears_outside(mode: CompositeMode) -> bool {
    match mode {
        CompositeMode::RIn
        | CompositeMode::In
        | CompositeMode::Out
        | CompositeMode::RAtop
        | CompositeMode::Src => true,
        CompositeMode::ROut
        | CompositeMode::Atop
        | CompositeMode::Xor
        | CompositeMode::ROver
        | CompositeMode::Over
        | CompositeMode::Plus => false,
    }
}

/// One pixel over another. The mode's number says what is kept: 8 the source where the destination
/// is transparent, 4 the source where it is opaque, 2 the destination where the source is
/// transparent, 1 the destination where it is opaque.
pub(crate) fn blend(source: u32, destination: u32, mode: CompositeMode) -> u32 {
    const FULL: u32 = 255;
    let (source_alpha, destination_alpha) = (source >> 24, destination >> 24);
    match (mode, source_alpha) {
        (CompositeMode::Src, _) | (CompositeMode::Over, FULL) => return opaque_or_clear(source),
        (CompositeMode::Over, 0) => return destination,
        _ => {}
    }
    let mask = mode as u32;
    let keep = |bit: u32, alpha: u32| if mask & bit == 0 { 0 } else { alpha };
    let of_source = keep(8, FULL - destination_alpha) + keep(4, destination_alpha);
    let of_destination = keep(2, FULL - source_alpha) + keep(1, source_alpha);
    let (source_weight, destination_weight) =
        (source_alpha * of_source, destination_alpha * of_destination);
    let weight = (source_weight + destination_weight).min(FULL * FULL);
    if weight == 0 {
        return 0;
    }
    let channel = |shift: u32| {
        let part = |pixel: u32| (pixel >> shift) & FULL;
        let sum = part(source) * source_weight + part(destination) * destination_weight;
        ((sum + weight / 2) / weight).min(FULL) << shift
    };
    let alpha = (weight + FULL / 2) / FULL;
    if alpha == 0 {
        return 0;
    }
    (alpha << 24) | channel(16) | channel(8) | channel(0)
}

/// A canvas keeps no colour where it is fully transparent.
const fn opaque_or_clear(pixel: u32) -> u32 {
    if pixel >> 24 == 0 { 0 } else { pixel }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: u32 = 0xff64_0000;
    const HALF_RED: u32 = 0x8064_0000;
    const GREEN: u32 = 0xff00_6400;

    #[test]
    fn modes_keep_what_they_say() {
        use CompositeMode::{Atop, In, Out, Over, Plus, RAtop, RIn, ROut, ROver, Src, Xor};
        for (mode, source, destination, result) in [
            (Over, RED, GREEN, RED),
            (Over, HALF_RED, GREEN, 0xff32_3200),
            (Over, 0, GREEN, GREEN),
            (Over, HALF_RED, 0, HALF_RED),
            (ROver, HALF_RED, GREEN, GREEN),
            (ROver, RED, 0, RED),
            (Src, HALF_RED, GREEN, HALF_RED),
            (Src, 0, GREEN, 0),
            (In, RED, GREEN, RED),
            (In, RED, 0, 0),
            (Out, RED, GREEN, 0),
            (Out, RED, 0, RED),
            (Atop, RED, 0, 0),
            (Atop, RED, GREEN, RED),
            (Atop, HALF_RED, GREEN, 0xff32_3200),
            (RIn, RED, GREEN, GREEN),
            (RIn, 0, GREEN, 0),
            (ROut, RED, GREEN, 0),
            (ROut, 0, GREEN, GREEN),
            (RAtop, 0, GREEN, 0),
            (RAtop, RED, 0, RED),
            (RAtop, RED, GREEN, GREEN),
            (Xor, RED, GREEN, 0),
            (Xor, RED, 0, RED),
            (Xor, 0, GREEN, GREEN),
            (Plus, RED, GREEN, 0xff64_6400),
            (Plus, 0xff80_8080, 0xffc0_1000, 0xffff_9080),
        ] {
            let drawn = blend(source, destination, mode);
            assert_eq!(
                drawn, result,
                "{mode:?} {source:08x} {destination:08x}: {drawn:08x}"
            );
        }
    }

    #[test]
    fn overlapping_rectangles_are_filled_once() {
        let mut surface = Surface::new(4, 1);
        let area = [Rect::new(0, 0, 3, 1), Rect::new(1, 0, 3, 1)];
        draw(
            &mut surface,
            &area,
            CompositeMode::Over,
            &Source::Colour(HALF_RED),
        );
        assert_eq!(surface.pixels, [HALF_RED; 4]);
    }

    #[test]
    fn some_modes_clear_what_they_do_not_draw() {
        for (mode, outside) in [(CompositeMode::Src, 0), (CompositeMode::Over, GREEN)] {
            let mut surface = Surface::new(3, 2);
            surface.pixels.fill(GREEN);
            draw(
                &mut surface,
                &[Rect::new(1, 0, 1, 1)],
                mode,
                &Source::Colour(RED),
            );
            assert_eq!(
                surface.pixels,
                [outside, RED, outside, outside, outside, outside]
            );
        }
    }
}
