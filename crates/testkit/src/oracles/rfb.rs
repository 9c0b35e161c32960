//! The VNC client against any server.

use guac_vnc::{
    ByteOrder, Client, ClientConfig, ClipboardMode, ColorDepth, Event, PixelSink, Rect,
    SecurityType, Surface,
};

use super::pieces::Pieces;

/// The largest framebuffer here: large enough for several tiles, small enough to compare.
const SIDE_MAX: u16 = 300;

/// What a client may hold beside the picture.
const HELD_BYTES_MAX: usize = 8 << 20;

/// A session without authentication and a framebuffer of 200x150, which most inputs start with.
const OPENING: &[u8] = b"RFB 003.008\n\x01\x01\0\0\0\0\0\xc8\0\x96\
    \x20\x18\0\x01\0\xff\0\xff\0\xff\x10\x08\0\0\0\0\0\0\0\0";

/// Whatever a server sends, the client neither panics nor holds much, reports damage within the
/// framebuffer only, and shows the same whether the bytes come at once or in pieces.
///
/// The first byte tells how: bit 0, whether the rest starts at the banner or in a session; bit 1,
/// whether the clipboard is wanted; bit 2, whether a password is known; bit 3, whether pixels have
/// their highest byte first; bits 4 and 5, whether they have 24, 16, 15 or 8 bits, which are an
/// index unless bit 3 is set, because the order of one byte means nothing.
pub fn rfb_client(bytes: &[u8]) {
    let Some((how, stream)) = bytes.split_first() else {
        return;
    };
    let mut whole = Viewer::new(*how);
    let mut split = Viewer::new(*how);
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
            whole.picture == split.picture,
            "pixels do not depend on the split"
        );
        assert_eq!(whole.client.size(), split.client.size());
    }
}

struct Viewer {
    client: Client,
    picture: Picture,
    connected: bool,
    failed: bool,
}

impl Viewer {
    fn new(how: u8) -> Self {
        let mut config = ClientConfig::default();
        (config.limits.max_width, config.limits.max_height) = (SIDE_MAX, SIDE_MAX);
        if how & 2 == 2 {
            config.clipboard = ClipboardMode::Receive { max_bytes: 1000 };
        }
        if how & 4 == 4 {
            config.credentials.password = Some("secret".into());
        }
        if how & 8 == 8 {
            config.byte_order = ByteOrder::Big;
        }
        config.color_depth = match (how >> 4 & 3, config.byte_order) {
            (0, _) => ColorDepth::Bits24,
            (1, _) => ColorDepth::Bits16,
            (2, _) => ColorDepth::Bits15,
            (_, ByteOrder::Big) => ColorDepth::Bits8,
            (_, ByteOrder::Little) => ColorDepth::Indexed8,
        };
        Self {
            client: Client::new(config),
            picture: Picture::default(),
            connected: false,
            failed: false,
        }
    }

    fn feed(&mut self, bytes: &[u8]) {
        let result = self.client.feed(bytes, &mut self.picture);
        if self.failed {
            assert!(result.is_err(), "a client that failed went on");
        }
        self.failed = result.is_err();
        assert!(self.client.held_bytes() <= HELD_BYTES_MAX);
        let mut events = 0;
        while let Some(event) = self.client.poll_event() {
            events += 1;
            self.check(&event);
        }
        assert!(events < 16, "{events} events wait at once");
        // Answers are bounded by what asks for them, or at all.
        let output = self.client.take_output().unwrap_or_default();
        assert!(output.len() <= 1000 + bytes.len().max(256 << 10));
    }

    fn check(&mut self, event: &Event) {
        match event {
            Event::Connected { security, .. } => {
                assert!(!self.connected, "connected twice");
                assert!(matches!(
                    security,
                    SecurityType::None | SecurityType::VncAuth
                ));
                self.connected = true;
            }
            Event::CredentialsRequired { .. } => assert!(!self.connected),
            Event::Cursor(shape) => {
                let area = usize::from(shape.width) * usize::from(shape.height);
                assert_eq!(shape.pixels.len(), area);
            }
            Event::Clipboard(text) => assert!(text.chars().count() <= 1000),
            Event::DesktopName(name) => assert!(!name.chars().any(char::is_control)),
            _ => assert!(self.connected, "{event:?} before the session"),
        }
    }
}

#[derive(Default, PartialEq)]
struct Picture {
    pixels: Vec<u32>,
    width: u16,
    height: u16,
}

impl PixelSink for Picture {
    fn resize(&mut self, width: u16, height: u16) {
        assert!(0 < width && width <= SIDE_MAX && 0 < height && height <= SIDE_MAX);
        (self.width, self.height) = (width, height);
        self.pixels = vec![0; usize::from(width) * usize::from(height)];
    }

    fn surface(&mut self) -> Surface<'_> {
        let (width, height) = (self.width.into(), self.height.into());
        Surface {
            pixels: &mut self.pixels,
            stride: width,
            width,
            height,
        }
    }

    fn damage(&mut self, rect: Rect) {
        assert!(!rect.is_empty() && rect.fits(self.width, self.height));
        for y in rect.y..rect.y + rect.height {
            let start = usize::from(y) * usize::from(self.width) + usize::from(rect.x);
            let row = &self.pixels[start..start + usize::from(rect.width)];
            assert!(row.iter().all(|pixel| *pixel <= 0x00ff_ffff));
        }
    }

    fn copied(&mut self, source: Rect, x: u16, y: u16) {
        assert!(source.fits(self.width, self.height));
        assert!(Rect { x, y, ..source }.fits(self.width, self.height));
    }
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
        for how in 0..=255 {
            rfb_client(&[&[how | 1], &fill[1..]].concat());
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
                (any::<u8>(), 0..100_u8, 0..80_u8, 0..100_u8, 0..70_u8,
                 proptest::sample::select(vec![0, 1, 2, 4, 5, 6, 7, 15, 16, -239, -240, -314, -308, -223, -307]),
                 proptest::collection::vec(any::<u8>(), 0..200)),
                1..5),
        ) {
            for (how, x, y, width, height, encoding, data) in rectangles {
                let encoding: i32 = encoding;
                let mut bytes = vec![how | 1, 0, 0, 0, 1, 0, x, 0, y, 0, width, 0, height];
                bytes.extend(encoding.to_be_bytes());
                bytes.extend(data);
                rfb_client(&bytes);
            }
        }
    }
}
