//! Chooses how an image is encoded.

use crate::deflate::Deflate;
use crate::jpeg::Jpeg;
use crate::palette::Palette;
use crate::png;
use crate::view::View;
use crate::webp;

/// Pixels for each colour from which on an image is no photograph.
const PIXELS_PER_COLOUR: usize = 8;
/// The smallest image that may be lossy, in pixels, if it has at most 256 colours.
const LOSSY_PIXELS: usize = 512;

/// The format of encoded bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// PNG, exact in every pixel.
    Png,
    /// JPEG, about right.
    Jpeg,
    /// WebP, exact in every pixel.
    WebP,
}

impl Format {
    /// Whether it is exact in every pixel.
    #[must_use]
    pub fn is_exact(self) -> bool {
        match self {
            Self::Png | Self::WebP => true,
            Self::Jpeg => false,
        }
    }

    /// The format's name on the wire.
    #[must_use]
    pub fn mimetype(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
        }
    }
}

/// How near to its pixels a lossy image is, from 1 to 100, on the scale that JPEG encoders share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quality(u8);

impl Quality {
    /// A quality; what is outside the scale becomes its nearest end.
    #[must_use]
    pub const fn new(percent: u8) -> Self {
        match percent {
            0 => Self(1),
            101.. => Self(100),
            percent => Self(percent),
        }
    }

    /// From 1 to 100.
    #[must_use]
    pub const fn percent(self) -> u8 {
        self.0
    }
}

/// An encoder with its scratch memory: one for each thread that encodes.
///
/// Its memory grows to one byte for each pixel of the largest image it was given (seven once it has made a lossy one),
/// and about 400 KiB besides; from then on it allocates nothing but what `out` needs to grow.
pub struct Encoder {
    palette: Palette,
    deflate: Deflate,
    jpeg: Jpeg,
    webp: bool,
    block: Vec<u8>,
}

impl Encoder {
    /// An encoder that has encoded nothing.
    #[must_use]
    pub fn new() -> Self {
        Self {
            palette: Palette::new(),
            deflate: Deflate::new(),
            jpeg: Jpeg::default(),
            webp: false,
            block: Vec::new(),
        }
    }

    /// Whether exact photographs may be WebP from now on; at first they are PNG.
    pub fn allow_webp(&mut self, allowed: bool) {
        self.webp = allowed;
    }

    /// Appends the exact image of opaque pixels, whose top byte is ignored, and says in what
    /// format. Few colours become an indexed image: smaller and sooner done than any other.
    pub fn opaque(&mut self, view: &View<'_>, out: &mut Vec<u8>) -> Format {
        if self.palette.build(view) {
            self.indexed(view, out);
            Format::Png
        } else {
            self.many_colours(view, out)
        }
    }

    /// What the palette has taken in.
    fn indexed(&mut self, view: &View<'_>, out: &mut Vec<u8>) {
        let (palette, deflate) = (&self.palette, &mut self.deflate);
        png::indexed(view, palette, deflate, &mut self.block, out);
    }

    fn many_colours(&mut self, view: &View<'_>, out: &mut Vec<u8>) -> Format {
        let is_photographic = view.is_photographic();
        if is_photographic && self.webp {
            let webp = webp::photograph(view, &mut self.block, out);
            if webp.is_some() {
                return Format::WebP;
            }
        }
        if is_photographic {
            png::photograph(view, &mut self.block, out);
        } else {
            png::rgb(view, &mut self.deflate, &mut self.block, out);
        }
        Format::Png
    }

    /// Appends an image that is about right, for what looks like a photograph and moves, and says in
    /// what format: a quarter of the time and a twentieth of the bytes of the exact one. What has few
    /// colours for its size is no photograph, and is exact; so is what is tiny, which gains nothing.
    pub fn lossy(&mut self, view: &View<'_>, quality: Quality, out: &mut Vec<u8>) -> Format {
        let pixels = view.width() * view.height();
        let has_few = |colours: usize| colours * PIXELS_PER_COLOUR <= pixels;
        if self.palette.build(view)
            && (pixels < LOSSY_PIXELS || has_few(self.palette.colours().len()))
        {
            self.indexed(view, out);
            return Format::Png;
        }
        match self.jpeg.encode(view, quality, out) {
            Some(()) => Format::Jpeg,
            None => self.many_colours(view, out),
        }
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
