//! The settings of a policy, by the names that they have in a policy document.

/// A setting of a policy document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Key {
    /// The version of the document's format.
    Version,
    /// Where sessions may connect to.
    TargetsAllow,
    /// Other ways to a desktop.
    TargetsDoors,
    /// What becomes of a session that asks for a way which is closed.
    TargetsClosedDoors,
    /// How well connections to VNC servers have to be secured.
    TargetsMinimumSecurity,
    /// Whether text may leave the desktop.
    CopyAllow,
    /// The most bytes of a text that leaves.
    CopyMaxBytes,
    /// The most texts that leave per minute in the long run, and at once after a rest.
    CopyPerMinute,
    /// The most bytes that leave per minute in the long run, and at once after a rest.
    CopyBytesPerMinute,
    /// The shortest time between two texts that leave.
    CopyInterval,
    /// Whether text may enter the desktop.
    PasteAllow,
    /// The most bytes of a text that enters.
    PasteMaxBytes,
    /// The most texts that enter per minute in the long run, and at once after a rest.
    PastePerMinute,
    /// The most bytes that enter per minute in the long run, and at once after a rest.
    PasteBytesPerMinute,
    /// The shortest time between two texts that enter.
    PasteInterval,
    /// The types of text that may enter.
    PasteMimeTypes,
    /// Files, either way.
    ChannelsFiles,
    /// Printing.
    ChannelsPrint,
    /// Sound out of the desktop.
    ChannelsAudioOut,
    /// Sound into the desktop.
    ChannelsAudioIn,
    /// USB devices.
    ChannelsUsb,
    /// Whether viewers are told the desktop's name.
    ChannelsDesktopName,
    /// Whether viewers can only look.
    InputReadOnly,
    /// Keys per second in the long run.
    InputKeysPerSecond,
    /// Keys at once.
    InputKeyBurst,
    /// Keys per minute in the long run.
    InputKeysPerMinute,
    /// Keys at once, of those per minute.
    InputKeyBurstPerMinute,
    /// What becomes of keys beyond that.
    InputExcess,
    /// Whether the desktop may follow the browser's size.
    ResizeAllow,
    /// Its greatest width.
    ResizeMaxWidth,
    /// Its greatest height.
    ResizeMaxHeight,
    /// Who may join.
    JoinsAllow,
    /// The names of those who may.
    JoinsNames,
    /// How many viewers a session has.
    JoinsMaxViewers,
    /// How long a session lasts.
    SessionMaxLength,
    /// How long nobody may do anything.
    SessionIdleEnd,
    /// Whether sessions are recorded.
    RecordingMode,
    /// Where recordings may lie.
    RecordingPaths,
    /// How they may be called.
    RecordingNames,
    /// Where evidence of recordings is kept.
    RecordingEvidence,
    /// Whom recordings are sealed to.
    RecordingSealTo,
    /// The object store that closed segments are copied to.
    RecordingStore,
    /// Whether a session goes on that cannot be recorded.
    RecordingBreakGlass,
    /// The least free space for a recording to begin.
    RecordingFreeBytes,
    /// How much may wait to be recorded before a session freezes.
    RecordingBacklogBytes,
    /// How long something may wait to be recorded before a session freezes.
    RecordingFreezeAfter,
    /// How long a session is frozen before it ends.
    RecordingEndAfter,
    /// How long what is recorded may take to be on the disk.
    RecordingDiskWithin,
    /// How long a closed segment may take to be in the object store.
    RecordingStoreWithin,
    /// How much may wait for the object store.
    RecordingStoreBacklogBytes,
    /// Parameters with a given value.
    ParametersForce,
    /// The only parameters that may be given.
    ParametersAllow,
    /// Parameters that may not be given.
    ParametersRefuse,
    /// What becomes of a session whose connection gives one of those.
    ParametersRefused,
}

