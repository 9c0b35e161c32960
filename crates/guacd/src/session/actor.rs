//! The session's task: one loop over messages, the desktop's socket and the frame clock.

use std::path::Path;
use std::sync::Arc;

use guac_display::Display;
use guac_policy::{
    Action, DesktopInput, FromViewer, InputVerdict, Permitted, Policy, Refusal, Rule, Verdict,
};
use guac_protocol::{ClientInstruction, ServerInstruction, Status};
use guac_recorder::RecordingOptions;
use guac_recorder::seal::Recipients;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::alarm::Alarm;
use super::clock;
use super::credentials::CredentialPrompt;
use super::delivery::FramePath;
use super::desktop_name::DesktopName;
use super::ending::End;
use super::lifetime::Lifetime;
use super::viewers::{ViewerId, Viewers};
use super::{Joining, NewSession, SessionMessage};
use crate::decisions::Witness;
use crate::desktop::{Failure, Upstream};
use crate::viewer::Farewell;

/// Pixels of a desktop above which its decoding and encoding keep off the threads that all sessions
/// share. What fits a large monitor takes some milliseconds; the largest picture, a second.
const HEAVY_PIXELS: u32 = 4096 * 2160;

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
    let end = match session.welcome_owner() {
        Ok(()) => session.run().await,
        Err(failure) => End::Failed(failure),
    };
    session.finish(&end).await;
}

/// The state of a session. `events` takes what comes from the desktop, `ending` ends it.
pub(super) struct Session {
    pub(super) id: String,
    pub(super) policy: Arc<Policy>,
    pub(super) mailbox: mpsc::Receiver<SessionMessage>,
    shutdown: CancellationToken,
    pub(super) viewers: Viewers,
    pub(super) display: Display,
    pub(super) upstream: Upstream,
    /// Whether the desktop follows the size of the owner's browser.
    resizes: bool,
    /// Whether the server is asked to take no input from whoever sits before the desktop.
    pub(super) disables_server_input: bool,
    /// What the owner asked for, until the desktop is connected.
    pub(super) recording: Option<RecordingOptions>,
    /// Where evidence of it goes if the policy does not say.
    pub(super) evidence: Option<Arc<Path>>,
    /// Whom it is sealed to if the policy does not say.
    pub(super) recipients: Option<Recipients>,
    /// Refused actions of viewers who have left.
    refused_before: u64,
    /// There from the moment the desktop is connected and its recording is open.
    pub(super) frames: Option<FramePath>,
    pub(super) connected: bool,
    pub(super) credentials: CredentialPrompt,
    pub(super) handshake_deadline: Option<Instant>,
    pub(super) desktop_name: DesktopName,
    pub(super) lifetime: Lifetime,
    alarm: Alarm,
    /// Whoever writes down what happens to the session as a whole.
    pub(super) witness: Witness,
}

impl Session {
    fn new(new: NewSession, mailbox: mpsc::Receiver<SessionMessage>) -> Self {
        let settings = new.settings;
        let mut display = Display::default();
        display.encode_with(new.pool);
        if let Some(cursor) = settings.cursor.first_shape() {
            display.set_cursor(cursor);
        }
        if settings.force_lossless {
            display.force_lossless();
        }
        Self {
            id: new.id,
            lifetime: Lifetime::new(new.policy.session(), Instant::now()),
            witness: new.owner.door.witness().for_session(),
            policy: new.policy,
            mailbox,
            shutdown: new.shutdown,
            viewers: Viewers::new(new.owner),
            display,
            resizes: settings.resize,
            disables_server_input: settings.disable_server_input,
            upstream: Upstream::new(settings.address, settings.vnc),
            recording: settings.recording,
            evidence: new.evidence,
            recipients: new.recipients,
            refused_before: 0,
            frames: None,
            connected: false,
            credentials: CredentialPrompt::default(),
            handshake_deadline: None,
            alarm: Alarm::default(),
            desktop_name: DesktopName::default(),
        }
    }

