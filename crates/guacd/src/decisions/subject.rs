//! Whose doings a line is about.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use guac_policy::{Action, Counters, Ignored, Overruled, Policy, Refusal, Role, Rule, Verdict};
use serde::Serialize;

use super::DecisionLog;
use super::event::{Ending, Event, PolicyLine, Viewer};
use super::repeats::Kind;

/// A session, or a viewer in it.
#[derive(Debug, Serialize)]
pub(crate) struct Subject {
    #[serde(skip)]
    pub(super) number: u64,
    #[serde(skip)]
    pub(super) policy: Arc<Policy>,
    session: String,
    #[serde(flatten)]
    viewer: Option<Viewer>,
}

impl Subject {
    /// Whether this is the viewer who started the session.
    pub(super) fn is_owner(&self) -> bool {
        let viewer = self.viewer.as_ref();
        viewer.is_some_and(|viewer| viewer.role == Role::Owner)
    }
}

/// Writes what is decided about one subject. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Witness {
    log: DecisionLog,
    subject: Arc<Subject>,
}

impl Witness {
    /// For a session as a whole.
    pub(crate) fn of_session(log: &DecisionLog, policy: &Arc<Policy>, session: &str) -> Self {
        Self::new(log, policy, session, None)
    }

    /// For one viewer.
    pub(crate) fn of_viewer(
        log: &DecisionLog,
        policy: &Arc<Policy>,
        session: &str,
        (viewer, user): (&str, &str),
        peer: SocketAddr,
        role: Role,
    ) -> Self {
        let viewer = Viewer {
            viewer: viewer.to_owned(),
            user: user.to_owned(),
            peer,
            role,
        };
        Self::new(log, policy, session, Some(viewer))
    }

    /// For what nobody writes down.
    pub(crate) fn unheard(policy: &Arc<Policy>) -> Self {
        Self::new(&DecisionLog::disabled(), policy, "", None)
    }

    fn new(log: &DecisionLog, policy: &Arc<Policy>, session: &str, viewer: Option<Viewer>) -> Self {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        Self {
            log: log.clone(),
            subject: Arc::new(Subject {
                number: NUMBERS.fetch_add(1, Ordering::Relaxed),
                policy: Arc::clone(policy),
                session: session.to_owned(),
                viewer,
            }),
        }
    }

    /// Writes what happened.
    pub(super) fn write(&self, event: &Event<'_>) {
        self.log.write(event);
    }

    /// The session's id.
    pub(super) fn session(&self) -> &str {
        &self.subject.session
    }

    /// The same log, for the session as a whole.
    pub(crate) fn for_session(&self) -> Self {
        let subject = &self.subject;
        Self::of_session(&self.log, &subject.policy, &subject.session)
    }

    /// Something was refused, or happens later, or ended the viewer.
    pub(crate) fn refused(&self, why: &Refusal, verdict: Verdict) {
        self.decided(why, verdict, None);
    }

    /// Something had no effect.
    pub(crate) fn ignored(&self, why: Ignored) {
        if let Some(why) = why.refusal() {
            self.decided(&why, Verdict::Ignored, None);
        }
    }

    /// A parameter's value does not count.
    pub(crate) fn overruled(&self, what: Overruled, verdict: Verdict) {
        self.parameter(what.name, what.size, what.rule, verdict);
    }

    /// A parameter has no effect, or a session is refused for it.
    pub(crate) fn parameter(&self, name: &'static str, size: usize, rule: Rule, verdict: Verdict) {
        let why = Refusal::inward(Action::Parameter, rule, size);
        self.decided(&why, verdict, Some(name));
    }

    /// Something was decided, about this parameter if about any.
    pub(crate) fn decided(&self, why: &Refusal, verdict: Verdict, parameter: Option<&'static str>) {
        let kind = Kind {
            action: why.action,
            direction: why.direction,
            rule: why.rule,
            verdict,
            parameter,
            kind: why.kind,
        };
        self.log.decide(&self.subject, kind, why.size);
    }

    /// The session has started.
    pub(crate) fn started(&self) {
        self.log.write(&Event::SessionStart {
            subject: &self.subject,
            policy: PolicyLine::from(&*self.subject.policy),
        });
    }

    /// The session was not started.
    pub(crate) fn not_started(&self, ending: Ending) {
        self.log.settle(&self.subject);
        self.log.write(&Event::SessionRefused {
            subject: &self.subject,
            ending,
        });
    }

    /// The viewer has joined.
    pub(crate) fn joined(&self, viewers: usize) {
        self.log.write(&Event::Join {
            subject: &self.subject,
            viewers,
        });
    }

    /// The viewer has left.
    pub(crate) fn left(&self, viewers: usize, counters: Counters) {
        self.log.settle(&self.subject);
        self.log.write(&Event::Leave {
            subject: &self.subject,
            viewers,
            passed: counters.passed,
            refused: counters.refused,
            ignored: counters.ignored,
        });
    }

    /// The session is over.
    pub(crate) fn ended(&self, ending: Ending, seconds: u64) {
        self.log.settle(&self.subject);
        self.log.write(&Event::SessionEnd {
            session: &self.subject.session,
            ending,
            seconds,
        });
    }
}
