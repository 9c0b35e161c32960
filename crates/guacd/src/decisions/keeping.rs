//! What is told about recordings and their evidence.

use std::path::Path;
use std::time::Duration;

use guac_recorder::evidence::{Anchor, Hex};

use super::event::Event;
use super::subject::Witness;

impl Witness {
    /// A recording begins, with evidence that begins with this key.
    pub(crate) fn evidence_begins(&self, recording: &Path, evidence: &Path, key: &Hex<32>) {
        self.write(&Event::EvidenceBegin {
            session: self.session(),
            recording: &recording.to_string_lossy(),
            evidence: &evidence.to_string_lossy(),
            key: key.to_string(),
        });
    }

    /// The evidence has got this far.
    pub(crate) fn evidence_head(&self, head: &Anchor) {
        self.write(&Event::EvidenceHead {
            session: self.session(),
            evidence_line: head.line,
            sha256: head.sha256.to_string(),
        });
    }

    /// The session is not recorded.
    pub(crate) fn unrecorded(&self, reason: &'static str) {
        let session = self.session();
        self.write(&Event::Unrecorded { session, reason });
    }

    /// The session stands still.
    pub(crate) fn frozen(&self, reason: &'static str) {
        let session = self.session();
        self.write(&Event::RecordingFrozen { session, reason });
    }

    /// It goes on after this time.
    pub(crate) fn resumed(&self, passed: Duration) {
        self.write(&Event::RecordingResumed {
            session: self.session(),
            milliseconds: u64::try_from(passed.as_millis()).unwrap_or(u64::MAX),
        });
    }

    /// The object store does not have so many bytes.
    pub(crate) fn unstored(&self, bytes: u64) {
        let session = self.session();
        self.write(&Event::RecordingUnstored { session, bytes });
    }

    /// Little space is left.
    pub(crate) fn little_space(&self, free_bytes: u64) {
        self.write(&Event::RecordingSpace {
            session: self.session(),
            free_bytes,
        });
    }
}
