//! A recording as a file, read and drawn without a browser.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guac_canvas::Canvas;
use guac_protocol::ServerInstruction;
use guac_protocol::wire::Instructions;
use guac_recorder::Reader;
use testkit::Picture;

/// What a recording holds, up to its last whole instruction.
pub struct Recorded {
    bytes: Vec<u8>,
    /// The end of each frame.
    pub frames: Vec<FrameEnd>,
    /// The keys, with times from the first frame on.
    pub keys: Vec<KeyEvent>,
    /// The texts of the clipboard in order, each with its stream.
    pub texts: Vec<(i64, String)>,
    /// Bytes of a last instruction that is not all there.
    pub cut: usize,
}

/// The `sync` of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameEnd {
    /// Its time, in milliseconds on the daemon's clock.
    pub time: i64,
    /// Bytes from the start of the file to behind it.
    pub end: usize,
}

/// A key of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyEvent {
    /// Which key.
    pub keysym: u32,
    /// Whether it went down.
    pub pressed: bool,
    /// Milliseconds after the first frame.
    pub time: i64,
}

impl Recorded {
    /// Reads a recording.
    ///
    /// # Errors
    /// When it cannot be read, or something in it is no instruction, or it is one that no player takes.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| path.display().to_string())?;
        ensure!(bytes.is_ascii(), "players split what is not ASCII");
        let mut recorded = Self {
            bytes: Vec::new(),
            frames: Vec::new(),
            keys: Vec::new(),
            texts: Vec::new(),
            cut: 0,
        };
        let mut texts = HashMap::new();
        let mut reader = Reader::new(bytes.as_slice());
        while let Some(entry) = reader.next()? {
            let end = usize::try_from(entry.offset)? + entry.instruction.text().len();
            recorded.take(
                &ServerInstruction::parse(&entry.instruction)?,
                end,
                &mut texts,
            )?;
        }
        recorded.cut = reader.cut();
        recorded.bytes = bytes;
        Ok(recorded)
    }

    fn take(
        &mut self,
        instruction: &ServerInstruction<'_>,
        end: usize,
        texts: &mut HashMap<i32, Vec<u8>>,
    ) -> Result<()> {
        match instruction {
            ServerInstruction::Sync { timestamp, .. } => {
                let time = timestamp.0;
                let last = self.frames.last().map_or(i64::MIN, |frame| frame.time);
                ensure!(last <= time, "the time goes back from {last} to {time}");
                self.frames.push(FrameEnd { time, end });
            }
            ServerInstruction::Key {
                keysym,
                pressed,
                timestamp,
            } => {
                let first = self
                    .frames
                    .first()
                    .context("a key before the first frame")?;
                self.keys.push(KeyEvent {
                    keysym: keysym.0,
                    pressed: *pressed,
                    time: timestamp.0 - first.time,
                });
            }
            ServerInstruction::Clipboard { stream, .. } => {
                texts.insert(stream.0, Vec::new());
            }
            ServerInstruction::Img { stream, .. } => {
                ensure!(
                    !texts.contains_key(&stream.0),
                    "an image in a text's stream"
                );
            }
            ServerInstruction::Blob { stream, data } => {
                if let Some(text) = texts.get_mut(&stream.0) {
                    let guac_protocol::BlobData::Base64(data) = data else {
                        bail!("data that was read is base64");
                    };
                    text.extend(STANDARD.decode(data)?);
                }
            }
            ServerInstruction::End { stream } => {
                if let Some(text) = texts.remove(&stream.0) {
                    self.texts.push((stream.0.into(), String::from_utf8(text)?));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Milliseconds from the first frame to the last.
    pub fn duration(&self) -> u64 {
        let time = |frame: Option<&FrameEnd>| frame.map_or(0, |frame| frame.time);
        (time(self.frames.last()) - time(self.frames.first())).unsigned_abs()
    }

    /// Milliseconds from the first frame to this one.
    pub fn time_of(&self, frame: usize) -> u64 {
        (self.frames[frame].time - self.frames[0].time).unsigned_abs()
    }

    /// What is shown after this frame, as `guac-canvas` draws it.
    ///
    /// # Errors
    /// When something cannot be drawn.
    pub fn picture_of(&self, frame: usize) -> Result<Picture> {
        let mut canvas = Canvas::new();
        for instruction in Instructions::new(&self.bytes[..self.frames[frame].end]) {
            canvas.apply(&ServerInstruction::parse(&instruction?)?)?;
        }
        let shown = canvas.flatten();
        Picture::from_rgba(shown.width(), shown.height(), &shown.to_rgba())
    }

    /// What is shown after the last frame.
    ///
    /// # Errors
    /// When there is none, or something cannot be drawn.
    pub fn last_picture(&self) -> Result<Picture> {
        let last = self.frames.len().checked_sub(1).context("no frame")?;
        self.picture_of(last)
    }

    /// The bytes of the file.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}
