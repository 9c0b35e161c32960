//! What instructions look like.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the helpers of a test fail loudly"
)]

use guac_canvas::{Canvas, CanvasError, Limits};
use guac_protocol::{BlobData, Instructions, LayerIndex, ServerInstruction, StreamIndex};
use proptest::prelude::*;

const DESKTOP: LayerIndex = LayerIndex::DESKTOP;
const GREY: u32 = 0xff0a_141e;
const RED: u32 = 0xffc8_0000;

/// Applies instructions written as words, one instruction a line.
fn run(canvas: &mut Canvas, script: &str) {
    for line in script
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
    {
        assert_eq!(one(canvas, line), Ok(()), "{line}");
    }
}

fn one(canvas: &mut Canvas, line: &str) -> Result<(), CanvasError> {
    let elements: Vec<_> = line
        .split(' ')
        .map(|word| format!("{}.{word}", word.len()))
        .collect();
    let bytes = elements.join(",") + ";";
    let raw = Instructions::new(bytes.as_bytes()).next().unwrap().unwrap();
    canvas.apply(&ServerInstruction::parse(&raw).unwrap())
}

/// A grey desktop with a red square at 10,10.
fn desktop() -> Canvas {
    let mut canvas = Canvas::new();
    run(
        &mut canvas,
        "size 0 100 80
         rect 0 0 0 100 80
         cfill 14 0 10 20 30 255
         rect 0 10 10 5 5
         cfill 14 0 200 0 0 255",
    );
    canvas
}

fn pixel(canvas: &Canvas, layer: i32, x: usize, y: usize) -> u32 {
    canvas
        .layer(LayerIndex(layer))
        .unwrap()
        .pixel(x, y)
        .unwrap()
}

fn png(width: u32, height: u32, rgba: [u8; 4]) -> Vec<u8> {
    let mut data = Vec::new();
    let mut encoder = png::Encoder::new(&mut data, width, height);
    encoder.set_color(png::ColorType::Rgba);
    let mut writer = encoder.write_header().unwrap();
    writer
        .write_image_data(&rgba.repeat((width * height) as usize))
        .unwrap();
    writer.finish().unwrap();
    data
}

fn image(canvas: &mut Canvas, header: &str, data: &[u8]) -> Result<(), CanvasError> {
    one(canvas, header)?;
    let stream = StreamIndex(1);
    for piece in data.chunks(6_048) {
        canvas.apply(&ServerInstruction::Blob {
            stream,
            data: BlobData::Raw(piece),
        })?;
    }
    canvas.apply(&ServerInstruction::End { stream })
}

#[test]
fn fills_and_copies() {
    let mut canvas = desktop();
    assert!(canvas.desktop().is_opaque());
    run(&mut canvas, "copy 0 10 10 5 5 14 0 12 12");
    assert_eq!(pixel(&canvas, 0, 16, 16), RED);
    assert_eq!(pixel(&canvas, 0, 17, 17), GREY);
    // Through a buffer, which grows to what is put on it.
    run(
        &mut canvas,
        "copy 0 10 10 5 5 14 -1 2 3\ncopy -1 2 3 5 5 12 -2 0 0\ncopy -2 0 0 5 5 14 0 50 50",
    );
    assert_eq!(pixel(&canvas, 0, 54, 54), RED);
    let buffer = canvas.layer(LayerIndex(-1)).unwrap();
    assert_eq!((buffer.width(), buffer.height()), (7, 8));
}

#[test]
fn a_copy_that_overlaps_itself_moves_the_old_picture() {
    let mut canvas = desktop();
    run(&mut canvas, "copy 0 0 0 100 79 14 0 0 1");
    let column: Vec<_> = (0..18).map(|y| pixel(&canvas, 0, 12, y)).collect();
    let red: Vec<_> = (0..18).filter(|y| column[*y] == RED).collect();
    assert_eq!(red, [11, 12, 13, 14, 15]);
}