impl Key {
    /// Every setting, in a document's order.
    pub const ALL: [Self; 54] = [
        Self::Version,
        Self::TargetsAllow,
        Self::TargetsDoors,
        Self::TargetsClosedDoors,
        Self::TargetsMinimumSecurity,
        Self::CopyAllow,
        Self::CopyMaxBytes,
        Self::CopyPerMinute,
        Self::CopyBytesPerMinute,
        Self::CopyInterval,
        Self::PasteAllow,
        Self::PasteMaxBytes,
        Self::PastePerMinute,
        Self::PasteBytesPerMinute,
        Self::PasteInterval,
        Self::PasteMimeTypes,
        Self::ChannelsFiles,
        Self::ChannelsPrint,
        Self::ChannelsAudioOut,
        Self::ChannelsAudioIn,
        Self::ChannelsUsb,
        Self::ChannelsDesktopName,
        Self::InputReadOnly,
        Self::InputKeysPerSecond,
        Self::InputKeyBurst,
        Self::InputKeysPerMinute,
        Self::InputKeyBurstPerMinute,
        Self::InputExcess,
        Self::ResizeAllow,
        Self::ResizeMaxWidth,
        Self::ResizeMaxHeight,
        Self::JoinsAllow,
        Self::JoinsNames,
        Self::JoinsMaxViewers,
        Self::SessionMaxLength,
        Self::SessionIdleEnd,
        Self::RecordingMode,
        Self::RecordingPaths,
        Self::RecordingNames,
        Self::RecordingEvidence,
        Self::RecordingSealTo,
        Self::RecordingStore,
        Self::RecordingBreakGlass,
        Self::RecordingFreeBytes,
        Self::RecordingBacklogBytes,
        Self::RecordingFreezeAfter,
        Self::RecordingEndAfter,
        Self::RecordingDiskWithin,
        Self::RecordingStoreWithin,
        Self::RecordingStoreBacklogBytes,
        Self::ParametersForce,
        Self::ParametersAllow,
        Self::ParametersRefuse,
        Self::ParametersRefused,
    ];

    /// The setting's whole name in a document: its table's and its own.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::TargetsAllow => "targets.allow",
            Self::TargetsDoors => "targets.doors",
            Self::TargetsClosedDoors => "targets.closed-doors",
            Self::TargetsMinimumSecurity => "targets.minimum-security",
            Self::CopyAllow => "clipboard.copy.allow",
            Self::CopyMaxBytes => "clipboard.copy.max-bytes",
            Self::CopyPerMinute => "clipboard.copy.per-minute",
            Self::CopyBytesPerMinute => "clipboard.copy.bytes-per-minute",
            Self::CopyInterval => "clipboard.copy.interval",
            Self::PasteAllow => "clipboard.paste.allow",
            Self::PasteMaxBytes => "clipboard.paste.max-bytes",
            Self::PastePerMinute => "clipboard.paste.per-minute",
            Self::PasteBytesPerMinute => "clipboard.paste.bytes-per-minute",
            Self::PasteInterval => "clipboard.paste.interval",
            Self::PasteMimeTypes => "clipboard.paste.mime-types",
            Self::ChannelsFiles => "channels.files",
            Self::ChannelsPrint => "channels.print",
            Self::ChannelsAudioOut => "channels.audio-out",
            Self::ChannelsAudioIn => "channels.audio-in",
            Self::ChannelsUsb => "channels.usb",
            Self::ChannelsDesktopName => "channels.desktop-name",
            Self::InputReadOnly => "input.read-only",
            Self::InputKeysPerSecond => "input.keys-per-second",
            Self::InputKeyBurst => "input.key-burst",
            Self::InputKeysPerMinute => "input.keys-per-minute",
            Self::InputKeyBurstPerMinute => "input.key-burst-per-minute",
            Self::InputExcess => "input.excess",
            Self::ResizeAllow => "resize.allow",
            Self::ResizeMaxWidth => "resize.max-width",
            Self::ResizeMaxHeight => "resize.max-height",
            Self::JoinsAllow => "joins.allow",
            Self::JoinsNames => "joins.names",
            Self::JoinsMaxViewers => "joins.max-viewers",
            Self::SessionMaxLength => "session.max-length",
            Self::SessionIdleEnd => "session.idle-end",
            Self::RecordingMode => "recording.mode",
            Self::RecordingPaths => "recording.paths",
            Self::RecordingNames => "recording.names",
            Self::RecordingEvidence => "recording.evidence",
            Self::RecordingSealTo => "recording.seal-to",
            Self::RecordingStore => "recording.store",
            Self::RecordingBreakGlass => "recording.break-glass",
            Self::RecordingFreeBytes => "recording.free-bytes",
            Self::RecordingBacklogBytes => "recording.backlog-bytes",
            Self::RecordingFreezeAfter => "recording.freeze-after",
            Self::RecordingEndAfter => "recording.end-after",
            Self::RecordingDiskWithin => "recording.disk-within",
            Self::RecordingStoreWithin => "recording.store-within",
            Self::RecordingStoreBacklogBytes => "recording.store-backlog-bytes",
            Self::ParametersForce => "parameters.force",
            Self::ParametersAllow => "parameters.allow",
            Self::ParametersRefuse => "parameters.refuse",
            Self::ParametersRefused => "parameters.refused",
        }
    }
}
