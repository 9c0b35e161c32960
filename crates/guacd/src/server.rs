//! All desktops and viewers of this process, behind one handle.
//!
//! The listener hands every accepted connection to [`Server::serve_connection`], whatever carried it
//! (plain TCP or TLS). It knows nothing of listeners, options or signals.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread::available_parallelism;

use guac_display::EncodePool;
use guac_policy::{Policy, Restrictions};
use guac_protocol::Status;
use guac_recorder::seal::Recipients;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::field::Empty;
use tracing::{Instrument, error_span};

pub use crate::decisions::DecisionLog;
use crate::decisions::Ending;
use crate::desktop::Settings;
pub use crate::desktop::VncOptions;
use crate::session::{self, Joining, NewSession, SessionHandle, ViewerId};
use crate::viewer;

/// Sessions that may run at the same time in one process.
const SESSIONS_MAX: usize = 1024;

/// Clients that may be connected at the same time, those in their handshake included.
const CONNECTIONS_MAX: usize = 4096;

/// Threads that may help sessions with their large frames, at most: a frame hardly has work for more.
const ENCODE_HELPERS_MAX: usize = 3;

/// What is written down about sessions, beside recordings.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// What is decided.
    pub decisions: DecisionLog,
    /// The directory for evidence of recordings for which the policy names none.
    pub evidence: Option<Arc<Path>>,
    /// Whom recordings are sealed to for which the policy names nobody.
    pub recipients: Option<Recipients>,
}

/// A handle on the daemon's sessions, cheap to clone.
#[derive(Clone, Debug)]
pub struct Server {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    policy: RwLock<Arc<Policy>>,
    records: Records,
    vnc_options: VncOptions,
    sessions: Mutex<HashMap<String, SessionHandle>>,
    next_viewer: AtomicU64,
    connections: Semaphore,
    /// Helps all sessions with their large frames.
    pool: EncodePool,
    shutdown: CancellationToken,
    tasks: TaskTracker,
}

/// No more sessions can be started now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{SESSIONS_MAX} sessions run already")]
pub(crate) struct TooManySessions;

impl Server {
    /// A server without sessions, under the given policy.
    pub fn new(policy: Policy) -> Self {
        Self::with_options(policy, VncOptions::default())
    }

    /// The same, with other settings for the connections to VNC servers.
    pub fn with_options(policy: Policy, vnc_options: VncOptions) -> Self {
        Self::with_records(policy, vnc_options, Records::default())
    }

    /// The same, with what is written down.
    pub fn with_records(policy: Policy, vnc_options: VncOptions, records: Records) -> Self {
        Self {
            inner: Arc::new(Inner {
                policy: RwLock::new(Arc::new(policy)),
                records,
                vnc_options,
                sessions: Mutex::default(),
                next_viewer: AtomicU64::new(1),
                connections: Semaphore::new(CONNECTIONS_MAX),
                pool: EncodePool::new(encode_helpers()),
                shutdown: CancellationToken::new(),
                tasks: TaskTracker::new(),
            }),
        }
    }

    /// Serves one client until it is gone or its session has ended, then closes the connection.
    pub async fn serve_connection<S>(&self, stream: S, peer: SocketAddr)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Ok(_place) = self.inner.connections.try_acquire() else {
            tracing::warn!("{CONNECTIONS_MAX} clients are connected already; one is turned away.");
            return;
        };
        // Of the highest level, so that no log level takes the context away from an error.
        let span = error_span!("client", %peer, connection = Empty, user = Empty);
        let serving = viewer::serve(self, stream, peer).instrument(span);
        self.inner.tasks.track_future(serving).await;
    }

    /// Ends every session in order: viewers are told, recordings closed, desktops left. Returns
    /// when all of them are; how long that may take is the caller's to say.
    pub async fn shutdown(&self) {
        self.inner.shutdown.cancel();
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
    }

    /// The policy for sessions that start now.
    pub(crate) fn policy(&self) -> Arc<Policy> {
        let policy = self.inner.policy.read();
        Arc::clone(&policy.unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another policy in force for sessions that start from now on. Running ones keep theirs.
    pub fn replace_policy(&self, policy: Policy) {
        let mut current = self
            .inner
            .policy
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(policy);
    }

    pub(crate) fn decisions(&self) -> &DecisionLog {
        &self.inner.records.decisions
    }

    /// The directory for evidence of recordings for which the policy names none.
    #[cfg(feature = "object-store")]
    pub(crate) fn evidence(&self) -> Option<&Arc<Path>> {
        self.inner.records.evidence.as_ref()
    }

    pub(crate) fn vnc_options(&self) -> &VncOptions {
        &self.inner.vnc_options
    }

    pub(crate) fn shutdown_token(&self) -> &CancellationToken {
        &self.inner.shutdown
    }

    pub(crate) fn next_viewer_id(&self) -> ViewerId {
        ViewerId(self.inner.next_viewer.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) fn find_session(&self, id: &str) -> Option<SessionHandle> {
        let session = self.sessions().get(id).cloned();
        session.filter(SessionHandle::is_open)
    }

    /// Starts a session as a task of its own, with its owner present. If that task should panic, the
    /// session is gone and its viewers are told; nothing else is touched.
    pub(crate) fn start_session(
        &self,
        id: &str,
        policy: Arc<Policy>,
        settings: Settings,
        restrictions: Restrictions,
        owner: Joining,
    ) -> Result<SessionHandle, TooManySessions> {
        let witness = owner.door.witness().for_session();
        let (handle, running) = session::new_session(NewSession {
            id: id.to_owned(),
            settings,
            restrictions,
            owner,
            policy,
            evidence: self.inner.records.evidence.clone(),
            recipients: self.inner.records.recipients.clone(),
            pool: self.inner.pool.clone(),
            shutdown: self.inner.shutdown.clone(),
        });
        {
            let mut sessions = self.sessions();
            if SESSIONS_MAX <= sessions.len() {
                return Err(TooManySessions);
            }
            sessions.insert(id.to_owned(), handle.clone());
        }
        let server = self.clone();
        let started = Instant::now();
        let span = error_span!("session", connection = id);
        let id = id.to_owned();
        let supervised = async move {
            // The panic's message stays out of the log: it can carry what a peer sent.
            if tokio::spawn(running.in_current_span()).await.is_err() {
                tracing::error!("Connection \"{id}\" failed inside and is ended.");
                let ending = Ending {
                    reason: "internal",
                    status: Some(Status::ServerError),
                };
                witness.ended(ending, started.elapsed().as_secs());
            }
            server.sessions().remove(&id);
            tracing::info!("Connection \"{id}\" removed.");
        };
        self.inner.tasks.spawn(supervised.instrument(span));
        Ok(handle)
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<String, SessionHandle>> {
        // Every change of the map is one call, so a poisoned lock is as good as any.
        self.inner
            .sessions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// So many threads may help a session's own, by the processors that the container's quota leaves.
fn encode_helpers() -> usize {
    let processors = available_parallelism().map_or(1, usize::from);
    (processors - 1).min(ENCODE_HELPERS_MAX)
}
