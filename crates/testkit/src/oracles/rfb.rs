//! The VNC client against any server.

use guac_vnc::{Client, TextEncoding};

use super::pieces::Pieces;
use super::viewer::{SIDE_MAX, TEXT_MAX, Viewer, config};

/// A session without authentication and a framebuffer of 200x150, which most inputs start with.
const OPENING: &[u8] = b"RFB 003.008\n\x01\x01\0\0\0\0\0\xc8\0\x96\
    \x20\x18\0\x01\0\xff\0\xff\0\xff\x10\x08\0\0\0\0\0\0\0\0";

/// Whatever a server sends, the client neither panics nor holds much, reports damage within the
/// framebuffer only, and shows the same whether the bytes come at once or in pieces.
///
/// The first byte tells how: bit 0, whether the rest starts at the banner or in a session; bit 1,
/// whether clipboards cross; bit 2, whether a password is known; bits 3 to 6, how pixels look, as
/// `config` has it; bit 7, whether a second byte follows. That one tells more: bits 0 to 2, how
/// clipboards are encoded; bit 3, that updates must not come continuously; bit 4, that locks are
/// not kept in step; bit 5, that a user does something after each piece.
pub fn rfb_client(bytes: &[u8]) {
    let (how, more, stream) = match *bytes {
        [] => return,
        [how, more, ref stream @ ..] if how & 0x80 != 0 => (how, more, stream),
        [how, ref stream @ ..] => (how, 0, stream),
    };
    let busy = more & 0x20 != 0;
    let mut whole = viewer(how, more);
    let mut split = viewer(how, more);
    if how & 1 == 1 {
        whole.feed(OPENING);
        split.feed(OPENING);
        assert!(whole.connected && split.connected, "the opening is one");
    }
    whole.feed(stream);
    for (piece, pause) in Pieces::new(stream).zip([true, false].into_iter().cycle()) {
        split.feed(piece);
        if busy {
            act(&mut split.client, pause);
        }
    }
    assert_eq!(
        whole.failed, split.failed,
        "errors do not depend on the split"
    );
    if !whole.failed {
        assert!(
            whole.picture.shows_the_same_as(&split.picture),
            "pixels do not depend on the split"
        );
        assert_eq!(whole.client.size(), split.client.size());
    }
}

fn viewer(how: u8, more: u8) -> Viewer {
    let mut config = config(how >> 3);
    if how & 2 == 2 {
        config.clipboard.receive = Some(TEXT_MAX);
        config.clipboard.send = true;
    }
    if how & 4 == 4 {
        config.credentials.password = Some("secret".into());
    }
    config.clipboard.encoding = match more & 7 {
        1 => TextEncoding::Utf8,
        2 => TextEncoding::Utf16,
        3 => TextEncoding::Cp1252,
        4 => TextEncoding::MacRoman,
        _ => TextEncoding::Latin1,
    };
    config.continuous_updates = more & 8 == 0;
    config.sync_locks = more & 0x10 == 0;
    Viewer::new(config)
}

/// What a user and a caller do, in whatever state the client is.
fn act(client: &mut Client, pause: bool) {
    client.cut_text("ß€漢😀\r\n");
    for keysym in [0x41, 0x61, 0xffb1, 0xff95] {
        client.key_with_scancode(keysym, 0x1e, true);
        client.key_with_scancode(keysym, 0x1e, false);
    }
    client.pointer(9, u16::MAX, 0x1ff);
    client.request_size(SIDE_MAX, SIDE_MAX);
    client.set_updates_paused(pause);
    if client.wants_refinement() {
        client.refine();
    }
    let _ = client.take_output();
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sessions_of_every_kind_pass() {
        let fill = b"\x01\0\0\0\x01\0\0\0\0\0\x0a\0\x0a\0\0\0\x07\x80\x01\x02\x03\x02";
        rfb_client(fill);
        rfb_client(&[b"\0".as_slice(), OPENING, &fill[1..]].concat());
        rfb_client(b"\x04RFB 003.003\n\0\0\0\x02");
        rfb_client(b"\x03\x03\0\0\0\0\0\0\x02hi");
        for more in 0..=255 {
            rfb_client(&[&[0x83, more], &fill[1..]].concat());
            rfb_client(&[&[0x83, more], &b"\x03\0\0\0\0\0\0\x02h\xe9"[..]].concat());
        }
        rfb_client(b"");
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_pass(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            rfb_client(&bytes);
        }

        /// Rectangles with the right frame get to the decoders, which arbitrary bytes do not.
        #[test]
        fn arbitrary_rectangles_pass(
            rectangles in proptest::collection::vec(
                (any::<u8>(), any::<u8>(), 0..100_u8, 0..80_u8, 0..100_u8, 0..70_u8,
                 proptest::sample::select(vec![0, 1, 2, 4, 5, 6, 7, 15, 16, -239, -240, -314, -308, -223, -307, -261, 0x574d_5668]),
                 proptest::collection::vec(any::<u8>(), 0..200)),
                1..5),
        ) {
            for (how, more, x, y, width, height, encoding, data) in rectangles {
                let encoding: i32 = encoding;
                let mut bytes = vec![how | 0x81, more, 0, 0, 0, 1, 0, x, 0, y, 0, width, 0, height];
                bytes.extend(encoding.to_be_bytes());
                bytes.extend(data);
                rfb_client(&bytes);
            }
        }
    }
}
