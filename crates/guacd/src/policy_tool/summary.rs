//! A policy in one line.

use guac_policy::{JoinMode, Policy, RecordingMode, RecordingRule, Target};

/// What leaves, what enters, which desktops, who else, what is on record.
pub(super) fn of(policy: &Policy) -> String {
    let leaves = match (policy.clipboard_copy().limits(), policy.desktop_name()) {
        (None, false) => "Only pixels leave",
        (None, true) => "Pixels and the desktop's name leave",
        (Some(_), false) => "Pixels and clipboard text leave",
        (Some(_), true) => "Pixels, clipboard text and the desktop's name leave",
    };
    let enters = match (policy.read_only(), policy.clipboard_paste().limits()) {
        (true, _) => "nothing enters",
        (false, None) => "keys, pointer and size enter",
        (false, Some(_)) => "keys, pointer, size and clipboard text enter",
    };
    let desktops = if policy.targets().contains(&Target::any()) {
        "any desktop by TCP".to_owned()
    } else {
        let count = policy.targets().len();
        format!("{count} target{}", if count == 1 { "" } else { "s" })
    };
    let doors = match policy.doors().len() {
        0 => String::new(),
        1 => " and 1 other way".to_owned(),
        count => format!(" and {count} other ways"),
    };
    let joins = match policy.joins().mode {
        JoinMode::Nobody => "nobody joins",
        JoinMode::ReadOnly => "others may look on",
        JoinMode::Anyone => "others may join",
    };
    let recording = recording(policy.recording());
    format!("{leaves}; {enters}; {desktops}{doors}; {joins}; {recording}.")
}

fn recording(rule: &RecordingRule) -> String {
    let recorded = match (rule.mode, rule.break_glass) {
        (RecordingMode::Required, false) => "every session is recorded",
        (RecordingMode::Required, true) => "every session is recorded that can be",
        (RecordingMode::Optional, _) => "recorded if asked for",
        (RecordingMode::Forbidden, _) => return "nothing is recorded".to_owned(),
    };
    let sealed = if rule.recipients.is_empty() {
        ""
    } else {
        ", sealed"
    };
    let proven = if rule.evidence.is_some() {
        ", with evidence"
    } else {
        ""
    };
    format!("{recorded}{sealed}{proven}")
}
