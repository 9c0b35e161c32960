//! What a server says, written by hand from RFC 6143, and a picture to have it drawn into.

use guac_vnc::{Client, ClientConfig, Error, Event, PixelSink, Rect, Surface};

pub(crate) const BANNER: &[u8] = b"RFB 003.008\n";

/// The caller's side: a picture, and what was reported about it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) pixels: Vec<u32>,
    pub(crate) width: u16,
    pub(crate) height: u16,
    pub(crate) damage: Vec<Rect>,
    pub(crate) copies: Vec<(Rect, u16, u16)>,
}

impl PixelSink for Picture {
    fn resize(&mut self, width: u16, height: u16) {
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
        assert!(rect.fits(self.width, self.height) && !rect.is_empty());
        self.damage.push(rect);
    }

    fn copied(&mut self, source: Rect, x: u16, y: u16) {
        self.copies.push((source, x, y));
    }
}

/// A client together with its picture.
#[derive(Debug)]
pub(crate) struct Viewer {
    pub(crate) client: Client,
    pub(crate) picture: Picture,
}

impl Viewer {
    pub(crate) fn new(config: ClientConfig) -> Self {
        Self {
            client: Client::new(config),
            picture: Picture::default(),
        }
    }

    /// A viewer of a running session without authentication; its first words are fetched.
    pub(crate) fn connected(config: ClientConfig, width: u16, height: u16) -> Self {
        let mut viewer = Self::new(config);
        viewer.feed(
            &[
                BANNER,
                &[1, 1, 0, 0, 0, 0],
                &server_init(width, height, b"desk"),
            ]
            .concat(),
        );
        viewer.output();
        viewer.events();
        viewer
    }

    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        assert_eq!(self.try_feed(bytes), Ok(()));
    }

    pub(crate) fn try_feed(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.client.feed(bytes, &mut self.picture)
    }

    pub(crate) fn output(&mut self) -> Vec<u8> {
        self.client.take_output().unwrap_or_default()
    }

    pub(crate) fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.client.poll_event()).collect()
    }
}

/// Feeds a session with these bytes in every split into two and one at a time, which must make no
/// difference. Gives the events.
pub(crate) fn in_every_split(config: &ClientConfig, bytes: &[u8]) -> Vec<Event> {
    let run = |pieces: &[&[u8]]| {
        let mut viewer = Viewer::connected(config.clone(), 4, 3);
        pieces.iter().for_each(|piece| viewer.feed(piece));
        (viewer.events(), viewer.output(), viewer.picture)
    };
    let expected = run(&[bytes]);
    for cut in 0..bytes.len() {
        let (first, second) = bytes.split_at(cut);
        assert_eq!(run(&[first, second]), expected, "cut at {cut}");
    }
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(run(&single), expected, "one byte at a time");
    expected.0
}

pub(crate) fn server_init(width: u16, height: u16, name: &[u8]) -> Vec<u8> {
    let mut message = [width.to_be_bytes(), height.to_be_bytes()].concat();
    // A big-endian format of its own, which the client must not care about.
    message.extend([16, 15, 1, 1, 0, 31, 0, 31, 0, 31, 10, 5, 0, 0, 0, 0]);
    message.extend(u32::try_from(name.len()).unwrap().to_be_bytes());
    message.extend(name);
    message
}

/// A framebuffer update of these rectangles, each as [`rectangle`] makes it.
pub(crate) fn update(rectangles: &[Vec<u8>]) -> Vec<u8> {
    let mut message = vec![0, 0];
    message.extend(u16::try_from(rectangles.len()).unwrap().to_be_bytes());
    message.extend(rectangles.concat());
    message
}

pub(crate) fn rectangle(rect: Rect, encoding: i32, data: &[u8]) -> Vec<u8> {
    let mut bytes: Vec<u8> = [rect.x, rect.y, rect.width, rect.height]
        .iter()
        .flat_map(|v| v.to_be_bytes())
        .collect();
    bytes.extend(encoding.to_be_bytes());
    bytes.extend(data);
    bytes
}

/// A rectangle of an extended desktop size with one screen.
pub(crate) fn screens(by: u16, status: u16, width: u16, height: u16, id: u32) -> Vec<u8> {
    let mut data = vec![1, 0, 0, 0];
    data.extend(id.to_be_bytes());
    data.extend([0; 4]);
    data.extend(width.to_be_bytes());
    data.extend(height.to_be_bytes());
    data.extend([0, 0, 0, 9]);
    rectangle(Rect::new(by, status, width, height), -308, &data)
}

/// The client's request for an update of the whole framebuffer.
pub(crate) fn request(incremental: bool, width: u16, height: u16) -> Vec<u8> {
    let mut message = vec![3, u8::from(incremental), 0, 0, 0, 0];
    message.extend(width.to_be_bytes());
    message.extend(height.to_be_bytes());
    message
}
