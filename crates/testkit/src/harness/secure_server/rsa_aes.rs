//! The RSA-AES types, and the encrypted messages that carry everything after the keys.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use aes::{Aes128, Aes256};
use anyhow::{Context, Result, ensure};
use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use eax::Eax;
use eax::aead::array::Array;
use eax::aead::{AeadInOut, KeyInit};
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, Pkcs1v15Encrypt, PrivateKey, PublicKey};
use sha1::{Digest, Sha1};
use sha2::Sha256;

use super::session::Credentials;
use super::{Options, Scheme, Wire};
use crate::process::held;
use crate::vnc_server::connection::take;

/// Of a session that is encrypted wholly, so many bytes at most are in one message: a number that
/// fits no message of RFB.
const PIECE: usize = 1021;

/// A key and how it is sent.
pub(super) struct ServerKey {
    private: PrivateKey,
    sent: Vec<u8>,
}

/// The connection with its own encryption in either direction.
struct Sealed<'a> {
    stream: &'a TcpStream,
    incoming: Direction,
    outgoing: Direction,
    opened: VecDeque<u8>,
    waiting: Vec<u8>,
}

/// A key and how many messages it was used for.
struct Direction {
    key: Vec<u8>,
    count: u128,
}

/// Everything up to the credentials.
pub(super) fn login<'a>(
    mut stream: &'a TcpStream,
    options: &Options,
    random: &mut ChaCha20Rng,
) -> Result<(Box<dyn Wire + 'a>, Credentials)> {
    let (is_long, whole_session) = match options.scheme {
        Scheme::RsaAes256 { whole_session } => (true, whole_session),
        Scheme::RsaAes128 { whole_session } => (false, whole_session),
        other => anyhow::bail!("{other:?} has no RSA key"),
    };
    let own = ServerKey::of_bits(options.key_bits);
    stream.write_all(&own.sent)?;
    let (client, client_sent) = read_key(stream)?;

    let number_bytes = if is_long { 32 } else { 16 };
    let mut own_number = vec![0; number_bytes];
    random.fill_bytes(&mut own_number);
    let encrypted = client.encrypt(random, Pkcs1v15Encrypt, &own_number)?;
    stream.write_all(&u16::try_from(encrypted.len())?.to_be_bytes())?;
    stream.write_all(&encrypted)?;
    let length = u16::from_be_bytes(take(&mut stream)?);
    let mut encrypted = vec![0; length.into()];
    stream.read_exact(&mut encrypted)?;
    let client_number = own.private.decrypt(Pkcs1v15Encrypt, &encrypted)?;
    ensure!(client_number.len() == number_bytes, "the client's number");

    let mut wire = Sealed {
        stream,
        incoming: Direction::new(is_long, &own_number, &client_number),
        outgoing: Direction::new(is_long, &client_number, &own_number),
        opened: VecDeque::new(),
        waiting: Vec::new(),
    };
    wire.write_all(&hash(is_long, &own.sent, &client_sent))?;
    wire.flush()?;
    let expected = hash(is_long, &client_sent, &own.sent);
    let mut confirmation = vec![0; expected.len()];
    wire.read_exact(&mut confirmation)?;
    ensure!(confirmation == expected, "the client saw other keys");

    let asks_for_name = options.username.is_some();
    wire.write_all(&[if asks_for_name { 1 } else { 2 }])?;
    wire.flush()?;
    let username = read_text(&mut wire)?;
    let password = read_text(&mut wire)?;
    ensure!(
        wire.opened.is_empty(),
        "the client says more than it was asked"
    );
    ensure!(
        asks_for_name || username.is_empty(),
        "nobody asked for a name"
    );
    let credentials = (asks_for_name.then_some(username), password);
    if whole_session {
        Ok((Box::new(wire), credentials))
    } else {
        Ok((Box::new(stream), credentials))
    }
}

impl ServerKey {
    /// The key of this length that every server of this process has.
    pub(super) fn of_bits(bits: usize) -> Arc<Self> {
        static KEYS: Mutex<BTreeMap<usize, Arc<ServerKey>>> = Mutex::new(BTreeMap::new());
        let mut keys = held(&KEYS);
        let key = keys.entry(bits).or_insert_with(|| {
            let mut random = ChaCha20Rng::from_seed([0x5e; 32]);
            let private = PrivateKey::new(&mut random, bits).expect("a length that RSA can have");
            let sent = sent(bits, &private.n_bytes(), &private.e_bytes());
            Arc::new(Self { private, sent })
        });
        Arc::clone(key)
    }

    pub(super) fn fingerprint(&self) -> [u8; 32] {
        Sha256::digest(&self.sent).into()
    }
}

