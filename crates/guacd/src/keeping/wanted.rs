//! What is to be kept of a session, by the policy and its connection.

use std::path::Path;

use guac_policy::{EvidenceRule, KeepingLimits, Policy, RecordingRule};
use guac_protocol::Timestamp;
use guac_recorder::evidence::Moment;
use guac_recorder::seal::Recipients;
use guac_recorder::{EvidencePlace, Metadata, Recording, RecordingOptions, SEALED_SUFFIX};

use super::copies::{Store, open_store};
use crate::desktop::Failure;

/// What is to be kept of a session.
pub(crate) struct Wanted {
    options: RecordingOptions,
    evidence: Option<EvidencePlace>,
    metadata: Metadata,
    /// Where closed segments are copied to.
    pub(super) store: Option<Store>,
    pub(super) limits: KeepingLimits,
    /// Whether the session goes on if it cannot be recorded.
    pub(crate) break_glass: bool,
}

/// What holds where the policy says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Defaults<'a> {
    /// The directory for evidence.
    pub(crate) evidence: Option<&'a Path>,
    /// Whom recordings are sealed to.
    pub(crate) recipients: Option<&'a Recipients>,
}

impl Wanted {
    /// A recording as the policy wants it.
    ///
    /// # Errors
    /// When it wants what cannot be done. Breaking glass is for what fails, so it does not help.
    pub(crate) fn new(
        options: RecordingOptions,
        policy: &Policy,
        defaults: Defaults<'_>,
        (session, user): (&str, Option<&str>),
        now: Moment,
    ) -> Result<Self, Failure> {
        let rule = policy.recording();
        let store = rule.store.as_deref().map(open_store).transpose();
        let store = store.map_err(|why| refused(&why))?;
        let seal = if rule.recipients.is_empty() {
            defaults.recipients.cloned()
        } else {
            let recipients = Recipients::parse(&rule.recipients);
            Some(recipients.map_err(|error| refused(&error.to_string()))?)
        };
        let evidence = evidence_place(rule, defaults.evidence);
        if store.is_some() && evidence.is_none() {
            return Err(refused("an object store needs evidence beside the copies"));
        }
        Ok(Self {
            options: RecordingOptions {
                seal,
                store: rule.store.clone(),
                ..options
            },
            store,
            evidence,
            metadata: Metadata {
                session: session.to_owned(),
                user: user.map(str::to_owned),
                started: now.wall,
                at: Timestamp(i64::try_from(now.monotonic_ms).unwrap_or(i64::MAX)),
                daemon: env!("CARGO_PKG_VERSION").to_owned(),
                policy: policy.origin().digest().map(|digest| digest.to_string()),
            },
            limits: rule.limits,
            break_glass: rule.break_glass,
        })
    }

    /// The connection's id.
    pub(super) fn session(&self) -> &str {
        &self.metadata.session
    }

    /// Creates the files.
    pub(super) fn open(&self, now: Moment) -> Result<Recording, Failure> {
        let place = self.options.directory.display();
        let recording = self.create(now).map_err(|failure| {
            tracing::error!("Creation of recording failed: {failure}");
            failure
        })?;
        let name = &self.options.name;
        tracing::info!("Recording of session will be saved within \"{place}\" as \"{name}\".");
        if self.options.seal.is_some() {
            tracing::info!("It is sealed, and its file is called {SEALED_SUFFIX:?} in addition.");
        }
        if self.evidence.is_none() {
            tracing::info!(
                "No evidence is kept for it: neither the policy nor an option names a place."
            );
        }
        Ok(recording)
    }

    fn create(&self, now: Moment) -> Result<Recording, Failure> {
        let failed = |error: guac_recorder::CreateError| Failure::Recording(error.to_string());
        let mut recording = Recording::create(&self.options, now).map_err(failed)?;
        recording
            .require_space(self.limits.free_bytes)
            .map_err(failed)?;
        if let Some(place) = &self.evidence {
            recording.prove(place, &self.metadata).map_err(failed)?;
        }
        recording
            .describe(&self.metadata)
            .map_err(|error| Failure::Recording(error.to_string()))?;
        Ok(recording)
    }
}

/// Where evidence is, by the policy or else by the daemon's option.
pub(super) fn evidence_place(
    rule: &RecordingRule,
    by_option: Option<&Path>,
) -> Option<EvidencePlace> {
    match &rule.evidence {
        Some(EvidenceRule::Directory(path)) => Some(EvidencePlace::Directory(path.clone())),
        Some(EvidenceRule::Beside) => Some(EvidencePlace::Beside),
        None => Some(EvidencePlace::Directory(by_option?.to_owned())),
    }
}

fn refused(why: &str) -> Failure {
    tracing::error!("Creation of recording failed: {why}");
    Failure::Recording(why.to_owned())
}
