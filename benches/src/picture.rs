//! The picture pipeline: comparing, searching for moves, planning, encoding.

use std::hint::black_box;

use guac_encode::{Encoder, Quality, View};
use testkit::Picture;

use crate::case::Case;
use crate::decoding::scene::Scene;
use crate::player::Player;

/// A quarter of a full-HD screen.
const SIZE: (usize, usize) = (960, 540);
/// A part of it as images are made of.
const PART: (usize, usize) = (256, 64);
/// Where the part begins: in the text of a page, in the middle of a photograph.
const AT: (usize, usize) = (200, 100);

/// All of them.
pub static CASES: [Case; 9] = [
    Case {
        name: "picture_still",
        work: "960x540 pixels that were drawn and have not changed, compared",
        iterations: 50,
        prepare: || play(Scene::Text, 1, false),
    },
    Case {
        name: "picture_scroll",
        work: "a page of 960x540 that scrolls by 57 pixels and is drawn anew",
        iterations: 10,
        prepare: || play(Scene::Scroll, 2, false),
    },
    Case {
        name: "picture_page",
        work: "a page of 960x540 in place of another",
        iterations: 5,
        prepare: || play(Scene::Text, 2, false),
    },
    Case {
        name: "picture_film",
        work: "a photograph of 960x540 in place of another, in motion",
        iterations: 5,
        prepare: || play(Scene::Photo, 2, false),
    },
    Case {
        name: "picture_exact",
        work: "the same without loss",
        iterations: 2,
        prepare: || play(Scene::Photo, 2, true),
    },
    Case {
        name: "encode_text",
        work: "256x64 pixels of text as an indexed PNG",
        iterations: 100,
        prepare: || {
            encode(Scene::Text, |encoder, view, out| {
                encoder.opaque(view, out);
            })
        },
    },
    Case {
        name: "encode_photo_png",
        work: "256x64 pixels of a photograph as a PNG",
        iterations: 50,
        prepare: || {
            encode(Scene::Photo, |encoder, view, out| {
                encoder.opaque(view, out);
            })
        },
    },
    Case {
        name: "encode_photo_webp",
        work: "256x64 pixels of a photograph as a WebP without loss",
        iterations: 50,
        prepare: || {
            encode(Scene::Photo, |encoder, view, out| {
                encoder.allow_webp(true);
                encoder.opaque(view, out);
            })
        },
    },
    Case {
        name: "encode_photo_jpeg",
        work: "256x64 pixels of a photograph as a JPEG of quality 60",
        iterations: 100,
        prepare: || {
            encode(Scene::Photo, |encoder, view, out| {
                encoder.lossy(view, Quality::new(60), out);
            })
        },
    },
];

/// Shows so many pictures of a scene in turn.
fn play(scene: Scene, count: usize, lossless: bool) -> Box<dyn FnMut()> {
    let (width, height) = SIZE;
    let mut player = Player::new(scene.pictures(width, height).take(count));
    if lossless {
        player.force_lossless();
    }
    // A film is one from its second picture on.
    for _ in 0..4 {
        player.draw();
    }
    Box::new(move || {
        if let Some(frame) = player.draw() {
            black_box(&frame);
            player.recycle(frame);
        }
    })
}

fn encode(scene: Scene, encode: fn(&mut Encoder, &View<'_>, &mut Vec<u8>)) -> Box<dyn FnMut()> {
    let (width, height) = SIZE;
    let picture: Picture = scene.pictures(width, height).next().expect("a picture");
    let mut encoder = Encoder::new();
    let mut out = Vec::new();
    Box::new(move || {
        let ((x, y), (part_width, part_height)) = (AT, PART);
        let view = View::new(&picture.pixels, width, x, y, part_width, part_height);
        out.clear();
        encode(&mut encoder, black_box(&view.expect("inside")), &mut out);
        black_box(&out);
    })
}
