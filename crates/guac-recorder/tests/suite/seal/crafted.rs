//! Files that another writer could have sealed, with whatever inside.

use chacha20poly1305::aead::{AeadInOut as _, KeyInit as _};
use chacha20poly1305::{ChaCha20Poly1305, Key};
use guac_recorder::seal::{Damage, UnsealError};
use sha2::{Digest as _, Sha256};

use super::{Auditor, unseal};

/// A first segment as another writer would make it from the format's description, of what `records`
/// say is the compressed form.
fn crafted(auditor: &Auditor, records: &[(&[u8], u8)]) -> Vec<u8> {
    let key = [7; 32];
    let wrapped = age::encrypt(&auditor.0.to_public(), &key).unwrap();
    let mut out = b"guacseal\0\0\0\x01\0\0\0\0\0\0\0\x01".to_vec();
    out.extend([0; 32]);
    out.extend((wrapped.len() as u32).to_be_bytes());
    out.extend(wrapped);
    let header = Sha256::digest(&out);
    let cipher = ChaCha20Poly1305::new(&Key::from(key));
    for (number, (compressed, kind)) in (0_u64..).zip(records) {
        let mut body = compressed.to_vec();
        let mut head = (body.len() as u32 + 16).to_be_bytes().to_vec();
        head.push(*kind);
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&number.to_be_bytes());
        let associated = [header.as_slice(), &head].concat();
        let tag = cipher
            .encrypt_inout_detached(&nonce.into(), &associated, body.as_mut_slice().into())
            .unwrap();
        out.extend([head, body, tag.to_vec()].concat());
    }
    out
}

/// A frame of zstd that looks back 256 kB, by RFC 8878.
const FRAME: [u8; 6] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x40];
/// Its last block, of no bytes.
const END: [u8; 3] = [1, 0, 0];

/// A block of 128 kB that is one byte again and again.
fn repeated() -> [u8; 4] {
    let [low, middle, high, _] = (((128_u32 << 10) << 3) | 0b010).to_le_bytes();
    [low, middle, high, b'x']
}

fn found(records: &[(&[u8], u8)]) -> Option<Damage> {
    let auditor = Auditor::new();
    match unseal(&crafted(&auditor, records), &auditor).error {
        Some(UnsealError::Damaged { damage, .. }) => Some(damage),
        None => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_record_that_would_become_too_large_is_found_before_it_is() {
    let blocks = |count| [&FRAME[..], &repeated().repeat(count)].concat();
    assert_eq!(found(&[(&blocks(32), 0), (&END, 1)]), None);
    assert_eq!(
        found(&[(&blocks(1 << 20), 0), (&END, 1)]),
        Some(Damage::TooLarge)
    );
    // However much room the records before have left.
    let more = repeated().repeat(1_000);
    let rows: [(&[u8], u8); 4] = [(&blocks(1), 0), (&[], 0), (&[], 0), (&more, 0)];
    assert_eq!(found(&rows), Some(Damage::TooLarge));
    // A window of 2 MB.
    let wide = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58];
    assert_eq!(found(&[(&wide, 0), (&END, 1)]), Some(Damage::Compression));
}

#[test]
fn well_sealed_nonsense_is_found() {
    let two = [&FRAME[..], &repeated(), &repeated()].concat();
    let ended = [&FRAME[..], &END].concat();
    let after = [&FRAME[..], &END, &END].concat();
    let rows: [&[(&[u8], u8)]; 7] = [
        &[(b"", 0)],
        &[(b"not zstd", 0)],
        &[(&two[..two.len() - 1], 0)],
        &[(&two, 1)],
        &[(&ended, 0)],
        &[(&after, 1)],
        &[(&two, 0), (&FRAME, 0)],
    ];
    for (i, row) in rows.iter().enumerate() {
        assert_eq!(found(row), Some(Damage::Compression), "row {i}");
    }
    assert_eq!(found(&[(&ended, 1)]), None);
}
