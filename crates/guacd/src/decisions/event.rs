//! The lines of the log.

use std::net::SocketAddr;

use guac_policy::{Direction, JoinMode, Key, Policy, Role, Rule};
use guac_protocol::Status;
use serde::Serialize;

use super::repeats::{Kind, Series};
use super::subject::Subject;

/// The version of the format. Fields are only added within one.
pub(super) const VERSION: u32 = 1;

/// A line: what every event has, and the event.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    version: u32,
    time: String,
    sequence: u64,
    #[serde(flatten)]
    event: &'a Event<'a>,
}

/// Something that happened.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(crate) enum Event<'a> {
    /// The daemon serves from here on.
    DaemonStart {
        /// The daemon's version.
        daemon: &'static str,
    },
    /// The daemon was asked to end.
    DaemonEnd,
    /// A policy is in force for sessions that start from here on.
    PolicyLoaded {
        /// Which one.
        policy: PolicyLine<'a>,
    },
    /// A policy is not used; the one before stays in force.
    PolicyRejected {
        /// Its file.
        file: &'a str,
        /// How many things are wrong with it.
        findings: usize,
    },
    /// A session has started, with its owner.
    SessionStart {
        /// Whose.
        #[serde(flatten)]
        subject: &'a Subject,
        /// The policy that holds for it.
        policy: PolicyLine<'a>,
    },
    /// A session was not started.
    SessionRefused {
        /// Whose.
        #[serde(flatten)]
        subject: &'a Subject,
        /// Why.
        #[serde(flatten)]
        ending: Ending,
    },
    /// Another viewer is in a session.
    Join {
        /// Who.
        #[serde(flatten)]
        subject: &'a Subject,
        /// How many there are now.
        viewers: usize,
    },
    /// A viewer has left.
    Leave {
        /// Who.
        #[serde(flatten)]
        subject: &'a Subject,
        /// How many are left.
        viewers: usize,
        /// Instructions of this viewer that went to the desktop or the session.
        passed: u64,
        /// Instructions that were refused.
        refused: u64,
        /// Instructions without effect.
        ignored: u64,
    },
    /// A session is over.
    SessionEnd {
        /// Which.
        session: &'a str,
        /// Why.
        #[serde(flatten)]
        ending: Ending,
        /// How long it was.
        seconds: u64,
    },
    /// Something was refused or limited.
    Decision {
        /// Who tried.
        #[serde(flatten)]
        subject: &'a Subject,
        /// What.
        #[serde(flatten)]
        kind: Kind,
        /// By which setting of the policy.
        #[serde(flatten)]
        setting: Setting<'a>,
        /// How often, and how much.
        #[serde(flatten)]
        series: Series,
    },
    /// A recording begins that will be proven by evidence.
    EvidenceBegin {
        /// Of which session.
        session: &'a str,
        /// Where the recording is.
        recording: &'a str,
        /// Where its evidence is.
        evidence: &'a str,
        /// The public key that signs the first line, in hexadecimal.
        key: String,
    },
    /// The evidence has got this far.
    EvidenceHead {
        /// Of which session.
        session: &'a str,
        /// The number of its last line, from 0.
        evidence_line: u64,
        /// SHA-256 of that line, in hexadecimal.
        sha256: String,
    },
    /// A session goes on, or runs from the start, without a recording.
    Unrecorded {
        /// Which.
        session: &'a str,
        /// Why, in a word.
        reason: &'static str,
    },
    /// A session stands still, since what is kept of it falls behind.
    RecordingFrozen {
        /// Which.
        session: &'a str,
        /// What falls behind, in a word.
        reason: &'static str,
    },
    /// It goes on.
    RecordingResumed {
        /// Which.
        session: &'a str,
        /// How long it stood still.
        milliseconds: u64,
    },
    /// The object store does not have all of a recording at the session's end, or the session goes on without.
    RecordingUnstored {
        /// Which.
        session: &'a str,
        /// What it lacks, in bytes.
        bytes: u64,
    },
    /// What an earlier run of the daemon left of a recording is in the object store now.
    #[cfg(feature = "object-store")]
    RecordingRecovered {
        /// Which.
        session: &'a str,
        /// What the store lacked, in bytes.
        bytes: u64,
        /// The last line of evidence that it has, from 0.
        evidence_line: u64,
    },
    /// Little space is left for recordings.
    RecordingSpace {
        /// Of which session.
        session: &'a str,
        /// What is left, in bytes.
        free_bytes: u64,
    },
    /// Lines that could not be written.
    Lost {
        /// How many.
        lines: u64,
    },
}

