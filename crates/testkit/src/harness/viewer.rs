//! A Guacamole client that draws what it is sent, without a browser.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use guac_canvas::{Canvas, Cursor};
use guac_protocol::ServerInstruction;
use guac_protocol::wire::Instructions;

use crate::client::FakeClient;
use crate::instruction::Instruction;
use crate::picture::Picture;
use crate::wait::{PATIENCE, until};

/// How often the stock client shows that it is there.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

/// How long the daemon may be silent before something else is looked at.
const MOMENT: Duration = Duration::from_millis(10);

const SHIFT: u32 = 0xffe1;

/// A client with its display.
pub struct Viewer {
    client: FakeClient,
    canvas: Canvas,
    /// When a sign of life was given last.
    seen: Instant,
    /// Opcodes of what opened a stream that is no image.
    streams: Vec<String>,
    /// The statuses of answers to streams.
    answers: Vec<i64>,
}

impl Viewer {
    /// Goes on with a client whose handshake is done.
    pub fn new(client: FakeClient) -> Self {
        Self {
            client,
            canvas: Canvas::new(),
            seen: Instant::now(),
            streams: Vec::new(),
            answers: Vec::new(),
        }
    }

    /// Draws what comes, until nothing has come for a moment.
    ///
    /// # Errors
    /// When the session is over, or something cannot be drawn.
    pub fn pump(&mut self) -> Result<()> {
        while let Some(instruction) = self.client.read_within(MOMENT)? {
            self.take(&instruction)?;
        }
        if SIGN_OF_LIFE <= self.seen.elapsed() {
            self.client.send("nop", &[])?;
            self.seen = Instant::now();
        }
        Ok(())
    }

    /// What is shown, without the pointer; an empty picture before anything is.
    ///
    /// # Errors
    /// When the display is not opaque.
    pub fn picture(&self) -> Result<Picture> {
        let shown = self.canvas.flatten();
        Picture::from_rgba(shown.width(), shown.height(), &shown.to_rgba())
    }

    /// The pointer's shape, if one was set.
    pub fn cursor(&self) -> Option<&Cursor> {
        self.canvas.cursor()
    }

    /// How many frames have been drawn.
    pub fn frames(&self) -> u64 {
        self.canvas.frames()
    }

    /// The opcodes of what opened streams that are no images: none, unless a policy lets them.
    pub fn streams(&self) -> &[String] {
        &self.streams
    }

    /// The statuses with which streams were answered.
    pub fn answers(&self) -> &[i64] {
        &self.answers
    }

    /// Waits until a condition on what is shown gives a value.
    ///
    /// # Errors
    /// When it does not in time, or the session ends.
    #[track_caller]
    pub fn await_shown<T>(
        &mut self,
        what: &str,
        mut wanted: impl FnMut(&Self) -> Result<Option<T>>,
    ) -> Result<T> {
        until(what, PATIENCE, || {
            self.pump()?;
            wanted(self)
        })
    }

    /// Presses or releases a key.
    ///
    /// # Errors
    /// When the session is over.
    pub fn key(&mut self, keysym: u32, pressed: bool) -> Result<()> {
        let pressed = if pressed { "1" } else { "0" };
        self.client.send("key", &[&keysym.to_string(), pressed])
    }

    /// Types characters of the US keyboard, each with Shift where that is how one types it.
    ///
    /// # Errors
    /// When the session is over.
    pub fn type_text(&mut self, text: &str) -> Result<()> {
        for character in text.chars() {
            let is_shifted =
                character.is_ascii_uppercase() || "~!@#$%^&*()_+{}|:\"<>?".contains(character);
            if is_shifted {
                self.key(SHIFT, true)?;
            }
            self.key(character.into(), true)?;
            self.key(character.into(), false)?;
            if is_shifted {
                self.key(SHIFT, false)?;
            }
        }
        Ok(())
    }

    /// Moves the pointer, with buttons held: the left one is bit 0.
    ///
    /// # Errors
    /// When the session is over.
    pub fn point(&mut self, x: u16, y: u16, buttons: u8) -> Result<()> {
        let (x, y, buttons) = (x.to_string(), y.to_string(), buttons.to_string());
        self.client.send("mouse", &[&x, &y, &buttons])
    }

    /// Asks for another size of the desktop.
    ///
    /// # Errors
    /// When the session is over.
    pub fn ask_for_size(&mut self, width: u16, height: u16) -> Result<()> {
        let (width, height) = (width.to_string(), height.to_string());
        self.client.send("size", &[&width, &height])
    }

    /// Pastes a text, given in base64.
    ///
    /// # Errors
    /// When the session is over.
    pub fn paste(&mut self, base64: &str) -> Result<()> {
        self.client.send("clipboard", &["0", "text/plain"])?;
        self.client.send("blob", &["0", base64])?;
        self.client.send("end", &["0"])
    }

    fn take(&mut self, instruction: &Instruction) -> Result<()> {
        match instruction.opcode.as_str() {
            "error" => bail!("the session ended: {instruction:?}"),
            "clipboard" | "file" | "pipe" | "audio" | "video" | "body" | "filesystem" | "name" => {
                self.streams.push(instruction.opcode.clone());
            }
            "ack" => self.answers.push(instruction.number(2)?),
            _ => {}
        }
        let bytes = instruction.encode();
        let mut parsed = Instructions::new(bytes.as_bytes());
        let raw = parsed.next().context("an instruction")??;
        let typed = ServerInstruction::parse(&raw).with_context(|| raw.opcode().to_owned())?;
        let applied = self.canvas.apply(&typed);
        applied.with_context(|| format!("{} is drawn", instruction.opcode))
    }
}
