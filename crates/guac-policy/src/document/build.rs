//! Makes a policy of what a document says. What it leaves out stays closed.

use std::path::PathBuf;

use super::draft::Draft;
use super::items;
use crate::doors::{Door, VncSecurity};
use crate::limits;
use crate::policy::{
    ClipboardLimits, ClipboardRule, ClosedDoor, EvidenceRule, Excess, JoinMode, JoinRule,
    KeepingLimits, Key, KeyBudget, Origin, ParameterRule, Policy, Rate, RecordingMode,
    RecordingRule, RefusedParameter, ResizeRule, SessionLimits, Target,
};

/// The most bytes of a clipboard text where a document does not say: the usual one of stock guacd.
const CLIPBOARD_BYTES: usize = 262_144;

/// The policy of a draft in which nothing is wrong.
pub(super) fn policy(draft: &Draft, origin: Origin) -> Policy {
    let targets = draft.texts(Key::TargetsAllow);
    let targets = targets.filter_map(|text| text.parse::<Target>().ok());
    let doors = draft
        .texts(Key::TargetsAllow)
        .chain(draft.texts(Key::TargetsDoors))
        .filter_map(|text| text.parse::<Door>().ok());
    doors
        .fold(Policy::builder(), |policy, door| policy.open(door))
        .origin(origin)
        .targets(targets.collect())
        .closed_doors(closed_doors(draft))
        .vnc_security(security(draft))
        .clipboard_copy(copy(draft))
        .clipboard_paste(paste(draft))
        .desktop_name(draft.word(Key::ChannelsDesktopName) == Some("allow"))
        .read_only(draft.switch(Key::InputReadOnly).unwrap_or(false))
        .keys(keys(draft))
        .resize(resize(draft))
        .joins(joins(draft))
        .session(SessionLimits {
            max_length: draft.time(Key::SessionMaxLength),
            idle_end: draft.time(Key::SessionIdleEnd),
        })
        .recording(recording(draft))
        .parameters(parameters(draft))
        .build()
}

/// The value with a setting's word for its name.
fn chosen<T: Copy, const N: usize>(
    draft: &Draft,
    key: Key,
    values: [T; N],
    name: impl Fn(T) -> &'static str,
) -> Option<T> {
    let word = draft.word(key)?;
    values.into_iter().find(|value| name(*value) == word)
}

fn closed_doors(draft: &Draft) -> ClosedDoor {
    use ClosedDoor::{AsNeeded, Ignore, Refuse};
    let values = [AsNeeded, Refuse, Ignore];
    chosen(draft, Key::TargetsClosedDoors, values, ClosedDoor::name).unwrap_or_default()
}

fn security(draft: &Draft) -> VncSecurity {
    let word = draft.word(Key::TargetsMinimumSecurity);
    word.and_then(|word| word.parse().ok()).unwrap_or_default()
}

fn copy(draft: &Draft) -> ClipboardRule {
    let keys = [
        Key::CopyAllow,
        Key::CopyMaxBytes,
        Key::CopyPerMinute,
        Key::CopyBytesPerMinute,
        Key::CopyInterval,
    ];
    clipboard(draft, keys, Vec::new())
}

fn paste(draft: &Draft) -> ClipboardRule {
    let keys = [
        Key::PasteAllow,
        Key::PasteMaxBytes,
        Key::PastePerMinute,
        Key::PasteBytesPerMinute,
        Key::PasteInterval,
    ];
    clipboard(draft, keys, owned(draft, Key::PasteMimeTypes))
}

/// The rule of one direction, from its settings.
fn clipboard(
    draft: &Draft,
    [allow, max_bytes, per_minute, bytes_per_minute, interval]: [Key; 5],
    mime_types: Vec<String>,
) -> ClipboardRule {
    if draft.switch(allow) != Some(true) {
        return ClipboardRule::Deny;
    }
    let bytes_per_minute = draft.number(bytes_per_minute);
    ClipboardRule::Allow(ClipboardLimits {
        max_bytes: most_bytes(draft.number(max_bytes), bytes_per_minute),
        per_minute: draft.number(per_minute),
        bytes_per_minute,
        interval: draft.time(interval),
        mime_types,
    })
}

/// A text of more bytes than a minute allows would never pass.
fn most_bytes(set: Option<usize>, per_minute: Option<u32>) -> usize {
    let per_minute = per_minute.and_then(|bytes| usize::try_from(bytes).ok());
    set.unwrap_or(CLIPBOARD_BYTES)
        .min(per_minute.unwrap_or(usize::MAX))
}

