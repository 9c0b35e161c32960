//! The kinds of values that the settings of the table have, with their bounds.

use std::time::Duration;

use super::items;
use super::kind::Kind;
use crate::doors::VncSecurity;
use crate::limits::{CLIPBOARD_MAX_BYTES, RESIZE_MAX, VIEWERS_MAX};
use crate::policy::{ClosedDoor, Excess, JoinMode, RecordingMode, RefusedParameter};

/// More than anybody types in a minute, and few enough to be counted with.
const KEYS_MAX: u64 = 1_000_000;

/// More texts than this within a minute are as good as no limit.
const TEXTS_MAX: u64 = 1_000_000;

/// What can be counted of a minute's bytes.
const BYTES_MAX: u64 = 4_294_967_295;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// No session lasts longer than a year.
const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

/// A tebibyte: more than this is no limit of what waits.
const KEPT_BYTES_MAX: u64 = 1 << 40;

pub(super) const SECURITY: Kind = Kind::Word(&[
    VncSecurity::None.name(),
    VncSecurity::Password.name(),
    VncSecurity::Encrypted.name(),
    VncSecurity::Verified.name(),
]);
pub(super) const CLOSED_DOORS: Kind = Kind::Word(&[
    ClosedDoor::AsNeeded.name(),
    ClosedDoor::Refuse.name(),
    ClosedDoor::Ignore.name(),
]);
pub(super) const EXCESS: Kind = Kind::Word(&[
    Excess::Delay.name(),
    Excess::Refuse.name(),
    Excess::End.name(),
]);
pub(super) const JOINS: Kind = Kind::Word(&[
    JoinMode::Anyone.name(),
    JoinMode::ReadOnly.name(),
    JoinMode::Nobody.name(),
]);
pub(super) const RECORDING: Kind = Kind::Word(&[
    RecordingMode::Required.name(),
    RecordingMode::Optional.name(),
    RecordingMode::Forbidden.name(),
]);
pub(super) const REFUSED: Kind =
    Kind::Word(&[RefusedParameter::Drop.name(), RefusedParameter::End.name()]);
pub(super) const DENY_OR_ALLOW: Kind = Kind::Word(&["deny", "allow"]);

pub(super) const TARGETS: Kind = Kind::List {
    of: "targets: host:port, network:port or unix:/path",
    check: items::target,
};
pub(super) const DOORS: Kind = Kind::List {
    of: "\"reverse-connect\", \"repeater\" and \"wake-on-lan\"",
    check: items::door,
};
pub(super) const MIME_TYPES: Kind = Kind::List {
    of: "text types, such as \"text/plain\"",
    check: items::mime_type,
};
pub(super) const USER_NAMES: Kind = Kind::List {
    of: "user names",
    check: items::user_name,
};
pub(super) const PATHS: Kind = Kind::List {
    of: "directories: absolute paths, or \"*\" for anywhere",
    check: items::directory,
};
pub(super) const PATTERNS: Kind = Kind::List {
    of: "names, in which * stands for any characters",
    check: items::file_name,
};
pub(super) const PARAMETERS: Kind = Kind::List {
    of: "names of connection parameters",
    check: items::parameter,
};
pub(super) const REFUSABLE: Kind = Kind::List {
    of: "names of connection parameters",
    check: items::refusable,
};
pub(super) const FORCED: Kind = Kind::Values {
    check: items::forced,
};
pub(super) const TEXT_BYTES: Kind = Kind::Number {
    most: CLIPBOARD_MAX_BYTES as u64,
};
pub(super) const TEXTS: Kind = Kind::Number { most: TEXTS_MAX };
pub(super) const BYTES: Kind = Kind::Number { most: BYTES_MAX };
pub(super) const KEYS: Kind = Kind::Number { most: KEYS_MAX };
pub(super) const SIDE: Kind = Kind::Number {
    most: RESIZE_MAX as u64,
};
pub(super) const VIEWERS: Kind = Kind::Number {
    most: VIEWERS_MAX as u64,
};
pub(super) const INTERVAL: Kind = Kind::Time { most: DAY };
pub(super) const LENGTH: Kind = Kind::Time { most: YEAR };

pub(super) const EVIDENCE: Kind = Kind::Text {
    of: "a directory: an absolute path, or \"beside\"",
    check: items::evidence,
};
pub(super) const RECIPIENTS: Kind = Kind::List {
    of: "public keys of age: \"age1...\"",
    check: items::recipient,
};
pub(super) const STORE: Kind = Kind::Text {
    of: "a URL: s3://bucket/prefix, az://container/prefix, gs://bucket/prefix or file:///directory",
    check: items::store,
};
pub(super) const KEPT_BYTES: Kind = Kind::Number {
    most: KEPT_BYTES_MAX,
};
pub(super) const DELAY: Kind = Kind::Time { most: DAY };
