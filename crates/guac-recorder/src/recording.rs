//! The recording of one session, while it is being written.

use std::fmt;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use guac_policy::{Permitted, Tap, TapError};
use guac_protocol::{Keysym, Timestamp};

use crate::RecordingOptions;
use crate::event::{ClipboardWay, Event};
use crate::file::{CreateError, create};

/// Input events held back until the first frame; what comes after that many is counted only.
const EARLY_EVENTS_MAX: usize = 4_096;

/// Bytes of clipboard texts, in base64, held back until the first frame: more than the longest text.
const EARLY_TEXT_MAX_BYTES: usize = 80 << 20;

/// A recording that is being written. Dropping it closes the file as it is; [`Recording::finish`]
/// also makes it durable.
pub struct Recording {
    file: File,
    path: PathBuf,
    output: bool,
    pointer: bool,
    keys: bool,
    clipboard: bool,
    /// What is known to be written whole, in bytes.
    written: u64,
    frames: u64,
    /// The time of the last instruction written that carries one.
    last: Option<Timestamp>,
    early: Vec<Event>,
    early_text_bytes: usize,
    lost_events: u64,
    failed: bool,
}

/// What a finished recording holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Frames.
    pub frames: u64,
    /// Input events before the first frame that were too many to keep.
    pub lost_events: u64,
}

impl Recording {
    /// Creates the recording's file: mode 0640, never following a link, and locked against other
    /// writers for as long as it is open.
    ///
    /// # Errors
    /// When no file could be had. Nothing may be shown then if the recording was asked for.
    pub fn create(options: &RecordingOptions) -> Result<Self, CreateError> {
        let (file, path) = create(options)?;
        Ok(Self {
            file,
            path,
            output: !options.exclude_output,
            pointer: !options.exclude_mouse,
            keys: options.include_keys,
            clipboard: options.include_clipboard,
            written: 0,
            frames: 0,
            last: None,
            early: Vec::new(),
            early_text_bytes: 0,
            lost_events: 0,
            failed: false,
        })
    }

    /// Where the file is, with the suffix that was chosen for it.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Records the pointer of any user, unless the pointer is left out. Buttons as in `mouse`.
    ///
    /// # Errors
    /// When the event could not be kept.
    pub fn mouse(
        &mut self,
        x: i32,
        y: i32,
        buttons: i32,
        timestamp: Timestamp,
    ) -> Result<(), TapError> {
        if !self.pointer {
            return Ok(());
        }
        self.event(Event::Mouse {
            x,
            y,
            buttons,
            timestamp,
        })
    }

    /// Records a key of any user, if keys were asked for.
    ///
    /// # Errors
    /// When the event could not be kept.
    pub fn key(
        &mut self,
        keysym: Keysym,
        pressed: bool,
        timestamp: Timestamp,
    ) -> Result<(), TapError> {
        if !self.keys {
            return Ok(());
        }
        self.event(Event::Key {
            keysym,
            pressed,
            timestamp,
        })
    }

    /// Records a text of the clipboard that passes, if that was asked for. It takes no time of its
    /// own: readers give it that of what stands before it.
    ///
    /// # Errors
    /// When the text could not be kept; it must not pass then.
    pub fn clipboard(&mut self, way: ClipboardWay, text: &str) -> Result<(), TapError> {
        if !self.clipboard {
            return Ok(());
        }
        self.event(Event::clipboard(way, text))
    }

    /// Ends the recording and returns when all of it is on the disk.
    ///
    /// # Errors
    /// When it could not be made durable, or had failed before.
    pub fn finish(mut self) -> Result<Summary, TapError> {
        // A session without a frame cannot be played, yet what was typed in it is kept.
        let early = self.take_early();
        self.write(&early)?;
        self.file.sync_all().map_err(|error| write_error(&error))?;
        Ok(Summary {
            bytes: self.written,
            frames: self.frames,
            lost_events: self.lost_events,
        })
    }

    /// Players cannot load a file with a `key` before its first `sync`, so that events of the time
    /// before it wait for it.
    fn event(&mut self, event: Event) -> Result<(), TapError> {
        if self.output && self.frames == 0 {
            return self.hold_back(event);
        }
        let mut bytes = Vec::with_capacity(64);
        self.last = event.write(self.last, &mut bytes);
        self.write(&bytes)
    }

    /// Too many keys and moves are counted, as they are of use to nobody before there is a picture; a
    /// text is data, which does not pass unrecorded.
    fn hold_back(&mut self, event: Event) -> Result<(), TapError> {
        let text_bytes = self.early_text_bytes.saturating_add(event.kept_bytes());
        let has_room = self.early.len() < EARLY_EVENTS_MAX && text_bytes <= EARLY_TEXT_MAX_BYTES;
        if has_room {
            self.early_text_bytes = text_bytes;
            self.early.push(event);
        } else if matches!(event, Event::Clipboard(_)) {
            return Err(TapError::EarlyText);
        } else {
            self.lost_events += 1;
        }
        Ok(())
    }

    fn take_early(&mut self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.early_text_bytes);
        for event in std::mem::take(&mut self.early) {
            self.last = event.write(self.last, &mut bytes);
        }
        self.early_text_bytes = 0;
        bytes
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), TapError> {
        if self.failed {
            return Err(TapError::Failed);
        }
        match self.file.write_all(bytes) {
            Ok(()) => {
                self.written += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                Ok(())
            }
            Err(error) => {
                self.failed = true;
                // A file that ends with a whole instruction is worth more than one that does not;
                // where even that fails, readers cope with a cut one.
                let _ = self.file.set_len(self.written);
                Err(write_error(&error))
            }
        }
    }
}

impl Tap for Recording {
    fn accept(&mut self, frame: &Permitted<Bytes>) -> Result<(), TapError> {
        if self.failed {
            return Err(TapError::Failed);
        }
        if !self.output {
            return Ok(());
        }
        self.write(frame.get())?;
        if let Some(timestamp) = last_sync(frame.get()) {
            self.frames += 1;
            self.last = Some(self.last.map_or(timestamp, |last| last.max(timestamp)));
        }
        if 0 < self.frames && !self.early.is_empty() {
            let early = self.take_early();
            self.write(&early)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording")
            .field("written", &self.written)
            .field("frames", &self.frames)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

/// The time of the `sync` at the end of a frame.
fn last_sync(frame: &[u8]) -> Option<Timestamp> {
    /// Longest `sync`: opcode, a 20-digit time, a 10-digit count, their lengths and separators.
    const SYNC_MAX: usize = 6 + 1 + 3 + 20 + 1 + 3 + 10 + 1;
    const OPCODE: &[u8] = b"4.sync,";
    let tail = frame.get(frame.len().saturating_sub(SYNC_MAX)..)?;
    let start = tail
        .windows(OPCODE.len())
        .rposition(|window| window == OPCODE)?;
    let argument = std::str::from_utf8(tail.get(start + OPCODE.len()..)?).ok()?;
    let (_, value) = argument.split_once('.')?;
    let end = value.find([',', ';'])?;
    value.get(..end)?.parse().ok().map(Timestamp)
}

fn write_error(error: &io::Error) -> TapError {
    TapError::Write {
        os_error: error.raw_os_error(),
    }
}
