//! ZRLE: 64x64 tiles, compressed in one stream for the whole session (RFC 6143, "ZRLE").

use flate2::Decompress;

use super::{
    Canvas, Decoder, Progress,
    inflate::{Deflated, Inflated, STREAM_BYTES},
    tiles::{Reuse, Tiles},
};
use crate::{DecodeError, Rect, input::Input};

/// The decoder of ZRLE rectangles.
#[derive(Debug, Default)]
pub(super) struct Zrle {
    tiles: Tiles<64>,
    deflated: Option<Deflated>,
    inflated: Inflated,
    stream: Option<Decompress>,
}

impl Zrle {
    pub(super) fn held_bytes(&self) -> usize {
        self.inflated.held_bytes() + self.stream.as_ref().map_or(0, |_| STREAM_BYTES)
    }
}

impl Decoder for Zrle {
    fn begin(&mut self, rect: Rect) {
        self.tiles.begin(rect);
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
        let done = deflated.drive(stream, &mut self.inflated, input, |bytes| {
            self.tiles.decode(bytes, canvas, Reuse::Never)
        })?;
        Ok(if done { Progress::Done } else { Progress::Wait })
    }
}
