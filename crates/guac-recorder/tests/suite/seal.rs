//! What was sealed is read back byte for byte, and whatever is done to it is found.

mod crafted;

use std::io::{self, Read as _};
use std::ops::Range;

use age::secrecy::ExposeSecret as _;
use age::x25519::Identity;
use guac_recorder::seal::{
    Cut, Damage, Identities, IdentityError, RECIPIENTS_MAX, RECORD_PLAIN_MAX, RecipientError,
    Recipients, Sealer, UnsealError, Unsealer, is_sealed,
};
use proptest::prelude::*;

/// An auditor.
pub(super) struct Auditor(Identity);

impl Auditor {
    pub(super) fn new() -> Self {
        Self(Identity::generate())
    }

    fn public(&self) -> String {
        self.0.to_public().to_string()
    }

    pub(super) fn identities(&self) -> Identities {
        Identities::parse(self.0.to_string().expose_secret()).unwrap()
    }
}

pub(super) fn recipients(auditors: &[&Auditor]) -> Recipients {
    let texts: Vec<_> = auditors.iter().map(|auditor| auditor.public()).collect();
    Recipients::parse(texts.iter().map(String::as_str)).unwrap()
}

/// A sealed recording.
struct Sealed {
    bytes: Vec<u8>,
    plain: Vec<u8>,
    /// After each call of the sealer: bytes sealed, bytes of the recording in them, and whether a segment
    /// ended there.
    ends: Vec<(usize, usize, bool)>,
}

impl Sealed {
    /// What is good of it if its first `bytes` are.
    fn good(&self, bytes: usize) -> &[u8] {
        let last = self.ends.iter().rfind(|(end, _, _)| *end <= bytes);
        &self.plain[..last.map_or(0, |(_, plain, _)| *plain)]
    }

    fn segments(&self) -> Vec<Range<usize>> {
        let ends = self.ends.iter().filter(|(_, _, ends)| *ends);
        let mut start = 0;
        ends.map(|(end, _, _)| std::mem::replace(&mut start, *end)..*end)
            .collect()
    }

    /// Headers and records, as `docs/sealed-format.md` describes them.
    fn parts(&self) -> Vec<Range<usize>> {
        let number =
            |at: usize| u32::from_be_bytes(self.bytes[at..at + 4].try_into().unwrap()) as usize;
        let mut parts = Vec::new();
        for segment in self.segments() {
            let mut at = segment.start;
            let mut length = 56 + number(at + 52);
            while at < segment.end {
                parts.push(at..at + length);
                at += length;
                length = if at < segment.end { 5 + number(at) } else { 0 };
            }
            assert_eq!(at, segment.end);
        }
        parts
    }

    /// What a file holds whose parts were put in another order.
    fn rearranged(&self, parts: &[Range<usize>]) -> Vec<u8> {
        let bytes = parts.iter().flat_map(|part| &self.bytes[part.clone()]);
        bytes.copied().collect()
    }

