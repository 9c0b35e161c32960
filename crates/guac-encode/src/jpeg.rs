//! JPEG, for what moves and looks like a photograph.
//!
//! `turbojpeg` is C and assembly behind a safe interface, and is given our own pixels only; without
//! that feature the same images are made in Rust, in two to four times the time. Neither reads a
//! file.

use crate::encoder::Quality;
use crate::view::View;

/// The largest image in pixels with Huffman tables of its own: those that all share are most of a
/// sliver's bytes. They would make a large image an eighth smaller too, in half as much time again.
const OWN_TABLES_PIXELS: usize = 128 * 128;

#[cfg(feature = "turbojpeg")]
pub(crate) use turbo::Jpeg;

#[cfg(not(feature = "turbojpeg"))]
pub(crate) use pure::Jpeg;

#[cfg(not(any(feature = "turbojpeg", feature = "pure-rust")))]
compile_error!("guac-encode needs one of its features `turbojpeg` and `pure-rust`");

#[cfg(feature = "turbojpeg")]
mod turbo {
    use super::{OWN_TABLES_PIXELS, Quality, View};
    use turbojpeg::{Compressor, Image, PixelFormat, Subsamp};

    /// A pixel is one `u32`, so that its bytes lie as the processor has them.
    const PIXELS: PixelFormat = if cfg!(target_endian = "little") {
        PixelFormat::BGRX
    } else {
        PixelFormat::XRGB
    };

    /// A compressor and the memory that it writes to; made when it is first needed.
    #[derive(Default)]
    pub(crate) struct Jpeg {
        compressor: Option<(Compressor, Quality)>,
        written: Vec<u8>,
    }

    impl Jpeg {
        /// Appends the image; `None`, with nothing appended, if there is no memory for it.
        pub(crate) fn encode(
            &mut self,
            view: &View<'_>,
            quality: Quality,
            out: &mut Vec<u8>,
        ) -> Option<()> {
            let compressor = compressor(&mut self.compressor, quality)?;
            let (width, height) = (view.width(), view.height());
            let bound = compressor.buf_len(width, height).ok()?;
            if self.written.len() < bound {
                // Memory that the system zeroes takes room only where it is written to, and images
                // are far smaller than their bound.
                self.written = vec![0; bound];
            }
            let tables = width * height <= OWN_TABLES_PIXELS;
            compressor.set_optimize(tables).ok()?;
            let image = Image {
                pixels: bytemuck::cast_slice(view.pixels()),
                width,
                pitch: view.stride() * size_of::<u32>(),
                height,
                format: PIXELS,
            };
            let length = compressor
                .compress_to_slice(image, &mut self.written)
                .ok()?;
            out.extend_from_slice(self.written.get(..length)?);
            Some(())
        }
    }

    /// The compressor, set to `quality`.
    fn compressor(
        kept: &mut Option<(Compressor, Quality)>,
        quality: Quality,
    ) -> Option<&mut Compressor> {
        if kept.as_ref().is_none_or(|(_, set)| *set != quality) {
            let mut compressor = match kept.take() {
                Some((compressor, _)) => compressor,
                None => Compressor::new().ok()?,
            };
            compressor.set_quality(i32::from(quality.percent())).ok()?;
            compressor.set_subsamp(Subsamp::Sub2x2).ok()?;
            *kept = Some((compressor, quality));
        }
        kept.as_mut().map(|(compressor, _)| compressor)
    }
}

#[cfg(not(feature = "turbojpeg"))]
mod pure {
    use super::{OWN_TABLES_PIXELS, Quality, View};
    use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

    /// The memory for pixels on their way.
    #[derive(Default)]
    pub(crate) struct Jpeg {
        pixels: Vec<u8>,
    }

    impl Jpeg {
        /// Appends the image; `None`, with nothing appended, if there is no memory for it.
        pub(crate) fn encode(
            &mut self,
            view: &View<'_>,
            quality: Quality,
            out: &mut Vec<u8>,
        ) -> Option<()> {
            self.pixels.clear();
            for row in view.rows() {
                let bytes = row.iter().flat_map(|pixel| pixel.to_le_bytes());
                self.pixels.extend(bytes);
            }
            let width = u16::try_from(view.width()).ok()?;
            let height = u16::try_from(view.height()).ok()?;
            let before = out.len();
            let mut encoder = Encoder::new(&mut *out, quality.percent());
            encoder.set_sampling_factor(SamplingFactor::F_2_2);
            encoder.set_optimized_huffman_tables(view.width() * view.height() <= OWN_TABLES_PIXELS);
            let encoded = encoder.encode(&self.pixels, width, height, ColorType::Bgra);
            if encoded.is_err() {
                out.truncate(before);
            }
            encoded.ok()
        }
    }
}
