//! Pictures for people: opaque, to be scaled down, put together and written as PNG.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::Context as _;
use guac_canvas::Picture;

use crate::font;

/// Red, green, blue.
pub(crate) type Colour = [u8; 3];

/// An opaque picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Image {
    width: usize,
    height: usize,
    pixels: Vec<Colour>,
}

impl Image {
    /// All of one colour.
    pub(crate) fn new(width: usize, height: usize, colour: Colour) -> Self {
        let pixels = vec![colour; width.saturating_mul(height)];
        Self {
            width,
            height,
            pixels,
        }
    }

    /// What a browser shows of a desktop, which stands over black.
    pub(crate) fn of(picture: &Picture) -> Self {
        Self {
            width: picture.width(),
            height: picture.height(),
            pixels: picture
                .rows()
                .flatten()
                .map(|pixel| over_black(*pixel))
                .collect(),
        }
    }

    pub(crate) const fn height(&self) -> usize {
        self.height
    }

    /// A picture, scaled down to fit into a size; one that is smaller stays as it is. Each pixel is
    /// the mean of those that it stands for.
    pub(crate) fn scaled(picture: &Picture, most_width: usize, most_height: usize) -> Self {
        let (width, height) = fit(
            (picture.width(), picture.height()),
            (most_width, most_height),
        );
        let part = |place: usize, from: usize, to: usize| {
            let start = place * from / to.max(1);
            start..((place + 1) * from / to.max(1)).max(start + 1)
        };
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height {
            let rows = part(y, picture.height(), height);
            for x in 0..width {
                pixels.push(mean(picture, part(x, picture.width(), width), rows.clone()));
            }
        }
        Self {
            width,
            height,
            pixels,
        }
    }

    /// Puts another picture at a place; what lies outside is cut off.
    pub(crate) fn put(&mut self, image: &Self, x: usize, y: usize) {
        for (row, source) in image.pixels.chunks(image.width.max(1)).enumerate() {
            for (column, colour) in source.iter().enumerate() {
                self.set(x + column, y + row, *colour);
            }
        }
    }

    /// Writes a text in our font; characters that it has not are left blank.
    pub(crate) fn write(&mut self, text: &str, x: usize, y: usize, scale: usize, colour: Colour) {
        font::draw(text, scale, |column, row| {
            self.set(x + column, y + row, colour)
        });
    }

    fn set(&mut self, x: usize, y: usize, colour: Colour) {
        if x < self.width
            && let Some(pixel) = self.pixels.get_mut(y * self.width + x)
        {
            *pixel = colour;
        }
    }

    /// Writes it as PNG. An existing file is never replaced: it may be evidence.
    pub(crate) fn save(&self, path: &Path) -> anyhow::Result<()> {
        let name = || format!("{path:?} could not be written");
        let file = File::create_new(path).with_context(name)?;
        self.write_png(file).with_context(name)
    }

    fn write_png(&self, file: File) -> anyhow::Result<()> {
        let mut file = BufWriter::new(file);
        let (width, height) = (u32::try_from(self.width)?, u32::try_from(self.height)?);
        let mut encoder = png::Encoder::new(&mut file, width, height);
        encoder.set_color(png::ColorType::Rgb);
        let mut writer = encoder.write_header()?;
        let mut rows = writer.stream_writer()?;
        for row in self.pixels.chunks(self.width.max(1)) {
            rows.write_all(row.as_flattened())?;
        }
        rows.finish()?;
        writer.finish()?;
        file.flush()?;
        Ok(())
    }
}

/// The largest size of the same shape that fits, at most the size itself.
fn fit(
    (width, height): (usize, usize),
    (most_width, most_height): (usize, usize),
) -> (usize, usize) {
    if width <= most_width && height <= most_height {
        return (width, height);
    }
    // Widths and heights are below 2^15, so that products stay far from overflow.
    if most_width * height <= most_height * width {
        (most_width, (height * most_width / width.max(1)).max(1))
    } else {
        ((width * most_height / height.max(1)).max(1), most_height)
    }
}

fn mean(
    picture: &Picture,
    columns: std::ops::Range<usize>,
    rows: std::ops::Range<usize>,
) -> Colour {
    let mut sums = [0_u32; 3];
    let mut count = 0_u32;
    for y in rows {
        for pixel in picture.row(y).get(columns.clone()).unwrap_or_default() {
            for (sum, part) in sums.iter_mut().zip(over_black(*pixel)) {
                *sum = sum.saturating_add(part.into());
            }
            count += 1;
        }
    }
    sums.map(|sum| {
        u8::try_from((sum + count / 2).checked_div(count).unwrap_or(0)).unwrap_or(u8::MAX)
    })
}

/// A pixel of a canvas over black, which is what a browser shows behind a desktop.
pub(crate) fn over_black(pixel: u32) -> Colour {
    let [alpha, red, green, blue] = pixel.to_be_bytes();
    if alpha == u8::MAX {
        return [red, green, blue];
    }
    [red, green, blue].map(|colour| {
        let scaled = (u32::from(colour) * u32::from(alpha) + 127) / 255;
        u8::try_from(scaled).unwrap_or(u8::MAX)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_keep_their_shape() {
        for (size, most, fitted) in [
            ((1_920, 1_080), (320, 320), (320, 180)),
            ((1_080, 1_920), (320, 320), (180, 320)),
            ((20, 10), (320, 320), (20, 10)),
            ((30_000, 1), (320, 320), (320, 1)),
            ((640, 480), (320, 180), (240, 180)),
        ] {
            assert_eq!(fit(size, most), fitted, "{size:?}");
        }
    }

    #[test]
    fn colours_lie_over_black() {
        assert_eq!(over_black(0xff01_0203), [1, 2, 3]);
        assert_eq!(over_black(0x80ff_ffff), [128, 128, 128]);
        assert_eq!(over_black(0x00ff_ffff), [0, 0, 0]);
    }
}
