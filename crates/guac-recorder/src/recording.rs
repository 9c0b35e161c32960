//! The recording of one session, while it is being written.

mod parts;
mod writing;

use std::collections::VecDeque;
use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use guac_policy::{Permitted, Tap, TapError};
use guac_protocol::{Keysym, Timestamp};
use rustix::fd::OwnedFd;

pub use parts::{ClosedSegment, Durable, End, Summary};
use writing::last_sync;

use crate::event::{ClipboardWay, Event};
use crate::evidence::{Anchor, Begin, Hex, Moment};
use crate::file::CreateError;
use crate::proof::{EvidencePlace, Proof};
use crate::segment::OpenSegment;
use crate::spool::{NoPatience, Patience, Spool, write_error};
use crate::{Metadata, RecordingOptions, directory, file};

/// What the name of an evidence file ends with.
pub(crate) const EVIDENCE_SUFFIX: &str = ".evidence.jsonl";

/// A recording that is being written. Dropping it closes the file as it is; [`Recording::finish`]
/// also makes it durable.
///
/// It is written in segments, each of at most [`SEGMENT_MAX_BYTES`](crate::SEGMENT_MAX_BYTES) and open for at most
/// [`SEGMENT_MAX_MS`](crate::SEGMENT_MAX_MS). Its owner tells it the time by [`Recording::tick`].
pub struct Recording {
    spool: Spool,
    proof: Option<Proof>,
    segment: OpenSegment,
    closed: VecDeque<ClosedSegment>,
    /// Where in the evidence that ends which belongs to closed segments.
    evidence_closed: u64,
    patience: Box<dyn Patience>,
    directory: OwnedFd,
    path: PathBuf,
    store: Option<String>,
    output: bool,
    pointer: bool,
    keys: bool,
    clipboard: bool,
    frames: u64,
    now: Moment,
    /// The time of the last instruction written that carries one.
    last: Option<Timestamp>,
    early: Vec<Event>,
    early_text_bytes: usize,
    lost_events: u64,
}

impl Recording {
    /// Creates the recording's file: mode 0640, never following a link, and locked against other
    /// writers for as long as it is open.
    ///
    /// # Errors
    /// When no file could be had. Nothing may be shown then if the recording was asked for.
    pub fn create(options: &RecordingOptions, now: Moment) -> Result<Self, CreateError> {
        let created = file::create(options)?;
        Ok(Self {
            spool: Spool::new(created.file, options.seal.clone()),
            directory: created.directory,
            proof: None,
            segment: OpenSegment::first(),
            closed: VecDeque::new(),
            evidence_closed: 0,
            patience: Box::new(NoPatience),
            path: created.path,
            store: options.store.clone(),
            output: !options.exclude_output,
            pointer: !options.exclude_mouse,
            keys: options.include_keys,
            clipboard: options.include_clipboard,
            frames: 0,
            now,
            last: None,
            early: Vec::new(),
            early_text_bytes: 0,
            lost_events: 0,
        })
    }

    /// Starts the evidence, in a file of its own. Nothing must have been recorded yet.
    ///
    /// # Errors
    /// When it could not be created, or its first line not be written.
    pub fn prove(&mut self, place: &EvidencePlace, metadata: &Metadata) -> Result<(), CreateError> {
        let recording = self.path.file_name().unwrap_or_default();
        let recording = recording.to_string_lossy().into_owned();
        let (file, path) = self.create_evidence(place, &metadata.session, &recording)?;
        let begin = Begin {
            session: metadata.session.clone(),
            user: metadata.user.clone(),
            recording,
            daemon: metadata.daemon.clone(),
            policy: metadata.policy.clone(),
            sealed: self.spool.is_sealed(),
            store: self.store.clone(),
        };
        let proof = Proof::begin((file, path), begin, self.now, &mut *self.patience)?;
        self.spool.hash();
        self.proof = Some(proof);
        self.note_closed(0, 0..0);
        Ok(())
    }

    fn create_evidence(
        &self,
        place: &EvidencePlace,
        session: &str,
        recording: &str,
    ) -> Result<(File, PathBuf), CreateError> {
        match place {
            EvidencePlace::Directory(path) => {
                let name = format!("{}{EVIDENCE_SUFFIX}", session.trim_start_matches('$'));
                let directory = directory::open_operators(path)?;
                Ok((file::create_evidence(&directory, &name)?, path.join(name)))
            }
            EvidencePlace::Beside => {
                let name = format!("{recording}{EVIDENCE_SUFFIX}");
                let file = file::create_evidence(&self.directory, &name)?;
                Ok((file, self.path.with_file_name(name)))
            }
        }
    }

    /// Writes who, what and when. Nothing must have been recorded yet.
    ///
    /// # Errors
    /// When it could not be kept.
    pub fn describe(&mut self, metadata: &Metadata) -> Result<(), TapError> {
        let mut bytes = Vec::with_capacity(512);
        let written = metadata.write_to(&mut bytes);
        debug_assert!(written.is_ok(), "names are shorter than an instruction");
        self.write(&bytes)
    }

