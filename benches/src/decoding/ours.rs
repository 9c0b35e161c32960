//! The replay into guac-vnc's client, in pieces as the daemon reads them.

use guac_vnc::{Client, ClientConfig, PixelSink, Rect, Surface};

use super::{Replay, Stream, cpu_time};

/// Bytes that the daemon reads from a server at once, at most.
const PIECE: usize = 64 << 10;

/// A picture in memory that counts the pixels written into it.
#[derive(Debug, Default)]
pub struct Picture {
    /// `0x00RRGGBB`, row by row.
    pub pixels: Vec<u32>,
    /// Pixels from the start of a row to that of the next.
    pub width: usize,
    /// How many pixels were written so far.
    pub written: u64,
}

impl PixelSink for Picture {
    fn resize(&mut self, width: u16, height: u16) {
        self.width = width.into();
        self.pixels.resize(self.width * usize::from(height), 0);
    }

    fn surface(&mut self) -> Surface<'_> {
        let height = self.pixels.len().checked_div(self.width).unwrap_or(0);
        Surface {
            pixels: &mut self.pixels,
            stride: self.width,
            width: self.width,
            height,
        }
    }

    fn damage(&mut self, rect: Rect) {
        self.written += rect.area() as u64;
    }
}

/// Decodes a stream so many times, each time with a new client.
#[must_use]
pub fn replay(stream: &Stream, times: u64) -> Replay {
    let mut picture = Picture::default();
    let before = cpu_time();
    for _ in 0..times {
        once(&stream.bytes, &mut picture);
    }
    Replay {
        cpu: cpu_time() - before,
        picture: picture.pixels,
    }
}

/// Decodes a stream with a new client.
pub fn once(bytes: &[u8], picture: &mut Picture) {
    let mut client = Client::new(ClientConfig::default());
    for piece in bytes.chunks(PIECE) {
        client
            .feed(piece, picture)
            .expect("a server's own stream is legal");
        while client.poll_event().is_some() {}
        client.take_output();
    }
}
