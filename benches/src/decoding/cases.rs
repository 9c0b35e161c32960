//! What is counted of the decoders: a small session in each encoding, the same on every run.
//!
//! Most are the golden streams that TigerVNC sent for the tests of `guac-vnc`. Where there is none
//! in true colour, [`super::encode`] makes one of a picture that is half text and half photograph.

use std::hint::black_box;

use guac_vnc::Encoding;

use super::ours::{Picture, once};
use super::{encode::encode, scene::Scene};
use crate::case::Case;

/// Width and height of the picture that is encoded here.
const SIZE: (u16, u16) = (160, 120);

macro_rules! case {
    ($name:literal, $stream:expr) => {
        Case {
            name: concat!("decode_", $name),
            work: concat!("a small session in ", $name),
            iterations: 50,
            prepare: || decode($stream),
        }
    };
}

macro_rules! golden {
    ($name:literal) => {
        include_bytes!(concat!(
            "../../../crates/guac-vnc/tests/golden/tigervnc-1.12.0-",
            $name,
            "-24.rfb"
        ))
        .to_vec()
    };
}

/// All of them.
pub static CASES: [Case; 9] = [
    case!("raw", golden!("raw")),
    case!("rre", golden!("rre")),
    case!("corre", made(Encoding::CoRre)),
    case!("hextile", golden!("hextile")),
    case!("zlib", made(Encoding::Zlib)),
    case!("trle", made(Encoding::Trle)),
    case!("zrle", golden!("zrle")),
    case!("tight", golden!("tight")),
    case!("tight_jpeg", golden!("tight-jpeg8")),
];

fn made(encoding: Encoding) -> Vec<u8> {
    encode(Scene::Mixed, SIZE, encoding).bytes
}

fn decode(bytes: Vec<u8>) -> Box<dyn FnMut()> {
    let mut picture = Picture::default();
    Box::new(move || {
        once(black_box(&bytes), &mut picture);
        black_box(&picture);
    })
}
