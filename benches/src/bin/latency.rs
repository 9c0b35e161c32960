//! From a key to the picture of what it did: a bare VNC client against the daemon.
//!
//! ```text
//! latency DAEMON [KEYS]
//! ```
//!
//! A window in Xvnc answers each key with a block of another colour, on a quiet desktop and with a video
//! beside it. A VNC client that only decodes, and a Guacamole client behind the daemon, take turns (bare,
//! daemon, daemon, bare), each with so many keys (60), at irregular times. What the bare one takes is
//! the server's own and the window's: the floor. Everything stays on the loopback interface.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use benches::decoding::ours::Picture;
use benches::echo::{BLOCK, COLOURS, Echo};
use guac_vnc::{Client, ClientConfig, Encoding, Event};
use testkit::client::{FakeClient, Handshake};
use testkit::guacd::Guacd;
use testkit::xvnc::Xvnc;

const SIZE: (u16, u16) = (1920, 1080);
const KEYS: usize = 60;
const KEYSYM: u32 = 0x61;
/// The picture is there, and the video in motion, before a key counts.
const FIRST: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(5);
/// Between a block and the next key: this, and up to as much again.
const REST: Duration = Duration::from_millis(120);

/// Somebody who presses keys and sees blocks.
trait Person {
    fn press(&mut self) -> Result<()>;
    /// Looks at what comes until the block has this colour.
    fn see(&mut self, colour: u32) -> Result<()>;
    /// Looks at what comes for a time.
    fn rest(&mut self, time: Duration) -> Result<()>;
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (daemon, keys) = match &arguments[..] {
        [daemon] => (daemon, KEYS),
        [daemon, keys] => (daemon, keys.parse()?),
        _ => bail!("usage: latency DAEMON [KEYS]"),
    };
    println!("| Desktop | client | median ms | 95 % | worst |");
    println!("| --- | --- | --- | --- | --- |");
    for (name, with_video) in [("quiet", false), ("with a video", true)] {
        let server = Xvnc::options().geometry(SIZE.0, SIZE.1).start()?;
        let echo = Echo::show(&server.display(), with_video)?;
        let mut taken = [Vec::new(), Vec::new()];
        // The colours go on from person to person.
        let mut pressed = 0;
        for which in [0, 1, 1, 0] {
            let mut person: Box<dyn Person> = match which {
                0 => Box::new(Bare::connect(server.port())?),
                _ => Box::new(Behind::connect(daemon, server.port())?),
            };
            person.rest(FIRST)?;
            for _ in 0..keys {
                let begun = Instant::now();
                person.press()?;
                person.see(COLOURS[pressed % COLOURS.len()])?;
                taken[which].push(begun.elapsed());
                pressed += 1;
                // A golden-ratio sequence falls on every part of a frame alike.
                let part = (pressed as f64 * 0.618_034).fract();
                person.rest(REST + REST.mul_f64(part))?;
            }
        }
        echo.end()?;
        for (client, taken) in ["bare", "daemon"].iter().zip(&mut taken) {
            taken.sort_unstable();
            let rank = |share: f64| {
                let at = (share * taken.len() as f64).ceil() as usize;
                1000.0 * taken[at.clamp(1, taken.len()) - 1].as_secs_f64()
            };
            let [median, most, worst] = [0.5, 0.95, 1.0].map(rank);
            println!("| {name} | {client} | {median:.1} | {most:.1} | {worst:.1} |");
        }
    }
    Ok(())
}

/// A VNC client that does nothing but decode.
struct Bare {
    stream: TcpStream,
    client: Client,
    picture: Picture,
    buffer: Vec<u8>,
}

impl Bare {
    fn connect(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            client: Client::new(ClientConfig {
                encodings: Encoding::SAME_HOST.to_vec(),
                ..ClientConfig::default()
            }),
            picture: Picture::default(),
            buffer: vec![0; 64 * 1024],
        })
    }

    /// Takes what the server says until a time; whether `wanted` held after a whole update.
    fn look(&mut self, end: Instant, wanted: impl Fn(&Picture) -> bool) -> Result<bool> {
        loop {
            while let Some(output) = self.client.take_output() {
                self.stream.write_all(&output)?;
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            self.stream.set_read_timeout(Some(left))?;
            let read = match self.stream.read(&mut self.buffer) {
                Ok(0) => bail!("the server is gone"),
                Ok(read) => read,
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
                {
                    return Ok(false);
                }
                Err(error) => return Err(error.into()),
            };
            self.client.feed(&self.buffer[..read], &mut self.picture)?;
            let mut is_whole = false;
            while let Some(event) = self.client.poll_event() {
                is_whole |= event == Event::FrameEnd;
            }
            if is_whole && wanted(&self.picture) {
                return Ok(true);
            }
        }
    }
}

impl Person for Bare {
    fn press(&mut self) -> Result<()> {
        self.client.key(KEYSYM, true);
        self.client.key(KEYSYM, false);
        Ok(())
    }

    fn see(&mut self, colour: u32) -> Result<()> {
        let (x, y, _) = BLOCK;
        let is_there = |picture: &Picture| {
            let at = usize::from(y) * picture.width + usize::from(x);
            picture.pixels.get(at) == Some(&colour)
        };
        ensure!(self.look(Instant::now() + PATIENCE, is_there)?, "no block");
        Ok(())
    }

    fn rest(&mut self, time: Duration) -> Result<()> {
        self.look(Instant::now() + time, |_| false)?;
        Ok(())
    }
}

/// A Guacamole client behind a daemon of its own.
struct Behind {
    client: FakeClient,
    _daemon: Guacd,
}

impl Behind {
    fn connect(daemon: &str, port: u16) -> Result<Self> {
        let daemon = Guacd::start_command(&mut Command::new(daemon))?;
        let client = FakeClient::open(daemon.address(), &Handshake::vnc(port))?;
        Ok(Self {
            client,
            _daemon: daemon,
        })
    }
}

impl Person for Behind {
    fn press(&mut self) -> Result<()> {
        for pressed in ["1", "0"] {
            self.client.send("key", &[&KEYSYM.to_string(), pressed])?;
        }
        Ok(())
    }

    fn see(&mut self, colour: u32) -> Result<()> {
        let [_, red, green, blue] = colour.to_be_bytes().map(|part| part.to_string());
        let end = Instant::now() + PATIENCE;
        let mut is_there = false;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let instruction = self.client.read_within(left)?.context("no block")?;
            match instruction.opcode.as_str() {
                // The block is one colour, and lies on whole tiles.
                "cfill" => is_there |= instruction.args[2..5] == [&red[..], &green, &blue],
                "sync" if is_there => return Ok(()),
                _ => {}
            }
        }
    }

    fn rest(&mut self, time: Duration) -> Result<()> {
        let end = Instant::now() + time;
        while let Some(left) = end.checked_duration_since(Instant::now()) {
            if self.client.read_within(left)?.is_none() {
                break;
            }
        }
        Ok(())
    }
}
