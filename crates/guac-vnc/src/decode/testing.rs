//! Byte tables for the decoders' tests: literal bytes in, pixels out, and cut at every byte.

use super::{Canvas, Decoder, Progress};
use crate::{
    ByteOrder, ColorDepth, DecodeError, Rect, Surface,
    input::Input,
    pixel::{ColourMap, Formats},
};

/// A framebuffer and a rectangle in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table {
    width: usize,
    height: usize,
    rect: Rect,
    depth: ColorDepth,
    order: ByteOrder,
}

/// What pixels of [`ColorDepth::Indexed8`] look like in these tables.
pub(super) fn map() -> ColourMap {
    std::array::from_fn(|index| (0x010203 * u32::try_from(index).unwrap()) & 0xff_ffff)
}

impl Table {
    pub(super) fn new(width: usize, height: usize, rect: Rect) -> Self {
        Self {
            width,
            height,
            rect,
            depth: ColorDepth::Bits24,
            order: ByteOrder::Little,
        }
    }

    pub(super) fn depth(self, depth: ColorDepth) -> Self {
        Self { depth, ..self }
    }

    pub(super) fn order(self, order: ByteOrder) -> Self {
        Self { order, ..self }
    }

    /// Decodes these bytes at once, in every split into two, and one at a time: the picture must
    /// be this each time, and no byte left.
    pub(super) fn expect<D: Decoder + Default>(&self, data: &[u8], rows: &[impl AsRef<[u32]>]) {
        let expected: Vec<u32> = rows.iter().flat_map(|row| row.as_ref().to_vec()).collect();
        assert_eq!(
            expected.len(),
            self.width * self.height,
            "the table's own size"
        );
        for cut in 0..=data.len() {
            let (first, second) = data.split_at(cut);
            assert_eq!(
                self.decode::<D>(&[first, second]),
                Ok(expected.clone()),
                "cut at {cut}"
            );
        }
        let bytes: Vec<&[u8]> = data.chunks(1).collect();
        assert_eq!(self.decode::<D>(&bytes), Ok(expected), "one byte at a time");
    }

    /// Decodes these bytes, which must be refused for this reason in every split.
    pub(super) fn refuse<D: Decoder + Default>(&self, data: &[u8], error: DecodeError) {
        assert_eq!(self.decode::<D>(&[data]), Err(error));
        let bytes: Vec<&[u8]> = data.chunks(1).collect();
        assert_eq!(self.decode::<D>(&bytes), Err(error), "one byte at a time");
    }

    /// Decodes pieces one after the other, as a client feeds them: what is not used of one comes
    /// again before the next.
    fn decode<D: Decoder + Default>(&self, pieces: &[&[u8]]) -> Result<Vec<u32>, DecodeError> {
        let mut pixels = vec![0; self.width * self.height];
        let mut decoder = D::default();
        decoder.begin(self.rect);
        self.run(&mut decoder, pieces, &mut pixels)?;
        Ok(pixels)
    }

    /// The same with a decoder and pixels that live on.
    pub(super) fn run<D: Decoder>(
        &self,
        decoder: &mut D,
        pieces: &[&[u8]],
        pixels: &mut [u32],
    ) -> Result<(), DecodeError> {
        let map = map();
        let formats = Formats::new(self.depth, self.order, false, &map);
        let mut waiting = Vec::new();
        let mut progress = Progress::Wait;
        for piece in pieces {
            waiting.extend_from_slice(piece);
            if progress == Progress::Done {
                continue;
            }
            let surface = Surface {
                pixels: &mut *pixels,
                stride: self.width,
                width: self.width,
                height: self.height,
            };
            let mut input = Input::new(&waiting);
            progress = decoder.decode(&mut input, &mut Canvas { surface, formats })?;
            let used = waiting.len() - input.len();
            waiting.drain(..used);
        }
        if pieces.iter().all(|piece| piece.is_empty()) && progress == Progress::Wait {
            let surface = Surface {
                pixels,
                stride: self.width,
                width: self.width,
                height: self.height,
            };
            progress = decoder.decode(&mut Input::new(&[]), &mut Canvas { surface, formats })?;
        }
        assert_eq!(
            (progress, waiting.len()),
            (Progress::Done, 0),
            "complete, and all bytes used"
        );
        Ok(())
    }
}

/// A zlib stream made by hand: its two bytes, and one stored block that is not the last.
pub(super) fn stored(data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap();
    let mut stream = vec![0x78, 0x01, 0x00];
    stream.extend(length.to_le_bytes());
    stream.extend((!length).to_le_bytes());
    stream.extend(data);
    stream
}

/// A zlib stream as servers make it: compressed, and flushed to a byte's end.
pub(super) fn deflated(data: &[u8]) -> Vec<u8> {
    let mut compress = flate2::Compress::new(flate2::Compression::default(), true);
    let mut stream = Vec::with_capacity(data.len() + 100);
    compress
        .compress_vec(data, &mut stream, flate2::FlushCompress::Sync)
        .unwrap();
    assert_eq!(compress.total_in(), data.len() as u64);
    stream
}

/// Data after its length in four bytes.
pub(super) fn announced(data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap();
    [&length.to_be_bytes(), data].concat()
}