    async fn run(&mut self) -> End {
        loop {
            let wake = self.wait().await;
            let stepped = if self.is_heavy() {
                // This takes the task's thread out of those that the other sessions run on.
                tokio::task::block_in_place(|| self.step(wake))
            } else {
                self.step(wake)
            };
            if let Err(end) = stepped {
                return end;
            }
        }
    }

    /// Whether a step can take so long that others would notice: one with a huge picture, or one in
    /// which a key may have to be made. Only then, since each such step costs another thread.
    fn is_heavy(&mut self) -> bool {
        let (width, height) = self.display.desktop().size();
        let is_huge = HEAVY_PIXELS < u32::from(width) * u32::from(height);
        (is_huge || self.upstream.makes_keys())
            && Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread
    }

    fn step(&mut self, wake: Wake) -> Result<(), End> {
        let stepped = match wake {
            Wake::Shutdown => return Err(End::Shutdown),
            Wake::Message(None) => return Err(End::AllLeft),
            Wake::Message(Some(message)) => self.handle_message(message),
            Wake::Desktop(progress) => progress
                .and_then(|()| self.handle_desktop())
                .or_else(|failure| self.try_again_after(failure)),
            Wake::Timer => {
                if let Some(rule) = self.lifetime.over(Instant::now()) {
                    return Err(End::Policy(rule));
                }
                self.tell_desktop_name();
                self.check_handshake().and_then(|()| self.refine())
            }
        };
        stepped
            .and_then(|()| self.look_at_keeping())
            .and_then(|()| self.deliver())
            .map_err(End::Failed)?;
        if self.viewers.all_left() {
            return Err(End::AllLeft);
        }
        Ok(())
    }

    async fn wait(&mut self) -> Wake {
        self.alarm.set(self.next_timer());
        tokio::select! {
            () = self.shutdown.cancelled() => Wake::Shutdown,
            message = self.mailbox.recv() => Wake::Message(message),
            progress = self.upstream.progress() => Wake::Desktop(progress),
            () = changed(self.frames.as_ref()) => Wake::Timer,
            () = self.alarm.rung() => Wake::Timer,
        }
    }

    fn next_timer(&self) -> Option<Instant> {
        let frame = self.frames.as_ref().and_then(|path| {
            let due = self.display.next_timeout().filter(|_| !path.is_frozen())?;
            Some(Instant::now() + due.saturating_sub(clock::now()))
        });
        let keeping = self.frames.as_ref().and_then(FramePath::next_timeout);
        let name = self.desktop_name.next_timeout(Instant::now());
        let refinement = self.upstream.next_timeout().filter(|_| !self.is_frozen());
        frame
            .into_iter()
            .chain(name)
            .chain(refinement)
            .chain(keeping)
            .chain(self.handshake_deadline)
            .chain(self.lifetime.next_timeout())
            .min()
    }

    /// Has the desktop asked again for what is shown lossy. Nobody would see it while the session is frozen.
    fn refine(&mut self) -> Result<(), Failure> {
        if self.is_frozen() {
            return Ok(());
        }
        self.upstream.refine(Instant::now())
    }

    fn is_frozen(&self) -> bool {
        self.frames.as_ref().is_some_and(FramePath::is_frozen)
    }

    pub(super) fn deliver(&mut self) -> Result<(), Failure> {
        match &mut self.frames {
            Some(path) => path.deliver_due(&mut self.display, &self.viewers, clock::now()),
            None => Ok(()),
        }
    }

    /// What falls behind freezes the session: what is held down is let go, and nothing is shown or done.
    fn look_at_keeping(&mut self) -> Result<(), Failure> {
        let Some(path) = &mut self.frames else {
            return Ok(());
        };
        let (viewers, before) = (&self.viewers, self.refused_before);
        let refused = || {
            let present = viewers.iter();
            let refused = present.map(|viewer| viewer.door.with(|gate| gate.counters()).refused);
            refused.fold(before, u64::saturating_add)
        };
        if path.look(Instant::now(), refused)? {
            self.release_everything();
        }
        Ok(())
    }

