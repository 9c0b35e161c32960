//! Apple's type: a user name and a password, encrypted with AES under a key that both sides agree
//! on (community specification, "Diffie-Hellman Authentication").
//!
//! What follows is not encrypted, and nothing tells who the server is.

use md5::{Digest, Md5};
use rand_core::CryptoRng;
use zeroize::{Zeroize, Zeroizing};

use super::method::{Context, Method, Progress};
use crate::{
    Error, SecurityType,
    crypto::{Agreement, CryptoError, Group, aes_ecb, padded},
    input::Input,
    limits::{MAX_EXCHANGE_BYTES, MIN_EXCHANGE_BYTES},
};

/// The room for a user name or a password, and the zero byte that ends it.
const FIELD_BYTES: usize = 64;

/// Waits for the server's part of the exchange, and answers it with the credentials.
#[derive(Debug, Default)]
pub(super) struct Ard {
    group: Option<Group>,
}

impl Method for Ard {
    fn security(&self) -> SecurityType {
        SecurityType::Ard
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
        context.outbox.send(&credentials);
        context.outbox.send(&agreement.value);
        Ok(Progress::Done)
    }
}

/// Takes the server's part of the exchange.
fn read(input: &mut Input<'_>) -> Result<Option<Group>, CryptoError> {
    let mut ahead = *input;
    let (Some(generator), Some(bytes)) = (ahead.array::<2>(), ahead.u16()) else {
        return Ok(None);
    };
    if !(MIN_EXCHANGE_BYTES..=MAX_EXCHANGE_BYTES).contains(&bytes) {
        return Err(CryptoError::ModulusLength { bytes });
    }
    let (Some(modulus), Some(value)) = (ahead.take(bytes.into()), ahead.take(bytes.into())) else {
        return Ok(None);
    };
    // Announced bytes that are zero would make a long modulus of a short one.
    if modulus.first() == Some(&0) {
        return Err(CryptoError::Modulus);
    }
    *input = ahead;
    Group::new(&generator, modulus, value).map(Some)
}

fn encrypt(
    agreement: &Agreement,
    username: &str,
    password: &str,
    random: &mut impl CryptoRng,
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let mut credentials = Zeroizing::new(Vec::with_capacity(2 * FIELD_BYTES));
    for text in [username, password] {
        credentials.extend_from_slice(&*padded::<FIELD_BYTES>(text, random)?);
    }
    let mut key = <[u8; 16]>::from(Md5::digest(&*agreement.secret));
    aes_ecb(&key, &mut credentials);
    key.zeroize();
    Ok(credentials)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The server's part with numbers of so many bytes.
    fn sent(generator: u16, modulus: &[u8], value: &[u8]) -> Vec<u8> {
        let bytes = u16::try_from(modulus.len()).unwrap();
        let head = [generator.to_be_bytes(), bytes.to_be_bytes()].concat();
        [&head, modulus, value].concat()
    }

    fn outcome(bytes: &[u8]) -> Result<bool, CryptoError> {
        read(&mut Input::new(bytes)).map(|group| group.is_some())
    }

    #[test]
    fn the_servers_part_is_taken_whole_or_not_at_all() {
        let bytes = sent(2, &[0xff; 128], &[5; 128]);
        for end in [0, 1, 3, 4, 131, 132, 259] {
            let mut input = Input::new(&bytes[..end]);
            assert!(read(&mut input).unwrap().is_none());
            assert_eq!(input.len(), end);
        }
        assert_eq!(outcome(&bytes), Ok(true));
        assert_eq!(outcome(&sent(5, &[0xff; 512], &[5; 512])), Ok(true));
    }

    #[test]
    fn lengths_are_refused_before_the_numbers_have_come() {
        for bytes in [0, 64, 127, 513, u16::MAX] {
            let head = [&[0, 2][..], &bytes.to_be_bytes()].concat();
            assert_eq!(outcome(&head), Err(CryptoError::ModulusLength { bytes }));
        }
    }

    #[test]
    fn numbers_that_give_the_key_away_are_refused() {
        let number = |last: u8| [&[0; 127][..], &[last]].concat();
        let even = [&[0xff; 127][..], &[0xfe]].concat();
        let (odd, value) = ([0xff; 128], [5; 128]);
        let rows = [
            (sent(2, &number(23), &number(5)), CryptoError::Modulus),
            (sent(2, &even, &value), CryptoError::Modulus),
            (sent(0, &odd, &value), CryptoError::Generator),
            (sent(1, &odd, &value), CryptoError::Generator),
            (sent(2, &odd, &number(0)), CryptoError::PublicValue),
            (sent(2, &odd, &number(1)), CryptoError::PublicValue),
            (sent(2, &odd, &even), CryptoError::PublicValue),
            (sent(2, &odd, &odd), CryptoError::PublicValue),
        ];
        for (bytes, error) in rows {
            assert_eq!(outcome(&bytes), Err(error));
        }
    }
}
