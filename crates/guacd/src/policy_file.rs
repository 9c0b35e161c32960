//! The policy document that an operator mounts, and reading it again.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use guac_policy::{DOCUMENT_MAX_BYTES, DocumentError, Policy};

use crate::daemon::signals::Hangups;
use crate::decisions::{Event, PolicyLine};
use crate::options::VncSettings;
use crate::server::Server;

/// Where the policy comes from.
#[derive(Debug, Clone)]
pub(crate) struct PolicySource {
    file: Option<PathBuf>,
    builtin: Policy,
    vnc: VncSettings,
}

/// Why there is no policy.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PolicyFileError {
    #[error("Unable to read the policy \"{}\": {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("The policy is not valid.\n{0}")]
    Document(DocumentError),
    #[error("{}: {why}", path.display())]
    BuiltWithout { path: PathBuf, why: &'static str },
    #[error(
        "--allow (or \"allow\" in the configuration file) cannot be used with a policy file: only \
         what \"{}\" opens is open. List it there, under \"targets\".",
        path.display()
    )]
    DoorBesideFile { path: PathBuf },
}

impl PolicySource {
    /// The document of this name, or the given policy if there is none; and what is demanded of VNC
    /// servers elsewhere.
    pub(crate) const fn new(file: Option<PathBuf>, builtin: Policy, vnc: VncSettings) -> Self {
        Self { file, builtin, vnc }
    }

    /// The policy as it stands there now.
    ///
    /// # Errors
    /// When the document cannot be read or is not valid.
    pub(crate) fn load(&self) -> Result<Policy, PolicyFileError> {
        let Some(path) = &self.file else {
            return Ok(self.vnc.apply(self.builtin.clone()));
        };
        if !self.vnc.allow.is_empty() {
            return Err(PolicyFileError::DoorBesideFile { path: path.clone() });
        }
        let bytes = read(path).map_err(|source| PolicyFileError::Read {
            path: path.clone(),
            source,
        })?;
        let policy = Policy::from_document(&path.to_string_lossy(), &bytes)
            .map_err(PolicyFileError::Document)?;
        if let Some(why) = built_without(&policy, HAS_STORES) {
            let path = path.clone();
            return Err(PolicyFileError::BuiltWithout { path, why });
        }
        Ok(self.vnc.apply(policy))
    }
}

/// Whether this daemon was built with the feature `object-store`.
pub(crate) const HAS_STORES: bool = cfg!(feature = "object-store");

/// What a policy asks for that a daemon without object stores cannot do.
pub(crate) fn built_without(policy: &Policy, has_stores: bool) -> Option<&'static str> {
    (policy.recording().store.is_some() && !has_stores).then_some(
        "\"recording.store\" names an object store, and this daemon was built without them (feature \
         \"object-store\")",
    )
}

/// Reads a document; one that is too long is cut one byte beyond what is taken, and so refused.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(DOCUMENT_MAX_BYTES).unwrap_or(u64::MAX);
    File::open(path)?
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Says which policy is in force from here on.
pub(crate) fn announce(server: &Server) {
    let policy = server.policy();
    let origin = policy.origin();
    match (origin.file(), origin.digest()) {
        (Some(file), Some(digest)) => {
            tracing::info!("The policy is that of \"{file}\" (SHA-256 {digest}).");
        }
        _ => tracing::debug!("The policy is the built-in one: only pixels leave."),
    }
    server.decisions().write(&Event::PolicyLoaded {
        policy: PolicyLine::from(&*policy),
    });
}

/// Takes the policy and the decision log's files up anew at every hangup, for as long as the runtime
/// lives. A policy that is not valid leaves the one before in force.
pub(crate) async fn reload_on_hangups(mut hangups: Hangups, source: PolicySource, server: Server) {
    while hangups.next().await {
        server.decisions().reopen();
        if source.file.is_none() {
            tracing::info!("SIGHUP received: there is no policy file to be read again");
            continue;
        }
        let reading = source.clone();
        match tokio::task::spawn_blocking(move || reading.load()).await {
            Ok(Ok(policy)) => {
                tracing::info!("SIGHUP received: the policy was read again");
                server.replace_policy(policy);
                announce(&server);
            }
            Ok(Err(error)) => reject(&source, &error, &server),
            Err(_cancelled) => return,
        }
    }
}

fn reject(source: &PolicySource, error: &PolicyFileError, server: &Server) {
    tracing::error!("SIGHUP received, but the policy before STAYS IN FORCE.");
    for line in error.to_string().lines() {
        tracing::error!("{line}");
    }
    let findings = match error {
        PolicyFileError::Document(error) => error.findings().len(),
        PolicyFileError::Read { .. }
        | PolicyFileError::BuiltWithout { .. }
        | PolicyFileError::DoorBesideFile { .. } => 1,
    };
    let file = source.file.as_deref().unwrap_or_else(|| Path::new(""));
    server.decisions().write(&Event::PolicyRejected {
        file: &file.to_string_lossy(),
        findings,
    });
}

#[cfg(test)]
mod tests {
    use guac_policy::{Policy, RecordingRule};

    use super::built_without;

    #[test]
    fn a_daemon_without_object_stores_takes_no_policy_that_names_one() {
        let rule = RecordingRule {
            store: Some("s3://recordings".to_owned()),
            ..RecordingRule::default()
        };
        let policy = Policy::builder().recording(rule).build();
        assert!(built_without(&policy, false).is_some());
        assert_eq!(built_without(&policy, true), None);
        assert_eq!(built_without(&Policy::builtin(), false), None);
    }
}
