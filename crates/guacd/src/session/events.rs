//! What the desktop says, and what becomes of it.

use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use guac_policy::{FrameGate, FromDesktop};
use guac_protocol::ServerInstruction;
use guac_recorder::{Recording, RecordingOptions};
use guac_vnc::Event;
use secrecy::SecretString;
use tokio::time::Instant;

use super::ViewerId;
use super::actor::Session;
use super::delivery::FramePath;
use super::viewers::tellable;
use crate::desktop::{DesktopSink, Failure, cursor_image};

/// How long the VNC server may take from the start of the session to its first pixel format, time
/// that a user needs to type a password not counted.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(15);

/// Threads that encode for one session: its own.
const ENCODERS: usize = 1;

impl Session {
    pub(super) fn check_handshake(&mut self) -> Result<(), Failure> {
        match self.handshake_deadline {
            Some(deadline) if deadline <= Instant::now() => {
                Err(Failure::Silent(HANDSHAKE_TIMEOUT.as_secs()))
            }
            _ => Ok(()),
        }
    }

    /// Takes what the desktop's socket gave.
    pub(super) fn handle_desktop(&mut self) -> Result<(), Failure> {
        if self.frames.is_none() && self.handshake_deadline.is_none() && !self.credentials.waiting()
        {
            self.handshake_deadline = Some(Instant::now() + HANDSHAKE_TIMEOUT);
        }
        let mut sink = DesktopSink::new(self.display.desktop());
        let decoded = self.upstream.decode(&mut sink);
        if let Some(failure) = sink.refusal() {
            return Err(failure);
        }
        // What came before an error was good: its events count, and say more than the error.
        while let Some(event) = self.upstream.poll_event() {
            self.handle_event(event)?;
        }
        decoded
    }

    fn handle_event(&mut self, event: Event) -> Result<(), Failure> {
        match event {
            Event::Connected {
                version, security, ..
            } => {
                self.handshake_deadline = None;
                self.connected = true;
                tracing::info!("Connected using RFB {version}, security: {security}.");
                self.open_frame_path()
            }
            Event::CredentialsRequired { username, password } => {
                self.handshake_deadline = None;
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
        let recording = match self.recording.take() {
            Some(options) => Some(open_recording(options)?),
            None => {
                tracing::info!("This session is not recorded: no recording was asked for.");
                None
            }
        };
        let processors = available_parallelism().map_or(1, usize::from);
        tracing::info!("Local system reports {processors} processor(s) are available.");
        tracing::info!("Graphical updates will be encoded using {ENCODERS} worker thread(s).");
        let gate = FrameGate::new(Arc::clone(&self.policy));
        self.frames = Some(FramePath::new(gate, recording));
        Ok(())
    }

    fn ask_for_credentials(&mut self, username: bool, password: bool) -> Result<(), Failure> {
        self.credentials.ask(username, password);
        match self.viewers.owner() {
            Some(owner) if owner.features.required => {
                let names = self.credentials.missing();
                owner.door.with(|gate| gate.expect_credentials(&names));
                owner.control(&ServerInstruction::Required { names });
                Ok(())
            }
            // A client that cannot be asked connects without; the server then says no.
            Some(_) => {
                self.credentials.give_up();
                self.supply_credentials()
            }
            None => Err(Failure::NobodyToAsk),
        }
    }

    /// The owner typed something that was asked for.
    pub(super) fn take_credential(
        &mut self,
        from: ViewerId,
        name: &str,
        value: SecretString,
    ) -> Result<(), Failure> {
        if self.viewers.owner().is_some_and(|owner| owner.id == from) {
            self.credentials.answer(name, value);
            self.supply_credentials()
        } else {
            Ok(())
        }
    }

    fn supply_credentials(&mut self) -> Result<(), Failure> {
        match self.credentials.take_complete() {
            Some((username, password)) => {
                self.handshake_deadline = Some(Instant::now() + HANDSHAKE_TIMEOUT);
                self.upstream.supply_credentials(username, password)
            }
            None => Ok(()),
        }
    }

    fn offer_clipboard(&self, text: &str) {
        for viewer in self.viewers.iter() {
            match viewer
                .door
                .with(|gate| gate.vet_clipboard(FromDesktop::new(text)))
            {
                Ok(bytes) => viewer.outbox.offer_clipboard(bytes),
                Err(refusal) => tracing::debug!("Clipboard not sent: {refusal}"),
            }
        }
    }

    fn take_desktop_name(&mut self, name: &str) {
        let name: String = tellable(name).collect();
        if name != self.desktop_name {
            for viewer in self.viewers.iter() {
                viewer.control(&ServerInstruction::Name { name: &name });
            }
            self.desktop_name = name;
        }
    }
}

fn open_recording(options: RecordingOptions) -> Result<Recording, Failure> {
    let path = options.directory.display().to_string();
    let name = options.name.clone();
    match Recording::create(&options) {
        Ok(recording) => {
            tracing::info!("Recording of session will be saved within \"{path}\" as \"{name}\".");
            Ok(recording)
        }
        Err(error) => {
            tracing::error!("Creation of recording failed: {error}");
            Err(Failure::Recording(error.to_string()))
        }
    }
}
