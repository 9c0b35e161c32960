//! How what is recorded is kept.

use std::time::Duration;

use super::{EVERYTHING, MINIMAL, policy};
use crate::policy::{EvidenceRule, KeepingLimits, RecordingRule};

/// What the document with every setting says.
pub(super) fn is_everything(rule: &RecordingRule) {
    assert!(EVERYTHING.contains("seal-to"));
    let directory = EvidenceRule::Directory("/evidence".into());
    assert_eq!(rule.evidence, Some(directory));
    let key = "age1qurswpc8qurswpc8qurswpc8qurswpc8qurswpc8qurswpc8qurs95jt69";
    assert_eq!(rule.recipients, [key]);
    assert_eq!(rule.store.as_deref(), Some("s3://recordings/desk"));
    assert!(rule.break_glass);
    let limits = KeepingLimits {
        free_bytes: 1,
        backlog_bytes: 2,
        freeze_after: Duration::from_secs(3),
        end_after: Duration::from_secs(4),
        disk_within: Duration::from_secs(5),
        store_within: Duration::from_secs(6),
        store_backlog_bytes: 7,
    };
    assert_eq!(rule.limits, limits);
}

#[test]
fn without_settings_recordings_are_plain_and_stay_where_they_are() {
    let policy = policy(MINIMAL);
    let rule = policy.recording();
    assert_eq!((&rule.evidence, &rule.store), (&None, &None));
    assert!(rule.recipients.is_empty() && !rule.break_glass);
    assert_eq!(rule.limits, KeepingLimits::default());
}

#[test]
fn evidence_can_lie_beside_recordings() {
    let policy = policy(&format!("{MINIMAL}recording.evidence = \"beside\""));
    assert_eq!(policy.recording().evidence, Some(EvidenceRule::Beside));
}