    /// An altered file is not taken for whole, and what stands before the first difference is given.
    fn assert_found(&self, altered: &[u8], auditor: &Auditor, what: &str) {
        let same = std::iter::zip(altered, &self.bytes).take_while(|(a, b)| a == b);
        let good = self.good(same.count());
        let read = unseal(altered, auditor);
        assert!(!read.is_whole(), "{what} was not found");
        assert_eq!(read.plain, good, "{what}: not what is good before it");
    }
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

#[test]
fn every_altered_byte_is_found_and_what_stands_before_it_is_given() {
    let auditor = Auditor::new();
    let sealed = seal(recipients(&[&auditor]), &some_segments());
    for at in 0..sealed.bytes.len() {
        for mask in [1, 0x80, 0xFF] {
            let mut altered = sealed.bytes.clone();
            altered[at] ^= mask;
            sealed.assert_found(&altered, &auditor, &format!("byte {at} ^ {mask:#x}"));
        }
    }
}

#[test]
fn every_byte_too_many_or_too_few_is_found() {
    let auditor = Auditor::new();
    let sealed = seal(recipients(&[&auditor]), &some_segments());
    for at in 0..=sealed.bytes.len() {
        let mut longer = sealed.bytes.clone();
        longer.insert(at, 0x5A);
        sealed.assert_found(&longer, &auditor, &format!("a byte more at {at}"));
        if at < sealed.bytes.len() {
            let mut shorter = sealed.bytes.clone();
            shorter.remove(at);
            sealed.assert_found(&shorter, &auditor, &format!("a byte less at {at}"));
        }
    }
}

#[test]
fn a_file_cut_anywhere_gives_its_whole_batches_and_says_where_it_is_cut() {
    let auditor = Auditor::new();
    let sealed = seal(recipients(&[&auditor]), &some_segments());
    let parts = sealed.parts();
    let whole: Vec<_> = sealed
        .segments()
        .iter()
        .map(|segment| segment.end)
        .collect();
    for length in 1..sealed.bytes.len() {
        let read = unseal(&sealed.bytes[..length], &auditor);
        assert!(read.error.is_none(), "{length} bytes: {:?}", read.error);
        assert_eq!(read.plain, sealed.good(length), "{length} bytes");
        // That nothing follows a whole segment is for the evidence to say.
        let Some(cut) = read.cut else {
            assert!(whole.contains(&length), "{length} bytes are not whole");
            continue;
        };
        assert!(!whole.contains(&length), "{length} bytes are whole");
        let begun = parts.iter().rfind(|part| part.start <= length).unwrap();
        assert_eq!(cut.offset, begun.start as u64, "{length} bytes");
        assert_eq!(cut.bytes, length - begun.start, "{length} bytes");
        let before = whole.iter().filter(|end| **end < length).count();
        assert_eq!(cut.segment, before as u64 + 1, "{length} bytes");
    }
}

#[test]
fn parts_that_are_left_out_doubled_or_swapped_are_found() {
    let auditor = Auditor::new();
    let sealed = seal(recipients(&[&auditor]), &some_segments());
    for parts in [sealed.parts(), sealed.segments()] {
        assert_eq!(sealed.rearranged(&parts), sealed.bytes);
        let last = parts.len() - 1;
        let segments = parts == sealed.segments();
        for i in 0..parts.len() {
            let mut less = parts.clone();
            less.remove(i);
            if !(segments && i == last) {
                sealed.assert_found(&sealed.rearranged(&less), &auditor, &format!("no part {i}"));
            }
            for j in 0..parts.len() {
                let mut more = parts.clone();
                more.insert(j, parts[i].clone());
                let what = format!("part {i} again before {j}");
                sealed.assert_found(&sealed.rearranged(&more), &auditor, &what);
                let mut swapped = parts.clone();
                swapped.swap(i, j);
                if i != j {
                    let what = format!("{i} for {j}");
                    sealed.assert_found(&sealed.rearranged(&swapped), &auditor, &what);
                }
            }
        }
    }
}

#[test]
fn parts_of_another_recording_are_found_even_of_the_same_one() {
    let auditor = Auditor::new();
    let sealed = seal(recipients(&[&auditor]), &some_segments());
    let other = seal(recipients(&[&auditor]), &some_segments());
    for (ours, theirs) in [
        (sealed.parts(), other.parts()),
        (sealed.segments(), other.segments()),
    ] {
        for (i, (ours, theirs)) in std::iter::zip(ours, theirs).enumerate() {
            // The first segment can be that of another recording; then the second does not follow it.
            let mut altered = sealed.bytes.clone();
            altered.splice(ours.clone(), other.bytes[theirs].iter().copied());
            let read = unseal(&altered, &auditor);
            assert!(!read.is_whole(), "part {i} of another recording");
            assert!(sealed.plain.starts_with(&read.plain));
        }
    }
}

#[test]
fn an_error_says_where_and_what() {
    let auditor = Auditor::new();
    let sealed = seal(recipients(&[&auditor]), &some_segments());
    let segments = sealed.segments();
    let damage = |altered: &[u8]| match unseal(altered, &auditor).error {
        Some(UnsealError::Damaged {
            segment,
            offset,
            damage,
        }) => (segment, offset as usize, damage),
        other => panic!("{other:?}"),
    };
    let flipped = |at: usize| {
        let mut altered = sealed.bytes.clone();
        altered[at] ^= 2;
        altered
    };
    let second = segments[1].start;
    let record = sealed
        .parts()
        .into_iter()
        .find(|part| second < part.start)
        .unwrap();
    let rows = [
        (flipped(second + 3), (2, second, Damage::NotASegment)),
        (flipped(second + 11), (2, second, Damage::Version(3))),
        (
            flipped(second + 19),
            (2, second, Damage::Order { found: 0 }),
        ),
        (flipped(second + 20), (2, second, Damage::Predecessor)),
        (
            flipped(second + 52),
            (2, second, Damage::WrappedLength(0x0200_00DA)),
        ),
        (flipped(second + 130), (2, second, Damage::WrappedKey)),
        (
            flipped(record.start + 4),
            (2, record.start, Damage::RecordKind(2)),
        ),
        (flipped(record.start + 9), (2, record.start, Damage::Record)),
    ];
    for (altered, (segment, offset, expected)) in rows {
        let found = damage(&altered);
        assert_eq!((found.0, found.1), (segment, offset), "{expected:?}");
        if !matches!(expected, Damage::WrappedLength(_)) {
            assert_eq!(found.2, expected);
        } else {
            assert!(matches!(found.2, Damage::WrappedLength(_)));
        }
    }
}

#[test]
fn reading_that_failed_does_not_look_whole_when_tried_again() {
    let auditor = Auditor::new();
    let mut sealed = seal(recipients(&[&auditor]), &some_segments()).bytes;
    *sealed.last_mut().unwrap() ^= 1;
    let mut unsealer = Unsealer::new(sealed.as_slice(), auditor.identities());
    assert!(io::copy(&mut unsealer, &mut io::sink()).is_err());
    assert!(unsealer.read(&mut [0]).is_err());
}

#[test]
fn each_recipient_can_read_and_nobody_else() {
    let auditors: Vec<_> = (0..RECIPIENTS_MAX).map(|_| Auditor::new()).collect();
    let all: Vec<_> = auditors.iter().collect();
    let sealed = seal(recipients(&all), &some_segments());
    for auditor in &auditors {
        assert_eq!(unseal(&sealed.bytes, auditor).plain, sealed.plain);
    }
    let read = unseal(&sealed.bytes, &Auditor::new());
    assert!(matches!(read.error, Some(UnsealError::WrongIdentity)));
    assert_eq!(read.plain, b"");
}

#[test]
fn what_is_not_sealed_is_told_apart() {
    let auditor = Auditor::new();
    for plain in [
        &b""[..],
        b"4.sync,1.0;",
        b"guac",
        b"guacseax",
        b"4.size,2.-2,2.11,2.16;4.sync,1.0;",
    ] {
        assert!(!is_sealed(plain));
        let read = unseal(plain, &auditor);
        let expected = plain == b"guac";
        assert_eq!(read.cut.is_some(), expected, "{plain:?}");
        assert_eq!(
            matches!(read.error, Some(UnsealError::NotSealed)),
            !expected,
            "{plain:?}"
        );
    }
}

#[test]
fn keys_are_x25519_keys_of_age_and_nothing_else() {
    let auditor = Auditor::new();
    let public = auditor.public();
    let many = |count| Recipients::parse(std::iter::repeat_n(public.as_str(), count)).err();
    assert_eq!(many(0), Some(RecipientError::None));
    assert_eq!(many(RECIPIENTS_MAX), None);
    assert_eq!(many(RECIPIENTS_MAX + 1), Some(RecipientError::TooMany));
    let second = |text: &str| Recipients::parse([public.as_str(), text]).err();
    for text in [
        "",
        "age1",
        "ssh-ed25519 AAAA",
        public.get(..public.len() - 1).unwrap(),
        &public.replace("age1", "age2"),
    ] {
        assert_eq!(second(text), Some(RecipientError::Invalid(2)), "{text}");
    }
    let secret = auditor.0.to_string();
    let secret = secret.expose_secret();
    let parse = |text: &str| Identities::parse(text).err();
    assert_eq!(parse(&format!("# created: today\n\n{secret}\r\n")), None);
    assert_eq!(parse(""), Some(IdentityError::None));
    assert_eq!(parse("# nothing"), Some(IdentityError::None));
    assert_eq!(
        parse(&format!("{secret}\n{public}\n")),
        Some(IdentityError::Invalid(2))
    );
    assert_eq!(parse(&"#\n".repeat(40_000)), Some(IdentityError::TooLong));
}

#[test]
fn what_is_shown_for_debugging_holds_no_secret() {
    let auditor = Auditor::new();
    assert_eq!(
        format!("{:?}", auditor.identities()),
        "Identities { count: 1, .. }"
    );
    let shown = format!("{:?}", recipients(&[&auditor]));
    assert_eq!(shown, format!("[{:?}]", auditor.public()));
}

#[test]
fn a_batch_longer_than_a_record_becomes_several() {
    let auditor = Auditor::new();
    let batch: Vec<u8> = noise(7).take(RECORD_PLAIN_MAX * 2 + 1).collect();
    let sealed = seal(recipients(&[&auditor]), &[vec![batch]]);
    // A header, three records, and the one that ends the segment.
    assert_eq!(sealed.parts().len(), 5);
    let read = unseal(&sealed.bytes, &auditor);
    assert!(read.is_whole());
    assert!(read.plain == sealed.plain);
}

#[test]
fn nothing_sealed_is_nothing_written() {
    let auditor = Auditor::new();
    let mut sealer = Sealer::new(recipients(&[&auditor]));
    let mut out = b"before".to_vec();
    sealer.end_segment(&mut out).unwrap();
    sealer.batch(b"", &mut out).unwrap();
    sealer.end_segment(&mut out).unwrap();
    assert_eq!(out, b"before");
}

/// Bytes that do not compress.
fn noise(seed: u64) -> impl Iterator<Item = u8> {
    let mut state = seed | 1;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    })
}