#[test]
fn what_lies_outside_is_cut_off() {
    let mut canvas = desktop();
    run(
        &mut canvas,
        "copy 0 -2 -2 14 14 14 0 90 70
         copy 0 10 10 5 5 14 0 -3 -3
         copy 0 5000 5000 5 5 14 0 0 0
         copy 0 10 10 -5 -5 14 0 20 20
         rect 0 98 78 2147483647 2147483647
         cfill 14 0 255 255 255 255",
    );
    assert_eq!(pixel(&canvas, 0, 1, 1), RED);
    assert_eq!(pixel(&canvas, 0, 2, 2), GREY);
    assert_eq!(pixel(&canvas, 0, 20, 20), GREY);
    assert_eq!(pixel(&canvas, 0, 99, 79), u32::MAX);
    assert_eq!(pixel(&canvas, 0, 97, 77), GREY);
}

#[test]
fn a_size_keeps_what_still_fits() {
    let mut canvas = desktop();
    run(&mut canvas, "size 0 13 200");
    assert_eq!(pixel(&canvas, 0, 12, 14), RED);
    assert_eq!(pixel(&canvas, 0, 12, 150), 0);
    assert_eq!(canvas.desktop().pixel(13, 0), None);
    run(&mut canvas, "size 0 0 0");
    assert_eq!(canvas.desktop().to_pixels(), []);
}

#[test]
fn images_of_every_type_are_drawn_where_they_belong() {
    let jpeg = include_bytes!("data/8x8-c81e3c.jpg");
    let mut webp = Vec::new();
    let encoder = image_webp::WebPEncoder::new(&mut webp);
    encoder
        .encode(&[1, 2, 3].repeat(64), 8, 8, image_webp::ColorType::Rgb8)
        .unwrap();
    for (mimetype, data, colour) in [
        ("image/png", png(8, 8, [1, 2, 3, 255]), 0xff01_0203),
        ("image/webp", webp, 0xff01_0203),
        ("image/jpeg", jpeg.to_vec(), 0xffc8_1e3c),
    ] {
        let mut canvas = Canvas::new();
        run(&mut canvas, "size 0 20 20");
        image(&mut canvas, &format!("img 1 14 0 {mimetype} 15 4"), &data).unwrap();
        let near = |a: u32, b: u32| {
            a.to_be_bytes()
                .iter()
                .zip(b.to_be_bytes())
                .all(|(a, b)| a.abs_diff(b) <= 3)
        };
        assert!(near(pixel(&canvas, 0, 19, 11), colour), "{mimetype}");
        assert_eq!(pixel(&canvas, 0, 14, 11), 0, "{mimetype}");
        assert_eq!(pixel(&canvas, 0, 19, 12), 0, "{mimetype}");
        // Cut anywhere, it is an error and the canvas goes on.
        for length in 0..data.len() {
            let mut canvas = Canvas::new();
            let _ = image(
                &mut canvas,
                &format!("img 1 14 0 {mimetype} 0 0"),
                &data[..length],
            );
            run(&mut canvas, "size 0 1 1");
        }
    }
}

#[test]
fn translucent_images_mix() {
    let mut canvas = desktop();
    let half = png(2, 2, [200, 100, 0, 128]);
    image(&mut canvas, "img 1 14 0 image/png 40 40", &half).unwrap();
    assert_eq!(pixel(&canvas, 0, 40, 40), 0xff69_3c0f);
    image(&mut canvas, "img 1 12 -2 image/png 0 0", &half).unwrap();
    assert_eq!(pixel(&canvas, -2, 1, 1), 0x80c8_6400);
}

