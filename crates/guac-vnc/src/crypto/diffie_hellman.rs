//! The Diffie-Hellman key exchange, in whatever group a server proposes.
//!
//! The exchange keeps out who only listens. Who can change what is sent can stand in between: no
//! type that uses it verifies the server.

use crypto_bigint::{
    BoxedUint, Odd,
    modular::{BoxedMontyForm, BoxedMontyParams},
};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::limits::MIN_EXCHANGE_MODULUS;

use super::CryptoError;

/// A server's part of an exchange: a group, and its own value in it. None of it is degenerate.
#[derive(Debug)]
pub(crate) struct Group {
    params: BoxedMontyParams,
    generator: BoxedUint,
    server_value: BoxedUint,
    /// The size of every number as it is sent.
    bytes: usize,
}

/// What both sides have at the end of an exchange.
pub(crate) struct Agreement {
    /// This side's value, for the server.
    pub(crate) value: Vec<u8>,
    /// The number that both know and nobody else, as long as the modulus.
    pub(crate) secret: Zeroizing<Vec<u8>>,
}

impl Group {
    /// Checks what a server sent: three big-endian numbers, of which the modulus is the longest.
    ///
    /// Refused are values whose powers everybody can guess: 0, 1 and the modulus less 1. Whether
    /// the modulus is a prime is the server's concern, who learns the secret in any case.
    pub(crate) fn new(
        generator: &[u8],
        modulus: &[u8],
        server_value: &[u8],
    ) -> Result<Self, CryptoError> {
        let bytes = modulus.len();
        let modulus = BoxedUint::from_be_slice_vartime(modulus);
        let precision = modulus.bits_precision();
        let number = |bytes| BoxedUint::from_be_slice(bytes, precision).ok();
        if modulus < BoxedUint::from(MIN_EXCHANGE_MODULUS) {
            return Err(CryptoError::Modulus);
        }
        let last = modulus.wrapping_sub(BoxedUint::one());
        let is_sound = |number: &BoxedUint| *number > BoxedUint::one() && *number < last;
        let generator = number(generator).filter(is_sound);
        let server_value = number(server_value).filter(is_sound);
        let modulus = Odd::new(modulus).into_option();
        Ok(Self {
            params: BoxedMontyParams::new_vartime(modulus.ok_or(CryptoError::Modulus)?),
            generator: generator.ok_or(CryptoError::Generator)?,
            server_value: server_value.ok_or(CryptoError::PublicValue)?,
            bytes,
        })
    }

    /// Chooses a secret exponent, as long as the modulus, and does this side's part.
    pub(crate) fn agree(&self, random: &mut impl CryptoRng) -> Agreement {
        let mut exponent = Zeroizing::new(vec![0; self.bytes]);
        random.fill_bytes(&mut exponent);
        self.agree_with(&exponent)
    }

    fn agree_with(&self, exponent: &[u8]) -> Agreement {
        let precision = self.params.bits_precision();
        let exponent = Zeroizing::new(BoxedUint::from_be_slice_truncated(exponent, precision));
        Agreement {
            value: self.power(&self.generator, &exponent).to_vec(),
            secret: self.power(&self.server_value, &exponent),
        }
    }

