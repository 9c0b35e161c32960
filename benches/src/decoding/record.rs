//! Recording what a real server sends for a scene, in an encoding of our choice.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use guac_vnc::{Client, ClientConfig, Encoding, Event};
use testkit::{Picture as Shown, Xvnc};

use super::ours::Picture;
use super::{Stream, scene::Scene};

/// JPEG that nobody can tell from the original still differs from it, by this much on average.
const LOSSY_MEAN: u64 = 6;

/// What a server is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// The only encoding beside Raw.
    pub encoding: Encoding,
    /// The quality of JPEG, 0 to 9, if there may be any.
    pub jpeg: Option<u8>,
}

/// Records a scene from an Xtigervnc started for it.
///
/// The requests are the recorder's own: only pixels and a cursor are asked for, which every
/// decoder understands, and each picture when it is on the screen. A client of this project
/// tells where updates end and what they show.
///
/// # Errors
/// When the server does not start, stops, or shows anything but the scene.
pub fn record(scene: Scene, size: (u16, u16), wanted: Wanted) -> Result<Stream> {
    let server = Xvnc::options().geometry(size.0, size.1).start()?;
    let desktop = server.desktop()?;
    let mut recorder = Recorder::connect(server.port(), wanted)?;
    for picture in scene.pictures(size.0.into(), size.1.into()) {
        desktop.paint_root(&picture)?;
        recorder
            .follow(&picture)
            .with_context(|| format!("{} in {wanted:?}", scene.name()))?;
    }
    Ok(Stream {
        pixels: recorder.picture.written,
        bytes: recorder.bytes,
    })
}

struct Recorder {
    socket: TcpStream,
    client: Client,
    picture: Picture,
    bytes: Vec<u8>,
    wanted: Wanted,
    size: (u16, u16),
}

impl Recorder {
    fn connect(port: u16, wanted: Wanted) -> Result<Self> {
        let socket = TcpStream::connect(("127.0.0.1", port))?;
        socket.set_read_timeout(Some(Duration::from_secs(10)))?;
        let mut recorder = Self {
            socket,
            client: Client::new(ClientConfig::default()),
            picture: Picture::default(),
            bytes: Vec::new(),
            wanted,
            size: (0, 0),
        };
        recorder.handshake()?;
        Ok(recorder)
    }

    /// RFB 3.8 without a password, shared; then pixels of 32 bits in the encoding wanted.
    fn handshake(&mut self) -> Result<()> {
        for answer in [&b"RFB 003.008\n"[..], &[1], &[1]] {
            self.read()?;
            self.socket.write_all(answer)?;
        }
        while self.client.size().is_none() {
            self.read()?;
        }
        self.size = self.client.size().context("connected")?;
        let format = [
            0, 0, 0, 0, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0,
        ];
        self.socket.write_all(&format)?;

        const CURSOR: i32 = -239;
        let quality = self.wanted.jpeg.map(|level| i32::from(level) - 32);
        let numbers: Vec<i32> = [
            self.wanted.encoding.number(),
            Encoding::Raw.number(),
            CURSOR,
        ]
        .into_iter()
        .chain(quality)
        .collect();
        let mut message = vec![2, 0];
        message.extend(u16::try_from(numbers.len())?.to_be_bytes());
        message.extend(numbers.into_iter().flat_map(i32::to_be_bytes));
        Ok(self.socket.write_all(&message)?)
    }

    /// Asks for updates until the client's picture is this one.
    fn follow(&mut self, shown: &Shown) -> Result<()> {
        let incremental = u8::from(0 < self.picture.written);
        let ([w0, w1], [h0, h1]) = (self.size.0.to_be_bytes(), self.size.1.to_be_bytes());
        loop {
            let request = [3, incremental, 0, 0, 0, 0, w0, w1, h0, h1];
            self.socket.write_all(&request)?;
            while !self.read()? {}
            if self.shows(shown) {
                return Ok(());
            }
        }
    }

    fn shows(&self, shown: &Shown) -> bool {
        if self.wanted.jpeg.is_none() {
            return self.picture.pixels == shown.pixels;
        }
        let differences = self.picture.pixels.iter().zip(&shown.pixels);
        let sum: u64 = differences.map(|(a, b)| distance(*a, *b)).sum();
        sum <= LOSSY_MEAN * shown.pixels.len() as u64
    }

    /// Reads what there is. True if an update ended in it.
    fn read(&mut self) -> Result<bool> {
        let mut buffer = vec![0; 64 << 10];
        let count = self.socket.read(&mut buffer)?;
        ensure!(0 < count, "the server closed the connection");
        buffer.truncate(count);
        self.client.feed(&buffer, &mut self.picture)?;
        self.client.take_output();
        self.bytes.extend(buffer);
        let mut ended = false;
        while let Some(event) = self.client.poll_event() {
            ended |= event == Event::FrameEnd;
        }
        Ok(ended)
    }
}

/// How far apart two colours are, summed over their parts.
#[must_use]
pub fn distance(a: u32, b: u32) -> u64 {
    let parts = a.to_be_bytes().into_iter().zip(b.to_be_bytes());
    parts.map(|(a, b)| u64::from(a.abs_diff(b))).sum()
}