#[test]
fn stock_start_of_a_session() {
    let mut canvas = Canvas::new();
    run(
        &mut canvas,
        "size -2 11 16
         size 0 640 480
         rect -2 0 0 11 16
         cfill 2 -2 0 0 0 255",
    );
    image(
        &mut canvas,
        "img 1 14 -2 image/png 0 0",
        &png(11, 16, [255, 255, 255, 255]),
    )
    .unwrap();
    run(
        &mut canvas,
        "cursor 3 4 -2 0 0 11 16
         sync 1000 0
         rect -3 0 0 11 16
         cfill 9 -3 0 0 0 0
         copy -2 0 0 11 16 14 -3 0 0
         mouse 5 6 0 1001",
    );
    let cursor = canvas.cursor().unwrap();
    assert_eq!((cursor.hotspot_x, cursor.hotspot_y), (3, 4));
    assert_eq!((cursor.picture.width(), cursor.picture.height()), (11, 16));
    assert!(cursor.picture.is_opaque());
    assert_eq!(canvas.layer(LayerIndex(-3)), canvas.layer(LayerIndex(-2)));
    assert_eq!((canvas.frames(), canvas.pointer()), (1, Some((5, 6))));
}

#[test]
fn layers_lie_over_the_desktop() {
    let mut canvas = desktop();
    run(
        &mut canvas,
        "size 1 4 4
         rect 1 0 0 4 4
         cfill 14 1 255 255 255 255
         move 1 0 20 20 5
         size 2 1 1
         rect 2 0 0 1 1
         cfill 14 2 0 255 0 255
         move 2 1 1 1 0",
    );
    let shown = canvas.flatten();
    assert_eq!(shown.pixel(20, 20), Some(u32::MAX));
    assert_eq!(shown.pixel(21, 21), Some(0xff00_ff00));
    assert_eq!(shown.pixel(24, 24), Some(GREY));
    run(&mut canvas, "shade 1 0");
    assert_eq!(canvas.flatten(), *canvas.desktop());
    run(&mut canvas, "shade 1 255\ndispose 1");
    assert_eq!(canvas.flatten(), *canvas.desktop());
    // A ring of layers ends.
    run(
        &mut canvas,
        "move 2 3 0 0 0\nmove 3 2 0 0 0\nmove 4 4 0 0 0",
    );
    assert_eq!(canvas.flatten(), *canvas.desktop());
}

#[test]
fn xor_twice_changes_nothing() {
    let mut canvas = desktop();
    run(
        &mut canvas,
        "copy 0 10 10 5 5 14 -1 0 0
         transfer -1 0 0 5 5 6 0 60 60",
    );
    assert_ne!(pixel(&canvas, 0, 62, 62), GREY);
    run(
        &mut canvas,
        "transfer -1 0 0 5 5 6 0 60 60\ntransfer -1 0 0 5 5 3 0 1 1",
    );
    assert_eq!(pixel(&canvas, 0, 62, 62), GREY);
    assert_eq!(pixel(&canvas, 0, 1, 1), RED);
}

