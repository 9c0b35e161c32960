//! Block ciphers in the modes that Apple's type and MS-Logon II use for credentials.

use aes::Aes128;
use des::{
    Des,
    cipher::{Array, BlockCipherEncrypt, KeyInit},
};

/// Encrypts whole blocks in place with AES-128, each by itself (ECB). Bytes after the last whole
/// block stay as they are.
pub(crate) fn aes_ecb(key: &[u8; 16], bytes: &mut [u8]) {
    let cipher = Aes128::new(&Array(*key));
    let (blocks, _) = bytes.as_chunks_mut::<16>();
    for block in blocks {
        let mut work = Array(*block);
        cipher.encrypt_block(&mut work);
        *block = work.0;
    }
}

/// Encrypts whole blocks in place with DES, each mixed with the one before it (CBC). Bytes after
/// the last whole block stay as they are.
pub(crate) fn des_cbc(key: &[u8; 8], start: &[u8; 8], bytes: &mut [u8]) {
    let cipher = Des::new(&Array(*key));
    let mut work = Array(*start);
    let (blocks, _) = bytes.as_chunks_mut::<8>();
    for block in blocks {
        for (mixed, byte) in work.iter_mut().zip(&*block) {
            *mixed ^= byte;
        }
        cipher.encrypt_block(&mut work);
        *block = work.0;
    }
}

#[cfg(test)]
mod tests {
    use md5::{Digest, Md5};

    use super::*;

    /// FIPS 197, appendix C.1, twice.
    #[test]
    fn aes_encrypts_each_block_alike() {
        let key: [u8; 16] = std::array::from_fn(|index| u8::try_from(index).unwrap());
        let plain: [u8; 16] = key.map(|byte| 0x11 * byte);
        let mut bytes = [plain, plain].concat();
        aes_ecb(&key, &mut bytes);
        let block = 0x69c4_e0d8_6a7b_0430_d8cd_b780_70b4_c55a_u128.to_be_bytes();
        assert_eq!(bytes, [block, block].concat());
    }

    /// FIPS 81, table C2.
    #[test]
    fn des_mixes_each_block_with_the_one_before() {
        let key = 0x0123_4567_89ab_cdef_u64.to_be_bytes();
        let start = 0x1234_5678_90ab_cdef_u64.to_be_bytes();
        let mut bytes = *b"Now is the time for all ";
        des_cbc(&key, &start, &mut bytes);
        let expected = [
            0xe5c7_cdde_872b_f27c_u64,
            0x43e9_3400_8c38_9c0f,
            0x6837_8849_9a7c_05f6,
        ];
        assert_eq!(bytes[..], expected.map(u64::to_be_bytes).concat());
    }

    /// RFC 1321, appendix A.5.
    #[test]
    fn md5_is_that_of_the_standard() {
        let digest: [u8; 16] = Md5::digest("message digest").into();
        let expected = 0xf96b_697d_7cb7_938d_525a_2f31_aaf1_61d0_u128;
        assert_eq!(digest, expected.to_be_bytes());
    }
}
