//! The encrypted messages of RSA-AES: AES in EAX mode, each message with its number as the nonce
//! and its length as what is authenticated with it.
//!
//! A message is its length in two bytes, the encrypted bytes, and sixteen bytes that prove both
//! (community specification, "RSA-AES Security Type"). Messages are a stream: they have nothing
//! to do with the messages of RFB within them.

use std::fmt;

use aes::{Aes128, Aes256};
use eax::{
    Eax,
    aead::{AeadInOut, KeyInit, array::Array},
};
use zeroize::Zeroizing;

use crate::{input::Input, limits::MAX_SEALED_BYTES};

use super::CryptoError;

/// The bytes that prove a message.
const PROOF_BYTES: usize = 16;

/// A key for one direction of one session.
pub(crate) enum SessionKey {
    Bits128(Zeroizing<[u8; 16]>),
    Bits256(Zeroizing<[u8; 32]>),
}

/// Encrypts what this side sends.
#[derive(Debug)]
pub(crate) struct Sealer {
    key: SessionKey,
    number: Number,
}

/// Decrypts what the server sends.
#[derive(Debug)]
pub(crate) struct Opener {
    key: SessionKey,
    number: Number,
    /// The start of a message that has not arrived wholly.
    partial: Vec<u8>,
}

/// How many messages went before. It is never used twice with one key.
#[derive(Debug, Default)]
struct Number(u128);

impl Sealer {
    pub(crate) const fn new(key: SessionKey) -> Self {
        Self {
            key,
            number: Number(0),
        }
    }

    /// Appends bytes to `out`, as one message or as many as it takes.
    pub(crate) fn seal(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), CryptoError> {
        for piece in bytes.chunks(MAX_SEALED_BYTES) {
            let number = self.number.take()?;
            let length = u16::try_from(piece.len()).unwrap_or(u16::MAX).to_be_bytes();
            out.extend_from_slice(&length);
            let start = out.len();
            out.extend_from_slice(piece);
            let sealed = out.get_mut(start..).unwrap_or_default();
            let proof = self.key.encrypt(&number, &length, sealed)?;
            out.extend_from_slice(&proof);
        }
        Ok(())
    }
}

impl Opener {
    pub(crate) const fn new(key: SessionKey) -> Self {
        Self {
            key,
            number: Number(0),
            partial: Vec::new(),
        }
    }

    /// Takes the next message, and appends what was in it to `out`; or takes the start of it, and
    /// gives `false`. Nothing is decrypted before it is proven.
    pub(crate) fn open(
        &mut self,
        wire: &mut Input<'_>,
        out: &mut Vec<u8>,
    ) -> Result<bool, CryptoError> {
        if self.partial.is_empty()
            && let Some(message) = Message::take(wire)
        {
            // It is opened where it lies.
            return self.decrypt(message, out).map(|()| true);
        }
        let mut partial = std::mem::take(&mut self.partial);
        // First up to the length, then up to the end.
        for _ in 0..2 {
            let missing = bytes_of_message(&partial).saturating_sub(partial.len());
            partial.extend_from_slice(wire.up_to(missing));
        }
        let message = Message::take(&mut Input::new(&partial));
        let is_whole = message.is_some();
        if let Some(message) = message {
            self.decrypt(message, out)?;
            partial.clear();
        }
        self.partial = partial;
        Ok(is_whole)
    }

    /// Bytes of memory that the start of a message takes.
    pub(crate) const fn held_bytes(&self) -> usize {
        self.partial.capacity()
    }

    fn decrypt(&mut self, message: Message<'_>, out: &mut Vec<u8>) -> Result<(), CryptoError> {
        let number = self.number.take()?;
        let start = out.len();
        out.extend_from_slice(message.sealed);
        let opened = out.get_mut(start..).unwrap_or_default();
        let result = self
            .key
            .decrypt(&number, &message.length, opened, &message.proof);
        if result.is_err() {
            out.truncate(start);
        }
        result
    }
}

