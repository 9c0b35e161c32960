//! What decoding takes from the allocator at most: counted, not computed.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests are tests, which fail by panicking"
)]

use guac_vnc::{
    Client, ClientConfig, Clipboard, DecodeError, Encoding, Error, PixelSink, Rect, Surface,
};

/// What one session may hold beside its pictures.
const LIMIT: u64 = 8 << 20;

/// What a JPEG may take of it.
const SHARE: u64 = 13 << 19;

struct Picture(Vec<u32>, usize, usize);

impl PixelSink for Picture {
    fn resize(&mut self, width: u16, height: u16) {
        (self.1, self.2) = (width.into(), height.into());
        allocation_counter::opt_out(|| self.0 = vec![0; self.1 * self.2]);
    }

    fn surface(&mut self) -> Surface<'_> {
        Surface {
            pixels: &mut self.0,
            stride: self.1,
            width: self.1,
            height: self.2,
        }
    }

    fn damage(&mut self, _: Rect) {}
}

/// A JPEG of these components and sampling factors, in which every block is grey: baseline, or
/// progressive with so many scans of what is not the mean.
fn jpeg(width: u16, height: u16, sampling: &[u8], progressive: Option<usize>) -> Vec<u8> {
    let count = u8::try_from(sampling.len()).unwrap();
    let mut jpeg = vec![0xff, 0xd8];
    jpeg.extend([0xff, 0xdb, 0, 67, 0]);
    jpeg.extend([1; 64]);
    let frame = if progressive.is_none() { 0xc0 } else { 0xc2 };
    jpeg.extend([0xff, frame, 0, 8 + 3 * count, 8]);
    jpeg.extend(height.to_be_bytes());
    jpeg.extend(width.to_be_bytes());
    jpeg.push(count);
    for (index, sampling) in (1..).zip(sampling) {
        jpeg.extend([index, *sampling, 0]);
    }
    // One code of one bit: no difference of means, or the end of a block.
    for class in [0x00, 0x10] {
        jpeg.extend([0xff, 0xc4, 0, 20, class]);
        jpeg.extend([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    }
    let mut scan = |components: &[u8], selection: [u8; 3], bits: usize| {
        let count = u8::try_from(components.len()).unwrap();
        jpeg.extend([0xff, 0xda, 0, 6 + 2 * count, count]);
        jpeg.extend(components.iter().flat_map(|index| [*index, 0]));
        jpeg.extend(selection);
        jpeg.extend(vec![0; bits.div_ceil(8)]);
    };
    let (blocks, first) = blocks(width.into(), height.into(), sampling);
    let all: Vec<u8> = (1..=count).collect();
    match progressive {
        // A bit for the mean and one for the rest.
        None => scan(&all, [0, 63, 0], 2 * blocks),
        Some(scans) => {
            scan(&all, [0, 0, 0], blocks);
            for round in 0..scans {
                // One coefficient of the first component: another one each time.
                let coefficient = u8::try_from(1 + round % 63).unwrap();
                scan(&[1], [coefficient, coefficient, 0], first);
            }
        }
    }
    jpeg.extend([0xff, 0xd9]);
    jpeg
}

/// How many blocks all components have together, and how many the first has by itself.
fn blocks(width: usize, height: usize, sampling: &[u8]) -> (usize, usize) {
    let factors = |sampling: &u8| (usize::from(sampling >> 4), usize::from(sampling & 15));
    let most = |part: fn((usize, usize)) -> usize| {
        let parts = sampling.iter().map(|sampling| part(factors(sampling)));
        parts.max().unwrap()
    };
    let (across, down) = (most(|(across, _)| across), most(|(_, down)| down));
    let alone = |sampling: &u8| {
        let (h, v) = factors(sampling);
        (width * h).div_ceil(8 * across) * (height * v).div_ceil(8 * down)
    };
    let first = alone(&sampling[0]);
    if sampling.len() == 1 {
        return (first, first);
    }
    let units = width.div_ceil(8 * across) * height.div_ceil(8 * down);
    let each: usize = sampling.iter().map(|s| factors(s).0 * factors(s).1).sum();
    (units * each, first)
}

fn rectangle(rect: Rect, encoding: i32, data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 0, 1];
    for value in [rect.x, rect.y, rect.width, rect.height] {
        bytes.extend(value.to_be_bytes());
    }
    bytes.extend(encoding.to_be_bytes());
    bytes.extend(data);
    bytes
}

fn tight_jpeg(rect: Rect, jpeg: &[u8]) -> Vec<u8> {
    let length = jpeg.len();
    let byte = |value: usize| u8::try_from(value & 0xff).unwrap();
    let head = [
        0x90,
        byte(length) | 0x80,
        byte(length >> 7) | 0x80,
        byte(length >> 14),
    ];
    rectangle(rect, 7, &[&head[..], jpeg].concat())
}

/// A viewer with a picture of this size.
fn connected(width: u16, height: u16) -> (Client, Picture) {
    let mut picture = Picture(Vec::new(), 0, 0);
    let clipboard = Clipboard {
        receive: Some(1 << 18),
        send: true,
        ..Clipboard::default()
    };
    let mut client = Client::new(ClientConfig {
        clipboard,
        ..ClientConfig::default()
    });
    let mut opening = b"RFB 003.008\n\x01\x01\0\0\0\0".to_vec();
    opening.extend([width.to_be_bytes(), height.to_be_bytes()].concat());
    opening.extend([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0]);
    opening.extend([0; 4]);
    client.feed(&opening, &mut picture).unwrap();
    (client, picture)
}

/// The most that a client takes from the allocator at any moment, its picture aside, and how it
/// ends.
fn peak(width: u16, height: u16, bytes: &[u8]) -> (u64, Result<(), Error>) {
    let mut result = Ok(());
    let info = allocation_counter::measure(|| {
        let (mut client, mut picture) = connected(width, height);
        result = bytes
            .chunks(60_000)
            .try_for_each(|piece| client.feed(piece, &mut picture));
        allocation_counter::opt_out(|| drop(picture));
    });
    (info.bytes_max, result)
}

/// What a JPEG rectangle may have: as many pixels as [`guac_vnc`] takes at most.
const JPEG_SIZES: [(u16, u16); 4] = [(512, 512), (8192, 32), (32, 8192), (8191, 31)];

const SAMPLINGS: [&[u8]; 10] = [
    &[0x11],
    &[0x44],
    &[0x11, 0x11, 0x11],
    &[0x22, 0x11, 0x11],
    &[0x21, 0x11, 0x11],
    &[0x41, 0x11, 0x11],
    &[0x44, 0x11, 0x11],
    &[0x11, 0x44, 0x44],
    &[0x11, 0x11, 0x11, 0x11],
    &[0x44, 0x44, 0x44, 0x44],
];

#[test]
fn no_jpeg_takes_more_than_its_share() {
    let mut decoded = 0;
    for (width, height) in JPEG_SIZES {
        for sampling in SAMPLINGS {
            for scans in [None, Some(0), Some(1), Some(90)] {
                let jpeg = jpeg(width, height, sampling, scans);
                let rectangle = tight_jpeg(Rect::new(0, 0, width, height), &jpeg);
                let (bytes, result) = peak(width, height, &rectangle);
                let what = format!("{width}x{height}, {sampling:x?}, {scans:?}: {result:?}");
                assert!(bytes < SHARE, "{bytes} bytes for {what}");
                decoded += usize::from(result.is_ok());
            }
        }
    }
    // Some combinations are beyond the decoder, after it has taken what it takes.
    assert!(130 < decoded, "{decoded} were decoded");
}

#[test]
fn more_pixels_are_refused() {
    let jpeg = jpeg(8192, 33, &[0x11], None);
    let rectangle = tight_jpeg(Rect::new(0, 0, 8192, 33), &jpeg);
    let (bytes, result) = peak(8192, 33, &rectangle);
    let refused = Error::Decode {
        encoding: Encoding::Tight,
        error: DecodeError::JpegTooLarge,
    };
    assert_eq!(result, Err(refused));
    assert!(bytes < 100_000, "{bytes} bytes");
}

#[test]
fn a_session_that_uses_everything_at_once_stays_below_the_limit() {
    let (width, height) = (8192, 32);
    let whole = Rect::new(0, 0, width, height);
    let row = Rect::new(0, 0, width, 1);
    let mut stream = Vec::new();
    // A clipboard, a name and a cursor, each of the size that is kept.
    let text = vec![b'x'; 100_000];
    stream.extend([3, 0, 0, 0]);
    stream.extend(u32::try_from(text.len()).unwrap().to_be_bytes());
    stream.extend(&text);
    let name = [&256_u32.to_be_bytes()[..], &[b'x'; 256]].concat();
    stream.extend(rectangle(Rect::default(), -307, &name));
    let cursor = vec![0; 256 * 256 * 4 + 32 * 256];
    stream.extend(rectangle(Rect::new(0, 0, 256, 256), -239, &cursor));
    // Every stream of zlib.
    let raw = announced(&deflated(&vec![7; 8192 * 4]));
    stream.extend(rectangle(row, 6, &raw));
    let tiles = announced(&deflated(&[1, 1, 2, 3].repeat(128)));
    stream.extend(rectangle(row, 16, &tiles));
    for number in 0..4 {
        let pixels = deflated(&vec![7; 8192 * 3]);
        let length = u8::try_from(pixels.len()).unwrap();
        assert!(length < 0x80);
        // With the gradient, which keeps a row.
        let data = [&[number << 4 | 0x40, 2, length][..], &pixels].concat();
        stream.extend(rectangle(row, 7, &data));
    }
    let worst = jpeg(width, height, &[0x44; 4], Some(0));
    stream.extend(tight_jpeg(whole, &worst));
    let (bytes, result) = peak(width, height, &stream);
    assert_eq!(result, Ok(()));
    assert!(bytes < LIMIT, "{bytes} bytes");
    assert!(SHARE / 2 < bytes, "{bytes} bytes: the JPEG was decoded");
}

/// Text that does not get shorter when it is compressed.
fn noise(bytes: usize) -> String {
    let mut state = 1_u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        char::from(b' ' + u8::try_from(state % 95).unwrap())
    };
    std::iter::repeat_with(&mut next).take(bytes).collect()
}

