//! The session's task: one loop over messages, the desktop's socket and the frame clock.

use std::sync::Arc;
use std::time::Duration;

use guac_display::Display;
use guac_policy::{
    DesktopInput, FrameGate, FromDesktop, FromViewer, InputVerdict, Permitted, Policy,
};
use guac_protocol::{ClientInstruction, ServerInstruction, Status};
use guac_recorder::{Recording, RecordingOptions};
use guac_vnc::Event;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::clock;
use super::credentials::CredentialPrompt;
use super::delivery::FramePath;
use super::viewers::{ViewerId, Viewers};
use super::{Joining, NewSession, SessionMessage};
use crate::desktop::{DesktopSink, Failure, Settings, Upstream, cursor_image};
use crate::viewer::{Farewell, Outgoing};

/// How long the VNC server may take from the start of the session to its first pixel format, time
/// that a user needs to type a password not counted.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(15);

/// Viewers that one session takes.
const VIEWERS_MAX: usize = 64;

/// Why the loop ended.
enum End {
    /// Nobody is left.
    AllLeft,
    /// The daemon ends.
    Shutdown,
    /// The desktop or the recording failed.
    Failed(Failure),
}

/// What the loop woke up for.
enum Wake {
    Message(Option<SessionMessage>),
    Desktop(Result<(), Failure>),
    Timer,
    Shutdown,
}

/// Runs a session until its last viewer has left, its desktop is gone, or the daemon ends.
pub(super) async fn run(new: NewSession, mailbox: mpsc::Receiver<SessionMessage>) {
    let mut session = Session::new(new, mailbox);
    let end = session.run().await;
    session.finish(&end);
}

struct Session {
    id: String,
    settings: Settings,
    policy: Arc<Policy>,
    mailbox: mpsc::Receiver<SessionMessage>,
    shutdown: CancellationToken,
    viewers: Viewers,
    display: Display,
    upstream: Upstream,
    /// There from the moment the desktop is connected and its recording is open.
    frames: Option<FramePath>,
    credentials: CredentialPrompt,
    handshake_deadline: Option<Instant>,
}

impl Session {
    fn new(new: NewSession, mailbox: mpsc::Receiver<SessionMessage>) -> Self {
        Self {
            upstream: Upstream::new(&new.settings),
            id: new.id,
            settings: new.settings,
            policy: new.policy,
            mailbox,
            shutdown: new.shutdown,
            viewers: Viewers::default(),
            display: Display::default(),
            frames: None,
            credentials: CredentialPrompt::default(),
            handshake_deadline: None,
        }
    }

    async fn run(&mut self) -> End {
        loop {
            let stepped = match self.wait().await {
                Wake::Shutdown => return End::Shutdown,
                Wake::Message(None) => return End::AllLeft,
                Wake::Message(Some(message)) => self.handle_message(message),
                Wake::Desktop(progress) => progress.and_then(|()| self.handle_desktop()),
                Wake::Timer => self.check_handshake(),
            };
            if let Err(failure) = stepped.and_then(|()| self.deliver()) {
                return End::Failed(failure);
            }
            if self.viewers.all_left() {
                return End::AllLeft;
            }
        }
    }

    async fn wait(&mut self) -> Wake {
        let timer = self.next_timer();
        tokio::select! {
            () = self.shutdown.cancelled() => Wake::Shutdown,
            message = self.mailbox.recv() => Wake::Message(message),
            progress = self.upstream.progress() => Wake::Desktop(progress),
            () = sleep_until(timer) => Wake::Timer,
        }
    }

    fn next_timer(&self) -> Option<Instant> {
        let frame = self.frames.as_ref().and_then(|_path| {
            let due = self.display.next_timeout()?;
            Some(Instant::now() + due.saturating_sub(clock::now()))
        });
        frame.into_iter().chain(self.handshake_deadline).min()
    }

    fn check_handshake(&mut self) -> Result<(), Failure> {
        match self.handshake_deadline {
            Some(deadline) if deadline <= Instant::now() => {
                Err(Failure::Silent(HANDSHAKE_TIMEOUT.as_secs()))
            }
            _ => Ok(()),
        }
    }

    fn deliver(&mut self) -> Result<(), Failure> {
        match &mut self.frames {
            Some(path) => path.deliver_due(&mut self.display, &self.viewers, clock::now()),
            None => Ok(()),
        }
    }

    fn handle_message(&mut self, message: SessionMessage) -> Result<(), Failure> {
        match message {
            SessionMessage::Join(viewer) => self.join(*viewer),
            SessionMessage::Leave(id, releases) => self.leave(id, releases),
            SessionMessage::Input(id, input) => self.input(id, input),
            SessionMessage::Acknowledge(id, timestamp) => {
                if let Err(error) = self.display.acknowledge(id, timestamp, clock::now()) {
                    tracing::debug!("Ignored a frame acknowledgement: {error}");
                }
                Ok(())
            }
            SessionMessage::Credential(id, name, value) => {
                if self.viewers.owner().is_some_and(|owner| owner.id == id) {
                    self.credentials.answer(name, value);
                    self.supply_credentials()
                } else {
                    Ok(())
                }
            }
        }
    }

