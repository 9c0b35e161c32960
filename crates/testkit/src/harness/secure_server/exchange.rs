//! The two types that agree on a key by Diffie-Hellman and send the credentials encrypted with it.

use std::io::Write;
use std::net::TcpStream;

use aes::Aes128;
use anyhow::{Context, Result};
use chacha20::ChaCha20Rng;
use chacha20::rand_core::Rng;
use des::Des;
use des::cipher::{Array, BlockCipherDecrypt, KeyInit};
use md5::{Digest, Md5};
use num_bigint::BigUint;

use super::session::Credentials;
use crate::vnc_server::connection::take;

/// The prime of RFC 2409's second group, of 1024 bits, whose generator is 2.
const PRIME: &str = "
    FFFFFFFF FFFFFFFF C90FDAA2 2168C234 C4C6628B 80DC1CD1 29024E08 8A67CC74
    020BBEA6 3B139B22 514A0879 8E3404DD EF9519B3 CD3A431B 302B0A6D F25F1437
    4FE1356D 6D51C245 E485B576 625E7EC6 F44C42E9 A637ED6B 0BFF5CB6 F406B7ED
    EE386BFB 5A899FA5 AE9F2411 7C4B1FE6 49286651 ECE65381 FFFFFFFF FFFFFFFF";

/// Apple's ("Diffie-Hellman Authentication").
pub(super) fn apple(mut stream: &TcpStream, random: &mut ChaCha20Rng) -> Result<Credentials> {
    const SIZE: usize = 128;
    let digits: String = PRIME.split_whitespace().collect();
    let prime = BigUint::parse_bytes(digits.as_bytes(), 16).context("a prime in hexadecimal")?;
    let generator = 2u16;
    let secret = secret::<SIZE>(random);
    let value = BigUint::from(generator).modpow(&secret, &prime);
    stream.write_all(&generator.to_be_bytes())?;
    stream.write_all(&u16::try_from(SIZE)?.to_be_bytes())?;
    stream.write_all(&sized::<SIZE>(&prime))?;
    stream.write_all(&sized::<SIZE>(&value))?;

    let mut credentials: [u8; 128] = take(&mut stream)?;
    let client_value: [u8; SIZE] = take(&mut stream)?;
    let shared = BigUint::from_bytes_be(&client_value).modpow(&secret, &prime);
    let cipher = Aes128::new(&Md5::digest(sized::<SIZE>(&shared)));
    for block in credentials.as_chunks_mut::<16>().0 {
        let mut work = Array(*block);
        cipher.decrypt_block(&mut work);
        *block = work.0;
    }
    let (username, password) = credentials.split_at(64);
    Ok((Some(text(username)?), text(password)?))
}

/// UltraVNC's ("MSLogonII Authentication"). Like UltraVNC's own, the prime has 31 bits only.
pub(super) fn ms_logon(mut stream: &TcpStream, random: &mut ChaCha20Rng) -> Result<Credentials> {
    const SIZE: usize = 8;
    let prime = BigUint::from((1u32 << 31) - 1);
    let generator = BigUint::from(7u8);
    let secret = secret::<SIZE>(random);
    stream.write_all(&sized::<SIZE>(&generator))?;
    stream.write_all(&sized::<SIZE>(&prime))?;
    stream.write_all(&sized::<SIZE>(&generator.modpow(&secret, &prime)))?;

    let client_value: [u8; SIZE] = take(&mut stream)?;
    let mut username: [u8; 256] = take(&mut stream)?;
    let mut password: [u8; 64] = take(&mut stream)?;
    let shared = BigUint::from_bytes_be(&client_value).modpow(&secret, &prime);
    let shared = sized::<SIZE>(&shared);
    decrypt_chained(&shared, &mut username);
    decrypt_chained(&shared, &mut password);
    Ok((Some(text(&username)?), text(&password)?))
}

/// DES in CBC mode, with a key in VNC's order of bits, which is also where the chain starts.
fn decrypt_chained(key: &[u8; 8], bytes: &mut [u8]) {
    let cipher = Des::new(&Array(key.map(u8::reverse_bits)));
    let mut before = *key;
    for block in bytes.as_chunks_mut::<8>().0 {
        let encrypted = *block;
        let mut work = Array(encrypted);
        cipher.decrypt_block(&mut work);
        for (byte, mask) in work.iter_mut().zip(before) {
            *byte ^= mask;
        }
        (*block, before) = (work.0, encrypted);
    }
}

fn secret<const SIZE: usize>(random: &mut ChaCha20Rng) -> BigUint {
    let mut bytes = [0; SIZE];
    random.fill_bytes(&mut bytes);
    BigUint::from_bytes_be(&bytes)
}

/// A number in so many bytes.
fn sized<const SIZE: usize>(number: &BigUint) -> [u8; SIZE] {
    let bytes = number.to_bytes_be();
    let mut sized = [0; SIZE];
    sized[SIZE - bytes.len()..].copy_from_slice(&bytes);
    sized
}

/// The text up to its zero byte.
fn text(field: &[u8]) -> Result<String> {
    let end = field.iter().position(|byte| *byte == 0);
    let text = &field[..end.context("a text ends with a zero byte")?];
    Ok(String::from_utf8_lossy(text).into_owned())
}
