//! Images to pixels, in safe code, bounded before anything is decoded.

use std::io::Cursor;

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use crate::error::CanvasError;
use crate::limits::Limits;
use crate::picture::Surface;

const PNG: CanvasError = CanvasError::BadImage { format: "PNG" };
const JPEG: CanvasError = CanvasError::BadImage { format: "JPEG" };
const WEBP: CanvasError = CanvasError::BadImage { format: "WebP" };

/// Decodes an image of this mimetype.
pub(crate) fn decode(
    mimetype: Format,
    data: &[u8],
    limits: &Limits,
) -> Result<Surface, CanvasError> {
    match mimetype {
        Format::Png => png(data, limits),
        Format::Jpeg => jpeg(data, limits),
        Format::WebP => webp(data, limits),
    }
}

/// The kinds of images that the stock client draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Png,
    Jpeg,
    WebP,
}

impl Format {
    pub(crate) fn new(mimetype: &str) -> Option<Self> {
        match mimetype {
            "image/png" => Some(Self::Png),
            "image/jpeg" => Some(Self::Jpeg),
            "image/webp" => Some(Self::WebP),
            _ => None,
        }
    }
}

fn png(data: &[u8], limits: &Limits) -> Result<Surface, CanvasError> {
    let mut decoder = png::Decoder::new_with_limits(
        Cursor::new(data),
        png::Limits {
            bytes: limits.pixels,
        },
    );
    decoder.set_transformations(
        png::Transformations::normalize_to_color8() | png::Transformations::ALPHA,
    );
    let header = decoder.read_header_info().map_err(|_| PNG)?;
    let (width, height) = checked(header.width, header.height, limits)?;
    let mut reader = decoder.read_info().map_err(|_| PNG)?;
    let size = reader.output_buffer_size().ok_or(PNG)?;
    let mut bytes = vec![0; size];
    let info = reader.next_frame(&mut bytes).map_err(|_| PNG)?;
    let pixels = match info.color_type {
        png::ColorType::Rgba => bytes.chunks_exact(4).map(rgba).collect(),
        png::ColorType::GrayscaleAlpha => bytes.chunks_exact(2).map(grey_alpha).collect(),
        png::ColorType::Rgb | png::ColorType::Grayscale | png::ColorType::Indexed => {
            return Err(PNG);
        }
    };
    surface(width, height, pixels).ok_or(PNG)
}

fn jpeg(data: &[u8], limits: &Limits) -> Result<Surface, CanvasError> {
    let options = DecoderOptions::default()
        .set_max_width(limits.side)
        .set_max_height(limits.side)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(data), options);
    decoder.decode_headers().map_err(|_| JPEG)?;
    let (width, height) = decoder.dimensions().ok_or(JPEG)?;
    let side = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let (width, height) = checked(side(width), side(height), limits)?;
    let bytes = decoder.decode().map_err(|_| JPEG)?;
    surface(width, height, bytes.chunks_exact(3).map(rgb).collect()).ok_or(JPEG)
}

fn webp(data: &[u8], limits: &Limits) -> Result<Surface, CanvasError> {
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(data)).map_err(|_| WEBP)?;
    decoder.set_memory_limit(limits.pixels);
    let (width, height) = decoder.dimensions();
    let (width, height) = checked(width, height, limits)?;
    let mut bytes = vec![0; decoder.output_buffer_size().ok_or(WEBP)?];
    decoder.read_image(&mut bytes).map_err(|_| WEBP)?;
    let pixels = if decoder.has_alpha() {
        bytes.chunks_exact(4).map(rgba).collect()
    } else {
        bytes.chunks_exact(3).map(rgb).collect()
    };
    surface(width, height, pixels).ok_or(WEBP)
}

/// The size of an image, if it is one that may be decoded.
fn checked(width: u32, height: u32, limits: &Limits) -> Result<(usize, usize), CanvasError> {
    let too_large = CanvasError::TooLarge {
        width: width.into(),
        height: height.into(),
    };
    let side = |length: u32| {
        usize::try_from(length)
            .ok()
            .filter(|length| *length <= limits.side)
            .ok_or(too_large)
    };
    let (width, height) = (side(width)?, side(height)?);
    if limits.image_pixels < width.saturating_mul(height) {
        return Err(too_large);
    }
    Ok((width, height))
}

fn surface(width: usize, height: usize, pixels: Vec<u32>) -> Option<Surface> {
    (pixels.len() == width * height).then_some(Surface {
        width,
        height,
        pixels,
    })
}

fn rgba(bytes: &[u8]) -> u32 {
    match *bytes {
        [_, _, _, 0] => 0,
        [red, green, blue, alpha] => u32::from_be_bytes([alpha, red, green, blue]),
        _ => 0,
    }
}

fn grey_alpha(bytes: &[u8]) -> u32 {
    match *bytes {
        [grey, alpha] => rgba(&[grey, grey, grey, alpha]),
        _ => 0,
    }
}

fn rgb(bytes: &[u8]) -> u32 {
    match *bytes {
        [red, green, blue] => u32::from_be_bytes([255, red, green, blue]),
        _ => 0,
    }
}