    fn join(&mut self, viewer: Joining) -> Result<(), Failure> {
        if VIEWERS_MAX <= self.viewers.len() {
            tracing::warn!("The session has {VIEWERS_MAX} users already; one more is refused.");
            viewer
                .outbox
                .close(Farewell::aborted(Status::ClientTooMany));
            return Ok(());
        }
        let first = self.viewers.owner().is_none() && !self.viewers.all_left();
        self.display.add_viewer(viewer.id, viewer.features.caps);
        let user = viewer.user_id.clone();
        let browser_size = viewer.features.size;
        self.viewers.join(viewer);
        tracing::info!(
            "User \"{user}\" joined connection \"{}\" ({} users now present)",
            self.id,
            self.viewers.len()
        );
        if first {
            self.resize_to_browser(browser_size)
        } else {
            Ok(())
        }
    }

    /// Asks the desktop to take the size that the owner's browser had when it connected.
    fn resize_to_browser(&mut self, (width, height): (u16, u16)) -> Result<(), Failure> {
        let wish = ClientInstruction::Size {
            width: width.into(),
            height: height.into(),
        };
        let verdict = self
            .viewers
            .owner()
            .map(|owner| owner.door.with(|gate| gate.vet(FromViewer::new(wish))));
        match verdict {
            Some(InputVerdict::Desktop(input)) if self.settings.resize => {
                self.upstream.input(input)
            }
            _ => Ok(()),
        }
    }

    fn leave(
        &mut self,
        id: ViewerId,
        releases: Vec<Permitted<DesktopInput>>,
    ) -> Result<(), Failure> {
        self.display.remove_viewer(id);
        if let Some(viewer) = self.viewers.leave(id) {
            tracing::info!(
                "User \"{}\" disconnected ({} users remain)",
                viewer.user_id,
                self.viewers.len()
            );
        }
        releases
            .into_iter()
            .try_for_each(|input| self.send_input(input))
    }

    fn input(&mut self, id: ViewerId, input: Permitted<DesktopInput>) -> Result<(), Failure> {
        if !self.viewers.contains(id) {
            return Ok(());
        }
        if let DesktopInput::Pointer { x, y, buttons } = input.get() {
            self.display.pointer_moved(id, *x, *y, *buttons);
        }
        self.send_input(input)
    }

    fn send_input(&mut self, input: Permitted<DesktopInput>) -> Result<(), Failure> {
        if matches!(input.get(), DesktopInput::Resize { .. }) && !self.settings.resize {
            return Ok(());
        }
        if let Some(path) = &mut self.frames {
            path.record_input(input.get(), self.display.timestamp(clock::now()))?;
        }
        self.upstream.input(input)
    }

    fn handle_desktop(&mut self) -> Result<(), Failure> {
        if self.frames.is_none() && self.handshake_deadline.is_none() && !self.credentials.waiting()
        {
            self.handshake_deadline = Some(Instant::now() + HANDSHAKE_TIMEOUT);
        }
        let mut sink = DesktopSink::new(self.display.desktop());
        let decoded = self.upstream.decode(&mut sink);
        if sink.refused_size() {
            return Err(Failure::TooLarge);
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
                for viewer in self.viewers.iter() {
                    viewer.control(&ServerInstruction::Name { name: &name });
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn open_frame_path(&mut self) -> Result<(), Failure> {
        let recording = match self.settings.recording.take() {
            Some(options) => Some(open_recording(options)?),
            None => {
                tracing::info!("This session is not recorded: no recording was asked for.");
                None
            }
        };
        let gate = FrameGate::new(Arc::clone(&self.policy));
        self.frames = Some(FramePath::new(gate, recording));
        Ok(())
    }

    fn ask_for_credentials(&mut self, username: bool, password: bool) -> Result<(), Failure> {
        self.credentials.ask(username, password);
        let names = self.credentials.missing();
        match self.viewers.owner() {
            Some(owner) if owner.features.required => {
                owner.door.with(|gate| gate.expect_credentials(&names));
                owner.control(&ServerInstruction::Required { names });
                Ok(())
            }
            // A client that cannot be asked connects without; the server then says no.
            _ => {
                self.credentials.give_up();
                self.supply_credentials()
            }
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
                Ok(bytes) => viewer.outbox.push(Outgoing::Control(bytes)),
                Err(refusal) => tracing::debug!("Clipboard not sent: {refusal}"),
            }
        }
    }

    /// Closes everything in order: the recording first, then the viewers are told.
    fn finish(mut self, end: &End) {
        if let Some(mut path) = self.frames.take() {
            path.finish();
        }
        let farewell = match end {
            End::AllLeft => {
                tracing::info!("Last user of connection \"{}\" disconnected", self.id);
                Farewell::Disconnect
            }
            End::Shutdown => Farewell::Disconnect,
            End::Failed(failure) => {
                failure.log();
                Farewell::aborted(failure.status())
            }
        };
        self.viewers.dismiss(farewell);
        self.mailbox.close();
        while let Ok(message) = self.mailbox.try_recv() {
            if let SessionMessage::Join(late) = message {
                late.outbox.close(farewell);
            }
        }
        tracing::info!("Internal VNC client disconnected");
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

/// Sleeps until then, or for ever.
async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
