//! Credentials as they are sent: in fields of a fixed size (Apple's type and MS-Logon II), or with
//! their length before them (RSA-AES).

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::CryptoError;

/// A text, the zero byte that ends it, and random bytes up to the end of the field: the rest of it
/// must not tell how long the text is.
pub(crate) fn padded<const N: usize>(
    text: &str,
    random: &mut impl CryptoRng,
) -> Result<Zeroizing<[u8; N]>, CryptoError> {
    let mut field = Zeroizing::new([0; N]);
    random.fill_bytes(&mut *field);
    let room = field.get_mut(..=text.len());
    let room = room
        .filter(|_| !is_cut_short(text))
        .ok_or(CryptoError::Credentials {
            limit: u8::try_from(N.saturating_sub(1)).unwrap_or(u8::MAX),
        })?;
    for (place, byte) in room.iter_mut().zip(text.bytes().chain([0])) {
        *place = byte;
    }
    Ok(field)
}

/// Appends a text, with its length in one byte before it.
pub(crate) fn push_counted(text: &str, message: &mut Vec<u8>) -> Result<(), CryptoError> {
    let length = u8::try_from(text.len()).ok();
    let length = length.filter(|_| !is_cut_short(text));
    message.push(length.ok_or(CryptoError::Credentials { limit: u8::MAX })?);
    message.extend_from_slice(text.as_bytes());
    Ok(())
}

/// Whether servers take a text to be shorter than it is: somebody else may have that one.
fn is_cut_short(text: &str) -> bool {
    text.bytes().any(|byte| byte == 0)
}

#[cfg(test)]
mod tests {
    use chacha20::ChaCha20Rng;
    use rand_core::{Rng, SeedableRng};

    use super::*;

    #[test]
    fn a_text_ends_with_a_zero_and_the_rest_is_random() {
        let random = || ChaCha20Rng::from_seed([1; 32]);
        let mut noise = [0; 16];
        random().fill_bytes(&mut noise);
        let field = padded::<16>("für", &mut random()).unwrap();
        assert_eq!(field[..5], *b"f\xc3\xbcr\0");
        assert_eq!(field[5..], noise[5..]);
    }

    #[test]
    fn what_does_not_fit_whole_is_refused() {
        let mut random = ChaCha20Rng::from_seed([1; 32]);
        let error = Err(CryptoError::Credentials { limit: 7 });
        assert!(padded::<8>("1234567", &mut random).is_ok());
        assert_eq!(padded::<8>("12345678", &mut random), error);
        assert_eq!(padded::<8>("a\0b", &mut random), error);
        let error = padded::<256>(&"x".repeat(256), &mut random);
        assert_eq!(error, Err(CryptoError::Credentials { limit: 255 }));
    }

    #[test]
    fn a_length_of_one_byte_is_enough_or_there_is_none() {
        let mut message = Vec::new();
        assert_eq!(push_counted("für", &mut message), Ok(()));
        assert_eq!(push_counted("", &mut message), Ok(()));
        assert_eq!(message, b"\x04f\xc3\xbcr\0");
        assert_eq!(push_counted(&"x".repeat(255), &mut message), Ok(()));
        let error = Err(CryptoError::Credentials { limit: 255 });
        assert_eq!(push_counted(&"x".repeat(256), &mut message), error);
        assert_eq!(push_counted("a\0", &mut message), error);
    }
}
