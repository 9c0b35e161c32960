//! A Guacamole client over TCP, as polite or as rude as a test wants it.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::instruction::{Instruction, encode};
use crate::wait::PATIENCE;

/// What a client says between `select` and `connect`.
#[derive(Debug, Clone)]
pub struct Handshake {
    /// A protocol, or `$` and the id of a running connection.
    pub target: String,
    /// The version token answered with; empty for 1.0.0.
    pub version: String,
    /// Width, height and resolution of the browser's display.
    pub size: (u32, u32, u32),
    /// The image mimetypes it says it decodes.
    pub images: Vec<String>,
    /// The user's name, if it is sent.
    pub name: Option<String>,
    /// Values by parameter name; the others are empty.
    pub parameters: BTreeMap<String, String>,
}

impl Default for Handshake {
    fn default() -> Self {
        Self {
            target: "vnc".into(),
            version: "VERSION_1_5_0".into(),
            size: (1024, 768, 96),
            images: vec!["image/jpeg".into(), "image/png".into(), "image/webp".into()],
            name: None,
            parameters: BTreeMap::new(),
        }
    }
}

impl Handshake {
    /// A session with the VNC server on a loopback port.
    pub fn vnc(port: u16) -> Self {
        Self::default()
            .with("hostname", "127.0.0.1")
            .with("port", &port.to_string())
    }

    /// Joins a running connection.
    pub fn join(id: &str) -> Self {
        Self {
            target: id.into(),
            ..Self::default()
        }
    }

    /// Adds a parameter.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.parameters.insert(name.into(), value.into());
        self
    }

    /// Answers with another version.
    #[must_use]
    pub fn version(mut self, token: &str) -> Self {
        self.version = token.into();
        self
    }

    /// Gives the user a name.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The instructions from `size` to `connect`, for the announced names.
    pub fn instructions(&self, names: &[String]) -> Vec<Instruction> {
        let (width, height, dpi) = self.size;
        let numbers = [width.to_string(), height.to_string(), dpi.to_string()];
        let images: Vec<&str> = self.images.iter().map(String::as_str).collect();
        let value = |name: &String| self.parameters.get(name).map_or("", String::as_str);
        let mut connect = vec![self.version.as_str()];
        connect.extend(names.iter().map(value));
        let mut all = vec![
            Instruction::new("size", &[&numbers[0], &numbers[1], &numbers[2]]),
            Instruction::new("audio", &["audio/L8", "audio/L16"]),
            Instruction::new("video", &[]),
            Instruction::new("image", &images),
        ];
        all.extend(
            self.name
                .iter()
                .map(|name| Instruction::new("name", &[name])),
        );
        all.push(Instruction::new("connect", &connect));
        all
    }
}

/// A connection to a daemon.
pub struct FakeClient {
    stream: TcpStream,
    received: Vec<u8>,
    answers_syncs: bool,
    /// The connection's id from `ready`, once a handshake is done.
    pub id: String,
    /// The time of the last `sync` that was read.
    pub last_sync: i64,
}

