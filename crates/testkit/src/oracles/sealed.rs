//! Sealed recordings.

use std::io;

use chacha20poly1305::aead::{AeadInOut as _, KeyInit as _};
use chacha20poly1305::{ChaCha20Poly1305, Key};
use guac_recorder::seal::{Cut, RECORD_PLAIN_MAX, Sealer, UnsealError, Unsealer};
use sha2::{Digest as _, Sha256};

use super::pieces::Pieces;
use crate::auditor;

/// The header of a first segment for the auditor of tests, and the segment's key.
const HEADER: &[u8] = include_bytes!("sealed.header");
const KEY: [u8; 32] = [7; 32];

/// How far decompression looks back.
const WINDOW_MAX: usize = 1 << 20;

/// What is read was sealed, in that order, and what is given before a fault is what stands before it; memory
/// is bounded. As a fuzzer cannot guess a tag, the first byte chooses how deep the others go.
pub fn sealed_reader(bytes: &[u8]) {
    match bytes.split_first() {
        Some((0, file)) => as_a_file(file),
        Some((1, records)) => as_records(records),
        Some((_, batches)) => as_batches(batches),
        None => {}
    }
}

/// A reader that is told lies about everything.
fn as_a_file(file: &[u8]) {
    let (plain, error, cut) = unseal(file);
    assert!(error.is_none() || cut.is_none(), "it has one end");
    let records = file.len() / 21;
    assert!(plain.len() <= records * RECORD_PLAIN_MAX + WINDOW_MAX);
}

/// Records that are sealed well and hold anything: each one a byte for its kind, two for its length, and that
/// many.
fn as_records(mut rest: &[u8]) {
    let cipher = ChaCha20Poly1305::new(&Key::from(KEY));
    let header = Sha256::digest(HEADER);
    let mut file = HEADER.to_vec();
    let mut records = 0_u64;
    let mut whole = false;
    while let Some(([kind, low, high], more)) = rest.split_first_chunk() {
        let length = usize::from(u16::from_le_bytes([*low, *high])).min(more.len());
        let (body, more) = more.split_at(length);
        rest = more;
        whole = kind & 1 == 1;
        let mut head = (u32::try_from(length).unwrap() + 16).to_be_bytes().to_vec();
        head.push(kind & 1);
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&records.to_be_bytes());
        let mut body = body.to_vec();
        let associated = [header.as_slice(), &head].concat();
        let tag = cipher
            .encrypt_inout_detached(&nonce.into(), &associated, body.as_mut_slice().into())
            .unwrap();
        file.extend([head, body, tag.to_vec()].concat());
        records += 1;
    }
    let (plain, error, cut) = unseal(&file);
    let most = usize::try_from(records).unwrap() * RECORD_PLAIN_MAX + WINDOW_MAX;
    assert!(plain.len() <= most, "more than records may hold");
    if error.is_none() && cut.is_none() {
        assert!(whole, "the last record does not end its segment");
    }
}

/// Batches that are sealed: they come back, and do not when a byte was altered, but for those before it.
fn as_batches(bytes: &[u8]) {
    let Some(([low, high, mask, each], text)) = bytes.split_first_chunk() else {
        return;
    };
    let recipients = auditor::recipients().expect("a recipient");
    let mut sealer = Sealer::new(recipients);
    let mut file = Vec::new();
    let mut ends = vec![(0, 0)];
    let mut batched = 0;
    for (number, batch) in Pieces::new(text).enumerate() {
        sealer.batch(batch, &mut file).expect("sealing");
        batched += batch.len();
        ends.push((file.len(), batched));
        // Each segment costs a key exchange.
        if number % (usize::from(*each) + 16) == 15 {
            sealer.end_segment(&mut file).expect("sealing");
        }
    }
    sealer.end_segment(&mut file).expect("sealing");
    if file.is_empty() {
        return;
    }
    let (plain, error, cut) = unseal(&file);
    assert!(error.is_none() && cut.is_none());
    assert_eq!(plain, text, "it does not come back");

    let at = usize::from(u16::from_le_bytes([*low, *high])) % file.len();
    file[at] ^= mask | 1;
    let (plain, error, cut) = unseal(&file);
    assert!(error.is_some() || cut.is_some(), "an altered byte");
    let good = ends
        .iter()
        .rfind(|(end, _)| *end <= at)
        .map_or(0, |(_, good)| *good);
    assert_eq!(plain, text[..good], "what stands before an altered byte");
}

fn unseal(file: &[u8]) -> (Vec<u8>, Option<UnsealError>, Option<Cut>) {
    let identities = auditor::identities().expect("an identity");
    let mut unsealer = Unsealer::new(file, identities);
    let mut plain = Vec::new();
    let error = io::copy(&mut unsealer, &mut plain).err();
    let error = error.map(|error| error.downcast().expect("an error of unsealing"));
    (plain, error, unsealer.cut())
}
