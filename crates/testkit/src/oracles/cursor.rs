//! Cursor shapes, against the second decoder.

use super::decoders::{LAST, UPDATE, header};
use super::duet::Duet;
use crate::reference::{Area, Cursor, CursorKind, Reader};

/// Shapes of one input: more would only take longer.
const SHAPES_MAX: usize = 16;

/// Whatever the bytes are, a cursor's shape is the same in any split, and the same as the second
/// decoder's, or both refuse it.
///
/// The first byte tells how pixels look. Each shape starts with its kind, its width and its height.
pub fn decode_cursor(bytes: &[u8]) {
    let Some((look, mut rest)) = bytes.split_first() else {
        return;
    };
    let mut duet = Duet::new(*look);
    assert!(duet.feed(UPDATE));
    for _ in 0..SHAPES_MAX {
        let Some(([kind, width, height], data)) = rest.split_first_chunk() else {
            break;
        };
        let kind = CursorKind::ALL[usize::from(*kind) % CursorKind::ALL.len()];
        let (width, height) = (usize::from(*width), usize::from(*height));
        let head = header(Area::new(0, 0, width, height), kind.number());
        let mut input = Reader::new(data);
        let format = &duet.reference.format;
        let Ok(expected) = Cursor::read(kind, width, height, format, &mut input) else {
            let before = duet.cursor().map(<[u32]>::to_vec);
            let taken = duet.feed(&[&head, data].concat());
            assert!(!taken || duet.cursor() == before.as_deref());
            return;
        };
        let (data, after) = data.split_at(input.position());
        assert!(
            duet.feed(&[&head, data].concat()),
            "the second decoder took it"
        );
        let pixels = expected.pixels.iter().map(|color| duet.as_shown(*color));
        assert!(
            duet.cursor() == Some(&pixels.collect::<Vec<u32>>()),
            "two decoders differ in a {kind:?} cursor"
        );
        rest = after;
    }
    let frames = duet.frames();
    assert!(duet.feed(LAST));
    assert_eq!(duet.frames(), frames + 1, "the update is complete");
    assert_eq!(duet.damages(), 0, "nothing was painted");
    duet.compare_all();
}
