//! A policy in one line.

use guac_policy::{JoinMode, Policy, RecordingMode, Target};

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
    let recording = match policy.recording().mode {
        RecordingMode::Required => "every session is recorded",
        RecordingMode::Optional => "recorded if asked for",
        RecordingMode::Forbidden => "nothing is recorded",
    };
    format!("{leaves}; {enters}; {desktops}{doors}; {joins}; {recording}.")
}
