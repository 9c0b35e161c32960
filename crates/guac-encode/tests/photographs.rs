//! Photographs: what other decoders make of their images, exact and lossy.

#![cfg(test)]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "the pictures of these tests are small"
)]

use guac_encode::{Encoder, Format, Quality, View};

/// A smooth picture in many colours, with margins that no image may show.
fn picture(stride: usize, height: usize) -> Vec<u32> {
    let pixel = |x: usize, y: usize| {
        let wave = |step: f64, at: usize| 128.0 + 100.0 * (at as f64 * step).sin();
        let channels = [wave(0.05, x), wave(0.03, y), wave(0.02, x + y)].map(|c| c as u32);
        channels[0] << 16 | channels[1] << 8 | channels[2]
    };
    (0..stride * height)
        .map(|at| pixel(at % stride, at / stride))
        .collect()
}

fn decode(file: &[u8]) -> (u16, u16, Vec<u8>) {
    let mut decoder = jpeg_decoder::Decoder::new(file);
    let pixels = decoder.decode().unwrap();
    let info = decoder.info().unwrap();
    (info.width, info.height, pixels)
}

/// The largest and the mean difference of any channel.
fn difference(view: &View<'_>, decoded: &[u8]) -> (u8, f64) {
    let expected = view.rows().flatten().flat_map(|pixel| {
        let [_, red, green, blue] = pixel.to_be_bytes();
        [red, green, blue]
    });
    let differences: Vec<u8> = expected.zip(decoded).map(|(a, b)| a.abs_diff(*b)).collect();
    let sum: f64 = differences.iter().map(|d| f64::from(*d)).sum();
    let most = differences.iter().max().copied().unwrap();
    (most, sum / differences.len() as f64)
}

#[test]
fn a_lossy_image_is_near_its_pixels_and_small() {
    let pixels = picture(700, 500);
    let mut encoder = Encoder::new();
    for (x, y, width, height) in [(0, 0, 700, 500), (3, 5, 640, 361), (610, 471, 89, 29)] {
        let view = View::new(&pixels, 700, x, y, width, height).unwrap();
        let mut sizes = Vec::new();
        for quality in [90, 75, 30] {
            let mut file = b"before".to_vec();
            let format = encoder.lossy(&view, Quality::new(quality), &mut file);
            assert_eq!(format, Format::Jpeg);
            let file = file.strip_prefix(b"before").unwrap();
            let (decoded_width, decoded_height, decoded) = decode(file);
            assert_eq!(
                (usize::from(decoded_width), usize::from(decoded_height)),
                (width, height)
            );
            let (most, mean) = difference(&view, &decoded);
            assert!(most < 64 && mean < 6.0, "{quality}: {most} {mean}");
            sizes.push(file.len());
        }
        assert!(
            sizes.is_sorted_by(|a, b| a > b),
            "quality costs bytes: {sizes:?}"
        );
    }
}

#[test]
fn an_exact_photograph_is_webp_where_that_is_allowed() {
    let pixels = picture(300, 200);
    let view = View::new(&pixels, 300, 7, 3, 271, 190).unwrap();
    let mut encoder = Encoder::new();
    let mut png = Vec::new();
    assert_eq!(encoder.opaque(&view, &mut png), Format::Png);
    encoder.allow_webp(true);
    let mut webp = b"before".to_vec();
    assert_eq!(encoder.opaque(&view, &mut webp), Format::WebP);
    let file = webp.strip_prefix(b"before").unwrap();
    assert!(file.len() < png.len());
    let mut decoder = image_webp::WebPDecoder::new(std::io::Cursor::new(file)).unwrap();
    assert_eq!(decoder.dimensions(), (271, 190));
    let mut decoded = vec![0; decoder.output_buffer_size().unwrap()];
    decoder.read_image(&mut decoded).unwrap();
    assert_eq!(difference(&view, &decoded).0, 0);
}

#[test]
fn few_colours_are_never_made_lossy() {
    for (colours, side, format) in [
        (7, 64, Format::Png),
        (256, 64, Format::Png),
        (257, 64, Format::Jpeg),
        // As many as a sliver of a photograph has.
        (128, 32, Format::Png),
        (129, 32, Format::Jpeg),
        // A tiny image gains nothing.
        (200, 20, Format::Png),
    ] {
        let length = u32::try_from(side * side).unwrap();
        let pixels: Vec<u32> = (0..length).map(|at| (at % colours) * 0x1133).collect();
        let view = View::new(&pixels, side, 0, 0, side, side).unwrap();
        let made = Encoder::new().lossy(&view, Quality::new(50), &mut Vec::new());
        assert_eq!(
            made, format,
            "{colours} colours, {side} pixels wide and high"
        );
    }
}

#[test]
fn a_quality_outside_the_scale_is_its_nearest_end() {
    for (asked, got) in [(0, 1), (1, 1), (100, 100), (255, 100)] {
        assert_eq!(Quality::new(asked).percent(), got);
    }
}