    fn handle_message(&mut self, message: SessionMessage) -> Result<(), Failure> {
        match message {
            SessionMessage::Join(viewer) => {
                self.join(*viewer);
                Ok(())
            }
            SessionMessage::Leave(id, releases) => self.leave(id, releases),
            SessionMessage::Input(id, input) => self.input(id, input),
            SessionMessage::Acknowledge(id, timestamp) => {
                if let Err(error) = self.display.acknowledge(id, timestamp, clock::now()) {
                    tracing::debug!("Ignored a frame acknowledgement: {error}");
                }
                Ok(())
            }
            SessionMessage::Credential(id, name, value) => self.take_credential(id, name, value),
        }
    }

    /// Takes the owner in, who has been present since the session was made.
    fn welcome_owner(&mut self) -> Result<(), Failure> {
        match self.viewers.owner() {
            Some(owner) => {
                self.display.add_viewer(owner.id, owner.features.caps, None);
                owner.door.witness().started();
                self.log_join(&owner.user_id);
                self.resize_to_browser()
            }
            None => Ok(()),
        }
    }

    fn join(&mut self, viewer: Joining) {
        let most = self.policy.joins().max_viewers;
        if most <= self.viewers.len() {
            tracing::warn!("The session has {most} users already; one more is refused.");
            let why = Refusal::inward(Action::Join, Rule::JoinMaxViewers, 0);
            viewer.door.refused(&why, Verdict::Refused);
            viewer
                .outbox
                .close(Farewell::aborted(Status::ClientTooMany));
            return;
        }
        self.display
            .add_viewer(viewer.id, viewer.features.caps, None);
        let name = self.desktop_name.told();
        if !name.is_empty() {
            viewer.control(&ServerInstruction::Name { name });
        }
        let user = Arc::clone(&viewer.user_id);
        viewer.door.witness().joined(self.viewers.len() + 1);
        self.viewers.join(viewer);
        self.log_join(&user);
    }

    fn log_join(&self, user: &str) {
        tracing::info!(
            "User \"{user}\" joined connection \"{}\" ({} users now present)",
            self.id,
            self.viewers.len()
        );
    }

    /// Asks the desktop to take the size that the owner's browser had when it connected.
    fn resize_to_browser(&mut self) -> Result<(), Failure> {
        let verdict = self.viewers.owner().map(|owner| {
            let (width, height) = owner.features.size;
            let wish = ClientInstruction::Size {
                width: width.into(),
                height: height.into(),
            };
            owner
                .door
                .with(|gate| gate.vet(FromViewer::new(wish), clock::now()))
        });
        match verdict {
            Some(InputVerdict::Desktop(input)) => self.send_input(input),
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
            let counters = viewer.door.with(|gate| gate.counters());
            self.refused_before = self.refused_before.saturating_add(counters.refused);
            viewer.door.witness().left(self.viewers.len(), counters);
            tracing::info!(
                "User \"{}\" disconnected ({} users remain)",
                viewer.user_id,
                self.viewers.len()
            );
        }
        releases
            .into_iter()
            .try_for_each(|input| self.send_input(input))?;
        if self.credentials.waiting() && self.viewers.owner().is_none() && !self.viewers.all_left()
        {
            return Err(Failure::NobodyToAsk);
        }
        Ok(())
    }

    fn input(&mut self, id: ViewerId, input: Permitted<DesktopInput>) -> Result<(), Failure> {
        if !self.viewers.contains(id) || self.is_frozen() {
            return Ok(());
        }
        self.lifetime.active(Instant::now());
        if let DesktopInput::Pointer { x, y, buttons } = input.get() {
            self.display.pointer_moved(id, *x, *y, *buttons);
        }
        self.send_input(input)
    }

    pub(super) fn send_input(&mut self, input: Permitted<DesktopInput>) -> Result<(), Failure> {
        if matches!(input.get(), DesktopInput::Resize { .. }) && !self.resizes {
            return Ok(());
        }
        if let Some(path) = &self.frames {
            path.record_input(input.get(), self.display.timestamp(clock::now()));
        }
        self.upstream.input(input)
    }
}

/// Returns when what is kept should be looked at.
async fn changed(frames: Option<&FramePath>) {
    match frames {
        Some(path) => path.changed().await,
        None => std::future::pending().await,
    }
}
