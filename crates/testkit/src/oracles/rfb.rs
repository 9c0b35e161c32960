//! The VNC client against any server.

use guac_vnc::ClipboardMode;

use super::pieces::Pieces;
use super::viewer::{Viewer, config};

/// A session without authentication and a framebuffer of 200x150, which most inputs start with.
const OPENING: &[u8] = b"RFB 003.008\n\x01\x01\0\0\0\0\0\xc8\0\x96\
    \x20\x18\0\x01\0\xff\0\xff\0\xff\x10\x08\0\0\0\0\0\0\0\0";

/// Whatever a server sends, the client neither panics nor holds much, reports damage within the
/// framebuffer only, and shows the same whether the bytes come at once or in pieces.
///
/// The first byte tells how: bit 0, whether the rest starts at the banner or in a session; bit 1,
/// whether the clipboard is wanted; bit 2, whether a password is known; the others, how pixels
/// look, as [`config`] has it.
pub fn rfb_client(bytes: &[u8]) {
    let Some((how, stream)) = bytes.split_first() else {
        return;
    };
    let mut whole = viewer(*how);
    let mut split = viewer(*how);
    if how & 1 == 1 {
        whole.feed(OPENING);
        split.feed(OPENING);
        assert!(whole.connected && split.connected, "the opening is one");
    }
    whole.feed(stream);
    for piece in Pieces::new(stream) {
        split.feed(piece);
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

fn viewer(how: u8) -> Viewer {
    let mut config = config(how >> 3);
    if how & 2 == 2 {
        config.clipboard = ClipboardMode::Receive { max_bytes: 1000 };
    }
    if how & 4 == 4 {
        config.credentials.password = Some("secret".into());
    }
    Viewer::new(config)
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
                (0..100_u8, 0..80_u8, 0..100_u8, 0..70_u8,
                 proptest::sample::select(vec![0, 1, 2, 4, 5, 6, 7, 15, 16, -239, -240, -314, -308, -223, -307]),
                 proptest::collection::vec(any::<u8>(), 0..200)),
                1..5),
        ) {
            for (x, y, width, height, encoding, data) in rectangles {
                let encoding: i32 = encoding;
                let mut bytes = vec![1, 0, 0, 0, 1, 0, x, 0, y, 0, width, 0, height];
                bytes.extend(encoding.to_be_bytes());
                bytes.extend(data);
                rfb_client(&bytes);
            }
        }
    }
}
