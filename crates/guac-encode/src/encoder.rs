//! Chooses how an image is encoded.

use crate::deflate::Deflate;
use crate::palette::Palette;
use crate::png;
use crate::view::View;

/// The format of encoded bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// PNG, exact in every pixel.
    Png,
}

impl Format {
    /// The format's name on the wire.
    #[must_use]
    pub fn mimetype(self) -> &'static str {
        match self {
            Self::Png => "image/png",
        }
    }
}

/// An encoder with its scratch memory: one for each thread that encodes.
///
/// Its memory grows to one byte for each pixel of the largest image it was given, and about
/// 400 KiB besides; from then on it allocates nothing but what `out` needs to grow.
pub struct Encoder {
    palette: Palette,
    deflate: Deflate,
    block: Vec<u8>,
}

impl Encoder {
    /// An encoder that has encoded nothing.
    #[must_use]
    pub fn new() -> Self {
        Self {
            palette: Palette::new(),
            deflate: Deflate::new(),
            block: Vec::new(),
        }
    }

    /// Appends the exact image of opaque pixels, whose top byte is ignored, and says in what
    /// format. Few colours become an indexed image: smaller and sooner done than any other.
    pub fn opaque(&mut self, view: &View<'_>, out: &mut Vec<u8>) -> Format {
        if self.palette.build(view) {
            let (palette, deflate) = (&self.palette, &mut self.deflate);
            png::indexed(view, palette, deflate, &mut self.block, out);
        } else if view.is_photographic() {
            png::photograph(view, &mut self.block, out);
        } else {
            png::rgb(view, &mut self.deflate, &mut self.block, out);
        }
        Format::Png
    }

    /// Appends the exact image of pixels with alpha, and says in what format.
    pub fn with_alpha(&mut self, view: &View<'_>, out: &mut Vec<u8>) -> Format {
        png::rgba(view, &mut self.deflate, &mut self.block, out);
        Format::Png
    }
}

impl Default for Encoder {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encoder").finish_non_exhaustive()
    }
}
