//! The RSA keys of RSA-AES: the server's, which can be recognised, and this side's own, which is
//! made anew for each session.
//!
//! Each side encrypts a random number with the other's key (PKCS #1 v1.5). That padding has
//! given away private keys and messages to those who could have many messages decrypted and
//! measure how long that takes. Here nobody can: this side's key decrypts one single message, and
//! is gone. The crate decrypts in constant time, blinded, and answers wrong padding with random
//! bytes, which then open no message.
//!
//! To make a key of 2048 bits takes 30 to 250 milliseconds of one core, 100 in the mean. It
//! happens in the call that is given the last byte of the server's key. A server cannot make it
//! longer: its own key may have any length, this side's always has the same.

use rand_core::CryptoRng;
use rsa::{BoxedUint, Pkcs1v15Encrypt, PrivateKey, PublicKey, traits::PublicKeyParts};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    input::Input,
    limits::{MAX_RSA_BITS, MIN_RSA_BITS},
};

use super::CryptoError;

/// The length of this side's key.
const OWN_BITS: u16 = 2048;

/// A server's public key.
#[derive(Debug)]
pub(crate) struct ServerKey {
    key: PublicKey,
    encoded: Vec<u8>,
}

/// This side's key pair.
#[derive(Debug)]
pub(crate) struct OwnKey {
    key: PrivateKey,
    encoded: Vec<u8>,
}

impl ServerKey {
    /// Takes a key as it is sent: its length in bits, its modulus and its exponent, both padded to
    /// that length. What a client cannot use is refused.
    pub(crate) fn read(input: &mut Input<'_>) -> Result<Option<Self>, CryptoError> {
        let mut ahead = *input;
        let Some(bits) = ahead.u32() else {
            return Ok(None);
        };
        if !(MIN_RSA_BITS..=MAX_RSA_BITS).contains(&bits) {
            return Err(CryptoError::RsaKeyLength { bits });
        }
        let bytes = usize::try_from(bits.div_ceil(8)).unwrap_or(usize::MAX);
        let (Some(modulus), Some(exponent)) = (ahead.take(bytes), ahead.take(bytes)) else {
            return Ok(None);
        };
        let encoded = [&bits.to_be_bytes(), modulus, exponent].concat();
        let key = public_key(bits, modulus, exponent)?;
        *input = ahead;
        Ok(Some(Self { key, encoded }))
    }

    /// The key as it was sent, with its length.
    pub(crate) fn encoded(&self) -> &[u8] {
        &self.encoded
    }

    /// SHA-256 of the key as it was sent.
    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        Sha256::digest(&self.encoded).into()
    }

    /// Encrypts a random number so that only the server can read it, and puts the length before.
    pub(crate) fn encrypt(
        &self,
        number: &[u8],
        random: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, CryptoError> {
        let encrypted = self.key.encrypt(random, Pkcs1v15Encrypt, number);
        let encrypted = encrypted.map_err(|_| CryptoError::RsaKey)?;
        let length = u16::try_from(encrypted.len()).map_err(|_| CryptoError::RsaKey)?;
        Ok([&length.to_be_bytes(), &encrypted[..]].concat())
    }
}

fn public_key(bits: u32, modulus: &[u8], exponent: &[u8]) -> Result<PublicKey, CryptoError> {
    // Padding and lengths go by the modulus itself, so that it has to fill the bytes announced.
    let longest = usize::try_from(bits).unwrap_or(usize::MAX);
    let shortest = longest.saturating_sub(1) / 8 * 8 + 1;
    let numbers = [modulus, exponent].map(BoxedUint::from_be_slice_vartime);
    let [modulus, exponent] = numbers;
    PublicKey::new_with_size_limits(modulus, exponent, shortest..=longest)
        .map_err(|_| CryptoError::RsaKey)
}

impl OwnKey {
    pub(crate) fn generate(random: &mut impl CryptoRng) -> Result<Self, CryptoError> {
        let key = PrivateKey::new(random, OWN_BITS.into());
        Self::new(key.map_err(|_| CryptoError::KeyGeneration)?)
    }

    fn new(key: PrivateKey) -> Result<Self, CryptoError> {
        let bytes = key.size();
        let mut encoded = u32::from(OWN_BITS).to_be_bytes().to_vec();
        for number in [key.n_bytes(), key.e_bytes()] {
            let padding = bytes.checked_sub(number.len());
            let padding = padding.ok_or(CryptoError::KeyGeneration)?;
            encoded.extend(std::iter::repeat_n(0, padding));
            encoded.extend_from_slice(&number);
        }
        Ok(Self { key, encoded })
    }

