//! A client that keeps every byte of the server, and decodes them with the second decoder.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use testkit::Picture;
use testkit::reference::{Decoder, PixelFormat, Session, Stop};
use testkit::wait::{PATIENCE, until};

use super::rows::{More, Row};

/// How long the client waits for the server before it looks at the screen again.
const PAUSE: Duration = Duration::from_millis(100);

/// A mean difference that JPEGs of any quality keep below.
const LOSSY_MEAN: f64 = 2.5;

pub(crate) struct Client {
    socket: TcpStream,
    stream: Vec<u8>,
    /// Up to where the stream was decoded.
    at: usize,
    session: Session,
    /// Updates that had ended when the last one was asked for.
    asked_at: Option<usize>,
    tolerance: u32,
    lossy: bool,
}

impl Client {
    pub(crate) fn connect(port: u16, row: &Row) -> Result<Self> {
        let mut socket = TcpStream::connect(("127.0.0.1", port))?;
        socket.set_read_timeout(Some(PATIENCE))?;
        let mut stream = Vec::new();
        take(&mut socket, &mut stream, 12)?;
        socket.write_all(b"RFB 003.008\n")?;
        let count = take(&mut socket, &mut stream, 1)?[0];
        let types = take(&mut socket, &mut stream, count.into())?;
        ensure!(types.contains(&1), "no security is not offered");
        socket.write_all(&[1])?;
        let verdict = take(&mut socket, &mut stream, 4)?;
        ensure!(verdict == [0; 4], "the server refuses");
        socket.write_all(&[1])?;
        let init = take(&mut socket, &mut stream, 24)?;
        let length = u32::from_be_bytes(init[20..24].try_into()?);
        take(&mut socket, &mut stream, length as usize)?;

        let description = row.format.description();
        socket.write_all(&[&[0; 4][..], &description].concat())?;
        let encodings = row.encodings();
        let mut message = vec![2, 0];
        message.extend(u16::try_from(encodings.len())?.to_be_bytes());
        message.extend(encodings.iter().flat_map(|number| number.to_be_bytes()));
        socket.write_all(&message)?;

        let size = |at: usize| u16::from_be_bytes([init[at], init[at + 1]]);
        let format = PixelFormat::parse(description);
        let decoder = Decoder::new(format, size(0).into(), size(2).into());
        Ok(Self {
            at: stream.len(),
            socket,
            stream,
            session: Session::new(decoder.with_jpeg(testkit::jpeg::decode)),
            asked_at: None,
            tolerance: row.format.tolerance(),
            lossy: matches!(row.more, More::Jpeg(_)),
        })
    }

    pub(crate) fn stream(&self) -> &[u8] {
        &self.stream[..self.at]
    }

    pub(crate) fn seen(&self) -> impl Iterator<Item = &'static str> {
        self.session.decoder.seen.iter().copied()
    }

    /// The size of the cursor's newest shape.
    pub(crate) fn cursor_size(&self) -> Option<(usize, usize)> {
        let cursor = self.session.cursor.as_ref();
        cursor.map(|cursor| (cursor.width, cursor.height))
    }

    /// Sends a message.
    pub(crate) fn send(&mut self, message: &[u8]) -> Result<()> {
        Ok(self.socket.write_all(message)?)
    }

    /// Asks for updates until the picture is the true one and `also` holds.
    pub(crate) fn await_truth(
        &mut self,
        what: &str,
        mut truth: impl FnMut() -> Result<Picture>,
        also: impl Fn(&Self) -> bool,
    ) -> Result<Picture> {
        until(what, PATIENCE, || {
            let picture = truth()?;
            if self.shows(&picture) && also(self) {
                return Ok(Some(picture));
            }
            self.ask()?;
            self.read()?;
            Ok(None)
        })
        .with_context(|| {
            format!(
                "decoded {:?}, cursor {:?}",
                self.session.decoder.seen,
                self.cursor_size()
            )
        })
    }

    fn ask(&mut self) -> Result<()> {
        if self.asked_at == Some(self.session.updates) {
            return Ok(());
        }
        let incremental = u8::from(self.asked_at.is_some());
        self.asked_at = Some(self.session.updates);
        let canvas = &self.session.decoder.canvas;
        let mut message = vec![3, incremental, 0, 0, 0, 0];
        message.extend(u16::try_from(canvas.width)?.to_be_bytes());
        message.extend(u16::try_from(canvas.height)?.to_be_bytes());
        self.send(&message)
    }

    /// Reads what there is, and decodes the messages that are complete.
    fn read(&mut self) -> Result<()> {
        self.socket.set_read_timeout(Some(PAUSE))?;
        let mut chunk = vec![0; 1 << 16];
        match self.socket.read(&mut chunk) {
            Ok(0) => bail!("the server left"),
            Ok(count) => self.stream.extend_from_slice(&chunk[..count]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => return Err(error.into()),
        }
        loop {
            let size = self.size();
            let mut next = self.session.clone();
            match next.message(&self.stream[self.at..]) {
                Ok(length) => {
                    let message = self.stream[self.at..self.at + length].to_vec();
                    self.at += length;
                    self.answer(message)?;
                }
                Err(Stop::Short) => return Ok(()),
                Err(Stop::Wrong(why)) => bail!("the second decoder refuses {why}"),
            }
            self.session = next;
            if self.size() != size {
                // A new size is a new picture, all of which is asked for.
                self.asked_at = None;
            }
        }
    }

    /// Answers a fence, without which a server that asks for one waits.
    fn answer(&mut self, mut message: Vec<u8>) -> Result<()> {
        const FENCE: u8 = 248;
        const REQUEST: u8 = 0x80;
        if message[0] != FENCE || message[4] & REQUEST == 0 {
            return Ok(());
        }
        // Of the flags, those that are about the order of things hold for this client.
        message[4..7].fill(0);
        message[7] &= 0b111;
        self.send(&message)
    }

    fn size(&self) -> (usize, usize) {
        let canvas = &self.session.decoder.canvas;
        (canvas.width, canvas.height)
    }

    fn shows(&self, truth: &Picture) -> bool {
        let canvas = &self.session.decoder.canvas;
        if (truth.width, truth.height) != self.size() || self.session.updates == 0 {
            return false;
        }
        let differences = || {
            let pairs = canvas.pixels.iter().zip(&truth.pixels);
            pairs.flat_map(|(a, b)| {
                let (a, b) = (a.to_be_bytes(), b.to_be_bytes());
                (1..4).map(move |part| a[part].abs_diff(b[part]))
            })
        };
        if self.lossy {
            let sum: f64 = differences().map(f64::from).sum();
            return sum / canvas.pixels.len() as f64 / 3.0 < LOSSY_MEAN;
        }
        differences().all(|difference| u32::from(difference) <= self.tolerance)
    }
}

/// Reads so many bytes, and keeps them.
fn take(socket: &mut TcpStream, stream: &mut Vec<u8>, count: usize) -> Result<Vec<u8>> {
    let start = stream.len();
    stream.resize(start + count, 0);
    socket.read_exact(&mut stream[start..])?;
    Ok(stream[start..].to_vec())
}
