//! What was sealed is read back byte for byte, and whatever is done to it is found.

use std::io;

use age::secrecy::ExposeSecret as _;
use age::x25519::Identity;
use guac_recorder::seal::{Cut, Identities, Recipients, Sealer, UnsealError, Unsealer, is_sealed};

/// An auditor.
struct Auditor(Identity);

impl Auditor {
    fn new() -> Self {
        Self(Identity::generate())
    }

    fn public(&self) -> String {
        self.0.to_public().to_string()
    }

    fn identities(&self) -> Identities {
        Identities::parse(self.0.to_string().expose_secret()).unwrap()
    }
}

fn recipients(auditors: &[&Auditor]) -> Recipients {
    let texts: Vec<_> = auditors.iter().map(|auditor| auditor.public()).collect();
    Recipients::parse(texts.iter().map(String::as_str)).unwrap()
}

/// A sealed recording, with where each of its parts ends: a header with the first record, or a record.
struct Sealed {
    bytes: Vec<u8>,
    plain: Vec<u8>,
    /// After each call of the sealer: bytes sealed, bytes of the recording in them, and whether a segment
    /// ended there.
    ends: Vec<(usize, usize, bool)>,
}

/// Seals segments of batches.
fn seal(recipients: Recipients, segments: &[Vec<Vec<u8>>]) -> Sealed {
    let mut sealer = Sealer::new(recipients);
    let mut sealed = Sealed {
        bytes: Vec::new(),
        plain: Vec::new(),
        ends: Vec::new(),
    };
    for segment in segments {
        for batch in segment {
            sealer.batch(batch, &mut sealed.bytes).unwrap();
            sealed.plain.extend_from_slice(batch);
            sealed
                .ends
                .push((sealed.bytes.len(), sealed.plain.len(), false));
        }
        sealer.end_segment(&mut sealed.bytes).unwrap();
        sealed
            .ends
            .push((sealed.bytes.len(), sealed.plain.len(), true));
    }
    sealed
}

/// What a reader gets, how reading fails, and where the file is cut.
struct Read {
    plain: Vec<u8>,
    error: Option<UnsealError>,
    cut: Option<Cut>,
}

impl Read {
    fn is_whole(&self) -> bool {
        self.error.is_none() && self.cut.is_none()
    }
}

fn unseal(bytes: &[u8], auditor: &Auditor) -> Read {
    let mut unsealer = Unsealer::new(bytes, auditor.identities());
    let mut plain = Vec::new();
    let error = io::copy(&mut unsealer, &mut plain).err();
    Read {
        plain,
        error: error.map(|error| error.downcast().expect("an error of unsealing")),
        cut: unsealer.cut(),
    }
}

fn some_segments() -> Vec<Vec<Vec<u8>>> {
    let frame = |n: u32| format!("4.sync,1.{};", n % 10).into_bytes();
    let batch = |n: u32| (0..n).flat_map(frame).collect::<Vec<u8>>();
    vec![
        vec![batch(3), batch(40), batch(1)],
        vec![batch(2)],
        vec![batch(7), batch(9)],
    ]
}

#[test]
fn a_recording_comes_back_byte_for_byte() {
    let auditor = Auditor::new();
    let sealed = seal(recipients(&[&auditor]), &some_segments());
    assert!(is_sealed(&sealed.bytes));
    assert!(!is_sealed(&sealed.plain));
    let read = unseal(&sealed.bytes, &auditor);
    assert!(read.is_whole());
    assert_eq!(read.plain, sealed.plain);
}