#[test]
fn hostile_streams_cost_what_the_limits_say() {
    let limits = Limits {
        layers: 3,
        side: 1_000,
        pixels: 256 * 256,
        image_pixels: 128 * 128,
        streams: 2,
        stream_bytes: 10_000,
        path: 2,
    };
    let mut canvas = Canvas::with_limits(limits);
    let too_large = |width, height| Err(CanvasError::TooLarge { width, height });
    assert_eq!(one(&mut canvas, "size 0 1001 1"), too_large(1_001, 1));
    assert_eq!(
        one(&mut canvas, "size 0 2147483647 2147483647"),
        too_large(i64::from(i32::MAX), i64::from(i32::MAX))
    );
    assert_eq!(one(&mut canvas, "size 0 257 256"), too_large(257, 256));
    assert_eq!(one(&mut canvas, "rect -1 0 0 2000 1"), too_large(2_000, 1));
    run(
        &mut canvas,
        "size 0 256 192\nsize -1 64 64\nsize -1 0 0\nsize -2 64 64\ndispose -2\nsize -1 128 128",
    );
    assert_eq!(one(&mut canvas, "size -1 256 128"), too_large(256, 128));
    assert_eq!(one(&mut canvas, "size -5 0 0"), Ok(()));
    assert_eq!(
        one(&mut canvas, "size -6 0 0"),
        Err(CanvasError::TooManyLayers)
    );
    run(&mut canvas, "rect 0 0 0 1 1\nrect 0 0 0 1 1");
    assert_eq!(
        one(&mut canvas, "rect 0 0 0 1 1"),
        Err(CanvasError::PathTooLong)
    );
    assert_eq!(
        image(
            &mut canvas,
            "img 1 14 0 image/png 0 0",
            &png(129, 128, [0; 4])
        ),
        too_large(129, 128)
    );
    run(
        &mut canvas,
        "img 1 14 0 image/png 0 0\nclipboard 2 text/plain",
    );
    assert_eq!(
        one(&mut canvas, "img 3 14 0 image/png 0 0"),
        Err(CanvasError::TooManyStreams)
    );
    let blob = format!("blob 1 {}", "A".repeat(8_000));
    assert_eq!(one(&mut canvas, &blob), Ok(()));
    assert_eq!(one(&mut canvas, &blob), Err(CanvasError::TooMuchData));
    assert_eq!(one(&mut canvas, "blob 2 AAAA"), Ok(()));
    assert_eq!(
        one(&mut canvas, "blob 9 AAAA"),
        Err(CanvasError::StreamNotOpen { stream: 9 })
    );
    assert_eq!(
        one(&mut canvas, "end 9"),
        Err(CanvasError::StreamNotOpen { stream: 9 })
    );
    assert_eq!(
        one(&mut canvas, "end 1"),
        Err(CanvasError::BadImage { format: "PNG" })
    );
    run(&mut canvas, "img 1 14 0 image/png 0 0");
    assert_eq!(one(&mut canvas, "blob 1 $$$$"), Err(CanvasError::NotBase64));
    assert_eq!(
        one(&mut canvas, "img 1 14 0 image/svg+xml 0 0"),
        Err(CanvasError::UnknownImageType)
    );
    assert_eq!(
        one(&mut canvas, "transfer 0 0 0 1 1 16 0 0 0"),
        Err(CanvasError::UnknownFunction { function: 16 })
    );
    assert_eq!(
        one(&mut canvas, "arc 0 0 0 1 0 1 0"),
        Err(CanvasError::NotSupported)
    );
}

/// Instructions with numbers from all over their range.
fn any_line() -> impl Strategy<Value = String> {
    let number = prop_oneof![-4_i32..70, Just(i32::MIN), Just(i32::MAX), any::<i32>()].boxed();
    let layer = (-3_i32..4).boxed();
    let mode = prop::sample::select(vec![1, 2, 4, 6, 8, 9, 10, 11, 12, 14, 15]).boxed();
    let rect = (
        number.clone(),
        number.clone(),
        number.clone(),
        number.clone(),
    )
        .prop_map(|(a, b, c, d)| format!("{a} {b} {c} {d}"))
        .boxed();
    prop_oneof![
        (layer.clone(), 0_i32..200, 0_i32..200).prop_map(|(l, w, h)| format!("size {l} {w} {h}")),
        (layer.clone(), number.clone(), number.clone())
            .prop_map(|(l, w, h)| format!("size {l} {w} {h}")),
        (layer.clone(), rect.clone()).prop_map(|(l, r)| format!("rect {l} {r}")),
        (mode.clone(), layer.clone(), any::<[u8; 4]>())
            .prop_map(|(m, l, [r, g, b, a])| format!("cfill {m} {l} {r} {g} {b} {a}")),
        (
            layer.clone(),
            rect.clone(),
            mode,
            layer.clone(),
            number.clone(),
            number.clone()
        )
            .prop_map(|(s, r, m, d, x, y)| format!("copy {s} {r} {m} {d} {x} {y}")),
        (
            layer.clone(),
            rect.clone(),
            0..16,
            layer.clone(),
            number.clone(),
            number.clone()
        )
            .prop_map(|(s, r, f, d, x, y)| format!("transfer {s} {r} {f} {d} {x} {y}")),
        (number.clone(), number.clone(), layer.clone(), rect)
            .prop_map(|(x, y, l, r)| format!("cursor {x} {y} {l} {r}")),
        (
            layer.clone(),
            layer.clone(),
            number.clone(),
            number.clone(),
            number
        )
            .prop_map(|(l, p, x, y, z)| format!("move {l} {p} {x} {y} {z}")),
        (layer.clone(), any::<u8>()).prop_map(|(l, a)| format!("shade {l} {a}")),
        layer.prop_map(|l| format!("dispose {l}")),
    ]
}

