//! The classic VNC authentication (RFC 6143, "VNC Authentication"): two DES blocks encrypted
//! with the password. It is weak, and all that many servers have.

use des::{
    Des,
    cipher::{Array, BlockCipherEncrypt, KeyInit},
};
use zeroize::Zeroizing;

use super::method::{Context, Method, Progress};
use crate::{Error, SecurityType, input::Input};

const CHALLENGE_BYTES: usize = 16;

/// Waits for a challenge, and answers it with the password.
#[derive(Debug, Default)]
pub(super) struct VncAuth {
    challenge: Option<[u8; CHALLENGE_BYTES]>,
}

impl Method for VncAuth {
    fn security(&self) -> SecurityType {
        SecurityType::VncAuth
    }

    fn step(
        &mut self,
        input: &mut Input<'_>,
        context: &mut Context<'_>,
    ) -> Result<Progress, Error> {
        let Some(challenge) = self.challenge.or_else(|| input.array()) else {
            return Ok(Progress::Wait);
        };
        self.challenge = Some(challenge);
        Ok(match context.password() {
            Ok(password) => {
                context.outbox.send(&respond(&challenge, password));
                Progress::Done
            }
            Err(question) => question,
        })
    }
}

/// The challenge as this password encrypts it. Only its first eight bytes count.
fn respond(challenge: &[u8; CHALLENGE_BYTES], password: &str) -> [u8; CHALLENGE_BYTES] {
    let mut key = Zeroizing::new([0_u8; 8]);
    for (key, byte) in key.iter_mut().zip(password.bytes()) {
        // Every implementation takes the bits of a password's byte in the other order.
        *key = byte.reverse_bits();
    }
    let cipher = Des::new(&Array(*key));
    let mut response = *challenge;
    let (blocks, _) = response.as_chunks_mut::<8>();
    for block in blocks {
        let mut work = Array(*block);
        cipher.encrypt_block(&mut work);
        *block = work.0;
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    /// DES of the all-zero block under the all-zero key is the standard's first test vector.
    #[test]
    fn an_empty_password_is_a_key_of_zeros() {
        let block = [0x8c, 0xa6, 0x4d, 0xe9, 0xc1, 0xb1, 0x23, 0xa7];
        assert_eq!(respond(&[0; 16], ""), [block, block].concat()[..]);
    }

    /// The published vector for the key 0123456789ABCDEF and "Now is t", with the key's bits in
    /// VNC's order. Bytes above 0x7f cannot be a one-byte part of a password, so those with a
    /// parity bit there have it cleared, which DES ignores.
    #[test]
    fn the_bits_of_each_password_byte_are_reversed() {
        let key = [0x01_u8, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef];
        let password: String = key
            .iter()
            .map(|byte| char::from((byte & 0xfe).reverse_bits()))
            .collect();
        let challenge = *b"Now is tNow is t";
        let block = [0x3f, 0xa4, 0x0e, 0x8a, 0x98, 0x4d, 0x48, 0x15];
        assert_eq!(respond(&challenge, &password), [block, block].concat()[..]);
    }

    #[test]
    fn bytes_after_the_eighth_do_not_count() {
        let challenge = [7; 16];
        assert_eq!(
            respond(&challenge, "password"),
            respond(&challenge, "password123")
        );
        assert_ne!(
            respond(&challenge, "passwor"),
            respond(&challenge, "password")
        );
    }
}
