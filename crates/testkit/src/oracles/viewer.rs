//! A client with its picture, of which every promise is checked.

use guac_vnc::{
    ByteOrder, Client, ClientConfig, ColorDepth, Event, PixelSink, Rect, SecurityType, Surface,
};

/// The largest framebuffer here: large enough for several tiles, small enough to compare.
pub(super) const SIDE_MAX: u16 = 300;

/// How much of a text of the clipboard is kept.
pub(super) const TEXT_MAX: usize = 1000;

/// What a client may hold beside the picture.
const HELD_BYTES_MAX: usize = 8 << 20;

/// A configuration whose pixels look as the lowest bits say: bit 0, whether they have their highest
/// byte first; bits 1 and 2, whether they have 24, 16, 15 or 8 bits, which are an index unless bit
/// 0 is set, because the order of one byte means nothing; bit 3, whether red and blue are exchanged.
pub(super) fn config(look: u8) -> ClientConfig {
    let byte_order = if look & 1 == 1 {
        ByteOrder::Big
    } else {
        ByteOrder::Little
    };
    let mut config = ClientConfig {
        byte_order,
        color_depth: match (look >> 1 & 3, byte_order) {
            (0, _) => ColorDepth::Bits24,
            (1, _) => ColorDepth::Bits16,
            (2, _) => ColorDepth::Bits15,
            (_, ByteOrder::Big) => ColorDepth::Bits8,
            (_, ByteOrder::Little) => ColorDepth::Indexed8,
        },
        swap_red_blue: look & 8 == 8,
        ..ClientConfig::default()
    };
    (config.limits.max_width, config.limits.max_height) = (SIDE_MAX, SIDE_MAX);
    config
}

/// A client with its picture.
pub(super) struct Viewer {
    pub(super) client: Client,
    pub(super) picture: Picture,
    pub(super) connected: bool,
    pub(super) failed: bool,
}

impl Viewer {
    pub(super) fn new(config: ClientConfig) -> Self {
        Self {
            client: Client::new(config),
            picture: Picture::default(),
            connected: false,
            failed: false,
        }
    }

    /// Feeds bytes, checks all that follows from them, and gives what the client wants to send.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Vec<u8> {
        let result = self.client.feed(bytes, &mut self.picture);
        if self.failed {
            assert!(result.is_err(), "a client that failed went on");
        }
        self.failed = result.is_err();
        assert!(self.client.held_bytes() <= HELD_BYTES_MAX);
        let mut events = 0;
        while let Some(event) = self.client.poll_event() {
            events += 1;
            self.check(event);
        }
        assert!(events < 16, "{events} events wait at once");
        // Answers are bounded by what asks for them, or at all.
        let output = self.client.take_output().unwrap_or_default();
        assert!(output.len() <= 1000 + bytes.len().max(256 << 10));
        output
    }

    fn check(&mut self, event: Event) {
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
                self.picture.cursor = Some(shape.pixels);
            }
            Event::FrameEnd => self.picture.frames += 1,
            Event::Clipboard(text) => assert!(text.len() < TEXT_MAX + 4),
            Event::DesktopName(name) => assert!(!name.chars().any(char::is_control)),
            _ => assert!(self.connected, "{event:?} before the session"),
        }
    }
}

/// What is to be seen.
#[derive(Default)]
pub(super) struct Picture {
    pub(super) pixels: Vec<u32>,
    pub(super) width: u16,
    pub(super) height: u16,
    /// The newest shape of the cursor.
    pub(super) cursor: Option<Vec<u32>>,
    /// How often pixels were reported to have changed.
    pub(super) damages: usize,
    /// How often an update's end was told; several within one feed count once.
    pub(super) frames: usize,
}

impl Picture {
    /// Whether two show the same. How often they were told of updates depends on the split.
    pub(super) fn shows_the_same_as(&self, other: &Self) -> bool {
        self.pixels == other.pixels
            && (self.width, self.height) == (other.width, other.height)
            && self.cursor == other.cursor
            && self.damages == other.damages
    }
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
        self.damages += 1;
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
