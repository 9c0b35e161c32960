//! MS-Logon II, UltraVNC's: a user name and a password, encrypted with DES under a key that both
//! sides agree on (community specification, "MSLogonII Authentication").
//!
//! The exchange has 64 bits, of which UltraVNC uses 31: whoever listens can find the key in
//! seconds, and has the password then. It is for servers that have nothing better, on a wire that
//! is safe by other means.

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::method::{Context, Method, Progress};
use crate::{
    Error, SecurityType,
    crypto::{Agreement, CryptoError, Group, des_cbc, padded},
    input::Input,
};

/// The size of every number of the exchange.
const NUMBER_BYTES: usize = 8;
/// The room for a user name, and the zero byte that ends it.
const USERNAME_BYTES: usize = 256;
/// The room for a password, and the zero byte that ends it.
const PASSWORD_BYTES: usize = 64;

/// Waits for the server's part of the exchange, and answers it with the credentials.
#[derive(Debug, Default)]
pub(super) struct MsLogonII {
    group: Option<Group>,
}

impl Method for MsLogonII {
    fn security(&self) -> SecurityType {
        SecurityType::MsLogonII
    }

    fn step(
        &mut self,
        input: &mut Input<'_>,
        context: &mut Context<'_>,
    ) -> Result<Progress, Error> {
        if self.group.is_none() {
            self.group = read(input)?;
        }
        let Some(group) = &self.group else {
            return Ok(Progress::Wait);
        };
        let (username, password) = match context.login() {
            Ok(login) => login,
            Err(question) => return Ok(question),
        };
        let mut random = context.random()?;
        let agreement = group.agree(&mut random);
        let credentials = encrypt(&agreement, username, password, &mut random)?;
        context.outbox.send(&agreement.value);
        context.outbox.send(&credentials);
        Ok(Progress::Done)
    }
}

/// Takes the server's part of the exchange.
fn read(input: &mut Input<'_>) -> Result<Option<Group>, CryptoError> {
    let numbers = input.whole(|input| {
        let generator: [u8; NUMBER_BYTES] = input.array()?;
        let modulus: [u8; NUMBER_BYTES] = input.array()?;
        let value: [u8; NUMBER_BYTES] = input.array()?;
        Some((generator, modulus, value))
    });
    let group = numbers.map(|(generator, modulus, value)| Group::new(&generator, &modulus, &value));
    group.transpose()
}

fn encrypt(
    agreement: &Agreement,
    username: &str,
    password: &str,
    random: &mut impl CryptoRng,
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let mut start = Zeroizing::new([0; NUMBER_BYTES]);
    for (place, byte) in start.iter_mut().zip(&*agreement.secret) {
        *place = *byte;
    }
    // As in VncAuth, the cipher takes the bits of a key's byte in the other order.
    let key = Zeroizing::new(start.map(u8::reverse_bits));
    let mut username = padded::<USERNAME_BYTES>(username, random)?;
    let mut password = padded::<PASSWORD_BYTES>(password, random)?;
    des_cbc(&key, &start, &mut *username);
    des_cbc(&key, &start, &mut *password);
    Ok(Zeroizing::new([&username[..], &password[..]].concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(numbers: [u64; 3]) -> Result<bool, CryptoError> {
        let bytes = numbers.map(u64::to_be_bytes).concat();
        read(&mut Input::new(&bytes)).map(|group| group.is_some())
    }

    #[test]
    fn the_servers_part_is_taken_whole_or_not_at_all() {
        let bytes = [5, 23, 8].map(u64::to_be_bytes).concat();
        for end in 0..bytes.len() {
            let mut input = Input::new(&bytes[..end]);
            assert!(read(&mut input).unwrap().is_none());
            assert_eq!(input.len(), end);
        }
    }

    #[test]
    fn numbers_that_give_the_key_away_are_refused() {
        let rows = [
            // As UltraVNC has it, and as long as it may be.
            ([5, 0x7fff_ffff, 0x1234_5678], Ok(true)),
            ([5, u64::MAX, u64::MAX - 2], Ok(true)),
            ([5, 0, 8], Err(CryptoError::Modulus)),
            ([5, 1, 8], Err(CryptoError::Modulus)),
            ([2, 3, 2], Err(CryptoError::Modulus)),
            ([5, 24, 8], Err(CryptoError::Modulus)),
            ([0, 23, 8], Err(CryptoError::Generator)),
            ([1, 23, 8], Err(CryptoError::Generator)),
            ([22, 23, 8], Err(CryptoError::Generator)),
            ([u64::MAX, 23, 8], Err(CryptoError::Generator)),
            ([5, 23, 0], Err(CryptoError::PublicValue)),
            ([5, 23, 1], Err(CryptoError::PublicValue)),
            ([5, 23, 22], Err(CryptoError::PublicValue)),
            ([5, 23, 23], Err(CryptoError::PublicValue)),
        ];
        for (numbers, expected) in rows {
            assert_eq!(outcome(numbers), expected, "{numbers:?}");
        }
    }
}