    /// A key that everybody knows.
    #[cfg(test)]
    pub(crate) fn published() -> Self {
        let primes = super::testing::PRIMES.map(super::testing::hex);
        let [p, q] = primes.map(|prime| BoxedUint::from_be_slice_vartime(&prime));
        Self::new(PrivateKey::from_p_q(p, q, 65537_u32.into()).unwrap()).unwrap()
    }

    /// The public half as it is sent.
    pub(crate) fn encoded(&self) -> &[u8] {
        &self.encoded
    }

    /// Takes the random number that the server encrypted with this key, which has to have so many
    /// bytes.
    pub(crate) fn read_number(
        &self,
        bytes: usize,
        input: &mut Input<'_>,
        random: &mut impl CryptoRng,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, CryptoError> {
        let mut ahead = *input;
        let Some(length) = ahead.u16() else {
            return Ok(None);
        };
        if usize::from(length) != self.key.size() {
            return Err(CryptoError::RandomLength { bytes: length });
        }
        let Some(encrypted) = ahead.take(length.into()) else {
            return Ok(None);
        };
        *input = ahead;
        let number = self.key.decrypt_blinded(random, Pkcs1v15Encrypt, encrypted);
        let number = Zeroizing::new(number.map_err(|_| CryptoError::Random)?);
        if number.len() == bytes {
            Ok(Some(number))
        } else {
            Err(CryptoError::Random)
        }
    }
}

#[cfg(test)]
mod tests {
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng;
    use rsa::traits::PrivateKeyParts;

    use super::*;
    use crate::crypto::testing::hex;

    /// Project Wycheproof, `rsa_pkcs1_2048_test.json`, test 7, which is the encryption of the bytes 0xe0 to 0xff.
    const ENCRYPTED: &str =
        "18e280e8 b03d8588 b923842d 15fddb04 93285ecd 7ad2d9a9 878045ce 615ba07c b811fd4a
        0737e91e ce5a63b7 0b1edc23 e0da939e c654333e b77e9561 08b040bd 6b92927e 25a6922d
        1b923020 36985915 fedf9fb3 8431bbce 1feee3ec 42ff15bc 4a4b6d10 b3da41ec 96667b81
        163b30b4 6eef4f46 fb22f187 da8fd536 461e5594 bf557a6d fc233788 3bee8d61 87192a3b
        4bea7039 8b01f3ea 8c1547f6 c5724824 3365b3c4 6b117924 d8bb6845 ea382c38 9c648d3e
        65ff0b87 11bbe1a6 fd3bea02 8f580872 5f198cda 0407a0ff 46b5af26 1a371845 47250f49
        6800e697 290e39d4 6d6bce67 b767d73a 63bd98f6 99c18281 80abfd51 a3048d05 0d496236
        edf1e99d";

    fn random() -> ChaCha20Rng {
        ChaCha20Rng::from_seed([5; 32])
    }

    fn own_key() -> OwnKey {
        OwnKey::published()
    }

    /// A server's key as it is sent.
    fn sent(bits: u32, modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
        let size = usize::try_from(bits.div_ceil(8)).unwrap();
        let pad = |number: &[u8]| [vec![0; size - number.len()], number.to_vec()].concat();
        [bits.to_be_bytes().to_vec(), pad(modulus), pad(exponent)].concat()
    }

    fn read(bytes: &[u8]) -> Result<Option<ServerKey>, CryptoError> {
        ServerKey::read(&mut Input::new(bytes))
    }

    fn number_of(message: &[u8], bytes: usize) -> Result<Option<Vec<u8>>, CryptoError> {
        let number = own_key().read_number(bytes, &mut Input::new(message), &mut random());
        number.map(|number| number.map(|number| number.to_vec()))
    }

    #[test]
    fn a_published_message_is_decrypted() {
        let encrypted = hex(ENCRYPTED);
        let message = [&[1, 0][..], &encrypted].concat();
        let expected: Vec<u8> = (0xe0..=0xff).collect();
        assert_eq!(number_of(&message, 32), Ok(Some(expected)));
        assert_eq!(number_of(&message[..257], 32), Ok(None));
        assert_eq!(number_of(&message, 16), Err(CryptoError::Random));
    }

    #[test]
    fn what_is_no_encrypted_number_is_refused() {
        let error = CryptoError::RandomLength { bytes: 255 };
        assert_eq!(number_of(&[0, 255], 16), Err(error));
        let modulus = own_key().key.n_bytes();
        let mut one = [0; 256];
        one[255] = 1;
        for wrong in [&[0; 256][..], &[0xff; 256], &one, &modulus] {
            let message = [&[1, 0][..], wrong].concat();
            assert_eq!(number_of(&message, 16), Err(CryptoError::Random));
        }
    }