impl FakeClient {
    /// Connects and says nothing yet.
    ///
    /// # Errors
    /// When nobody listens there.
    pub fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).context("connect to the daemon")?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            received: Vec::new(),
            answers_syncs: true,
            id: String::new(),
            last_sync: 0,
        })
    }

    /// Connects and does the whole handshake.
    ///
    /// # Errors
    /// When the daemon does not answer as the protocol says.
    pub fn open(address: SocketAddr, handshake: &Handshake) -> Result<Self> {
        let mut client = Self::connect(address)?;
        let names = client.select(&handshake.target)?;
        for instruction in handshake.instructions(&names) {
            client.send_raw(instruction.encode().as_bytes())?;
        }
        let ready = client.expect("ready")?;
        ready.arg(0).clone_into(&mut client.id);
        Ok(client)
    }

    /// Selects, and gives the announced parameter names without the version.
    ///
    /// # Errors
    /// When something else than `args` is answered.
    pub fn select(&mut self, target: &str) -> Result<Vec<String>> {
        self.send("select", &[target])?;
        let mut args = self.expect("args")?.args;
        ensure!(
            args.first().is_some_and(|v| v.starts_with("VERSION_")),
            "no version in {args:?}"
        );
        Ok(args.split_off(1))
    }

    /// Whether `sync` is answered while reading; on at first.
    pub fn answer_syncs(&mut self, answers: bool) {
        self.answers_syncs = answers;
    }

    /// Sends an instruction.
    ///
    /// # Errors
    /// When the daemon has closed the connection.
    pub fn send(&mut self, opcode: &str, args: &[&str]) -> Result<()> {
        self.send_raw(encode(opcode, args.iter().copied()).as_bytes())
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    /// When the daemon has closed the connection.
    pub fn send_raw(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.stream.write_all(bytes)?)
    }

    /// Ends the sending direction only.
    ///
    /// # Errors
    /// When the connection is gone already.
    pub fn finish_sending(&self) -> Result<()> {
        Ok(self.stream.shutdown(Shutdown::Write)?)
    }

    /// The next instruction; nothing when the daemon has closed the connection.
    ///
    /// # Errors
    /// When none comes within `limit`, or the bytes are no instruction.
    pub fn read(&mut self, limit: Duration) -> Result<Option<Instruction>> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some((instruction, size)) = Instruction::decode(&self.received)? {
                self.received.drain(..size);
                self.note_sync(&instruction);
                return Ok(Some(instruction));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            ensure!(!left.is_zero(), "no instruction within {limit:?}");
            if !self.receive(left)? {
                ensure!(
                    self.received.is_empty(),
                    "the daemon closed within an instruction"
                );
                return Ok(None);
            }
        }
    }

    /// The next instruction; nothing when none comes in time.
    ///
    /// # Errors
    /// When the daemon has closed the connection, or the bytes are no instruction.
    pub fn read_within(&mut self, limit: Duration) -> Result<Option<Instruction>> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some((instruction, size)) = Instruction::decode(&self.received)? {
                self.received.drain(..size);
                self.note_sync(&instruction);
                return Ok(Some(instruction));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            ensure!(self.receive(left)?, "the daemon closed the connection");
        }
    }

    /// Reads until an instruction meets `wanted`, and gives it.
    ///
    /// # Errors
    /// When the time is over or the connection closed before.
    pub fn read_until(
        &mut self,
        limit: Duration,
        mut wanted: impl FnMut(&Instruction) -> bool,
    ) -> Result<Instruction> {
        let deadline = Instant::now() + limit;
        let mut seen = Vec::new();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let next = self
                .read(left)
                .with_context(|| format!("after {}", summary(&seen)))?;
            match next {
                Some(instruction) if wanted(&instruction) => return Ok(instruction),
                Some(instruction) => seen.push(instruction.opcode),
                None => bail!("the connection closed after {}", summary(&seen)),
            }
        }
    }

    /// Reads until this opcode comes, which no `error` may precede.
    ///
    /// # Errors
    /// As [`FakeClient::read_until`], and when an `error` comes first.
    pub fn expect(&mut self, opcode: &str) -> Result<Instruction> {
        let found = self.read_until(PATIENCE, |i| i.is(opcode) || i.is("error"))?;
        ensure!(found.is(opcode), "{found:?} came instead of {opcode}");
        Ok(found)
    }

    /// Reads everything until the daemon closes the connection.
    ///
    /// # Errors
    /// When it stays open for longer than `limit`.
    pub fn read_to_end(&mut self, limit: Duration) -> Result<Vec<Instruction>> {
        let deadline = Instant::now() + limit;
        let mut all = Vec::new();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let opcodes = || {
                summary(
                    &all.iter()
                        .map(|i: &Instruction| i.opcode.clone())
                        .collect::<Vec<_>>(),
                )
            };
            match self
                .read(left)
                .with_context(|| format!("open after {}", opcodes()))?
            {
                Some(instruction) => all.push(instruction),
                None => return Ok(all),
            }
        }
    }

    /// Reads and answers for a while, and gives what came. The connection must stay open.
    ///
    /// # Errors
    /// When the daemon closes.
    pub fn read_for(&mut self, time: Duration) -> Result<Vec<Instruction>> {
        let deadline = Instant::now() + time;
        let mut all = Vec::new();
        loop {
            while let Some((instruction, size)) = Instruction::decode(&self.received)? {
                self.received.drain(..size);
                self.note_sync(&instruction);
                all.push(instruction);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(all);
            }
            ensure!(self.receive(left)?, "the daemon closed after {all:?}");
        }
    }

    /// Whether the daemon closes the connection within `limit`; what comes before is dropped.
    pub fn closes_within(&mut self, limit: Duration) -> bool {
        self.read_to_end(limit).is_ok()
    }

    fn note_sync(&mut self, instruction: &Instruction) {
        if !instruction.is("sync") {
            return;
        }
        self.last_sync = instruction.number(0).unwrap_or(self.last_sync);
        if self.answers_syncs {
            // A daemon that has closed meanwhile is found out by the next read.
            let _ = self.send("sync", &[&self.last_sync.to_string()]);
        }
    }

    /// Waits for more bytes; `false` at the end of the stream.
    fn receive(&mut self, limit: Duration) -> Result<bool> {
        self.stream
            .set_read_timeout(Some(limit.max(Duration::from_millis(1))))?;
        let mut chunk = vec![0; 64 * 1024];
        match self.stream.read(&mut chunk) {
            Ok(0) => Ok(false),
            Ok(count) => {
                self.received.extend_from_slice(&chunk[..count]);
                Ok(true)
            }
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => Ok(true),
                ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => Ok(false),
                _ => Err(error.into()),
            },
        }
    }
}

fn summary(opcodes: &[String]) -> String {
    let from = opcodes.len().saturating_sub(12);
    format!(
        "{} instructions, the last of them {:?}",
        opcodes.len(),
        &opcodes[from..]
    )
}
