//! What a policy says about recordings, in rows.

use guac_policy::{EvidenceRule, Key, Policy, RecordingMode, RecordingRule};

use super::super::table::{ALWAYS, Row, place};
use super::{quoted, row, shown};

/// What is on record, where, and how it is kept.
pub(in crate::policy_tool) fn recording(policy: &Policy) -> Vec<Row> {
    let mode = policy.recording().mode;
    let mut rows = recorded(policy, mode);
    if mode != RecordingMode::Forbidden {
        rows.push(elsewhere(policy));
        rows.extend(other_names(policy));
        rows.push(evidence(policy));
        rows.push(sealed(policy));
        rows.extend(stored(policy));
        rows.extend(limits(policy));
        rows.push(unrecorded(policy));
    }
    rows
}

fn recorded(policy: &Policy, mode: RecordingMode) -> Vec<Row> {
    let name = quoted_text(mode.name());
    let mode_row = |what: &str, verdict| row(policy, what, verdict, Key::RecordingMode, &name);
    let shown_unrecorded = "a frame that is not on record";
    match mode {
        RecordingMode::Required => vec![
            mode_row("every session", "recorded"),
            mode_row(shown_unrecorded, "not shown"),
            mode_row("leaving pictures out, writing over a recording", "refused"),
        ],
        RecordingMode::Optional => vec![
            mode_row("a session whose connection asks for it", "recorded"),
            Row::new(
                shown_unrecorded,
                "not shown",
                "in a session that is recorded",
                ALWAYS,
            ),
        ],
        RecordingMode::Forbidden => vec![mode_row(
            "a session whose connection asks for a recording",
            "refused",
        )],
    }
}

fn elsewhere(policy: &Policy) -> Row {
    let (what, verdict, paths) = match &policy.recording().paths {
        None => ("recordings anywhere", "allowed", "anywhere".to_owned()),
        Some(paths) => {
            let paths: Vec<_> = paths
                .iter()
                .map(|path| path.display().to_string())
                .collect();
            let within = if paths.is_empty() {
                "nowhere".to_owned()
            } else {
                format!("in and below {}", paths.join(", "))
            };
            ("recordings elsewhere", "refused", within)
        }
    };
    let why = format!("recording.paths: {paths}");
    Row::new(what, verdict, why, place(policy, Key::RecordingPaths))
}

fn other_names(policy: &Policy) -> Option<Row> {
    let names = &policy.recording().names;
    let what = "recordings of other names";
    (!names.is_empty()).then(|| {
        row(
            policy,
            what,
            "refused",
            Key::RecordingNames,
            &names.join(", "),
        )
    })
}

fn evidence(policy: &Policy) -> Row {
    let said = |verdict, why: String| {
        let place = place(policy, Key::RecordingEvidence);
        Row::new("evidence of recordings", verdict, why, place)
    };
    match &policy.recording().evidence {
        Some(EvidenceRule::Directory(path)) => {
            let path = quoted_text(&path.display().to_string());
            said("kept", format!("recording.evidence = {path}"))
        }
        Some(EvidenceRule::Beside) => said(
            "kept",
            "recording.evidence = \"beside\": who is offered the recording is offered it too"
                .to_owned(),
        ),
        None => said(
            "not kept",
            "unless the daemon's option --evidence names a directory".to_owned(),
        ),
    }
}

fn sealed(policy: &Policy) -> Row {
    let (verdict, why) = match policy.recording().recipients.len() {
        0 => ("readable", "no recording.seal-to".to_owned()),
        keys => (
            "sealed",
            format!("recording.seal-to: only with one of {keys} secret keys"),
        ),
    };
    let what = "recordings, for who can read the files";
    Row::new(what, verdict, why, place(policy, Key::RecordingSealTo))
}

fn stored(policy: &Policy) -> Option<Row> {
    let url = quoted_text(policy.recording().store.as_ref()?);
    let what = "closed segments of recordings";
    Some(row(policy, what, "stored", Key::RecordingStore, &url))
}

/// How far keeping may fall behind.
fn limits(policy: &Policy) -> Vec<Row> {
    let limits = policy.recording().limits;
    let time = |what: String, verdict, key, time| row(policy, &what, verdict, key, &quoted(time));
    let bytes = |what: String, verdict, key, bytes: u64| {
        row(policy, &what, verdict, key, &bytes.to_string())
    };
    let mut rows = vec![
        bytes(
            format!(
                "a recording with less than {} bytes free",
                limits.free_bytes
            ),
            "refused",
            Key::RecordingFreeBytes,
            limits.free_bytes,
        ),
        time(
            format!(
                "what waits to be recorded, for {}",
                shown(limits.freeze_after)
            ),
            "freezes",
            Key::RecordingFreezeAfter,
            limits.freeze_after,
        ),
        bytes(
            format!(
                "what waits to be recorded, beyond {} bytes",
                limits.backlog_bytes
            ),
            "freezes",
            Key::RecordingBacklogBytes,
            limits.backlog_bytes,
        ),
        time(
            format!("what waits for the disk, for {}", shown(limits.disk_within)),
            "freezes",
            Key::RecordingDiskWithin,
            limits.disk_within,
        ),
    ];
    if policy.recording().store.is_some() {
        rows.push(time(
            format!(
                "what waits for the store, for {}",
                shown(limits.store_within)
            ),
            "freezes",
            Key::RecordingStoreWithin,
            limits.store_within,
        ));
        rows.push(bytes(
            format!(
                "what waits for the store, beyond {} bytes",
                limits.store_backlog_bytes
            ),
            "freezes",
            Key::RecordingStoreBacklogBytes,
            limits.store_backlog_bytes,
        ));
    }
    rows.push(time(
        format!("a session that is frozen for {}", shown(limits.end_after)),
        "ended",
        Key::RecordingEndAfter,
        limits.end_after,
    ));
    rows
}

fn unrecorded(policy: &Policy) -> Row {
    let RecordingRule { break_glass, .. } = policy.recording();
    let verdict = if *break_glass { "goes on" } else { "ended" };
    let what = "a session whose recording cannot be made or fails";
    let value = break_glass.to_string();
    row(policy, what, verdict, Key::RecordingBreakGlass, &value)
}

fn quoted_text(text: &str) -> String {
    format!("\"{text}\"")
}