/// One whole message as it is sent.
struct Message<'a> {
    length: [u8; 2],
    sealed: &'a [u8],
    proof: [u8; PROOF_BYTES],
}

impl<'a> Message<'a> {
    fn take(input: &mut Input<'a>) -> Option<Self> {
        input.whole(|input| {
            let length = input.array()?;
            Some(Self {
                length,
                sealed: input.take(u16::from_be_bytes(length).into())?,
                proof: input.array()?,
            })
        })
    }
}

/// How long a message is that starts so, as far as can be told.
fn bytes_of_message(start: &[u8]) -> usize {
    match start {
        [high, low, ..] => 2 + usize::from(u16::from_be_bytes([*high, *low])) + PROOF_BYTES,
        _ => 2,
    }
}

impl SessionKey {
    fn encrypt(
        &self,
        number: &[u8; 16],
        length: &[u8; 2],
        bytes: &mut [u8],
    ) -> Result<[u8; PROOF_BYTES], CryptoError> {
        let (number, bytes) = (&Array(*number), bytes.into());
        let proof = match self {
            Self::Bits128(key) => {
                Eax::<Aes128>::new(&Array(**key)).encrypt_inout_detached(number, length, bytes)
            }
            Self::Bits256(key) => {
                Eax::<Aes256>::new(&Array(**key)).encrypt_inout_detached(number, length, bytes)
            }
        };
        // The cipher refuses only more bytes than a key is good for.
        proof
            .map(|proof| proof.0)
            .map_err(|_| CryptoError::KeyExhausted)
    }

    /// Leaves the bytes as they are if the proof is wrong.
    fn decrypt(
        &self,
        number: &[u8; 16],
        length: &[u8; 2],
        bytes: &mut [u8],
        proof: &[u8; PROOF_BYTES],
    ) -> Result<(), CryptoError> {
        let (number, bytes, proof) = (&Array(*number), bytes.into(), &Array(*proof));
        let result = match self {
            Self::Bits128(key) => Eax::<Aes128>::new(&Array(**key))
                .decrypt_inout_detached(number, length, bytes, proof),
            Self::Bits256(key) => Eax::<Aes256>::new(&Array(**key))
                .decrypt_inout_detached(number, length, bytes, proof),
        };
        result.map_err(|_| CryptoError::Forged)
    }
}

/// Keys are never printed.
impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bits128(_) => "SessionKey(128 bits)",
            Self::Bits256(_) => "SessionKey(256 bits)",
        })
    }
}

