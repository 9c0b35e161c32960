//! Zlib: Raw pixels, compressed in one stream for the whole session (community specification,
//! "Zlib Encoding").

use flate2::Decompress;

use super::{
    Canvas, Decoder, Progress,
    inflate::{Deflated, Inflated, STREAM_BYTES},
    raster::Raster,
};
use crate::{DecodeError, Rect, input::Input};

/// The decoder of Zlib rectangles.
#[derive(Debug, Default)]
pub(super) struct Zlib {
    raster: Raster,
    deflated: Option<Deflated>,
    inflated: Inflated,
    stream: Option<Decompress>,
}

impl Zlib {
    pub(super) fn held_bytes(&self) -> usize {
        self.inflated.held_bytes() + self.stream.as_ref().map_or(0, |_| STREAM_BYTES)
    }
}

impl Decoder for Zlib {
    fn begin(&mut self, rect: Rect) {
        self.raster = Raster::new(rect);
        self.deflated = None;
        self.inflated.clear();
    }

    fn decode(
        &mut self,
        input: &mut Input<'_>,
        canvas: &mut Canvas<'_>,
    ) -> Result<Progress, DecodeError> {
        let deflated = match &mut self.deflated {
            Some(deflated) => deflated,
            None => {
                let Some(length) = input.u32() else {
                    return Ok(Progress::Wait);
                };
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                self.deflated.insert(Deflated::new(length))
            }
        };
        let stream = self.stream.get_or_insert_with(|| Decompress::new(true));
        let format = canvas.formats.full;
        let done = deflated.drive(stream, &mut self.inflated, input, |bytes| {
            Ok(self.raster.pixels(bytes, format, &mut canvas.surface))
        })?;
        Ok(if done { Progress::Done } else { Progress::Wait })
    }
}
