//! The protocol version, including the odd ones that real servers announce.

use crate::{HandshakeError, Version};

const START: &[u8] = b"RFB ";

/// Rejects what cannot become a banner at its first wrong byte, so that a peer that speaks
/// something else is told apart from one that is slow.
pub(super) fn check_start(bytes: &[u8]) -> Result<(), HandshakeError> {
    if bytes
        .iter()
        .zip(START)
        .all(|(byte, expected)| byte == expected)
    {
        Ok(())
    } else {
        Err(HandshakeError::NoBanner)
    }
}

/// The version to speak with a server that announces itself so.
///
/// Above 3.8 are Apple's 003.889 and RealVNC's 004.xxx and 005.xxx, which speak 3.8. UltraVNC's
/// 3.4 and 3.6 (3.14 and 3.16 in single-click servers) and the 3.5 that some servers announce
/// are 3.3 with extensions.
pub(super) fn parse(banner: &[u8; 12]) -> Result<Version, HandshakeError> {
    let &[b'R', b'F', b'B', b' ', a, b, c, b'.', d, e, f, b'\n'] = banner else {
        return Err(HandshakeError::NoBanner);
    };
    let (major, minor) = (number([a, b, c])?, number([d, e, f])?);
    match (major, minor) {
        (3, 3..=6 | 14 | 16) => Ok(Version::Rfb33),
        (3, 7) => Ok(Version::Rfb37),
        (3, 8..) | (4.., _) => Ok(Version::Rfb38),
        _ => Err(HandshakeError::UnsupportedVersion { major, minor }),
    }
}

fn number(digits: [u8; 3]) -> Result<u16, HandshakeError> {
    digits.iter().try_fold(0, |value, digit| {
        let digit = char::from(*digit)
            .to_digit(10)
            .and_then(|digit| u16::try_from(digit).ok());
        digit
            .map(|digit| value * 10 + digit)
            .ok_or(HandshakeError::NoBanner)
    })
}

pub(super) const fn answer(version: Version) -> &'static [u8; 12] {
    match version {
        Version::Rfb33 => b"RFB 003.003\n",
        Version::Rfb37 => b"RFB 003.007\n",
        Version::Rfb38 => b"RFB 003.008\n",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_banner_that_libvncclient_accepts_has_its_version() {
        let rows: [(&[u8; 12], Version); 14] = [
            (b"RFB 003.003\n", Version::Rfb33),
            (b"RFB 003.004\n", Version::Rfb33),
            (b"RFB 003.005\n", Version::Rfb33),
            (b"RFB 003.006\n", Version::Rfb33),
            (b"RFB 003.014\n", Version::Rfb33),
            (b"RFB 003.016\n", Version::Rfb33),
            (b"RFB 003.007\n", Version::Rfb37),
            (b"RFB 003.008\n", Version::Rfb38),
            (b"RFB 003.009\n", Version::Rfb38),
            (b"RFB 003.889\n", Version::Rfb38),
            (b"RFB 004.000\n", Version::Rfb38),
            (b"RFB 004.001\n", Version::Rfb38),
            (b"RFB 005.000\n", Version::Rfb38),
            (b"RFB 999.999\n", Version::Rfb38),
        ];
        for (banner, version) in rows {
            assert_eq!(parse(banner), Ok(version), "{}", banner.escape_ascii());
        }
    }

    #[test]
    fn what_is_no_banner_is_refused() {
        for banner in [
            b"SSH-2.0-Open",
            b"RFB 003.008\r",
            b"RFB 003,008\n",
            b"RFB 0x3.008\n",
        ] {
            assert_eq!(parse(banner), Err(HandshakeError::NoBanner));
        }
        let old = HandshakeError::UnsupportedVersion { major: 0, minor: 0 };
        assert_eq!(parse(b"RFB 000.000\n"), Err(old));
        let old = HandshakeError::UnsupportedVersion { major: 3, minor: 2 };
        assert_eq!(parse(b"RFB 003.002\n"), Err(old));
    }

    #[test]
    fn a_foreign_protocol_is_recognised_by_its_first_wrong_byte() {
        assert_eq!(check_start(b"RF"), Ok(()));
        assert_eq!(check_start(b"H"), Err(HandshakeError::NoBanner));
        assert_eq!(check_start(b"RFC 2324"), Err(HandshakeError::NoBanner));
    }
}