    /// What is encrypted for a server is padded as RFC 8017 (section 7.2.1) has it.
    #[test]
    fn a_number_is_encrypted_with_random_padding() {
        let own = own_key();
        let server = read(own.encoded()).unwrap().unwrap();
        let number = [9; 16];
        let mut random = random();
        let messages = [(); 2].map(|()| server.encrypt(&number, &mut random).unwrap());
        assert_ne!(messages[0], messages[1]);
        for message in messages {
            assert_eq!(message[..2], [1, 0]);
            let encrypted = BoxedUint::from_be_slice_vartime(&message[2..]);
            // By hand: to the power of the private exponent, modulo the modulus.
            let params = own.key.n_params();
            let power = crypto_bigint::modular::BoxedMontyForm::new(encrypted, params);
            let padded = power.pow(own.key.d()).retrieve().to_be_bytes();
            assert_eq!(padded[..2], [0, 2]);
            assert!(padded[2..239].iter().all(|byte| *byte != 0));
            assert_eq!((padded[239], &padded[240..]), (0, &number[..]));
            assert_eq!(number_of(&message, 16), Ok(Some(number.to_vec())));
        }
    }

    #[test]
    fn keys_are_sent_with_their_length_in_bits() {
        let own = own_key();
        assert_eq!(own.encoded(), sent(2048, &own.key.n_bytes(), &[1, 0, 1]));
        assert_eq!(own.encoded().len(), 4 + 2 * 256);
        let server = read(own.encoded()).unwrap().unwrap();
        assert_eq!(server.encoded(), own.encoded());
        assert_eq!(
            server.fingerprint(),
            <[u8; 32]>::from(Sha256::digest(own.encoded()))
        );
    }

    #[test]
    fn a_key_is_taken_whole_or_not_at_all() {
        let bytes = own_key().encoded().to_vec();
        for end in [0, 3, 4, 5, 260, bytes.len() - 1] {
            let mut input = Input::new(&bytes[..end]);
            assert!(ServerKey::read(&mut input).unwrap().is_none());
            assert_eq!(input.len(), end);
        }
    }

    #[test]
    fn keys_of_any_accepted_length_can_be_used() {
        for (bits, top) in [
            (1024, 0x80),
            (1024, 0x01),
            (1030, 0x20),
            (1030, 0x01),
            (8192, 0xff),
        ] {
            let size = usize::try_from(u32::div_ceil(bits, 8)).unwrap();
            let mut modulus = vec![0xff; size];
            modulus[0] = top;
            let key = read(&sent(bits, &modulus, &[3])).unwrap().unwrap();
            let message = key.encrypt(&[1; 32], &mut random()).unwrap();
            assert_eq!(message.len(), 2 + size, "{bits}");
        }
    }

    #[test]
    fn lengths_are_refused_before_the_key_has_come() {
        for bits in [0, 1, 1023, 8193, u32::MAX] {
            let error = CryptoError::RsaKeyLength { bits };
            assert_eq!(read(&bits.to_be_bytes()).err(), Some(error));
        }
    }

    #[test]
    fn keys_that_are_none_are_refused() {
        let odd = |top: u8, last: u8| {
            let mut modulus = vec![0x55; 128];
            (modulus[0], modulus[127]) = (top, last);
            modulus
        };
        let zero = vec![0; 128];
        let rows: [(u32, Vec<u8>, &[u8]); 8] = [
            (1024, zero, &[1, 0, 1]),
            // Even.
            (1024, odd(0x80, 0), &[1, 0, 1]),
            // Shorter than announced, and longer.
            (1024, odd(0, 1), &[1, 0, 1]),
            (1017 + 8, odd(0xff, 1), &[1, 0, 1]),
            // Exponents that encrypt nothing, cannot be undone, or take long.
            (1024, odd(0x80, 1), &[]),
            (1024, odd(0x80, 1), &[1]),
            (1024, odd(0x80, 1), &[1, 0, 0]),
            (1024, odd(0x80, 1), &[0xff; 128]),
        ];
        for (bits, modulus, exponent) in rows {
            let result = read(&sent(bits, &modulus, exponent));
            assert_eq!(
                result.err(),
                Some(CryptoError::RsaKey),
                "{bits} {exponent:?}"
            );
        }
    }

    #[test]
    fn each_session_has_another_key() {
        let mut random = random();
        let [one, other] = [(); 2].map(|()| OwnKey::generate(&mut random).unwrap());
        assert_ne!(one.encoded(), other.encoded());
        assert_eq!(one.encoded().len(), 4 + 2 * 256);
    }
}
