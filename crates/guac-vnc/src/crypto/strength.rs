//! The two strengths of RSA-AES, which differ in their hash and in the lengths of what comes
//! from it.

use sha1::{Digest, Sha1};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::sealed::SessionKey;

/// How strong the types of the RSA-AES family are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strength {
    /// AES with 128 bits and SHA-1: types 5 and 6.
    Bits128,
    /// AES with 256 bits and SHA-256: types 129 and 130.
    Bits256,
}

impl Strength {
    /// How many random bytes each side contributes to the keys.
    pub(crate) const fn random_bytes(self) -> usize {
        match self {
            Self::Bits128 => 16,
            Self::Bits256 => 32,
        }
    }

    /// The hash of two public keys, the one of the side that sends it first.
    pub(crate) fn confirmation(self, sender: &[u8], receiver: &[u8]) -> Vec<u8> {
        match self {
            Self::Bits128 => hash::<Sha1>(sender, receiver).to_vec(),
            Self::Bits256 => hash::<Sha256>(sender, receiver).to_vec(),
        }
    }

    /// The key for what one side sends: the other side's random bytes come first.
    pub(crate) fn session_key(self, receiver: &[u8], sender: &[u8]) -> SessionKey {
        match self {
            Self::Bits128 => {
                let hash = Zeroizing::new(<[u8; 20]>::from(hash::<Sha1>(receiver, sender)));
                let mut key = Zeroizing::new([0; 16]);
                for (place, byte) in key.iter_mut().zip(*hash) {
                    *place = byte;
                }
                SessionKey::Bits128(key)
            }
            Self::Bits256 => {
                SessionKey::Bits256(Zeroizing::new(hash::<Sha256>(receiver, sender).into()))
            }
        }
    }
}

fn hash<D: Digest>(first: &[u8], second: &[u8]) -> sha2::digest::Output<D> {
    D::new().chain_update(first).chain_update(second).finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180, the hash of `abc`.
    const SHA1: [u8; 20] = [
        0xa9, 0x99, 0x3e, 0x36, 0x47, 0x06, 0x81, 0x6a, 0xba, 0x3e, 0x25, 0x71, 0x78, 0x50, 0xc2,
        0x6c, 0x9c, 0xd0, 0xd8, 0x9d,
    ];

    /// FIPS 180, the hash of `abc`.
    const SHA256: [u8; 32] = [
        0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22,
        0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00,
        0x15, 0xad,
    ];

    #[test]
    fn hashes_are_those_of_the_standard_over_both_parts() {
        assert_eq!(Strength::Bits128.confirmation(b"a", b"bc"), SHA1);
        assert_eq!(Strength::Bits256.confirmation(b"ab", b"c"), SHA256);
    }

    #[test]
    fn keys_are_the_start_of_the_hash() {
        let SessionKey::Bits128(key) = Strength::Bits128.session_key(b"ab", b"c") else {
            panic!("128 bits");
        };
        assert_eq!(*key, SHA1[..16]);
        let SessionKey::Bits256(key) = Strength::Bits256.session_key(b"a", b"bc") else {
            panic!("256 bits");
        };
        assert_eq!(*key, SHA256);
    }
}
