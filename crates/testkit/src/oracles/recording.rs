//! The reader of recordings.

use std::io::Read;

use guac_protocol::Timestamp;
use guac_protocol::limits::INSTRUCTION_MAX_INPUT_BYTES;
use guac_recorder::{Metadata, ReadError, Reader};

use super::pieces::Trickle;

/// What a recording holds that stands before the input, so that a seam of the reader's own pieces,
/// of 256 KiB, lies in it.
const PIECE: usize = 256 * 1_024;

/// However a file's bytes arrive, the reader gives the same instructions with their places, each the
/// very bytes that stand there; it ends at the same place for the same reason; and what a recording's
/// head says is read without a panic.
///
/// The first byte puts instructions before the others, so that they lie across a seam of the reader.
pub fn recording_reader(bytes: &[u8]) {
    let (first, rest) = bytes.split_first().unwrap_or((&0, &[]));
    let mut file = before(*first);
    file.extend_from_slice(rest);
    let whole = read(&file[..]);
    let pieces = read(Trickle::new(&file));
    assert_eq!(whole, pieces, "the cuts changed what was read");
    let mut end = 0;
    for (offset, text) in &whole.instructions {
        assert_eq!(*offset, end, "the places do not follow each other");
        let place = usize::try_from(end).expect("it is in memory");
        assert_eq!(&file[place..place + text.len()], text.as_bytes());
        end += text.len() as u64;
    }
    match whole.malformed {
        Some(offset) => assert_eq!(offset, end, "damage is where the last instruction ends"),
        None => assert_eq!(
            end + whole.cut as u64,
            file.len() as u64,
            "bytes are missing"
        ),
    }
}

/// Nothing, or instructions up to a few bytes before the seam.
fn before(choice: u8) -> Vec<u8> {
    const BLOB: usize = 8_000;
    if choice < 0x80 {
        return Vec::new();
    }
    let target = PIECE - usize::from(choice - 0x80) * 2;
    let blob = format!("4.blob,1.1,{BLOB}.{};", "A".repeat(BLOB));
    let mut file = blob.repeat(target / blob.len() - 1).into_bytes();
    while file.len() + 6 <= target {
        file.extend_from_slice(b"3.nop;");
        if file.len() % 6 == target % 6 && file.len() + blob.len() <= target {
            file.extend_from_slice(blob.as_bytes());
        }
    }
    file
}

/// What was read.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    instructions: Vec<(u64, String)>,
    malformed: Option<u64>,
    cut: usize,
}

fn read(source: impl Read) -> Found {
    let mut reader = Reader::new(source);
    let mut found = Found {
        instructions: Vec::new(),
        malformed: None,
        cut: 0,
    };
    loop {
        match reader.next() {
            Ok(Some(entry)) => {
                let text = entry.instruction.text();
                assert!(text.len() <= INSTRUCTION_MAX_INPUT_BYTES);
                if let Some(metadata) = Metadata::parse(&entry.instruction) {
                    for time in [i64::MIN, 0, i64::MAX] {
                        let _ = metadata.wall(Timestamp(time));
                    }
                }
                found.instructions.push((entry.offset, text.to_owned()));
            }
            Ok(None) => break,
            Err(ReadError::Malformed { offset, .. }) => {
                found.malformed = Some(offset);
                assert!(matches!(reader.next(), Ok(None)), "it went on after damage");
                return found;
            }
            Err(error) => panic!("the source does not fail: {error}"),
        }
    }
    found.cut = reader.cut();
    assert!(
        matches!(reader.next(), Ok(None)),
        "it went on after the end"
    );
    found
}