    /// Bytes that are free where the recording lies; `None` where the system does not say.
    #[must_use]
    pub fn free_bytes(&self) -> Option<u64> {
        let space = rustix::fs::fstatvfs(self.spool.file()).ok()?;
        Some(space.f_bavail.saturating_mul(space.f_frsize))
    }

    /// Fails if less than this is free where the recording lies.
    ///
    /// # Errors
    /// Then.
    pub fn require_space(&self, needed: u64) -> Result<(), CreateError> {
        match self.free_bytes() {
            Some(free) if free < needed => Err(CreateError::Space { free, needed }),
            _ => Ok(()),
        }
    }

    /// Says what becomes of writes that the operating system refuses. Until then none is repeated.
    pub fn set_patience(&mut self, patience: Box<dyn Patience>) {
        self.patience = patience;
    }

    /// Where the file is, with the suffix that was chosen for it.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the evidence is and the key that it begins with, if there is any.
    #[must_use]
    pub fn evidence(&self) -> Option<(&Path, Hex<32>)> {
        let proof = self.proof.as_ref()?;
        Some((proof.path(), proof.first_key()))
    }

    /// The last line of the evidence, if there is any.
    #[must_use]
    pub fn head(&self) -> Option<Anchor> {
        self.proof.as_ref().map(Proof::head)
    }

    /// The files, to be put onto the disk.
    ///
    /// # Errors
    /// The operating system's, when there are too many open files.
    pub fn durable(&self) -> io::Result<Durable> {
        let (recording, evidence) = self.files()?;
        Ok(Durable([recording].into_iter().chain(evidence).collect()))
    }

    /// The files of the recording and of its evidence, if there is any, to be read by what [`ClosedSegment`] says.
    /// They are the files that are written, whatever their names mean meanwhile. For as long as one of them is open
    /// nobody else can write the recording.
    ///
    /// # Errors
    /// The operating system's, when there are too many open files.
    pub fn files(&self) -> io::Result<(File, Option<File>)> {
        let evidence = self.proof.as_ref().map(|proof| proof.file().try_clone());
        Ok((self.spool.file().try_clone()?, evidence.transpose()?))
    }

    /// Segments that were closed since this was asked last.
    pub fn take_closed(&mut self) -> impl Iterator<Item = ClosedSegment> + '_ {
        self.closed.drain(..)
    }

    /// Tells the time, and closes the segment if it is time to.
    ///
    /// # Errors
    /// When its evidence could not be kept.
    pub fn tick(&mut self, now: Moment) -> Result<(), TapError> {
        self.now = now;
        let is_due = self
            .segment
            .due_ms()
            .is_some_and(|due| due <= now.monotonic_ms);
        if is_due || self.is_full() {
            self.close_segment()?;
        }
        Ok(())
    }

    /// When [`Recording::tick`] has something to do, on the monotonic clock in milliseconds.
    #[must_use]
    pub fn next_timeout(&self) -> Option<u64> {
        self.segment.due_ms()
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

    /// Records a key of any user, if keys were asked for, and counts it in any case.
    ///
    /// # Errors
    /// When the event could not be kept.
    pub fn key(
        &mut self,
        keysym: Keysym,
        pressed: bool,
        timestamp: Timestamp,
    ) -> Result<(), TapError> {
        self.segment.touch(self.now);
        self.segment.key();
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

    /// Counts actions that were refused, in the evidence.
    pub fn refused(&mut self, count: u64) {
        if count != 0 {
            self.segment.touch(self.now);
            self.segment.refused(count);
        }
    }

    /// Notes in the evidence that a viewer is sent the frame accepted last, or a picture made of it.
    pub fn seen(&mut self, viewer: &str) {
        if self.output && self.proof.is_some() {
            self.segment.touch(self.now);
            self.segment.seen(viewer, self.frames);
        }
    }

    /// Ends the recording and returns when all of it is on the disk.
    ///
    /// # Errors
    /// When it could not be made durable, or had failed before.
    pub fn finish(&mut self, end: End) -> Result<Summary, TapError> {
        // What was typed in a session without a frame is kept as well.
        let early = self.take_early();
        let written = self.write(&early);
        let written = written.and_then(|()| self.spool.seal_segment(&mut *self.patience));
        // Also of a recording that has failed, it is proven what there is.
        if !self.segment.is_untouched() {
            self.close_segment()?;
        }
        self.end_evidence(end)?;
        let durable = self.durable().and_then(|files| files.sync());
        written?;
        durable.map_err(|error| write_error(&error))?;
        Ok(Summary {
            bytes: self.spool.written(),
            frames: self.frames,
            lost_events: self.lost_events,
            head: self.head(),
        })
    }
}

impl Tap for Recording {
    fn accept(&mut self, frame: &Permitted<Bytes>) -> Result<(), TapError> {
        if self.spool.has_failed() {
            return Err(TapError::Failed);
        }
        if !self.output {
            return Ok(());
        }
        self.write(frame.get())?;
        if let Some(timestamp) = last_sync(frame.get()) {
            self.frames += 1;
            self.segment.frame();
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
            .field("written", &self.spool.written())
            .field("frames", &self.frames)
            .field("failed", &self.spool.has_failed())
            .finish_non_exhaustive()
    }
}
