//! Reading recordings, whole, cut and hostile.

use std::io::{self, Read};

use guac_protocol::wire::ParseError;
use guac_recorder::{ReadError, Reader};
use proptest::prelude::*;

/// Gives its bytes in pieces of at most `step`.
struct Trickle<'a> {
    bytes: &'a [u8],
    step: usize,
}

impl Read for Trickle<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let length = self.step.min(room.len()).min(self.bytes.len());
        let (now, later) = self.bytes.split_at(length);
        room[..length].copy_from_slice(now);
        self.bytes = later;
        Ok(length)
    }
}

/// Everything a reader says about a file: instructions with offsets, what is cut, where it failed.
fn all<R: Read>(source: R) -> (Vec<(u64, String)>, usize, Option<u64>) {
    let mut reader = Reader::new(source);
    let mut entries = Vec::new();
    let failed = loop {
        match reader.next() {
            Ok(Some(entry)) => entries.push((entry.offset, entry.instruction.text().to_owned())),
            Ok(None) => break None,
            Err(ReadError::Malformed { offset, .. }) => break Some(offset),
            Err(error) => panic!("{error}"),
        }
    };
    if failed.is_some() {
        assert!(reader.next().unwrap().is_none());
    }
    (entries, reader.cut(), failed)
}

#[test]
fn a_cut_end_is_no_error() {
    let whole = b"4.sync,2.10,1.1;3.nop;";
    for length in 0..=whole.len() {
        let (entries, cut, failed) = all(&whole[..length]);
        let ends = [16, 22].into_iter().filter(|end| *end <= length);
        let good = ends.clone().max().unwrap_or(0);
        assert_eq!(
            (entries.len(), cut, failed),
            (ends.count(), length - good, None),
            "{length}"
        );
    }
}

#[test]
fn garbage_is_located() {
    let (entries, _, failed) = all(&b"3.nop;\n3.nop;"[..]);
    assert_eq!((entries.len(), failed), (1, Some(6)));
    let error = Reader::new(&b"99999.x;"[..]).next().unwrap_err();
    let ReadError::Malformed { error, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(error, ParseError::ElementTooLong { characters: 99_999 });
}

proptest! {
    #[test]
    fn pieces_do_not_matter(
        values in prop::collection::vec("[a-z0-9ß漢😀;,.]{0,40}", 0..60),
        big in 0_usize..4,
        cut in 0_usize..30,
        step in 1_usize..9_000,
    ) {
        let mut file = String::new();
        for value in &values {
            file += &format!("1.x,{}.{value};", value.chars().count());
        }
        // Large enough to cross the reader's own pieces.
        for _ in 0..big * 40 {
            file += &format!("4.blob,1.1,8000.{};", "A".repeat(8_000));
        }
        let bytes = &file.as_bytes()[..file.len().saturating_sub(cut)];
        let whole = all(bytes);
        prop_assert_eq!(&whole, &all(Trickle { bytes, step }));
        let read: String = whole.0.iter().map(|(_, text)| text.as_str()).collect();
        prop_assert_eq!(read.as_bytes(), &bytes[..bytes.len() - whole.1]);
        for (offset, text) in &whole.0 {
            prop_assert!(bytes[*offset as usize..].starts_with(text.as_bytes()));
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        all(&bytes[..]);
    }
}
