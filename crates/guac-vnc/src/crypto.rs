//! The cryptography of the security types that bring their own: RSA-AES ("RA2"), Apple's and
//! MS-Logon II.
//!
//! These are pieces, each without I/O and with its randomness as an argument; the order in which a
//! handshake uses them stands in [`handshake`](crate::handshake). The primitives come from
//! crates, and everything that a server sends is checked here before they see it.

mod channel;
mod cipher;
mod diffie_hellman;
mod error;
mod fields;
mod rsa_key;
mod sealed;
mod strength;

pub use error::CryptoError;

pub(crate) use channel::SealedChannel;
pub(crate) use cipher::{aes_ecb, des_cbc};
pub(crate) use diffie_hellman::{Agreement, Group};
pub(crate) use fields::{padded, push_counted};
pub(crate) use rsa_key::{OwnKey, ServerKey};
pub(crate) use sealed::{Opener, Sealer};
pub(crate) use strength::Strength;

#[cfg(test)]
mod testing {
    /// Project Wycheproof, `rsa_pkcs1_2048_test.json`: the key of its first tests.
    pub(super) const PRIMES: [&str; 2] = [
        "ec125cf3 7e310a2f f46263b9 b2e0629d 6390005e c88913d4 fb71bd4d d8561244 98aaeba9
            83d7ba2b d942e64d 223feb7a 23af4d60 5efeea6b d70d39af e99d35a3 aa15e74a 17687780
            93be0edd 4a8d09b2 def6dc9b 67ff8576 4625c2e1 9236db4c 401ce30a 2572d3ec b4f969b7
            ad19c522 c02d7744 65676e1a 3776c54d 6248348b",
        "c2742abc d9897bd4 b0b671f9 73fc82a8 f84abf57 05ff88dd 41948623 afe9dca6 0dc65433
            90767fea ebeb5395 76ee8bfa 61b5fcbc a94a7cef 75a09150 c540fa96 94dd8004 ad23718c
            88904921 9369c99f 4458d4af c148f6f0 7df87324 a96d9cf7 b385dd86 22414a18 32f9f294
            46f050c2 d5a64076 49dc41ab 70e23b3d cc22c987",
    ];

    /// Bytes of published hexadecimal digits, whatever stands between them.
    pub(super) fn hex(digits: &str) -> Vec<u8> {
        let digits: Vec<u8> = digits.bytes().filter(u8::is_ascii_hexdigit).collect();
        let byte = |pair: &[u8; 2]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16);
        let (pairs, _) = digits.as_chunks::<2>();
        pairs.iter().map(|pair| byte(pair).unwrap()).collect()
    }
}