fn keys(draft: &Draft) -> Option<KeyBudget> {
    let rate = |rate, burst| {
        let sustained: u32 = draft.number(rate)?;
        let burst = draft.number(burst).unwrap_or(sustained);
        Some(Rate { sustained, burst })
    };
    let per_second = rate(Key::InputKeysPerSecond, Key::InputKeyBurst);
    let per_minute = rate(Key::InputKeysPerMinute, Key::InputKeyBurstPerMinute);
    let values = [Excess::Delay, Excess::Refuse, Excess::End];
    (per_second.is_some() || per_minute.is_some()).then(|| KeyBudget {
        per_second,
        per_minute,
        excess: chosen(draft, Key::InputExcess, values, Excess::name).unwrap_or_default(),
    })
}

fn resize(draft: &Draft) -> ResizeRule {
    let side = |key| draft.number(key).unwrap_or(limits::RESIZE_MAX);
    ResizeRule {
        allow: draft.switch(Key::ResizeAllow).unwrap_or(true),
        max_width: side(Key::ResizeMaxWidth),
        max_height: side(Key::ResizeMaxHeight),
    }
}

fn joins(draft: &Draft) -> JoinRule {
    let values = [JoinMode::Anyone, JoinMode::ReadOnly, JoinMode::Nobody];
    let names = draft.list(Key::JoinsNames);
    JoinRule {
        mode: chosen(draft, Key::JoinsAllow, values, JoinMode::name).unwrap_or(JoinMode::Nobody),
        max_viewers: draft
            .number(Key::JoinsMaxViewers)
            .unwrap_or(limits::VIEWERS_MAX),
        names: names.map(|_| owned(draft, Key::JoinsNames)),
    }
}

fn recording(draft: &Draft) -> RecordingRule {
    use RecordingMode::{Forbidden, Optional, Required};
    let values = [Required, Optional, Forbidden];
    let is_anywhere = draft.texts(Key::RecordingPaths).any(|path| path == "*");
    let paths = draft.texts(Key::RecordingPaths).map(PathBuf::from);
    RecordingRule {
        mode: chosen(draft, Key::RecordingMode, values, RecordingMode::name).unwrap_or_default(),
        paths: (!is_anywhere).then(|| paths.collect()),
        names: owned(draft, Key::RecordingNames),
        evidence: draft.text(Key::RecordingEvidence).map(|text| match text {
            items::BESIDE => EvidenceRule::Beside,
            path => EvidenceRule::Directory(PathBuf::from(path)),
        }),
        recipients: owned(draft, Key::RecordingSealTo),
        store: draft.text(Key::RecordingStore).map(str::to_owned),
        break_glass: draft.switch(Key::RecordingBreakGlass).unwrap_or(false),
        limits: keeping(draft),
    }
}

fn keeping(draft: &Draft) -> KeepingLimits {
    let usual = KeepingLimits::default();
    let bytes = |key, usual| draft.number(key).unwrap_or(usual);
    let time = |key, usual| draft.time(key).unwrap_or(usual);
    KeepingLimits {
        free_bytes: bytes(Key::RecordingFreeBytes, usual.free_bytes),
        backlog_bytes: bytes(Key::RecordingBacklogBytes, usual.backlog_bytes),
        freeze_after: time(Key::RecordingFreezeAfter, usual.freeze_after),
        end_after: time(Key::RecordingEndAfter, usual.end_after),
        disk_within: time(Key::RecordingDiskWithin, usual.disk_within),
        store_within: time(Key::RecordingStoreWithin, usual.store_within),
        store_backlog_bytes: bytes(Key::RecordingStoreBacklogBytes, usual.store_backlog_bytes),
    }
}

fn parameters(draft: &Draft) -> ParameterRule {
    let values = [RefusedParameter::Drop, RefusedParameter::End];
    let forced = draft.values(Key::ParametersForce).iter();
    let allowed = draft.list(Key::ParametersAllow);
    let set = |key| draft.texts(key).map(str::to_owned).collect();
    let refused = chosen(
        draft,
        Key::ParametersRefused,
        values,
        RefusedParameter::name,
    );
    ParameterRule {
        force: forced
            .map(|(name, value)| (name.text.clone(), value.clone()))
            .collect(),
        allow: allowed.map(|_| set(Key::ParametersAllow)),
        refuse: set(Key::ParametersRefuse),
        refused: refused.unwrap_or_default(),
    }
}

fn owned(draft: &Draft, key: Key) -> Vec<String> {
    draft.texts(key).map(str::to_owned).collect()
}