/// Why a session ended, or did not start.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Ending {
    /// In a word.
    pub(crate) reason: &'static str,
    /// What viewers were told: a Guacamole status.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number")]
    pub(crate) status: Option<Status>,
}

fn number<S: serde::Serializer>(status: &Option<Status>, to: S) -> Result<S::Ok, S::Error> {
    status.map(Status::code).serialize(to)
}

/// Which policy.
#[derive(Debug, Serialize)]
pub(crate) struct PolicyLine<'a> {
    /// The document, or `null` for the one that is built in.
    pub(super) file: Option<&'a str>,
    /// SHA-256 of the document.
    pub(super) sha256: Option<String>,
}

impl<'a> From<&'a Policy> for PolicyLine<'a> {
    fn from(policy: &'a Policy) -> Self {
        let origin = policy.origin();
        Self {
            file: origin.file(),
            sha256: origin.digest().map(|digest| digest.to_string()),
        }
    }
}

/// Where in the policy a rule stands.
#[derive(Debug, Serialize)]
pub(crate) struct Setting<'a> {
    /// The setting's name, if the rule follows from one.
    setting: Option<&'static str>,
    /// The document that sets it.
    file: Option<&'a str>,
    /// The line in it; `null` where the document leaves it out, so that its default decided.
    line: Option<u32>,
}

impl<'a> Setting<'a> {
    pub(super) fn of(kind: &Kind, subject: &'a Subject) -> Self {
        let key = key_of(kind, subject);
        let origin = subject.policy.origin();
        Self {
            setting: key.map(Key::name),
            file: key.and_then(|_key| origin.file()),
            line: key.and_then(|key| origin.line(key)),
        }
    }
}

/// The setting that decided, of those that a rule can follow from.
fn key_of(kind: &Kind, subject: &Subject) -> Option<Key> {
    let policy = &subject.policy;
    let is_set = |key: &Key| policy.origin().line(*key).is_some();
    let usual = kind.rule.setting(kind.action, kind.direction)?;
    let others: &[Key] = match kind.rule {
        Rule::ClipboardRate if kind.direction == Direction::In => &[Key::PasteBytesPerMinute],
        Rule::ClipboardRate => &[Key::CopyBytesPerMinute],
        Rule::KeyBudget => &[Key::InputKeysPerMinute],
        Rule::ParameterRefused => &[Key::ParametersAllow],
        Rule::ReadOnly if !policy.read_only() => {
            let by_joining = policy.joins().mode == JoinMode::ReadOnly && !subject.is_owner();
            // Otherwise the connection or a sharing profile says so, and no policy.
            return by_joining.then_some(Key::JoinsAllow);
        }
        _ => &[],
    };
    let set = std::iter::once(&usual).chain(others).copied();
    Some(set.into_iter().find(is_set).unwrap_or(usual))
}

impl Event<'_> {
    /// The event as a line of text, its end included.
    pub(super) fn line(&self, sequence: u64, time: String) -> Vec<u8> {
        let line = Line {
            version: VERSION,
            time,
            sequence,
            event: self,
        };
        let mut text = serde_json::to_vec(&line).unwrap_or_default();
        text.push(b'\n');
        text
    }
}

/// The viewer's part in a line.
#[derive(Debug, Serialize)]
pub(crate) struct Viewer {
    /// `@` and a UUID.
    pub(crate) viewer: String,
    /// The name that the web application gives, cut to what can be told.
    pub(crate) user: String,
    /// Where the connection comes from: the web application's address.
    pub(crate) peer: SocketAddr,
    /// Whether it started the session.
    #[serde(serialize_with = "role_name")]
    pub(crate) role: Role,
}

fn role_name<S: serde::Serializer>(role: &Role, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(match role {
        Role::Owner => "owner",
        Role::Joiner => "joiner",
    })
}
