//! What is to be kept of a session, by the policy and its connection.

use std::path::Path;

use guac_policy::{EvidenceRule, KeepingLimits, Key, Policy, RecordingRule};
use guac_protocol::Timestamp;
use guac_recorder::evidence::Moment;
use guac_recorder::{EvidencePlace, Metadata, Recording, RecordingOptions};

use crate::desktop::Failure;

/// What is to be kept of a session.
pub(crate) struct Wanted {
    options: RecordingOptions,
    evidence: Option<EvidencePlace>,
    metadata: Metadata,
    pub(super) limits: KeepingLimits,
    /// Whether the session goes on if it cannot be recorded.
    pub(crate) break_glass: bool,
}

impl Wanted {
    /// A recording with evidence where the policy says, or in `evidence` where it says nothing.
    ///
    /// # Errors
    /// When the policy asks for what is not done yet. Breaking glass is for what fails, so it does not help.
    pub(crate) fn new(
        options: RecordingOptions,
        policy: &Policy,
        evidence: Option<&Path>,
        (session, user): (&str, Option<&str>),
        now: Moment,
    ) -> Result<Self, Failure> {
        let rule = policy.recording();
        if let Some((_, why)) = missing(rule) {
            tracing::error!("Creation of recording failed: {why}");
            return Err(Failure::Recording(why.to_owned()));
        }
        let by_policy = rule.evidence.as_ref().map(|rule| match rule {
            EvidenceRule::Directory(path) => EvidencePlace::Directory(path.clone()),
            EvidenceRule::Beside => EvidencePlace::Beside,
        });
        let by_option = || Some(EvidencePlace::Directory(evidence?.to_owned()));
        Ok(Self {
            options,
            evidence: by_policy.or_else(by_option),
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

    /// Creates the files.
    pub(super) fn open(&self, now: Moment) -> Result<Recording, Failure> {
        let place = self.options.directory.display();
        let recording = self.create(now).map_err(|failure| {
            tracing::error!("Creation of recording failed: {failure}");
            failure
        })?;
        let name = &self.options.name;
        tracing::info!("Recording of session will be saved within \"{place}\" as \"{name}\".");
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

/// What a policy can ask for that is not done yet, and why. No recording is made then: one that was to be sealed
/// would lie there for everyone to read, one that was to be stored would go with the machine.
pub(crate) fn missing(rule: &RecordingRule) -> Option<(Key, &'static str)> {
    if !rule.recipients.is_empty() {
        let why = "this version cannot seal recordings as recording.seal-to says";
        Some((Key::RecordingSealTo, why))
    } else if rule.store.is_some() {
        let why = "this version cannot copy segments to a store as recording.store says";
        Some((Key::RecordingStore, why))
    } else {
        None
    }
}