#[test]
fn damage_is_where_something_was_drawn() {
    for (line, damaged) in [
        ("rect 0 3 20 4 5", vec![]),
        ("cfill 14 0 1 2 3 255", vec![(0..16, 10..15)]),
        (
            "copy 0 10 10 5 5 14 0 50 30",
            vec![(16..32, 50..55), (32..48, 50..55)],
        ),
        ("copy 0 10 10 5 5 14 -1 50 30", vec![]),
        ("transfer 0 10 10 5 5 3 0 95 70", vec![(64..80, 95..100)]),
        ("copy 0 10 10 5 5 14 1 50 30", everything()),
        ("shade 0 7", everything()),
        ("move 1 0 5 5 5", everything()),
        ("dispose 1", everything()),
        ("dispose -1", vec![]),
        ("cfill 12 0 1 2 3 255", everything()),
        ("size 0 100 80", vec![]),
        ("mouse 3 4 0 5", vec![]),
    ] {
        let mut canvas = desktop();
        run(&mut canvas, "size 1 5 5\nsize -1 5 5");
        canvas.clear_damage();
        run(&mut canvas, line);
        assert_eq!(
            canvas.damage().parts().collect::<Vec<_>>(),
            damaged,
            "{line}"
        );
    }
}

fn everything() -> Vec<(std::ops::Range<usize>, std::ops::Range<usize>)> {
    (0..80)
        .step_by(16)
        .map(|top| (top..top + 16, 0..100))
        .collect()
}

proptest! {
    #[test]
    fn nothing_panics_and_pictures_stay_whole(lines in prop::collection::vec(any_line(), 0..60)) {
        let limits = Limits { pixels: 1 << 18, side: 4_096, ..Limits::default() };
        let mut canvas = Canvas::with_limits(limits);
        for line in lines {
            let _ = one(&mut canvas, &line);
        }
        let shown = canvas.flatten();
        let desktop = canvas.layer(DESKTOP).unwrap();
        prop_assert_eq!((shown.width(), shown.height()), (desktop.width(), desktop.height()));
        let mut pixels = 0;
        for picture in (-3..4).filter_map(|layer| canvas.layer(LayerIndex(layer))) {
            prop_assert_eq!(picture.to_pixels().len(), picture.width() * picture.height());
            pixels += picture.width() * picture.height();
        }
        prop_assert!(pixels <= limits.pixels);
    }

    #[test]
    fn the_damage_is_all_that_changed(lines in prop::collection::vec(any_line(), 0..60)) {
        let limits = Limits { pixels: 1 << 18, side: 4_096, ..Limits::default() };
        let mut canvas = Canvas::with_limits(limits);
        run(&mut canvas, "size 0 100 80");
        let (mut shown, mut pixels) = (canvas.flatten(), canvas.flatten().to_pixels());
        let mut reused = canvas.flatten();
        for line in lines {
            let _ = one(&mut canvas, &line);
            let now = canvas.flatten();
            if (now.width(), now.height()) != (shown.width(), shown.height()) {
                pixels = vec![0xdead_beef; now.width() * now.height()];
            }
            for (rows, columns) in canvas.damage().parts() {
                for y in rows {
                    let place = y * now.width();
                    pixels[place + columns.start..place + columns.end]
                        .copy_from_slice(&now.row(y)[columns.clone()]);
                }
            }
            prop_assert!(pixels == now.to_pixels(), "{} changed more", line);
            canvas.flatten_into(&mut reused);
            prop_assert_eq!(&reused, &now);
            if canvas.is_flat() {
                prop_assert!(canvas.desktop() == &now);
            }
            canvas.clear_damage();
            shown = now;
        }
    }
}
