//! TRLE: 16x16 tiles, not compressed (RFC 6143, "TRLE").

use super::{
    Canvas, Decoder, Progress,
    tiles::{Reuse, Tiles},
};
use crate::{DecodeError, Rect, input::Input};

/// The decoder of TRLE rectangles.
#[derive(Debug, Default)]
pub(super) struct Trle {
    tiles: Tiles<16>,
}

impl Decoder for Trle {
    fn begin(&mut self, rect: Rect) {
        self.tiles.begin(rect);
    }

    fn decode(
        &mut self,
        input: &mut Input<'_>,
        canvas: &mut Canvas<'_>,
    ) -> Result<Progress, DecodeError> {
        let done = self.tiles.decode(input, canvas, Reuse::Allowed)?;
        Ok(if done { Progress::Done } else { Progress::Wait })
    }
}