/// Batches like a recording's, small and large, and some that do not compress.
fn batch() -> impl Strategy<Value = Vec<u8>> {
    let length = prop_oneof![0..40_usize, 0..3_000_usize, 0..200_000_usize];
    (length, any::<u64>(), any::<bool>()).prop_map(|(length, seed, text)| {
        let bytes = noise(seed).take(length);
        if text {
            bytes
                .map(|byte| b"4.sync,;"[usize::from(byte & 7)])
                .collect()
        } else {
            bytes.collect()
        }
    })
}

fn segments() -> impl Strategy<Value = Vec<Vec<Vec<u8>>>> {
    prop::collection::vec(prop::collection::vec(batch(), 0..6), 0..5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_the_batches_and_segments_it_comes_back(segments in segments(), piece in 1..10_000_usize) {
        let auditor = Auditor::new();
        let sealed = seal(recipients(&[&auditor]), &segments);
        prop_assume!(!sealed.bytes.is_empty());
        let mut unsealer = Unsealer::new(sealed.bytes.as_slice(), auditor.identities());
        let mut plain = Vec::new();
        let mut buffer = vec![0; piece];
        loop {
            let given = unsealer.read(&mut buffer).unwrap();
            if given == 0 {
                break;
            }
            plain.extend_from_slice(&buffer[..given]);
        }
        prop_assert!(plain == sealed.plain);
        prop_assert_eq!(unsealer.cut(), None);
    }

    #[test]
    fn whatever_was_written_when_the_process_died_can_be_read(segments in segments(), at in any::<prop::sample::Index>()) {
        let auditor = Auditor::new();
        let sealed = seal(recipients(&[&auditor]), &segments);
        prop_assume!(!sealed.bytes.is_empty());
        let length = at.index(sealed.bytes.len() - 7) + 8;
        let read = unseal(&sealed.bytes[..length], &auditor);
        prop_assert!(read.error.is_none());
        prop_assert!(read.plain == sealed.good(length));
    }
}
