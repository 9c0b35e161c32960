//! The security types that this client speaks.

use std::fmt;

use super::SecurityLevel;

/// A way in which a client convinces a server, and perhaps the server its client.
///
/// Strongest first, which is the order in which a client prefers them. A *pin* is a fingerprint
/// in [`Trust`](crate::Trust); a type's level is compared with
/// [`SecurityConfig::minimum`](crate::SecurityConfig::minimum).
///
/// | type | number | level | needs |
/// | --- | --- | --- | --- |
/// | [`X509Plain`](Self::X509Plain) | 19, sub-type 262 | verified | trust, user name, password |
/// | [`X509Vnc`](Self::X509Vnc) | 19, sub-type 261 | verified | trust, password |
/// | [`Ra2With256`](Self::Ra2With256), [`Ra2`](Self::Ra2) with a pin | 129, 5 | verified | pin, randomness, password, perhaps user name |
/// | [`X509None`](Self::X509None) | 19, sub-type 260 | verified | trust |
/// | [`Ra2With256`](Self::Ra2With256), [`Ra2`](Self::Ra2) without a pin | 129, 5 | encrypted | randomness, password, perhaps user name |
/// | [`Ra2neWith256`](Self::Ra2neWith256), [`Ra2ne`](Self::Ra2ne) | 130, 6 | password | randomness, password, perhaps user name |
/// | [`Ard`](Self::Ard) | 30 | password | randomness, user name, password |
/// | [`MsLogonII`](Self::MsLogonII) | 113 | password | randomness, user name, password |
/// | [`VncAuth`](Self::VncAuth) | 2 | password | password |
/// | [`Plain`](Self::Plain) | 19, sub-type 256 | password | user name, password (sent in clear) |
/// | [`None`](Self::None) | 1 | none | nothing |
///
/// A type whose credentials are known comes before `None`, and `None` before a type for which the
/// user would have to be asked.
///
/// Anonymous TLS (type 18, and sub-types 257 to 259 of VeNCrypt) is not spoken: it keeps out
/// nobody who can answer in the server's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SecurityType {
    /// No authentication.
    None,
    /// The classic challenge, answered with a password of up to eight bytes.
    VncAuth,
    /// RSA and AES with 128 bits: everything is encrypted.
    Ra2,
    /// RSA and AES with 128 bits, for the authentication only.
    Ra2ne,
    /// RSA and AES with 256 bits: everything is encrypted.
    Ra2With256,
    /// RSA and AES with 256 bits, for the authentication only.
    Ra2neWith256,
    /// Apple's Remote Desktop: a user name and a password, encrypted with a Diffie-Hellman key.
    Ard,
    /// UltraVNC's: a user name and a password, encrypted with a small Diffie-Hellman key.
    MsLogonII,
    /// A user name and a password in clear, by VeNCrypt.
    Plain,
    /// TLS with a certificate, and nothing about the user, by VeNCrypt.
    X509None,
    /// TLS with a certificate, and the classic challenge within, by VeNCrypt.
    X509Vnc,
    /// TLS with a certificate, and a user name and a password within, by VeNCrypt.
    X509Plain,
}

impl SecurityType {
    /// The type's number in a server's list, which is 19 for all of VeNCrypt.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::None => 1,
            Self::VncAuth => 2,
            Self::Ra2 => 5,
            Self::Ra2ne => 6,
            Self::Plain | Self::X509None | Self::X509Vnc | Self::X509Plain => 19,
            Self::Ard => 30,
            Self::MsLogonII => 113,
            Self::Ra2With256 => 129,
            Self::Ra2neWith256 => 130,
        }
    }

    /// The number among VeNCrypt's sub-types, if the type is one of them.
    #[must_use]
    pub const fn sub_type(self) -> Option<u32> {
        match self {
            Self::Plain => Some(256),
            Self::X509None => Some(260),
            Self::X509Vnc => Some(261),
            Self::X509Plain => Some(262),
            Self::None
            | Self::VncAuth
            | Self::Ra2
            | Self::Ra2ne
            | Self::Ra2With256
            | Self::Ra2neWith256
            | Self::Ard
            | Self::MsLogonII => None,
        }
    }

    /// Whether the server learns who its user is.
    #[must_use]
    pub const fn authenticates_user(self) -> bool {
        !matches!(self, Self::None | Self::X509None)
    }

    /// Whether everything that is sent once the session runs is encrypted.
    #[must_use]
    pub const fn is_encrypted(self) -> bool {
        match self {
            Self::X509None | Self::X509Vnc | Self::X509Plain | Self::Ra2 | Self::Ra2With256 => true,
            Self::None
            | Self::VncAuth
            | Self::Ra2ne
            | Self::Ra2neWith256
            | Self::Ard
            | Self::MsLogonII
            | Self::Plain => false,
        }
    }

    /// Whether the client makes a key or raises large numbers to powers, which takes some tenths
    /// of a second.
    pub(crate) const fn makes_keys(self) -> bool {
        match self {
            Self::Ra2 | Self::Ra2ne | Self::Ra2With256 | Self::Ra2neWith256 | Self::Ard => true,
            Self::None
            | Self::VncAuth
            | Self::MsLogonII
            | Self::Plain
            | Self::X509None
            | Self::X509Vnc
            | Self::X509Plain => false,
        }
    }

    /// What the type is worth. The keys of RA2's servers are verified only if one is `pinned`.
    pub(crate) const fn level(self, pinned: bool) -> SecurityLevel {
        match self {
            Self::None => SecurityLevel::None,
            Self::VncAuth
            | Self::Ra2ne
            | Self::Ra2neWith256
            | Self::Ard
            | Self::MsLogonII
            | Self::Plain => SecurityLevel::Password,
            Self::Ra2 | Self::Ra2With256 if !pinned => SecurityLevel::Encrypted,
            Self::Ra2 | Self::Ra2With256 | Self::X509None | Self::X509Vnc | Self::X509Plain => {
                SecurityLevel::Verified
            }
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::VncAuth => "VncAuth",
            Self::Ra2 => "RA2",
            Self::Ra2ne => "RA2ne",
            Self::Ra2With256 => "RA2_256",
            Self::Ra2neWith256 => "RA2ne_256",
            Self::Ard => "ARD",
            Self::MsLogonII => "MSLogonII",
            Self::Plain => "Plain",
            Self::X509None => "X509None",
            Self::X509Vnc => "X509Vnc",
            Self::X509Plain => "X509Plain",
        }
    }
}

/// As stock guacd's log has it, for example `None (1)`.
impl fmt::Display for SecurityType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, number) = (self.name(), self.number());
        match self.sub_type() {
            None => write!(f, "{name} ({number})"),
            Some(sub_type) => write!(
                f,
                "VeNCrypt ({number}), sub-security: VeNCrypt/{name} ({sub_type})"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_named_as_in_the_log_of_stock_guacd() {
        assert_eq!(SecurityType::None.to_string(), "None (1)");
        assert_eq!(
            SecurityType::X509Vnc.to_string(),
            "VeNCrypt (19), sub-security: VeNCrypt/X509Vnc (261)"
        );
    }
}
