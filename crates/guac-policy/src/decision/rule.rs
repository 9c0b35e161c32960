//! Which rule decided, and where in the policy it stands.

use super::{Action, Direction};
use crate::policy::Key;

/// The rule that decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// Nothing opens this door.
    DefaultDeny,
    /// The policy's rule for the clipboard into the desktop.
    ClipboardPaste,
    /// The policy's rule for the clipboard out of the desktop.
    ClipboardCopy,
    /// The clipboard carries text only.
    ClipboardTextOnly,
    /// More text than the clipboard rule allows.
    ClipboardMaxBytes,
    /// Only parameters that the daemon asked for, from the session's owner.
    ParameterNotAsked,
    /// A parameter's value is longer than the limit.
    ParameterMaxBytes,
    /// The data is not what it must be: not base64, or not UTF-8.
    MalformedData,
    /// The stream's index is out of range, or the stream is not open.
    StreamIndex,
    /// The viewer, or the session, is read-only.
    ReadOnly,
    /// The policy's rule for the desktop's name.
    DesktopName,
    /// An instruction does not belong in a frame, or not in the traffic beside frames.
    OutOfPlace,
    /// A layer, size, stream or mimetype that frames may not use.
    FrameShape,
    /// Something is longer than the protocol can carry.
    TooLong,
    /// The viewer was refused too often.
    TooManyRefusals,
    /// More texts or bytes within a minute than the clipboard rule allows.
    ClipboardRate,
    /// Sooner after the last text than the clipboard rule allows.
    ClipboardInterval,
    /// More keys than the budget allows.
    KeyBudget,
    /// Only the one who started the session may do this.
    NotOwner,
    /// The policy's rule for the desktop's size.
    Resize,
    /// The policy gives the parameter another value.
    ParameterForced,
    /// The policy does not let connections give the parameter.
    ParameterRefused,
    /// The parameter belongs to something that this daemon does not have.
    ParameterNotOffered,
    /// The policy does not let sessions reach that desktop.
    Target,
    /// The policy does not open that way to a desktop.
    ClosedDoor,
    /// The connection to the VNC server is not as well secured as it has to be.
    MinimumSecurity,
    /// Nobody may join.
    JoinNobody,
    /// Nobody of that name may join.
    JoinName,
    /// The session has as many viewers as it may have.
    JoinMaxViewers,
    /// The session has lasted as long as it may.
    SessionLength,
    /// Nobody has done anything for as long as that may be.
    SessionIdle,
    /// Sessions may not be recorded.
    RecordingForbidden,
    /// The recording would leave out what is shown, or replace another one.
    RecordingIncomplete,
    /// A recording may not lie there.
    RecordingPath,
    /// A recording may not be called that.
    RecordingName,
}

impl Rule {
    /// The rule's name in logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DefaultDeny => "default-deny",
            Self::ClipboardPaste => "clipboard.paste",
            Self::ClipboardCopy => "clipboard.copy",
            Self::ClipboardTextOnly => "clipboard.text-only",
            Self::ClipboardMaxBytes => "clipboard.max-bytes",
            Self::ParameterNotAsked => "parameter.not-asked",
            Self::ParameterMaxBytes => "parameter.max-bytes",
            Self::MalformedData => "malformed-data",
            Self::StreamIndex => "stream-index",
            Self::ReadOnly => "read-only",
            Self::DesktopName => "desktop.name",
            Self::OutOfPlace => "out-of-place",
            Self::FrameShape => "frame-shape",
            Self::TooLong => "too-long",
            Self::TooManyRefusals => "too-many-refusals",
            Self::ClipboardRate => "clipboard.rate",
            Self::ClipboardInterval => "clipboard.interval",
            Self::KeyBudget => "key-budget",
            Self::NotOwner => "not-owner",
            Self::Resize => "resize",
            Self::ParameterForced => "parameter.forced",
            Self::ParameterRefused => "parameter.refused",
            Self::ParameterNotOffered => "parameter.not-offered",
            Self::Target => "target",
            Self::ClosedDoor => "closed-door",
            Self::MinimumSecurity => "minimum-security",
            Self::JoinNobody => "join.nobody",
            Self::JoinName => "join.name",
            Self::JoinMaxViewers => "join.max-viewers",
            Self::SessionLength => "session.max-length",
            Self::SessionIdle => "session.idle-end",
            Self::RecordingForbidden => "recording.forbidden",
            Self::RecordingIncomplete => "recording.incomplete",
            Self::RecordingPath => "recording.path",
            Self::RecordingName => "recording.name",
        }
    }

    /// The setting that this rule follows from, if it is one: what is not in any policy holds
    /// whatever a policy says.
    #[must_use]
    pub const fn setting(self, action: Action, direction: Direction) -> Option<Key> {
        match self {
            Self::DefaultDeny => channel(action, direction),
            Self::ClipboardPaste => Some(Key::PasteAllow),
            Self::ClipboardCopy => Some(Key::CopyAllow),
            Self::ClipboardTextOnly => Some(Key::PasteMimeTypes),
            Self::ClipboardMaxBytes => either(direction, Key::PasteMaxBytes, Key::CopyMaxBytes),
            Self::ClipboardRate => either(direction, Key::PastePerMinute, Key::CopyPerMinute),
            Self::ClipboardInterval => either(direction, Key::PasteInterval, Key::CopyInterval),
            Self::ReadOnly => Some(Key::InputReadOnly),
            Self::DesktopName => Some(Key::ChannelsDesktopName),
            Self::KeyBudget => Some(Key::InputKeysPerSecond),
            Self::Resize => Some(Key::ResizeAllow),
            Self::ParameterForced => Some(Key::ParametersForce),
            Self::ParameterRefused => Some(Key::ParametersRefuse),
            Self::Target => Some(Key::TargetsAllow),
            Self::ClosedDoor => Some(Key::TargetsDoors),
            Self::MinimumSecurity => Some(Key::TargetsMinimumSecurity),
            Self::JoinNobody => Some(Key::JoinsAllow),
            Self::JoinName => Some(Key::JoinsNames),
            Self::JoinMaxViewers => Some(Key::JoinsMaxViewers),
            Self::SessionLength => Some(Key::SessionMaxLength),
            Self::SessionIdle => Some(Key::SessionIdleEnd),
            Self::RecordingForbidden | Self::RecordingIncomplete => Some(Key::RecordingMode),
            Self::RecordingPath => Some(Key::RecordingPaths),
            Self::RecordingName => Some(Key::RecordingNames),
            Self::ParameterNotAsked
            | Self::ParameterMaxBytes
            | Self::ParameterNotOffered
            | Self::MalformedData
            | Self::StreamIndex
            | Self::OutOfPlace
            | Self::FrameShape
            | Self::TooLong
            | Self::TooManyRefusals
            | Self::NotOwner => None,
        }
    }
}

const fn either(direction: Direction, inward: Key, outward: Key) -> Option<Key> {
    match direction {
        Direction::In => Some(inward),
        Direction::Out => Some(outward),
    }
}

/// The setting for something that nothing opens.
const fn channel(action: Action, direction: Direction) -> Option<Key> {
    match (action, direction) {
        (Action::File | Action::Object, _) => Some(Key::ChannelsFiles),
        (Action::Audio, Direction::In) => Some(Key::ChannelsAudioIn),
        (Action::Audio, Direction::Out) => Some(Key::ChannelsAudioOut),
        (Action::Usb, _) => Some(Key::ChannelsUsb),
        _ => None,
    }
}