#[test]
fn every_buffer_at_its_fullest_stays_below_the_limit_and_is_counted() {
    const TEXT: usize = 1 << 18;
    let (width, height) = (8192, 32);
    let row = Rect::new(0, 0, width, 1);
    let mut before = Vec::new();
    // A server with the extended clipboard, and fences that nobody reads the answers of.
    let caps = [
        3, 0, 0, 0, 0xff, 0xff, 0xff, 0xf8, 0x1f, 0, 0, 1, 0, 0, 0, 0,
    ];
    for _ in 0..10_000 {
        before.extend([248, 0, 0, 0, 0x80, 0, 0, 0, 64]);
        before.extend([0; 64]);
    }
    // Events that nobody polls: a text, a name and a cursor, each of the size that is kept.
    before.extend([3, 0, 0, 0]);
    before.extend(u32::try_from(TEXT).unwrap().to_be_bytes());
    before.extend(vec![0xe9; TEXT]);
    let name = [&256_u32.to_be_bytes()[..], &[b'x'; 256]].concat();
    before.extend(rectangle(Rect::default(), -307, &name));
    let cursor = vec![0; 256 * 256 * 4 + 32 * 256];
    before.extend(rectangle(Rect::new(0, 0, 256, 256), -239, &cursor));
    // Every stream of zlib, and the row of a gradient.
    let raw = announced(&deflated(&vec![7; 8192 * 4]));
    before.extend(rectangle(row, 6, &raw));
    let tiles = announced(&deflated(&[1, 1, 2, 3].repeat(128)));
    before.extend(rectangle(row, 16, &tiles));
    for number in 0..4 {
        let pixels = deflated(&vec![7; 8192 * 3]);
        let length = u8::try_from(pixels.len()).unwrap();
        let data = [&[number << 4 | 0x40, 2, length][..], &pixels].concat();
        before.extend(rectangle(row, 7, &data));
    }
    // Tiles that are lossy in a part only, more than are kept apart.
    for row in 0..3 {
        let band = jpeg(width, 31, &[0x11], None);
        before.extend(tight_jpeg(Rect::new(0, row * 64, width, 31), &band));
    }
    let worst = jpeg(width, height, &[0x44; 4], Some(0));
    let worst = tight_jpeg(Rect::new(0, 0, width, height), &worst);
    // Another text that is all there but for its end.
    let text = noise(TEXT + 100);
    let size = u32::try_from(TEXT + 100).unwrap().to_be_bytes();
    let provided = deflated(&[&size[..], text.as_bytes()].concat());
    let length = -i32::try_from(provided.len() + 4).unwrap();
    let mut after = [&[3, 0, 0, 0][..], &length.to_be_bytes(), &[0x10, 0, 0, 1]].concat();
    after.extend(&provided[..provided.len() * 9 / 10]);

    let mine = noise(TEXT);
    let mut held = 0;
    let info = allocation_counter::measure(|| {
        let (mut client, mut picture) = connected(width, 8192);
        allocation_counter::opt_out(|| drop(client.take_output()));
        client.feed(&caps, &mut picture).unwrap();
        client.cut_text(&mine);
        for stream in [&before, &worst, &after] {
            for piece in stream.chunks(60_000) {
                client.feed(piece, &mut picture).unwrap();
            }
        }
        held = client.held_bytes();
        // What is live now is what is counted: neither is dropped before it was looked at.
        std::mem::forget(client);
        allocation_counter::opt_out(|| drop(picture));
    });
    assert!(info.bytes_max < LIMIT, "{} bytes", info.bytes_max);
    let live = usize::try_from(info.bytes_current).unwrap();
    assert!(6 * TEXT < live, "{live} bytes: everything was there");
    assert!(live <= held + 20_000, "{live} bytes live, {held} counted");
    assert!(held < 2 * live, "{live} bytes live, {held} counted");
}

fn deflated(data: &[u8]) -> Vec<u8> {
    let mut compress = flate2::Compress::new(flate2::Compression::default(), true);
    let mut stream = Vec::with_capacity(data.len() + 100);
    compress
        .compress_vec(data, &mut stream, flate2::FlushCompress::Sync)
        .unwrap();
    stream
}

fn announced(data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap();
    [&length.to_be_bytes(), data].concat()
}
