//! What must hold for any bytes: the bodies of the fuzz targets.
//!
//! Each oracle takes arbitrary bytes and panics when a promise is broken. The fuzz targets call
//! them on nightly with a sanitizer; on stable the committed corpora are replayed through them, so
//! that whatever was found once is an ordinary test.

mod canvas;
mod cursor;
mod decoders;
mod duet;
mod evidence;
mod gate;
mod handshake;
mod pieces;
mod recording;
mod rfb;
mod rfb_handshake;
mod sealed;
mod viewer;
mod wire;

pub use canvas::canvas;
pub use cursor::decode_cursor;
pub use decoders::{
    decode_corre, decode_hextile, decode_raw, decode_rre, decode_tight, decode_trle, decode_zlib,
    decode_zrle,
};
pub use evidence::evidence_verifier;
pub use gate::policy_gate;
pub use handshake::{client_handshake, server_handshake};
pub use recording::recording_reader;
pub use rfb::rfb_client;
pub use rfb_handshake::rfb_handshake;
pub use sealed::sealed_reader;
pub use wire::wire_parser;

/// An oracle and the name of its fuzz target and corpus.
pub type Named = (&'static str, fn(&[u8]));

/// Every oracle.
pub const ALL: &[Named] = &[
    ("wire_parser", wire_parser),
    ("server_handshake", server_handshake),
    ("client_handshake", client_handshake),
    ("rfb_client", rfb_client),
    ("rfb_handshake", rfb_handshake),
    ("decode_raw", decode_raw),
    ("decode_rre", decode_rre),
    ("decode_corre", decode_corre),
    ("decode_hextile", decode_hextile),
    ("decode_zlib", decode_zlib),
    ("decode_tight", decode_tight),
    ("decode_trle", decode_trle),
    ("decode_zrle", decode_zrle),
    ("decode_cursor", decode_cursor),
    ("policy_gate", policy_gate),
    ("recording_reader", recording_reader),
    ("canvas", canvas),
    ("sealed_reader", sealed_reader),
    ("evidence_verifier", evidence_verifier),
];
