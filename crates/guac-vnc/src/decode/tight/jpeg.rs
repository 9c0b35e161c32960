//! JPEG rectangles, decoded by `zune-jpeg` without unsafe code.

use zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};
use zune_jpeg::JpegDecoder;

use crate::{
    DecodeError, Rect,
    collect::Collect,
    decode::Canvas,
    input::Input,
    limits::{MAX_JPEG_BYTES, MAX_JPEG_PIXELS},
    pixel,
};

/// What JPEGs need beside the picture: their compressed bytes, if they come in parts, and their
/// pixels, because the decoder cannot write into a picture with longer rows.
#[derive(Debug, Default)]
pub(super) struct Jpeg {
    data: Collect,
    pixels: Vec<u8>,
}

impl Jpeg {
    pub(super) fn begin(&mut self, rect: Rect, length: usize) -> Result<(), DecodeError> {
        if MAX_JPEG_BYTES < length || MAX_JPEG_PIXELS < rect.area() {
            return Err(DecodeError::JpegTooLarge);
        }
        self.data.restart(length, length);
        Ok(())
    }

    /// Takes the JPEG's bytes, and writes its pixels once they are complete, which it tells.
    pub(super) fn decode(
        &mut self,
        rect: Rect,
        length: usize,
        input: &mut Input<'_>,
        canvas: &mut Canvas<'_>,
    ) -> Result<bool, DecodeError> {
        if self.data.bytes().is_empty()
            && let Some(bytes) = input.take(length)
        {
            self.pixels(rect, bytes, canvas)?;
            return Ok(true);
        }
        if !self.data.feed(input) {
            return Ok(false);
        }
        let data = std::mem::take(&mut self.data);
        let result = self.pixels(rect, data.bytes(), canvas);
        self.data = data;
        result.map(|()| true)
    }

    pub(super) const fn held_bytes(&self) -> usize {
        self.data.capacity() + self.pixels.capacity()
    }

    fn pixels(
        &mut self,
        rect: Rect,
        bytes: &[u8],
        canvas: &mut Canvas<'_>,
    ) -> Result<(), DecodeError> {
        let options = DecoderOptions::new_safe()
            .set_max_width(rect.width.into())
            .set_max_height(rect.height.into())
            .jpeg_set_out_colorspace(ColorSpace::RGB);
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
        decoder.decode_headers().map_err(|_| DecodeError::Jpeg)?;
        // What the decoder would allocate is known now: compare it with what may be.
        if decoder.dimensions() != Some((rect.width.into(), rect.height.into())) {
            return Err(DecodeError::JpegSize);
        }
        self.pixels.resize(rect.area() * 3, 0);
        if decoder.output_buffer_size() != Some(self.pixels.len()) {
            return Err(DecodeError::Jpeg);
        }
        decoder
            .decode_into(&mut self.pixels)
            .map_err(|_| DecodeError::Jpeg)?;

        let format = canvas.formats.tight;
        let rows = self.pixels.chunks_exact(usize::from(rect.width).max(1) * 3);
        for (y, bytes) in (usize::from(rect.y)..).zip(rows) {
            let row = canvas.surface.span(rect.x.into(), y, rect.width.into());
            let (pixels, _) = bytes.as_chunks::<3>();
            for (out, rgb) in row.iter_mut().zip(pixels) {
                *out = format.swapped(pixel::rgb(*rgb));
            }
        }
        Ok(())
    }
}
