//! Whether all that a viewer was shown is in the recording.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use guac_canvas::Canvas;
use guac_protocol::ServerInstruction;
use guac_protocol::wire::Instructions;
use testkit::{Instruction, Picture};

/// What draws. Everything else in a recording is input, and everything else to a viewer its own.
const DRAWING: [&str; 14] = [
    "size", "img", "blob", "end", "copy", "rect", "cfill", "cursor", "dispose", "move", "shade",
    "transfer", "set", "sync",
];

/// How a comparison went.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    /// Frames that viewers were sent.
    pub(crate) frames: usize,
    /// Of those, the ones that are in the file instruction by instruction.
    pub(crate) same: usize,
    /// Frames of which a viewer had got a part when all was over.
    pub(crate) parts: usize,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.frames += other.frames;
        self.same += other.same;
        self.parts += other.parts;
    }
}

/// The instructions up to a `sync`, in the wire format.
struct Frame {
    time: i64,
    text: String,
}

/// A recording as frames; what stands after the last `sync` is a frame of which there is a part.
pub(crate) struct File {
    frames: Vec<Frame>,
    part: String,
}

impl File {
    /// Reads a recording to its last whole instruction.
    ///
    /// # Errors
    /// When there is something in it that is no instruction.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| path.display().to_string())?;
        let (mut all, mut rest) = (Vec::new(), bytes.as_slice());
        while let Some((instruction, size)) = Instruction::decode(rest)? {
            all.push(instruction);
            rest = &rest[size..];
        }
        let (frames, part) = frames_of(&all)?;
        Ok(Self { frames, part })
    }

    /// How many frames there are.
    pub(crate) fn frames(&self) -> usize {
        self.frames.len()
    }

    /// Holds all that a viewer was sent against the file.
    ///
    /// # Errors
    /// When it was shown something that is not in it.
    pub(crate) fn judge(&self, seen: &[Instruction]) -> Result<Tally> {
        let (shown, part) = frames_of(seen)?;
        let mut tally = Tally {
            frames: shown.len(),
            ..Tally::default()
        };
        let (mut viewer, mut film) = (Canvas::new(), Film::new(self));
        for frame in &shown {
            film.forward_to(frame.time)?;
            draw(&mut viewer, &frame.text)?;
            if film.last_text() == frame.text {
                tally.same += 1;
            }
            let same = same_picture(&viewer, &film.canvas)?;
            ensure!(
                same,
                "the frame of {} shows what is not recorded",
                frame.time
            );
        }
        if !part.is_empty() {
            tally.parts = 1;
            draw(&mut viewer, &part)?;
            film.ensure_pixels_of(&viewer, &part)?;
        }
        Ok(tally)
    }
}

/// A recording that is drawn frame by frame.
struct Film<'a> {
    file: &'a File,
    canvas: Canvas,
    drawn: usize,
}

impl<'a> Film<'a> {
    fn new(file: &'a File) -> Self {
        let canvas = Canvas::new();
        Self {
            file,
            canvas,
            drawn: 0,
        }
    }

    /// Draws all frames up to this time.
    fn forward_to(&mut self, time: i64) -> Result<()> {
        while let Some(frame) = self.file.frames.get(self.drawn)
            && frame.time <= time
        {
            draw(&mut self.canvas, &frame.text)?;
            self.drawn += 1;
        }
        Ok(())
    }

    fn last_text(&self) -> &str {
        let last = self.drawn.checked_sub(1);
        last.map_or("", |last| &self.file.frames[last].text)
    }

    /// Every pixel that is shown after a part of a frame is one of a frame from here on.
    fn ensure_pixels_of(&mut self, viewer: &Canvas, part: &str) -> Result<()> {
        let next = self.file.frames.get(self.drawn);
        if next
            .map_or(&self.file.part, |next| &next.text)
            .starts_with(part)
        {
            return Ok(());
        }
        let shown = picture(viewer)?;
        // What has not been drawn at all is see-through.
        let mut unknown: Vec<_> = (0..shown.pixels.len())
            .filter(|at| shown.pixels[*at] <= 0x00ff_ffff)
            .collect();
        loop {
            let recorded = picture(&self.canvas)?;
            let is_unknown = |at: &usize| recorded.pixels.get(*at) != shown.pixels.get(*at);
            unknown.retain(is_unknown);
            let Some(frame) = self.file.frames.get(self.drawn) else {
                break;
            };
            draw(&mut self.canvas, &frame.text)?;
            self.drawn += 1;
        }
        let count = unknown.len();
        ensure!(
            count == 0,
            "{count} pixels of the last part are not recorded"
        );
        Ok(())
    }
}

fn frames_of(instructions: &[Instruction]) -> Result<(Vec<Frame>, String)> {
    let (mut frames, mut text) = (Vec::new(), String::new());
    let mut is_text_stream = false;
    for instruction in instructions {
        // Clipboard texts have streams that no image has; none is sent here.
        is_text_stream |= instruction.is("clipboard");
        if !DRAWING.contains(&instruction.opcode.as_str()) {
            continue;
        }
        text.push_str(&instruction.encode());
        if instruction.is("sync") {
            let time = instruction.number(0)?;
            frames.push(Frame {
                time,
                text: std::mem::take(&mut text),
            });
        }
    }
    if is_text_stream {
        bail!("a clipboard text in a scene without one");
    }
    Ok((frames, text))
}

fn draw(canvas: &mut Canvas, text: &str) -> Result<()> {
    for instruction in Instructions::new(text.as_bytes()) {
        canvas.apply(&ServerInstruction::parse(&instruction?)?)?;
    }
    Ok(())
}

fn same_picture(one: &Canvas, other: &Canvas) -> Result<bool> {
    Ok(picture(one)? == picture(other)?)
}

fn picture(canvas: &Canvas) -> Result<Picture> {
    let shown = canvas.flatten();
    Picture::from_rgba(shown.width(), shown.height(), &shown.to_rgba())
}
