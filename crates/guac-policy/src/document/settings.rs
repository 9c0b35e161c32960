//! Every setting of a policy document in one table: what the parser takes is what the manual says.

use super::kind::Kind;
use super::values::*;
use crate::policy::Key;

/// What there is to know about a setting.
#[derive(Debug, Clone, Copy)]
pub struct KeyInfo {
    /// What it says, as one sentence.
    pub meaning: &'static str,
    /// What holds in a document that leaves it out.
    pub default: &'static str,
    /// A value that it can have, as it is written.
    pub example: &'static str,
    pub(super) kind: Kind,
}

impl KeyInfo {
    const fn new(
        kind: Kind,
        example: &'static str,
        default: &'static str,
        meaning: &'static str,
    ) -> Self {
        Self {
            meaning,
            default,
            example,
            kind,
        }
    }

    /// What values it takes.
    #[must_use]
    pub fn values(&self) -> String {
        self.kind.describe()
    }
}

impl Key {
    /// What there is to know about this setting.
    #[must_use]
    pub const fn info(self) -> KeyInfo {
        info(self)
    }
}

const NO_LIMIT: &str = "no limit";
const DENY: &str = "\"deny\"";

/// A setting without a row here does not compile.
const fn info(key: Key) -> KeyInfo {
    const fn row(
        kind: Kind,
        example: &'static str,
        default: &'static str,
        meaning: &'static str,
    ) -> KeyInfo {
        KeyInfo::new(kind, example, default, meaning)
    }
    match key {
        Key::Version => row(
            Kind::Version,
            "1",
            "none: it has to be there",
            "The version of this format.",
        ),
        Key::TargetsAllow => row(
            TARGETS,
            r#"["127.0.0.1:5900-5999", "unix:/run/desktop/vnc.sock"]"#,
            "none: it has to be there",
            "The only desktops that sessions may reach, whatever a connection's hostname says. A name's addresses decide, not the name.",
        ),
        Key::TargetsDoors => row(
            DOORS,
            r#"["wake-on-lan"]"#,
            "none is open",
            "Other ways to a desktop: waiting for one that connects to the daemon, an UltraVNC repeater, waking a machine.",
        ),
        Key::TargetsClosedDoors => row(
            CLOSED_DOORS,
            r#""refuse""#,
            "\"as-needed\"",
            "What becomes of a session that asks for a way which is closed: refused where it would reach another desktop than it asked for, refused always, or as if it had not asked.",
        ),
        Key::TargetsMinimumSecurity => row(
            SECURITY,
            r#""verified""#,
            "\"none\"",
            "How well the connection to a VNC server has to be secured; each level asks for all before it.",
        ),
        Key::CopyAllow => row(
            Kind::Switch,
            "true",
            "false",
            "Whether text may leave the desktop by the clipboard.",
        ),
        Key::CopyMaxBytes => row(
            TEXT_BYTES,
            "4096",
            "262144",
            "The most bytes of UTF-8 in one text that leaves; a longer one is refused whole.",
        ),
        Key::CopyPerMinute => row(
            TEXTS,
            "6",
            NO_LIMIT,
            "The most texts that leave per minute in the long run, and at once after a rest.",
        ),
        Key::CopyBytesPerMinute => row(
            BYTES,
            "8192",
            NO_LIMIT,
            "The most bytes of UTF-8 that leave per minute in the long run, and at once after a rest.",
        ),
        Key::CopyInterval => row(
            INTERVAL,
            r#""10s""#,
            NO_LIMIT,
            "The shortest time between two texts that leave.",
        ),
        Key::PasteAllow => row(
            Kind::Switch,
            "true",
            "false",
            "Whether text may enter the desktop by the clipboard.",
        ),
        Key::PasteMaxBytes => row(
            TEXT_BYTES,
            "65536",
            "262144",
            "The most bytes of UTF-8 in one text that enters; a longer one is refused whole.",
        ),
        Key::PastePerMinute => row(
            TEXTS,
            "12",
            NO_LIMIT,
            "The most texts that enter per minute in the long run, and at once after a rest.",
        ),
        Key::PasteBytesPerMinute => row(
            BYTES,
            "131072",
            NO_LIMIT,
            "The most bytes of UTF-8 that enter per minute in the long run, and at once after a rest.",
        ),
        Key::PasteInterval => row(
            INTERVAL,
            r#""5s""#,
            NO_LIMIT,
            "The shortest time between two texts that enter: one paste, then a pause.",
        ),
        Key::PasteMimeTypes => row(
            MIME_TYPES,
            r#"["text/plain"]"#,
            "every text type",
            "The types by which a client may call a text that enters; the desktop gets plain text in any case.",
        ),
        Key::ChannelsFiles => row(
            Kind::Closed,
            DENY,
            DENY,
            "Files and file systems, either way.",
        ),
        Key::ChannelsPrint => row(Kind::Closed, DENY, DENY, "Printing."),
        Key::ChannelsAudioOut => row(Kind::Closed, DENY, DENY, "Sound out of the desktop."),
        Key::ChannelsAudioIn => row(Kind::Closed, DENY, DENY, "Sound into the desktop."),
        Key::ChannelsUsb => row(Kind::Closed, DENY, DENY, "USB devices."),
        Key::ChannelsDesktopName => row(
            DENY_OR_ALLOW,
            r#""allow""#,
            "\"deny\"",
            "Whether viewers are told the desktop's name, which is text that somebody inside the desktop chooses: 64 characters of ASCII at most.",
        ),
        Key::InputReadOnly => row(
            Kind::Switch,
            "true",
            "false",
            "Whether viewers can only look: no keys, pointer, size or clipboard.",
        ),
        Key::InputKeysPerSecond => row(
            KEYS,
            "30",
            NO_LIMIT,
            "The most keys that a viewer presses per second in the long run.",
        ),
        Key::InputKeyBurst => row(
            KEYS,
            "300",
            "as keys-per-second",
            "The most keys at once after a rest.",
        ),
        Key::InputKeysPerMinute => row(
            KEYS,
            "600",
            NO_LIMIT,
            "The most keys that a viewer presses per minute in the long run.",
        ),
        Key::InputKeyBurstPerMinute => row(
            KEYS,
            "900",
            "as keys-per-minute",
            "The most keys at once after a long rest.",
        ),
        Key::InputExcess => row(
            EXCESS,
            r#""delay""#,
            "\"refuse\"",
            "What becomes of keys beyond that: they come later, they are dropped, or the viewer is ended.",
        ),
        Key::ResizeAllow => row(
            Kind::Switch,
            "false",
            "true",
            "Whether the desktop may follow the size of the owner's browser.",
        ),
        Key::ResizeMaxWidth => row(
            SIDE,
            "2560",
            "8192",
            "The greatest width that is asked for, in pixels.",
        ),
        Key::ResizeMaxHeight => row(
            SIDE,
            "1440",
            "8192",
            "The greatest height that is asked for, in pixels.",
        ),
        Key::JoinsAllow => row(
            JOINS,
            r#""read-only""#,
            "\"nobody\"",
            "Who may look at a session beside the one who started it: whoever knows its id, the same but only to look, or nobody.",
        ),
        Key::JoinsNames => row(
            USER_NAMES,
            r#"["supervisor"]"#,
            "every name",
            "The user names, as the web application gives them, of those who may join.",
        ),
        Key::JoinsMaxViewers => row(
            VIEWERS,
            "2",
            "64",
            "The most viewers of a session at a time, with the one who started it.",
        ),
        Key::SessionMaxLength => row(
            LENGTH,
            r#""12h""#,
            NO_LIMIT,
            "How long a session lasts at most.",
        ),
        Key::SessionIdleEnd => row(
            LENGTH,
            r#""30m""#,
            NO_LIMIT,
            "After how long a session ends in which nobody does anything.",
        ),
        Key::RecordingMode => row(
            RECORDING,
            r#""required""#,
            "\"optional\"",
            "Whether every session is recorded or none goes on, those whose connection asks for it are, or none is.",
        ),
        Key::RecordingPaths => row(
            PATHS,
            r#"["/recordings"]"#,
            "nowhere",
            "The directories in and below which recordings may lie. Below them no link is followed.",
        ),
        Key::RecordingNames => row(
            PATTERNS,
            r#"["session-*"]"#,
            "every name",
            "The names that recordings may have.",
        ),
        Key::RecordingEvidence => row(
            EVIDENCE,
            r#""/evidence""#,
            "where --evidence says, else none",
            "Where evidence of recordings is kept: in this directory, or \"beside\" each recording, in whose history directory the web application would offer it to users.",
        ),
        Key::RecordingSealTo => row(
            RECIPIENTS,
            r#"["age1qurswpc8qurswpc8qurswpc8qurswpc8qurswpc8qurswpc8qurs95jt69"]"#,
            "not sealed",
            "The public keys of auditors, at most 16: recordings are sealed to them, and the daemon cannot open them again.",
        ),
        Key::RecordingStore => row(
            STORE,
            r#""s3://recordings/desk""#,
            "none",
            "The object store that each closed segment is copied to. No credentials stand in it.",
        ),
        Key::RecordingBreakGlass => row(
            Kind::Switch,
            "true",
            "false",
            "Whether a session goes on unrecorded, with an event in the decision log, if its recording cannot be made or fails.",
        ),
        Key::RecordingFreeBytes => row(
            KEPT_BYTES,
            "1073741824",
            "16777216",
            "The free bytes where the recording lies, below which no recording begins. At four times as many, and below, it is warned.",
        ),
        Key::RecordingBacklogBytes => row(
            KEPT_BYTES,
            "4194304",
            "16777216",
            "The most bytes that may wait to be recorded; beyond that the session freezes.",
        ),
        Key::RecordingFreezeAfter => row(
            DELAY,
            r#""5s""#,
            "\"2s\"",
            "How long something may wait to be recorded before the session freezes.",
        ),
        Key::RecordingEndAfter => row(
            DELAY,
            r#""2m""#,
            "\"30s\"",
            "How long a session is frozen before it ends.",
        ),
        Key::RecordingDiskWithin => row(
            DELAY,
            r#""30s""#,
            "\"1m\"",
            "How long what is recorded may take to be on the disk before the session freezes: what is lost at most when the machine dies.",
        ),
        Key::RecordingStoreWithin => row(
            DELAY,
            r#""10m""#,
            "\"5m\"",
            "How long a closed segment may take to be in the object store before the session freezes.",
        ),
        Key::RecordingStoreBacklogBytes => row(
            KEPT_BYTES,
            "1073741824",
            "268435456",
            "The most bytes of closed segments that may wait for the object store; beyond that the session freezes.",
        ),
        Key::ParametersForce => row(
            FORCED,
            r#"{ hostname = "127.0.0.1", port = "5901" }"#,
            "none",
            "Parameters whose value stands here, whatever a connection says.",
        ),
        Key::ParametersAllow => row(
            PARAMETERS,
            r#"["hostname", "port", "password"]"#,
            "all",
            "The only parameters that connections may give, beside those that take something away.",
        ),
        Key::ParametersRefuse => row(
            REFUSABLE,
            r#"["enable-sftp", "dest-host"]"#,
            "none",
            "Parameters that connections may not give.",
        ),
        Key::ParametersRefused => row(
            REFUSED,
            r#""end""#,
            "\"drop\"",
            "What becomes of a session whose connection gives one of those: it goes on without it, or it is refused.",
        ),
    }
}
