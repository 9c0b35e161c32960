//! One desktop and everyone who looks at it.
//!
//! A session is a task of its own. Viewers talk to it through a bounded mailbox; it talks to them
//! through their outboxes and never waits for any of them.

mod actor;
mod alarm;
mod attempts;
pub(crate) mod clock;
mod credentials;
mod delivery;
mod desktop_name;
mod ending;
mod events;
mod lifetime;
mod viewers;

use std::path::Path;
use std::sync::Arc;

use guac_display::{EncodePool, ViewerCaps};
use guac_policy::{DesktopInput, Permitted, Policy, Restrictions};
use guac_protocol::Timestamp;
use guac_recorder::seal::Recipients;
use secrecy::SecretString;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio_util::sync::CancellationToken;

use crate::desktop::Settings;
use crate::viewer::{Door, Outbox};

pub(crate) use viewers::{ViewerId, user_name};

/// Messages that may wait for a session. A viewer whose message does not fit waits, and with it
/// the reading of that viewer's socket.
const MAILBOX_CAPACITY: usize = 256;

/// What viewers tell their session.
#[derive(Debug)]
pub(crate) enum SessionMessage {
    /// Another viewer than the owner has finished its handshake.
    Join(Box<Joining>),
    /// A viewer is gone; what it held down is let go.
    Leave(ViewerId, Vec<Permitted<DesktopInput>>),
    /// Input that the gate let through.
    Input(ViewerId, Permitted<DesktopInput>),
    /// A viewer has shown a frame.
    Acknowledge(ViewerId, Timestamp),
    /// The owner typed a credential that was asked for.
    Credential(ViewerId, &'static str, SecretString),
}

/// A viewer about to join.
#[derive(Debug)]
pub(crate) struct Joining {
    /// The viewer.
    pub(crate) id: ViewerId,
    /// `@` and a UUID: how the protocol names the user.
    pub(crate) user_id: Arc<str>,
    /// The user's name as others are told it; see [`user_name`].
    pub(crate) name: String,
    /// What the viewer's protocol version and decoders can do.
    pub(crate) features: Features,
    /// Its door.
    pub(crate) door: Door,
    /// Where its bytes go.
    pub(crate) outbox: Outbox,
}

/// What a viewer understands.
#[derive(Debug, Clone)]
pub(crate) struct Features {
    /// It can be asked for credentials.
    pub(crate) required: bool,
    /// It understands notices about joins and leaves.
    pub(crate) msg: bool,
    /// Image formats it decodes.
    pub(crate) caps: ViewerCaps,
    /// The size of its browser in pixels, or the web application's default.
    pub(crate) size: (u16, u16),
}

/// A running session, as the rest of the daemon sees it.
#[derive(Debug, Clone)]
pub(crate) struct SessionHandle {
    mailbox: mpsc::Sender<SessionMessage>,
    /// What the owner's parameters forbid to everyone.
    pub(crate) restrictions: Restrictions,
    /// The policy that holds for everyone in it, whatever has been loaded since.
    pub(crate) policy: Arc<Policy>,
}

/// The session has ended and takes no more messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SessionEnded;

impl SessionHandle {
    /// Sends a message, waiting for room.
    pub(crate) async fn send(&self, message: SessionMessage) -> Result<(), SessionEnded> {
        self.mailbox
            .send(message)
            .await
            .map_err(|_closed| SessionEnded)
    }

    /// Tells that a viewer is gone, and what it held down. Never waits, so that it can be called
    /// wherever a viewer ends.
    pub(crate) fn leave(&self, id: ViewerId, releases: Vec<Permitted<DesktopInput>>) {
        let message = SessionMessage::Leave(id, releases);
        if let Err(TrySendError::Full(message)) = self.mailbox.try_send(message)
            && let Ok(runtime) = Handle::try_current()
        {
            let session = self.clone();
            runtime.spawn(async move { session.send(message).await });
        }
    }

    /// Whether the session takes messages: one that is ending does not.
    pub(crate) fn is_open(&self) -> bool {
        !self.mailbox.is_closed()
    }

    /// Returns once the session takes no more messages.
    pub(crate) async fn ended(&self) {
        self.mailbox.closed().await;
    }
}

/// What a session is made of.
pub(crate) struct NewSession {
    /// `$` and a UUID.
    pub(crate) id: String,
    /// The owner's parameters.
    pub(crate) settings: Settings,
    /// What the owner's parameters forbid to everyone.
    pub(crate) restrictions: Restrictions,
    /// The first viewer, who is present from the start.
    pub(crate) owner: Joining,
    /// The policy that holds for it.
    pub(crate) policy: Arc<Policy>,
    /// Where evidence of its recording goes if the policy does not say.
    pub(crate) evidence: Option<Arc<Path>>,
    /// Whom its recording is sealed to if the policy does not say.
    pub(crate) recipients: Option<Recipients>,
    /// Threads that help with its large frames, and with other sessions'.
    pub(crate) pool: EncodePool,
    /// Cancelled when the daemon ends.
    pub(crate) shutdown: CancellationToken,
}

/// Makes a session; the future runs it to its end and is to be spawned.
pub(crate) fn new_session(
    new: NewSession,
) -> (SessionHandle, impl Future<Output = ()> + Send + 'static) {
    let (sender, mailbox) = mpsc::channel(MAILBOX_CAPACITY);
    let handle = SessionHandle {
        mailbox: sender,
        restrictions: new.restrictions,
        policy: Arc::clone(&new.policy),
    };
    (handle, actor::run(new, mailbox))
}

#[cfg(test)]
mod tests {
    use guac_policy::Role;

    use super::*;
    use crate::decisions::Witness;
    use crate::viewer::Presence;

    fn presence(session: &SessionHandle) -> Presence {
        let policy = Arc::new(Policy::builtin());
        let viewer = Joining {
            id: ViewerId(7),
            user_id: "".into(),
            name: String::new(),
            features: Features {
                required: false,
                msg: false,
                caps: ViewerCaps::default(),
                size: (1, 1),
            },
            door: Door::new(
                &policy,
                Restrictions::default(),
                Role::Joiner,
                Witness::unheard(&policy),
            ),
            outbox: Outbox::new(),
        };
        Presence::of(&viewer)(session.clone())
    }

    #[tokio::test]
    async fn a_viewer_leaves_once_also_by_a_panic_and_a_full_mailbox() {
        let (mailbox, mut received) = mpsc::channel(1);
        let session = SessionHandle {
            mailbox,
            restrictions: Restrictions::default(),
            policy: Arc::new(Policy::builtin()),
        };
        let waiting = SessionMessage::Acknowledge(ViewerId(1), Timestamp(1));
        session.send(waiting).await.unwrap();
        let viewer = presence(&session);
        let task = tokio::spawn(async move {
            let _viewer = viewer;
            std::panic::panic_any("a viewer's task fails");
        });
        assert!(task.await.unwrap_err().is_panic());
        drop(session);
        assert!(matches!(
            received.recv().await,
            Some(SessionMessage::Acknowledge(..))
        ));
        assert!(matches!(
            received.recv().await,
            Some(SessionMessage::Leave(ViewerId(7), _))
        ));
        assert!(received.recv().await.is_none());
    }
}