/// The length in bits, then the modulus and the exponent in as many bytes as that takes.
fn sent(bits: usize, modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let bytes = bits.div_ceil(8);
    let mut sent = u32::try_from(bits).unwrap_or(0).to_be_bytes().to_vec();
    for number in [modulus, exponent] {
        sent.resize(sent.len() + bytes - number.len(), 0);
        sent.extend(number);
    }
    sent
}

fn read_key(mut stream: &TcpStream) -> Result<(PublicKey, Vec<u8>)> {
    let length: [u8; 4] = take(&mut stream)?;
    let bits = usize::try_from(u32::from_be_bytes(length))?;
    ensure!((1024..=8192).contains(&bits), "a key of {bits} bits");
    let mut numbers = vec![0; 2 * bits.div_ceil(8)];
    stream.read_exact(&mut numbers)?;
    let (modulus, exponent) = numbers.split_at(bits.div_ceil(8));
    let [n, e] = [modulus, exponent].map(BoxedUint::from_be_slice_vartime);
    let key = PublicKey::new(n, e).context("the client's key")?;
    Ok((key, [&length[..], &numbers].concat()))
}

/// SHA-1 or SHA-256 of two things.
fn hash(is_long: bool, first: &[u8], second: &[u8]) -> Vec<u8> {
    let both = [first, second].concat();
    if is_long {
        Sha256::digest(both).to_vec()
    } else {
        Sha1::digest(both).to_vec()
    }
}

/// One byte of length, and the text.
fn read_text(wire: &mut Sealed<'_>) -> Result<String> {
    let [length] = take(wire)?;
    let mut text = vec![0; length.into()];
    wire.read_exact(&mut text)?;
    Ok(String::from_utf8(text)?)
}

impl Direction {
    fn new(is_long: bool, receivers: &[u8], senders: &[u8]) -> Self {
        let mut key = hash(is_long, receivers, senders);
        key.truncate(if is_long { 32 } else { 16 });
        Self { key, count: 0 }
    }

    /// Encrypts in place, and gives the proof.
    fn seal(&mut self, length: [u8; 2], bytes: &mut [u8]) -> io::Result<[u8; 16]> {
        let nonce = self.nonce();
        let proof = if let Ok(key) = <[u8; 16]>::try_from(&self.key[..]) {
            Eax::<Aes128>::new(&Array(key)).encrypt_inout_detached(&nonce, &length, bytes.into())
        } else {
            let key = Array::try_from(&self.key[..]).expect("one of two lengths");
            Eax::<Aes256>::new(&key).encrypt_inout_detached(&nonce, &length, bytes.into())
        };
        proof.map(|proof| proof.0).map_err(io::Error::other)
    }

    /// Decrypts in place, if the proof is right.
    fn open(&mut self, length: [u8; 2], bytes: &mut [u8], proof: [u8; 16]) -> io::Result<()> {
        let (nonce, proof) = (self.nonce(), Array(proof));
        let result = if let Ok(key) = <[u8; 16]>::try_from(&self.key[..]) {
            let cipher = Eax::<Aes128>::new(&Array(key));
            cipher.decrypt_inout_detached(&nonce, &length, bytes.into(), &proof)
        } else {
            let key = Array::try_from(&self.key[..]).expect("one of two lengths");
            let cipher = Eax::<Aes256>::new(&key);
            cipher.decrypt_inout_detached(&nonce, &length, bytes.into(), &proof)
        };
        result.map_err(|_| io::Error::other("the client's message is not authentic"))
    }

    fn nonce(&mut self) -> Array<u8, eax::aead::consts::U16> {
        let nonce = self.count.to_le_bytes();
        self.count += 1;
        Array(nonce)
    }
}

impl Read for Sealed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.opened.is_empty() {
            let mut length = [0; 2];
            if self.stream.read(&mut length[..1])? == 0 {
                return Ok(0);
            }
            self.stream.read_exact(&mut length[1..])?;
            let mut bytes = vec![0; u16::from_be_bytes(length).into()];
            let mut proof = [0; 16];
            self.stream.read_exact(&mut bytes)?;
            self.stream.read_exact(&mut proof)?;
            self.incoming.open(length, &mut bytes, proof)?;
            self.opened.extend(bytes);
        }
        self.opened.read(buffer)
    }
}

impl Write for Sealed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut all = Vec::new();
        for piece in std::mem::take(&mut self.waiting).chunks_mut(PIECE) {
            let length = u16::try_from(piece.len())
                .map_err(io::Error::other)?
                .to_be_bytes();
            let proof = self.outgoing.seal(length, piece)?;
            all.extend(length);
            all.extend_from_slice(piece);
            all.extend(proof);
        }
        self.stream.write_all(&all)
    }
}
