//! What the desktop says, and what becomes of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::available_parallelism;

use guac_policy::{Action, FrameGate, FromDesktop, Refusal, Rule, Verdict};
use guac_protocol::ServerInstruction;
use guac_vnc::Event;
use tokio::time::Instant;

use super::actor::Session;
use super::clock;
use super::delivery::FramePath;
use crate::desktop::{DesktopSink, Failure, cursor_image};
use crate::keeping::{Defaults, Keeping, Wanted};

/// Sessions of this process that nobody asked to record.
static UNRECORDED: AtomicU64 = AtomicU64::new(0);

impl Session {
    /// Takes what the desktop's socket gave.
    pub(super) fn handle_desktop(&mut self) -> Result<(), Failure> {
        self.watch_handshake();
        let mut sink = DesktopSink::new(self.display.desktop());
        let decoded = self.upstream.decode(&mut sink);
        if let Some(failure) = sink.refusal() {
            return Err(failure);
        }
        self.note_dropped_texts();
        // What came before an error was good: its events count, and say more than the error.
        while let Some(event) = self.upstream.poll_event() {
            self.handle_event(event)?;
        }
        decoded
    }

    /// Texts of the desktop that nobody here may have did not get beyond the decoder.
    fn note_dropped_texts(&mut self) {
        let dropped = self.upstream.take_dropped_texts();
        let mut bytes = usize::try_from(dropped.bytes).unwrap_or(usize::MAX);
        let allowed = self.policy.clipboard_copy().max_bytes().is_some();
        for _ in 0..dropped.texts {
            let why = Refusal::outward(
                Action::Clipboard,
                if allowed {
                    Rule::ClipboardDisabled
                } else {
                    Rule::ClipboardCopy
                },
                std::mem::take(&mut bytes),
            );
            self.witness.refused(&why, Verdict::Refused);
        }
    }

    fn handle_event(&mut self, event: Event) -> Result<(), Failure> {
        match event {
            Event::Connected {
                version, security, ..
            } => {
                self.handshake_deadline = None;
                self.connected = true;
                self.upstream.settle();
                tracing::info!("Connected using RFB {version}, security: {security}.");
                if self.disables_server_input {
                    self.upstream.disable_server_input()?;
                }
                self.open_frame_path()
            }
            Event::CredentialsRequired { username, password } => {
                self.ask_for_credentials(username, password)
            }
            Event::FrameEnd => {
                self.display.update_finished();
                self.deliver()
            }
            Event::Cursor(shape) => {
                self.display.set_cursor(cursor_image(shape));
                Ok(())
            }
            Event::Clipboard(text) => {
                self.offer_clipboard(&text);
                Ok(())
            }
            Event::DesktopName(name) => {
                self.take_desktop_name(&name);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn open_frame_path(&mut self) -> Result<(), Failure> {
        let keeping = self.start_keeping()?;
        let processors = available_parallelism().map_or(1, usize::from);
        tracing::info!("Local system reports {processors} processor(s) are available.");
        let encoders = self.display.encoders();
        tracing::info!("Graphical updates will be encoded using {encoders} worker thread(s).");
        let gate = FrameGate::new(Arc::clone(&self.policy));
        self.frames = Some(FramePath::new(gate, keeping));
        Ok(())
    }

    /// Opens what is to be kept of the session. What was asked for and cannot be had ends it, unless the
    /// policy lets it go on without.
    fn start_keeping(&self) -> Result<Option<Keeping>, Failure> {
        let Some(options) = self.recording.clone() else {
            let count = UNRECORDED.fetch_add(1, Ordering::Relaxed) + 1;
            tracing::info!(
                "This session is not recorded: no recording was asked for ({count} since the start)."
            );
            self.witness.unrecorded("not-asked");
            return Ok(None);
        };
        let user = self.viewers.owner().map(|owner| owner.name.as_str());
        let whose = (self.id.as_str(), user.filter(|user| !user.is_empty()));
        let defaults = Defaults {
            evidence: self.evidence.as_deref(),
            recipients: self.recipients.as_ref(),
        };
        let wanted = Wanted::new(options, &self.policy, defaults, whose, clock::moment())?;
        match Keeping::start(&wanted, &self.witness) {
            Ok(keeping) => Ok(Some(keeping)),
            Err(failure) if wanted.break_glass => {
                tracing::error!("The session goes on unrecorded: {failure}");
                self.witness.unrecorded("break-glass");
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }

    /// Offers the desktop's text to everyone who may have it, once it is recorded if it is to be.
    fn offer_clipboard(&self, text: &str) {
        let mut permitted = Vec::new();
        for viewer in self.viewers.iter() {
            match viewer
                .door
                .with(|gate| gate.vet_clipboard(FromDesktop::new(text), clock::now()))
            {
                Ok(bytes) => permitted.push((viewer.outbox.clone(), bytes)),
                Err(refusal) => viewer.door.refused(&refusal, Verdict::Refused),
            }
        }
        if let Some(path) = &self.frames
            && !permitted.is_empty()
        {
            path.offer_clipboard(text, permitted);
        }
    }

    fn take_desktop_name(&mut self, name: &str) {
        if self.policy.desktop_name() {
            self.desktop_name.take(name);
            self.tell_desktop_name();
        }
    }

    /// Tells everyone the desktop's name, if it is time to.
    pub(super) fn tell_desktop_name(&mut self) {
        if let Some(name) = self.desktop_name.due(Instant::now()) {
            for viewer in self.viewers.iter() {
                viewer.control(&ServerInstruction::Name { name });
            }
        }
    }
}
