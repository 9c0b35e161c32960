//! Protocol versions and what each of them brought.

use std::fmt;

use nom::Parser as _;
use nom::bytes::complete::tag;
use nom::character::complete::{char, u32 as number};
use nom::combinator::all_consuming;

/// A version as it is written in `args` and `connect`, such as `VERSION_1_5_0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VersionToken {
    /// First number.
    pub major: u32,
    /// Second number.
    pub minor: u32,
    /// Third number.
    pub patch: u32,
}

impl VersionToken {
    /// The first version that is announced at all.
    pub const V1_1_0: Self = Self {
        major: 1,
        minor: 1,
        patch: 0,
    };

    /// The newest that stock clients know; release 1.6 has it too.
    pub const LATEST: Self = Self {
        major: 1,
        minor: 5,
        patch: 0,
    };

    /// Reads a token. `None` when `text` is anything else, such as a parameter's name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let token = (
            tag::<_, _, ()>("VERSION_"),
            number,
            char('_'),
            number,
            char('_'),
            number,
        );
        let (_, (_, major, _, minor, _, patch)) = all_consuming(token).parse(text).ok()?;
        Some(Self {
            major,
            minor,
            patch,
        })
    }
}

impl fmt::Display for VersionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VERSION_{}_{}_{}", self.major, self.minor, self.patch)
    }
}

/// The versions that brought something, in order.
///
/// What a client may be sent depends on the version it answered with, not on the one announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProtocolVersion {
    /// The client answered with a token that is none of these. It may be sent nothing that any
    /// version brought.
    Unknown,
    /// No version in `args`, handshake in fixed order.
    V1_0_0,
    /// The version in `args`, handshake in any order, `timezone`.
    V1_1_0,
    /// `required`.
    V1_3_0,
    /// `msg`, and `name` in the handshake.
    V1_5_0,
}

impl ProtocolVersion {
    /// What a server announces and the most a client answers with.
    pub const LATEST: Self = Self::V1_5_0;

    /// From the first value of `connect`, where an empty one means a client of version 1.0.0 that
    /// did not know the parameter.
    #[must_use]
    pub fn from_answer(version: &str) -> Self {
        match version {
            "" | "VERSION_1_0_0" => Self::V1_0_0,
            "VERSION_1_1_0" => Self::V1_1_0,
            "VERSION_1_3_0" => Self::V1_3_0,
            "VERSION_1_5_0" => Self::V1_5_0,
            _ => Self::Unknown,
        }
    }

    /// The token on the wire, empty for [`ProtocolVersion::Unknown`].
    #[must_use]
    pub const fn token(self) -> &'static str {
        match self {
            Self::Unknown => "",
            Self::V1_0_0 => "VERSION_1_0_0",
            Self::V1_1_0 => "VERSION_1_1_0",
            Self::V1_3_0 => "VERSION_1_3_0",
            Self::V1_5_0 => "VERSION_1_5_0",
        }
    }

    /// Whether the client sends `timezone`, and its handshake in any order.
    #[must_use]
    pub fn supports_timezone(self) -> bool {
        Self::V1_1_0 <= self
    }

    /// Whether the client may be sent `required`.
    #[must_use]
    pub fn supports_required(self) -> bool {
        Self::V1_3_0 <= self
    }

    /// Whether the client may be sent `msg`.
    #[must_use]
    pub fn supports_msg(self) -> bool {
        Self::V1_5_0 <= self
    }

    /// Whether the client sends `name`.
    #[must_use]
    pub fn supports_name(self) -> bool {
        Self::V1_5_0 <= self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_three_numbers() {
        let token = VersionToken {
            major: 1,
            minor: 5,
            patch: 0,
        };
        assert_eq!(VersionToken::parse("VERSION_1_5_0"), Some(token));
        assert_eq!(token.to_string(), "VERSION_1_5_0");
        assert!(token < VersionToken::parse("VERSION_1_10_0").unwrap());
        for other in [
            "",
            "hostname",
            "VERSION_1_5",
            "VERSION_1_5_0_1",
            "VERSION_1_5_0 ",
            "version_1_5_0",
            "VERSION_1_5_",
            "VERSION_-1_5_0",
            "VERSION_99999999999_0_0",
        ] {
            assert_eq!(VersionToken::parse(other), None, "{other:?}");
        }
    }

    #[test]
    fn answers_decide_what_may_be_sent() {
        //                            answer, timezone, required, msg and name
        for (answer, timezone, required, msg) in [
            ("", false, false, false),
            ("VERSION_1_0_0", false, false, false),
            ("VERSION_1_1_0", true, false, false),
            ("VERSION_1_3_0", true, true, false),
            ("VERSION_1_5_0", true, true, true),
            ("VERSION_1_2_0", false, false, false),
            ("VERSION_9_9_9", false, false, false),
            ("nonsense", false, false, false),
        ] {
            let version = ProtocolVersion::from_answer(answer);
            assert_eq!(version.supports_timezone(), timezone, "{answer}");
            assert_eq!(version.supports_required(), required, "{answer}");
            assert_eq!(version.supports_msg(), msg, "{answer}");
            assert_eq!(version.supports_name(), msg, "{answer}");
        }
        assert!(ProtocolVersion::Unknown < ProtocolVersion::V1_0_0);
    }

    #[test]
    fn tokens_name_their_version() {
        for version in [
            ProtocolVersion::V1_0_0,
            ProtocolVersion::V1_1_0,
            ProtocolVersion::V1_3_0,
            ProtocolVersion::V1_5_0,
        ] {
            assert_eq!(ProtocolVersion::from_answer(version.token()), version);
        }
    }
}
