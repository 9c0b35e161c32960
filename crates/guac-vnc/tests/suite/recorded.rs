//! The streams in `tests/golden`, which testkit's example `golden` recorded from real servers.
//!
//! Each is everything that a server sent, from its banner on, while a scene was drawn on its
//! screen. The name says who it was and what it was asked for; the picture beside it is what the
//! screen showed in the end, taken from the screen and not from the stream.

use std::{fs, path::PathBuf};

use guac_vnc::{ByteOrder, ClientConfig, ColorDepth};
use testkit::reference::{Decoder, PixelFormat, Session};

use crate::server::Viewer;

/// One stream.
pub(crate) struct Recorded {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    /// What its pixels look like.
    pub(crate) config: ClientConfig,
    /// Whether there are JPEGs in it.
    pub(crate) is_lossy: bool,
    /// What the screen showed.
    pub(crate) truth: Truth,
}

/// A picture of a screen.
pub(crate) struct Truth {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Rows of `0x00RRGGBB`.
    pub(crate) pixels: Vec<u32>,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// All streams, in the order of their names.
pub(crate) fn all() -> Vec<Recorded> {
    let files = fs::read_dir(folder())
        .unwrap()
        .map(|file| file.unwrap().path());
    let mut streams: Vec<PathBuf> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "rfb"))
        .collect();
    streams.sort();
    assert!(50 < streams.len(), "there are {} streams", streams.len());
    let read = |path: &PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap();
        Recorded::new(name, fs::read(path).unwrap())
    };
    streams.iter().map(read).collect()
}

impl Recorded {
    /// `server-version-encoding-more-format`, where there may be no more.
    fn new(name: &str, bytes: Vec<u8>) -> Self {
        let parts: Vec<&str> = name.split('-').collect();
        let format = parts[parts.len() - 1];
        let is = |part: &str| parts.iter().any(|other| other.starts_with(part));
        let resized = if is("resize") { "-resized" } else { "" };
        let color_depth = match format.trim_end_matches("be") {
            "24" => ColorDepth::Bits24,
            "16" => ColorDepth::Bits16,
            "15" => ColorDepth::Bits15,
            "8" => ColorDepth::Bits8,
            "8map" => ColorDepth::Indexed8,
            other => panic!("{other} bits"),
        };
        Self {
            config: ClientConfig {
                color_depth,
                byte_order: if format.ends_with("be") {
                    ByteOrder::Big
                } else {
                    ByteOrder::Little
                },
                ..ClientConfig::default()
            },
            is_lossy: is("jpeg"),
            truth: Truth::read(&format!("{}-{}{resized}.png", parts[0], parts[1])),
            name: name.into(),
            bytes,
        }
    }

    /// Feeds the stream in pieces of this size.
    pub(crate) fn replay(&self, piece: usize) -> Viewer {
        let mut viewer = Viewer::new(self.config.clone());
        for bytes in self.bytes.chunks(piece) {
            assert_eq!(viewer.try_feed(bytes), Ok(()), "{}", self.name);
        }
        viewer
    }

    /// Where the handshake ends, and how large the screen is then.
    pub(crate) fn opening(&self) -> (usize, usize, usize) {
        let types = usize::from(self.bytes[12]);
        let init = 12 + 1 + types + 4;
        let field = |at: usize| u16::from_be_bytes([self.bytes[at], self.bytes[at + 1]]).into();
        let name = u32::from_be_bytes(self.bytes[init + 20..init + 24].try_into().unwrap());
        (init + 24 + name as usize, field(init), field(init + 2))
    }

    /// Has the second decoder take the stream, with pixels as the client asks for them.
    pub(crate) fn reference(&self) -> Session {
        let (mut at, width, height) = self.opening();
        let format = PixelFormat::parse(self.description());
        let decoder = Decoder::new(format, width, height).with_jpeg(testkit::jpeg::decode);
        let mut session = Session::new(decoder);
        while at < self.bytes.len() {
            let taken = session.message(&self.bytes[at..]);
            at += taken.unwrap_or_else(|stop| panic!("{} at {at}: {stop:?}", self.name));
        }
        session
    }

    /// The pixel format that a client of this configuration asks for.
    fn description(&self) -> [u8; 16] {
        let mut viewer = Viewer::new(self.config.clone());
        let (opening, ..) = self.opening();
        viewer.feed(&self.bytes[..opening]);
        let output = viewer.output();
        // The banner, the security type and the wish to share come before.
        assert_eq!(output[14], 0, "the first message sets the pixel format");
        output[18..34].try_into().unwrap()
    }
}

impl Truth {
    fn read(name: &str) -> Self {
        let file = fs::File::open(folder().join(name)).unwrap();
        let mut reader = png::Decoder::new(std::io::BufReader::new(file))
            .read_info()
            .unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        let (pixels, _) = bytes.as_chunks::<3>();
        let color = |[r, g, b]: &[u8; 3]| u32::from_be_bytes([0, *r, *g, *b]);
        Self {
            width: info.width as usize,
            height: info.height as usize,
            pixels: pixels.iter().map(color).collect(),
        }
    }
}