    /// In a time that does not depend on the exponent.
    fn power(&self, base: &BoxedUint, exponent: &BoxedUint) -> Zeroizing<Vec<u8>> {
        let power = BoxedMontyForm::new(base.clone(), &self.params).pow(exponent);
        let power = Zeroizing::new(Zeroizing::new(power).retrieve());
        let all = Zeroizing::new(power.to_be_bytes().into_vec());
        // The numbers in memory are rounded up to whole words.
        let spare = all.len().saturating_sub(self.bytes);
        Zeroizing::new(all.get(spare..).unwrap_or_default().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::*;
    use crate::crypto::testing::hex;

    /// RFC 5114, appendix A.1.
    #[test]
    fn both_sides_agree_as_published() {
        let modulus = hex("
            B10B8F96 A080E01D DE92DE5E AE5D54EC 52C99FBC FB06A3C6 9A6A9DCA 52D23B61
            6073E286 75A23D18 9838EF1E 2EE652C0 13ECB4AE A9061123 24975C3C D49B83BF
            ACCBDD7D 90C4BD70 98488E9C 219A7372 4EFFD6FA E5644738 FAA31A4F F55BCCC0
            A151AF5F 0DC8B4BD 45BF37DF 365C1A65 E68CFDA7 6D4DA708 DF1FB2BC 2E4A4371");
        let generator = hex("
            A4D1CBD5 C3FD3412 6765A442 EFB99905 F8104DD2 58AC507F D6406CFF 14266D31
            266FEA1E 5C41564B 777E690F 5504F213 160217B4 B01B886A 5E91547F 9E2749F4
            D7FBD7D3 B9A92EE1 909D0D22 63F80A76 A6A24C08 7A091F53 1DBF0A01 69B6A28A
            D662A4D1 8E73AFA3 2D779D59 18D08BC8 858F4DCE F97C2A24 855E6EEB 22B3B2E5");
        let (x_a, x_b) = (
            hex("B9A3B3AE 8FEFC1A2 93049650 7086F845 5D48943E"),
            hex("9392C9F9 EB6A7A6A 9022F7D8 3E7223C6 835BBDDA"),
        );
        let y_a = hex("
            2A853B3D 92197501 B9015B2D EB3ED84F 5E021DCC 3E52F109 D3273D2B 7521281C
            BABE0E76 FF5727FA 8ACCE269 56BA9A1F CA26F202 28D8693F EB10841D 84A73600
            54ECE5A7 F5B7A61A D3DFB3C6 0D2E4310 6D8727DA 37DF9CCE 95B47875 5D06BCEA
            8F9D4596 5F75A5F3 D1DF3701 165FC9E5 0C4279CE B07F9895 40AE96D5 D88ED776");
        let y_b = hex("
            717A6CB0 53371FF4 A3B93294 1C1E5663 F861A1D6 AD34AE66 576DFB98 F6C6CBF9
            DDD5A56C 7833F6BC FDFF0955 82AD868E 440E8D09 FD769E3C ECCDC3D3 B1E4CFA0
            57776CAA F9739B6A 9FEE8E74 11F8D6DA C09D6A4E DB46CC2B 5D520309 0EAE6126
            311E53FD 2C14B574 E6A3109A 3DA1BE41 BDCEAA18 6F5CE067 16A2B6A0 7B3C33FE");
        let z = hex("
            5C804F45 4D30D9C4 DF85271F 93528C91 DF6B48AB 5F80B3B5 9CAAC1B2 8F8ACBA9
            CD3E39F3 CB614525 D9521D2E 644C53B8 07B810F3 40062F25 7D7D6FBF E8D5E8F0
            72E9B6E9 AFDA9413 EAFB2E8B 0699B1FB 5A0CACED DEAEAD7E 9CFBB36A E2B42083
            5BD83A19 FB0B5E96 BF8FA4D0 9E345525 167ECD91 55416F46 F408ED31 B63C6E6D");
        for (secret, value, other) in [(&x_a, &y_a, &y_b), (&x_b, &y_b, &y_a)] {
            let group = Group::new(&generator, &modulus, other).unwrap();
            let agreement = group.agree_with(secret);
            assert_eq!(agreement.value, *value);
            assert_eq!(*agreement.secret, z);
        }
    }

    /// 5 to the 6th is 15625, which is 8 modulo 23; 19 to the 6th is 2. And 5 to the 15th is 19.
    #[test]
    fn small_numbers_keep_the_size_of_the_modulus() {
        let eight = |number: u64| number.to_be_bytes();
        let group = Group::new(&eight(5), &eight(23), &eight(19)).unwrap();
        let agreement = group.agree_with(&eight(6));
        assert_eq!(agreement.value, eight(8));
        assert_eq!(*agreement.secret, eight(2));
        // A length that is no multiple of a machine word's, and a generator that is shorter.
        let group = Group::new(&[0, 5], &[0, 0, 23], &[0, 0, 19]).unwrap();
        let agreement = group.agree_with(&[0, 0, 6]);
        assert_eq!(agreement.value, [0, 0, 8]);
        assert_eq!(*agreement.secret, [0, 0, 2]);
    }

    #[test]
    fn degenerate_numbers_are_refused() {
        use CryptoError::{Generator, Modulus, PublicValue};
        for (generator, modulus, value, error) in [
            (2, 0, 2, Modulus),
            (2, 1, 2, Modulus),
            (2, 3, 2, Modulus),
            (2, 4, 2, Modulus),
            (3, 22, 5, Modulus),
            (0, 23, 5, Generator),
            (1, 23, 5, Generator),
            (22, 23, 5, Generator),
            (23, 23, 5, Generator),
            (200, 23, 5, Generator),
            (5, 23, 0, PublicValue),
            (5, 23, 1, PublicValue),
            (5, 23, 22, PublicValue),
            (5, 23, 23, PublicValue),
            (5, 23, 24, PublicValue),
        ] {
            let group = Group::new(&[generator], &[modulus], &[value]);
            assert_eq!(group.err(), Some(error), "{generator} {modulus} {value}");
        }
        assert!(Group::new(&[2], &[5], &[3]).is_ok());
    }

    #[test]
    fn each_exchange_has_another_secret() {
        let group = Group::new(&[5], &[0xff; 127], &[7]).unwrap();
        let mut random = ChaCha20Rng::from_seed([3; 32]);
        let [one, other] = [(); 2].map(|()| group.agree(&mut random));
        assert_eq!((one.value.len(), one.secret.len()), (127, 127));
        assert!(one.value != other.value && one.secret != other.secret);
    }
}
