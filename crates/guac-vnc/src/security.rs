//! What a client demands of its server, and what it may rely on.

#[allow(dead_code, reason = "the types that need randomness come next")]
mod entropy;
mod types;

pub use entropy::Entropy;
pub use types::SecurityType;

use rustls::pki_types::{CertificateDer, ServerName, UnixTime};

/// How a server is to be convinced, and what has to be true of it.
///
/// Of the types that a server offers, the strongest one wins for which everything is there:
/// credentials, trust, randomness. It does not matter which one the server names first. See
/// [`SecurityType`] for the order.
#[derive(Debug, Clone, Default)]
pub struct SecurityConfig {
    /// The least that is accepted. What is weaker is not chosen, even if the server offers
    /// nothing else.
    pub minimum: SecurityLevel,
    /// By what a server is known. Without it no type is chosen that verifies the server.
    pub trust: Option<Trust>,
    /// If there are any, the server's certificate or RA2 key has to have one of these fingerprints
    /// as well, by whatever else it is known. They narrow [`trust`](Self::trust) and do not stand
    /// for it: by them alone no server is verified.
    pub pins: Vec<[u8; 32]>,
    /// Where randomness comes from. Without it the types that need some are not chosen: RA2,
    /// Apple's and MS-Logon II.
    pub entropy: Option<Entropy>,
    /// Leaves VeNCrypt out, as if the server did not offer it. A client has to choose VeNCrypt
    /// before it is told the sub-types: after an error for which
    /// [`Error::may_work_without_vencrypt`](crate::Error::may_work_without_vencrypt) holds, a
    /// new connection with this set gets to the server's other types.
    pub avoid_vencrypt: bool,
}

/// How much a security type is worth, from nothing up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum SecurityLevel {
    /// Anything, an open door too.
    #[default]
    None,
    /// The server authenticates its user. Who listens may see everything.
    Password,
    /// What is sent is encrypted, though perhaps to a server that only pretends.
    Encrypted,
    /// What is sent is encrypted, and the server is the one that was meant.
    Verified,
}

impl SecurityLevel {
    /// The level of this name: `none`, `password`, `encrypted` or `verified`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::None, Self::Password, Self::Encrypted, Self::Verified]
            .into_iter()
            .find(|level| level.name() == name)
    }

    /// The level's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Password => "password",
            Self::Encrypted => "encrypted",
            Self::Verified => "verified",
        }
    }
}

/// By what a server is known: an authority's signature and its name, or its key itself.
#[derive(Debug, Clone)]
pub struct Trust {
    /// Certificates that may have signed the server's. They count together with
    /// [`server_name`](Self::server_name) only. A self-signed certificate of the server's own may
    /// be one of them.
    pub authorities: Vec<CertificateDer<'static>>,
    /// SHA-256 of the server's certificate in DER, or of its public key for RA2. A server with one
    /// of these needs neither an authority nor a name, and its certificate may have expired.
    ///
    /// The bytes of an RA2 key are those that the server sends: its length in bits (four bytes),
    /// its modulus and its exponent, each as long as the key, all big-endian. A viewer that shows
    /// a key's SHA-1 (TigerVNC shows eight bytes of it) hashes the same bytes.
    pub fingerprints: Vec<[u8; 32]>,
    /// The name or address that the certificate has to be for.
    pub server_name: Option<ServerName<'static>>,
    /// The time at which a certificate has to be valid.
    pub now: UnixTime,
}

impl Trust {
    /// Trust in nobody yet, at this time.
    #[must_use]
    pub const fn new(now: UnixTime) -> Self {
        Self {
            authorities: Vec::new(),
            fingerprints: Vec::new(),
            server_name: None,
            now,
        }
    }

    /// Reads a fingerprint: 64 hexadecimal digits, with or without colons between the bytes and
    /// `SHA256:` before them.
    #[must_use]
    pub fn parse_fingerprint(text: &str) -> Option<[u8; 32]> {
        let text = text.trim();
        let digits = match text.split_at_checked(7) {
            Some((prefix, digits)) if prefix.eq_ignore_ascii_case("SHA256:") => digits,
            _ => text,
        };
        let step = if digits.contains(':') { 3 } else { 2 };
        let mut bytes = [0; 32];
        let mut groups = digits.as_bytes().chunks(step);
        for byte in &mut bytes {
            let (high, low) = match groups.next()? {
                [high, low] | [high, low, b':'] => (*high, *low),
                _ => return None,
            };
            let value = |digit| char::from(digit).to_digit(16);
            *byte = u8::try_from(value(high)? << 4 | value(low)?).ok()?;
        }
        // Neither more bytes nor a colon behind the last one.
        (groups.next().is_none() && !digits.ends_with(':')).then_some(bytes)
    }

    /// Whether a certificate can be verified at all.
    pub(crate) fn covers_certificates(&self) -> bool {
        !self.fingerprints.is_empty()
            || (!self.authorities.is_empty() && self.server_name.is_some())
    }
}

impl SecurityConfig {
    /// Whether a server with a certificate can be verified.
    pub(crate) fn trusts_certificates(&self) -> bool {
        self.trust.as_ref().is_some_and(Trust::covers_certificates)
    }

    /// Whether a server with this fingerprint is not excluded.
    pub(crate) fn admits(&self, fingerprint: &[u8; 32]) -> bool {
        self.pins.is_empty() || self.pins.contains(fingerprint)
    }

    /// Whether a server with a bare key can be verified.
    pub(crate) fn trusts_keys(&self) -> bool {
        let trust = self.trust.as_ref();
        trust.is_some_and(|trust| !trust.fingerprints.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_read_as_openssl_writes_them() {
        let colons = (0..32).map(|n| format!("{n:02X}")).collect::<Vec<_>>();
        let (colons, plain) = (colons.join(":"), colons.concat().to_lowercase());
        let bytes = std::array::from_fn(|n| u8::try_from(n).unwrap());
        for text in [
            colons.clone(),
            plain.clone(),
            format!(" SHA256:{colons}\n"),
            format!("sha256:{plain}"),
        ] {
            assert_eq!(Trust::parse_fingerprint(&text), Some(bytes), "{text}");
        }
        for text in [
            format!("{plain}00"),
            format!("{colons}:"),
            format!("{colons}:00"),
            format!("SHA1:{colons}"),
            colons.replacen(':', "", 1),
            plain.replacen('0', "g", 1),
            plain.replacen('0', "+", 1),
            plain.replacen("00", "\u{e9}", 1),
            String::new(),
        ] {
            assert_eq!(Trust::parse_fingerprint(&text), None, "{text}");
        }
    }

    #[test]
    fn levels_are_ordered_and_have_names() {
        let names = ["none", "password", "encrypted", "verified"];
        let levels = names.map(|name| SecurityLevel::from_name(name).unwrap());
        assert!(levels.is_sorted_by(|a, b| a < b));
        assert_eq!(levels.map(SecurityLevel::name), names);
        assert_eq!(SecurityLevel::from_name("Verified"), None);
    }
}
