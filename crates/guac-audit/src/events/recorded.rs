//! The events of a recording itself.

use std::collections::BTreeMap;
use std::io;
use std::ops::ControlFlow;

use guac_protocol::{BlobData, LayerIndex, ServerInstruction, StreamIndex, Timestamp};
use guac_recorder::{COPY_STREAM, PASTE_STREAM};

use super::at;
use crate::clock::{Clock, time_of};
use crate::event::Event;
use crate::reading::{self, End};
use crate::source::Recording;

/// Most events that are kept.
const EVENTS_MAX: usize = 100_000;

/// Most bytes of a clipboard's text that are shown.
const TEXT_MAX: usize = 65_536;

/// Most clipboard streams that are open at a time.
const STREAMS_MAX: usize = 64;

/// What a recording says.
#[derive(Debug)]
pub(crate) struct Recorded {
    pub(crate) events: Vec<Event>,
    /// Events that were too many to keep.
    pub(crate) left_out: u64,
    pub(crate) end: End,
}

/// Reads a recording's events; so many milliseconds without input are an idle span.
pub(crate) fn read(file: &Recording, clock: &Clock, idle: i64) -> io::Result<Recorded> {
    let mut reading = Reading {
        clock,
        idle,
        events: Vec::new(),
        left_out: 0,
        now: None,
        last_input: None,
        last_frame: None,
        size: None,
        shown_size: None,
        clipboards: BTreeMap::new(),
    };
    let end = reading::read(file.open()?, |step| {
        if let Some(instruction) = &step.instruction {
            reading.take(instruction);
        }
        ControlFlow::Continue(())
    })?;
    reading.finish(&end);
    Ok(Recorded {
        events: reading.events,
        left_out: reading.left_out,
        end,
    })
}

struct Reading<'a> {
    clock: &'a Clock,
    idle: i64,
    events: Vec<Event>,
    left_out: u64,
    /// The last time that an instruction carried.
    now: Option<Timestamp>,
    /// The last input, or else the first frame.
    last_input: Option<Timestamp>,
    last_frame: Option<Timestamp>,
    size: Option<(i32, i32)>,
    /// The size of the last frame.
    shown_size: Option<(i32, i32)>,
    clipboards: BTreeMap<i32, Text>,
}

/// A clipboard's text on its way.
#[derive(Default)]
struct Text {
    kind: String,
    bytes: usize,
    /// As much of it as is shown.
    kept: Vec<u8>,
}

impl Reading<'_> {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "everything else is no event"
    )]
    fn take(&mut self, instruction: &ServerInstruction<'_>) {
        self.now = time_of(instruction).or(self.now);
        match *instruction {
            ServerInstruction::Sync { timestamp, .. } => self.frame(timestamp),
            ServerInstruction::Key { timestamp, .. }
            | ServerInstruction::Mouse { timestamp, .. }
            | ServerInstruction::Touch { timestamp, .. } => self.input(timestamp),
            ServerInstruction::Size {
                layer: LayerIndex::DESKTOP,
                width,
                height,
            } => {
                self.size = Some((width, height));
            }
            ServerInstruction::Error { status, .. } => {
                // The message is the daemon's, or whoever's who wrote the file; the number says it all.
                let event = self.event("error").with("status", status.code());
                self.push(event);
            }
            ServerInstruction::Clipboard { stream, mimetype } => self.open(stream, mimetype),
            ServerInstruction::Blob { stream, ref data } => self.append(stream, data),
            ServerInstruction::End { stream } => self.end_clipboard(stream),
            ServerInstruction::Img { stream, .. } => {
                self.clipboards.remove(&stream.0);
            }
            _ => {}
        }
    }

    fn frame(&mut self, time: Timestamp) {
        if self.last_frame.is_none() {
            let (width, height) = self.size.unwrap_or_default();
            let event = at(self.clock, time, "first-frame")
                .with("width", width)
                .with("height", height);
            self.push(event);
            self.last_input.get_or_insert(time);
        } else if self.size != self.shown_size {
            let (width, height) = self.size.unwrap_or_default();
            let event = at(self.clock, time, "resize")
                .with("width", width)
                .with("height", height);
            self.push(event);
        }
        self.shown_size = self.size;
        self.last_frame = Some(time);
    }

    fn input(&mut self, time: Timestamp) {
        self.idle_until(time);
        self.last_input = Some(time);
    }

    /// Tells a span without input, at its beginning.
    fn idle_until(&mut self, time: Timestamp) {
        let Some(last) = self.last_input else {
            return;
        };
        let span = time.0.saturating_sub(last.0);
        if self.idle <= span {
            let event = at(self.clock, last, "idle").with("milliseconds", span);
            self.push(event);
        }
    }

    fn open(&mut self, stream: StreamIndex, mimetype: &str) {
        if self.clipboards.len() < STREAMS_MAX || self.clipboards.contains_key(&stream.0) {
            let kind = mimetype.chars().take(64).collect();
            self.clipboards.insert(
                stream.0,
                Text {
                    kind,
                    ..Text::default()
                },
            );
        }
    }

    fn append(&mut self, stream: StreamIndex, data: &BlobData<'_>) {
        let Some(text) = self.clipboards.get_mut(&stream.0) else {
            return;
        };
        let mut piece = Vec::new();
        // What is not base64 is no text; players leave it out, too.
        if data.decode(&mut piece).is_ok() {
            text.bytes = text.bytes.saturating_add(piece.len());
            let room = TEXT_MAX.saturating_sub(text.kept.len());
            text.kept.extend(piece.into_iter().take(room));
        }
    }

    fn end_clipboard(&mut self, stream: StreamIndex) {
        let Some(text) = self.clipboards.remove(&stream.0) else {
            return;
        };
        // Stock guacd records texts into the desktop only, with the browser's own stream.
        let direction = match stream {
            COPY_STREAM => "out",
            PASTE_STREAM => "in",
            _ => "unknown",
        };
        let mut event = self
            .event("clipboard")
            .with("direction", direction)
            .with("type", text.kind)
            .with("bytes", text.bytes)
            .with("text", String::from_utf8_lossy(&text.kept).into_owned());
        if text.kept.len() < text.bytes {
            event = event.with("text_is_cut", true);
        }
        self.push(event);
        if stream != COPY_STREAM
            && let Some(now) = self.now
        {
            self.input(now);
        }
    }

    fn finish(&mut self, end: &End) {
        if let Some(now) = self.now {
            self.idle_until(now);
        }
        if let Some(time) = self.last_frame {
            let event = at(self.clock, time, "last-frame");
            self.push(event);
        }
        let event = self.event("end").with("how", end.to_string());
        self.push(event);
        // An idle span is told when it is over, and belongs to where it began.
        self.events.sort_by_key(|event| event.elapsed);
    }

    /// An event of now.
    fn event(&self, name: &str) -> Event {
        match self.now {
            Some(now) => at(self.clock, now, name),
            None => super::event(None, None, name, serde_json::Map::new()),
        }
    }

    fn push(&mut self, event: Event) {
        if self.events.len() < EVENTS_MAX {
            self.events.push(event);
        } else {
            self.left_out += 1;
        }
    }
}
