//! Raw pictures with times, in as much of [Matroska] as carries them to an encoder.
//!
//! [Matroska]: https://www.rfc-editor.org/rfc/rfc9559

/// What stands before all pictures: one track of raw I420 pictures, times in milliseconds, of
/// unknown length.
pub(crate) fn header(width: usize, height: usize) -> Vec<u8> {
    let ebml = [
        element(&[0x42, 0x86], &[1]),
        element(&[0x42, 0xf7], &[1]),
        element(&[0x42, 0xf2], &[4]),
        element(&[0x42, 0xf3], &[8]),
        element(&[0x42, 0x82], b"matroska"),
        element(&[0x42, 0x87], &[4]),
        element(&[0x42, 0x85], &[2]),
    ];
    let information = [
        element(&[0x2a, 0xd7, 0xb1], &number(1_000_000)),
        element(&[0x4d, 0x80], b"guac-audit"),
        element(&[0x57, 0x41], b"guac-audit"),
    ];
    let video = [
        element(&[0xb0], &number(width)),
        element(&[0xba], &number(height)),
        element(&[0x2e, 0xb5, 0x24], b"I420"),
    ];
    let track = [
        element(&[0xd7], &[1]),
        element(&[0x73, 0xc5], &[1]),
        element(&[0x83], &[1]),
        element(&[0x9c], &[0]),
        element(&[0x86], b"V_UNCOMPRESSED"),
        element(&[0xe0], &video.concat()),
    ];
    let tracks = element(&[0xae], &track.concat());
    let segment_of_unknown_length = [
        0x18, 0x53, 0x80, 0x67, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    ];
    [
        &element(&[0x1a, 0x45, 0xdf, 0xa3], &ebml.concat())[..],
        &segment_of_unknown_length,
        &element(&[0x15, 0x49, 0xa9, 0x66], &information.concat()),
        &element(&[0x16, 0x54, 0xae, 0x6b], &tracks),
    ]
    .concat()
}

/// What stands before one picture of this many bytes: a cluster of its own.
pub(crate) fn picture_header(milliseconds: u64, bytes: usize) -> Vec<u8> {
    /// Track 1, no time beyond the cluster's, a key frame.
    const BLOCK: [u8; 4] = [0x81, 0, 0, 0x80];
    let time = element(&[0xe7], &milliseconds.to_be_bytes());
    let block = [&[0xa3], &length(BLOCK.len() + bytes)[..], &BLOCK].concat();
    let content = time.len() + block.len() + bytes;
    [
        &[0x1f, 0x43, 0xb6, 0x75],
        &length(content)[..],
        &time,
        &block,
    ]
    .concat()
}

fn element(id: &[u8], content: &[u8]) -> Vec<u8> {
    [id, &length(content.len()), content].concat()
}

/// A length, always in eight bytes: a marker bit and 56 bits.
fn length(bytes: usize) -> [u8; 8] {
    let [_, rest @ ..] = number(bytes);
    let [a, b, c, d, e, f, g] = rest;
    [1, a, b, c, d, e, f, g]
}

fn number(value: usize) -> [u8; 8] {
    u64::try_from(value).unwrap_or(u64::MAX).to_be_bytes()
}
