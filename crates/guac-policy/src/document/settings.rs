//! Every setting of a policy document in one table: what the parser takes is what the manual says.

use std::time::Duration;

use super::items;
use super::kind::Kind;
use crate::doors::VncSecurity;
use crate::limits::{CLIPBOARD_MAX_BYTES, RESIZE_MAX, VIEWERS_MAX};
use crate::policy::{ClosedDoor, Excess, JoinMode, Key, RecordingMode, RefusedParameter};

/// More than anybody types in a minute, and few enough to be counted with.
const KEYS_MAX: u64 = 1_000_000;

/// More texts than this within a minute are as good as no limit.
const TEXTS_MAX: u64 = 1_000_000;

/// What can be counted of a minute's bytes.
const BYTES_MAX: u64 = 4_294_967_295;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// No session lasts longer than a year.
const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

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

const SECURITY: Kind = Kind::Word(&[
    VncSecurity::None.name(),
    VncSecurity::Password.name(),
    VncSecurity::Encrypted.name(),
    VncSecurity::Verified.name(),
]);
const CLOSED_DOORS: Kind = Kind::Word(&[
    ClosedDoor::AsNeeded.name(),
    ClosedDoor::Refuse.name(),
    ClosedDoor::Ignore.name(),
]);
const EXCESS: Kind = Kind::Word(&[
    Excess::Delay.name(),
    Excess::Refuse.name(),
    Excess::End.name(),
]);
const JOINS: Kind = Kind::Word(&[
    JoinMode::Anyone.name(),
    JoinMode::ReadOnly.name(),
    JoinMode::Nobody.name(),
]);
const RECORDING: Kind = Kind::Word(&[
    RecordingMode::Required.name(),
    RecordingMode::Optional.name(),
    RecordingMode::Forbidden.name(),
]);
const REFUSED: Kind = Kind::Word(&[RefusedParameter::Drop.name(), RefusedParameter::End.name()]);
const DENY_OR_ALLOW: Kind = Kind::Word(&["deny", "allow"]);

const TARGETS: Kind = Kind::List {
    of: "targets: host:port, network:port or unix:/path",
    check: items::target,
};
const DOORS: Kind = Kind::List {
    of: "\"reverse-connect\", \"repeater\" and \"wake-on-lan\"",
    check: items::door,
};
const MIME_TYPES: Kind = Kind::List {
    of: "text types, such as \"text/plain\"",
    check: items::mime_type,
};
const USER_NAMES: Kind = Kind::List {
    of: "user names",
    check: items::user_name,
};
const PATHS: Kind = Kind::List {
    of: "directories: absolute paths, or \"*\" for anywhere",
    check: items::directory,
};
const PATTERNS: Kind = Kind::List {
    of: "names, in which * stands for any characters",
    check: items::file_name,
};
const PARAMETERS: Kind = Kind::List {
    of: "names of connection parameters",
    check: items::parameter,
};
const REFUSABLE: Kind = Kind::List {
    of: "names of connection parameters",
    check: items::refusable,
};
const FORCED: Kind = Kind::Values {
    check: items::forced,
};
const TEXT_BYTES: Kind = Kind::Number {
    most: CLIPBOARD_MAX_BYTES as u64,
};
const TEXTS: Kind = Kind::Number { most: TEXTS_MAX };
const BYTES: Kind = Kind::Number { most: BYTES_MAX };
const KEYS: Kind = Kind::Number { most: KEYS_MAX };
const SIDE: Kind = Kind::Number {
    most: RESIZE_MAX as u64,
};
const VIEWERS: Kind = Kind::Number {
    most: VIEWERS_MAX as u64,
};
const INTERVAL: Kind = Kind::Time { most: DAY };
const LENGTH: Kind = Kind::Time { most: YEAR };

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
