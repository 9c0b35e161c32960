//! Which rule decided, and where in the policy it stands.

use super::{Action, Direction};
use crate::policy::Key;

named! {
    /// The rule that decided.
    Rule {
        /// Nothing opens this door.
        DefaultDeny = "default-deny",
        /// The policy's rule for the clipboard into the desktop.
        ClipboardPaste = "clipboard.paste",
        /// The policy's rule for the clipboard out of the desktop.
        ClipboardCopy = "clipboard.copy",
        /// The clipboard carries text only.
        ClipboardTextOnly = "clipboard.text-only",
        /// More text than the clipboard rule allows.
        ClipboardMaxBytes = "clipboard.max-bytes",
        /// Only parameters that the daemon asked for, from the session's owner.
        ParameterNotAsked = "parameter.not-asked",
        /// A parameter's value is longer than the limit.
        ParameterMaxBytes = "parameter.max-bytes",
        /// The data is not what it must be: not base64, or not UTF-8.
        MalformedData = "malformed-data",
        /// The stream's index is out of range, or the stream is not open.
        StreamIndex = "stream-index",
        /// The viewer, or the session, is read-only.
        ReadOnly = "read-only",
        /// The policy's rule for the desktop's name.
        DesktopName = "desktop.name",
        /// An instruction does not belong in a frame, or not in the traffic beside frames.
        OutOfPlace = "out-of-place",
        /// A layer, size, stream or mimetype that frames may not use.
        FrameShape = "frame-shape",
        /// Something is longer than the protocol can carry.
        TooLong = "too-long",
        /// The viewer was refused too often.
        TooManyRefusals = "too-many-refusals",
        /// More texts or bytes per minute than the clipboard rule allows.
        ClipboardRate = "clipboard.rate",
        /// Sooner after the last text than the clipboard rule allows.
        ClipboardInterval = "clipboard.interval",
        /// A connection's own parameters let no text cross.
        ClipboardDisabled = "clipboard.disabled",
        /// More keys than the budget allows.
        KeyBudget = "key-budget",
        /// Only the one who started the session may do this.
        NotOwner = "not-owner",
        /// The policy's rule for the desktop's size.
        Resize = "resize",
        /// The policy gives the parameter another value.
        ParameterForced = "parameter.forced",
        /// The policy does not let connections give the parameter.
        ParameterRefused = "parameter.refused",
        /// The parameter belongs to something that this daemon does not have.
        ParameterNotOffered = "parameter.not-offered",
        /// The policy does not let sessions reach that desktop.
        Target = "target",
        /// The policy does not open that way to a desktop.
        ClosedDoor = "closed-door",
        /// The connection to the VNC server is not as well secured as it has to be.
        MinimumSecurity = "minimum-security",
        /// Nobody may join.
        JoinNobody = "join.nobody",
        /// Nobody of that name may join.
        JoinName = "join.name",
        /// The session has as many viewers as it may have.
        JoinMaxViewers = "join.max-viewers",
        /// The session has lasted as long as it may.
        SessionLength = "session.max-length",
        /// Nobody has done anything for as long as that may be.
        SessionIdle = "session.idle-end",
        /// Sessions may not be recorded.
        RecordingForbidden = "recording.forbidden",
        /// The recording would leave out what is shown, or replace another one.
        RecordingIncomplete = "recording.incomplete",
        /// A recording may not lie there.
        RecordingPath = "recording.path",
        /// A recording may not be called that.
        RecordingName = "recording.name",
    }
}

impl Rule {
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
            Self::ClipboardDisabled
            | Self::ParameterNotAsked
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