impl Number {
    /// The number as a nonce, and on to the next one. The last one is never given: after it comes
    /// none.
    fn take(&mut self) -> Result<[u8; 16], CryptoError> {
        let number = self.0;
        self.0 = number.checked_add(1).ok_or(CryptoError::KeyExhausted)?;
        Ok(number.to_le_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key128(key: u128) -> SessionKey {
        SessionKey::Bits128(Zeroizing::new(key.to_be_bytes()))
    }

    fn key256(high: u128, low: u128) -> SessionKey {
        let bytes = [high.to_be_bytes(), low.to_be_bytes()].concat();
        SessionKey::Bits256(Zeroizing::new(bytes.try_into().unwrap()))
    }

    /// The cipher itself: EAX as its authors published it.
    fn published(key: &SessionKey, nonce: u128, header: &[u8], plain: &[u8]) -> (Vec<u8>, u128) {
        let nonce = Array(nonce.to_be_bytes());
        let mut bytes = plain.to_vec();
        let proof =
            match key {
                SessionKey::Bits128(key) => Eax::<Aes128>::new(&Array(**key))
                    .encrypt_inout_detached(&nonce, header, bytes.as_mut_slice().into()),
                SessionKey::Bits256(key) => Eax::<Aes256>::new(&Array(**key))
                    .encrypt_inout_detached(&nonce, header, bytes.as_mut_slice().into()),
            };
        (bytes, u128::from_be_bytes(proof.unwrap().0))
    }

    /// Bellare, Rogaway, Wagner: "The EAX Mode of Operation", appendix G: the second and the last.
    #[test]
    fn eax_with_128_bits_is_that_of_the_paper() {
        let header = 0xfa3b_fd48_06eb_53fa_u64.to_be_bytes();
        let key = key128(0x9194_5d3f_4dcb_ee0b_f45e_f522_55f0_95a4);
        let nonce = 0xbeca_f043_b0a2_3d84_3194_ba97_2c66_debd;
        let (bytes, proof) = published(&key, nonce, &header, &[0xf7, 0xfb]);
        assert_eq!(bytes, [0x19, 0xdd]);
        assert_eq!(proof, 0x5c4c_9331_049d_0bda_b027_7408_f679_67e5);

        let header = 0x1267_35fc_c320_d25a_u64.to_be_bytes();
        let key = key128(0x8395_fcf1_e95b_ebd6_97bd_010b_c766_aac3);
        let nonce = 0x22e7_add9_3cfc_6393_c57e_c0b3_c17d_6b44;
        let plain = [
            0xca, 0x40, 0xd7, 0x44, 0x6e, 0x54, 0x5f, 0xfa, 0xed, 0x3b, 0xd1, 0x2a, 0x74, 0x0a,
            0x65, 0x9f, 0xfb, 0xbb, 0x3c, 0xea, 0xb7,
        ];
        let (bytes, proof) = published(&key, nonce, &header, &plain);
        let expected = [
            0xcb, 0x89, 0x20, 0xf8, 0x7a, 0x6c, 0x75, 0xcf, 0xf3, 0x96, 0x27, 0xb5, 0x6e, 0x3e,
            0xd1, 0x97, 0xc5, 0x52, 0xd2, 0x95, 0xa7,
        ];
        assert_eq!(bytes, expected);
        assert_eq!(proof, 0xcfc4_6afc_253b_4652_b1af_3795_b124_ab6e);
    }

    /// Project Wycheproof, `aes_eax_test.json`, test 163.
    #[test]
    fn eax_with_256_bits_is_that_of_wycheproof() {
        let key = key256(
            0x9f5c_60fb_5df5_cf2b_1b39_254c_3fa8_0e51,
            0xd30d_64e3_44b3_aba5_9574_305b_4d22_12ad,
        );
        let nonce = 0xd4df_79c6_9f73_b26a_1359_8af0_7eed_6a77;
        let header = 0x8133_99ff_1e1e_f0b5_8bb2_be13_0ce5_d400_u128.to_be_bytes();
        let plain = 0xa3ca_2ef9_bd1f_dbaa_83db_4c7e_ae6d_e94e_u128.to_be_bytes();
        let (bytes, proof) = published(&key, nonce, &header[..15], &plain);
        let expected = 0x6501_9212_ccbb_d4cd_2f99_5cc5_9d46_fd27_u128;
        assert_eq!(bytes, expected.to_be_bytes());
        assert_eq!(proof, 0x4026_c486_430a_1ae2_a5fc_4081_cd66_5468);
    }

    fn pair() -> (Sealer, Opener) {
        (Sealer::new(key128(7)), Opener::new(key128(7)))
    }

    fn sealed(sealer: &mut Sealer, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        sealer.seal(bytes, &mut out).unwrap();
        out
    }

    fn open_all(opener: &mut Opener, bytes: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let mut input = Input::new(bytes);
        let mut out = Vec::new();
        while opener.open(&mut input, &mut out)? {}
        Ok(out)
    }

    #[test]
    fn a_message_is_its_length_and_its_bytes_and_their_proof() {
        let nonce = 1_u128.to_le_bytes();
        let (bytes, proof) = published(&key128(7), u128::from_be_bytes(nonce), &[0, 3], b"two");
        let expected = [&[0, 3][..], &bytes, &proof.to_be_bytes()].concat();
        let mut sealer = pair().0;
        sealed(&mut sealer, b"one");
        assert_eq!(sealed(&mut sealer, b"two"), expected);
    }

    #[test]
    fn long_data_becomes_several_messages() {
        let (mut sealer, mut opener) = pair();
        let bytes: Vec<u8> = (0..20_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let out = sealed(&mut sealer, &bytes);
        assert_eq!(out.len(), bytes.len() + 3 * 18);
        assert_eq!(open_all(&mut opener, &out), Ok(bytes));
        assert_eq!(sealed(&mut sealer, b""), b"");
    }

    #[test]
    fn the_split_does_not_matter() {
        let mut sealer = pair().0;
        let mut out = sealed(&mut sealer, b"hello");
        out.extend(sealed(&mut sealer, b" world"));
        for size in 1..=out.len() {
            let mut opener = pair().1;
            let mut plain = Vec::new();
            for piece in out.chunks(size) {
                let mut wire = Input::new(piece);
                while opener.open(&mut wire, &mut plain).unwrap() {}
                assert!(wire.is_empty());
            }
            assert_eq!(plain, b"hello world", "in pieces of {size}");
        }
    }

    #[test]
    fn what_follows_a_message_is_left() {
        let out = [&sealed(&mut pair().0, b"hello")[..], b"plain"].concat();
        let mut opener = pair().1;
        let mut wire = Input::new(&out);
        assert_eq!(opener.open(&mut wire, &mut Vec::new()), Ok(true));
        assert_eq!(wire.rest(), b"plain");
        // The same where the message came in two pieces.
        let mut opener = pair().1;
        let (start, rest) = out.split_at(7);
        assert_eq!(
            opener.open(&mut Input::new(start), &mut Vec::new()),
            Ok(false)
        );
        let mut wire = Input::new(rest);
        assert_eq!(opener.open(&mut wire, &mut Vec::new()), Ok(true));
        assert_eq!(wire.rest(), b"plain");
    }

    #[test]
    fn a_length_takes_no_memory_before_the_bytes_come() {
        let mut opener = pair().1;
        let mut wire = Input::new(&[0xff, 0xff, 1]);
        assert_eq!(opener.open(&mut wire, &mut Vec::new()), Ok(false));
        assert!(opener.held_bytes() < 64);
    }

    #[test]
    fn any_changed_bit_is_noticed_and_nothing_is_given_out() {
        let out = sealed(&mut pair().0, b"hi");
        for bit in 16..8 * out.len() {
            let mut changed = out.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let mut plain = b"before".to_vec();
            let result = pair().1.open(&mut Input::new(&changed), &mut plain);
            assert_eq!(
                (result, &plain[..]),
                (Err(CryptoError::Forged), &b"before"[..])
            );
        }
        // A length that is less makes the proof come from the wrong place.
        let mut shorter = out.clone();
        shorter[1] = 1;
        assert_eq!(open_all(&mut pair().1, &shorter), Err(CryptoError::Forged));
    }

    #[test]
    fn messages_keep_their_order_and_their_direction() {
        let (mut sealer, _) = pair();
        let (first, second) = (sealed(&mut sealer, b"1"), sealed(&mut sealer, b"2"));
        let both = [&first[..], &second].concat();
        assert_eq!(open_all(&mut pair().1, &both), Ok(b"12".to_vec()));
        for wrong in [[&second[..], &first], [&first[..], &first]] {
            assert_eq!(
                open_all(&mut pair().1, &wrong.concat()),
                Err(CryptoError::Forged)
            );
        }
        let mut other_way = Opener::new(key128(8));
        assert_eq!(open_all(&mut other_way, &first), Err(CryptoError::Forged));
    }

    #[test]
    fn numbers_never_start_again() {
        let mut number = Number(u128::MAX - 1);
        let last = number.take().unwrap();
        assert_eq!(last[0], 0xfe);
        assert_eq!(number.take(), Err(CryptoError::KeyExhausted));
        assert_eq!(number.take(), Err(CryptoError::KeyExhausted));
    }

    #[test]
    fn keys_are_not_printed() {
        let text = format!("{:?}", pair());
        assert!(
            text.contains("SessionKey(128 bits)") && !text.contains('7'),
            "{text}"
        );
    }
}
