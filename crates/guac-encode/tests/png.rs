//! What is encoded here, the `png` crate decodes to the same pixels.

#![cfg(test)]

use guac_encode::{Encoder, Format, View};
use proptest::prelude::*;

struct Decoded {
    width: u32,
    colour: png::ColorType,
    depth: png::BitDepth,
    /// `0xAARRGGBB`.
    pixels: Vec<u32>,
}

fn decode(file: &[u8]) -> Decoded {
    let mut reader = png::Decoder::new(std::io::Cursor::new(file))
        .read_info()
        .unwrap();
    let (colour, depth) = (reader.info().color_type, reader.info().bit_depth);
    drop(reader);
    let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
    decoder.set_transformations(png::Transformations::EXPAND);
    reader = decoder.read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    reader.finish().unwrap();
    let pixels = match info.color_type {
        png::ColorType::Rgb => bytes
            .chunks_exact(3)
            .map(|p| u32::from_be_bytes([255, p[0], p[1], p[2]]))
            .collect(),
        png::ColorType::Rgba => bytes
            .chunks_exact(4)
            .map(|p| u32::from_be_bytes([p[3], p[0], p[1], p[2]]))
            .collect(),
        other => panic!("{other:?}"),
    };
    Decoded {
        width: info.width,
        colour,
        depth,
        pixels,
    }
}

fn opaque(pixels: &[u32], width: usize) -> Decoded {
    let view = View::new(pixels, width, 0, 0, width, pixels.len() / width).unwrap();
    let mut file = Vec::new();
    assert_eq!(Encoder::new().opaque(&view, &mut file), Format::Png);
    decode(&file)
}

#[test]
fn the_number_of_colours_decides_the_storage() {
    use png::{BitDepth, ColorType};
    for (colours, colour, depth) in [
        (1, ColorType::Indexed, BitDepth::One),
        (2, ColorType::Indexed, BitDepth::One),
        (3, ColorType::Indexed, BitDepth::Two),
        (4, ColorType::Indexed, BitDepth::Two),
        (5, ColorType::Indexed, BitDepth::Four),
        (16, ColorType::Indexed, BitDepth::Four),
        (17, ColorType::Indexed, BitDepth::Eight),
        (256, ColorType::Indexed, BitDepth::Eight),
        (257, ColorType::Rgb, BitDepth::Eight),
    ] {
        // An odd width leaves the last byte of a packed row half full.
        let pixels: Vec<u32> = (0..67 * 20).map(|i| (i % colours) * 0x01_0203).collect();
        let decoded = opaque(&pixels, 67);
        assert_eq!(
            (decoded.colour, decoded.depth),
            (colour, depth),
            "{colours}"
        );
        assert_eq!(decoded.width, 67);
        let expected: Vec<u32> = pixels.iter().map(|p| p | 0xFF00_0000).collect();
        assert_eq!(decoded.pixels, expected, "{colours} colours");
    }
}

#[test]
fn the_top_byte_of_opaque_pixels_is_ignored() {
    let decoded = opaque(&[0xAB11_2233, 0x0011_2233, 0xFFFF_FFFF], 3);
    assert_eq!(decoded.pixels, [0xFF11_2233, 0xFF11_2233, 0xFFFF_FFFF]);
}

#[test]
fn files_are_appended_one_after_another() {
    let (mut encoder, mut out) = (Encoder::new(), vec![1, 2, 3]);
    let pixels: Vec<u32> = (0..400).collect();
    let few = View::new(&pixels, 20, 0, 0, 3, 3).unwrap();
    let many = View::new(&pixels, 20, 0, 0, 20, 20).unwrap();
    encoder.opaque(&few, &mut out);
    let middle = out.len();
    encoder.opaque(&many, &mut out);
    assert_eq!(out[..3], [1, 2, 3]);
    assert_eq!(decode(&out[3..middle]).pixels.len(), 9);
    assert_eq!(decode(&out[middle..]).pixels.len(), 400);
}

#[test]
fn images_of_many_blocks_survive() {
    // Noise, which passes for a photograph, and runs of noise, which do not.
    for run in [1, 2, 5] {
        let mut state = 1_u32;
        let noise = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 8
        });
        let pixels: Vec<u32> = noise
            .flat_map(|pixel| std::iter::repeat_n(pixel, run))
            .take(512 * 512)
            .collect();
        let expected: Vec<u32> = pixels.iter().map(|p| p | 0xFF00_0000).collect();
        assert_eq!(opaque(&pixels, 512).pixels, expected, "runs of {run}");
    }
}

#[test]
fn an_encoder_may_move_to_another_thread() {
    fn is_send<T: Send>(_: &T) {}
    is_send(&Encoder::new());
}

proptest! {
    #[test]
    fn every_rectangle_of_every_picture_round_trips(
        width in 1_usize..90,
        height in 1_usize..40,
        margin in (0_usize..5, 0_usize..5, 0_usize..5),
        colours in prop_oneof![1_u32..300, Just(u32::MAX)],
        seed in any::<u32>(),
        repeat in 1_u32..9,
    ) {
        let (left, top, right) = margin;
        let stride = left + width + right;
        let mut state = seed;
        let mut picture = Vec::new();
        while picture.len() < stride * (top + height) {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let pixel = ((state >> 4) % colours).wrapping_mul(0x9E37_79B1);
            picture.extend(std::iter::repeat_n(pixel, repeat as usize));
        }
        let view = View::new(&picture, stride, left, top, width, height).unwrap();
        let source: Vec<u32> = view.rows().flatten().copied().collect();
        let mut encoder = Encoder::new();

        let mut file = Vec::new();
        encoder.opaque(&view, &mut file);
        let expected: Vec<u32> = source.iter().map(|p| p | 0xFF00_0000).collect();
        prop_assert_eq!(decode(&file).pixels, expected);

        file.clear();
        encoder.with_alpha(&view, &mut file);
        prop_assert_eq!(decode(&file).pixels, source);
    }
}
