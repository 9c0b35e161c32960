//! Pictures and their exact comparison.

use std::fmt;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

/// An opaque picture.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// `0x00RRGGBB`, row by row; the top byte is 0 where the picture is opaque.
    pub pixels: Vec<u32>,
}

/// How two pictures of one size differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// How many pixels differ.
    pub count: usize,
    /// The smallest rectangle around them: left, top, right, bottom, all inside it.
    pub bounds: (usize, usize, usize, usize),
}

impl Picture {
    /// Makes a picture of bytes in the order red, green, blue, opacity. What is not opaque gets
    /// a top byte that no pixel of another picture has.
    ///
    /// # Errors
    /// When the bytes do not fill it exactly.
    pub fn from_rgba(width: usize, height: usize, bytes: &[u8]) -> Result<Self> {
        ensure!(
            bytes.len() == width * height * 4,
            "{} bytes are not {width}x{height}",
            bytes.len()
        );
        let pixels = bytes
            .chunks_exact(4)
            .map(|p| u32::from_be_bytes([!p[3], p[0], p[1], p[2]]));
        Ok(Self {
            width,
            height,
            pixels: pixels.collect(),
        })
    }

    /// Reads a picture in the binary PPM format with 255 as the brightest value.
    ///
    /// # Errors
    /// When it is in another format.
    pub fn from_ppm(bytes: &[u8]) -> Result<Self> {
        let mut rest = bytes;
        let mut word = || -> Result<&str> {
            let end = rest.iter().position(u8::is_ascii_whitespace);
            let end = end.context("the header of a PPM ends")?;
            let (word, after) = rest.split_at(end);
            rest = &after[1..];
            Ok(std::str::from_utf8(word)?)
        };
        let header = [word()?, word()?, word()?, word()?];
        let [magic, width, height, brightest] = header;
        ensure!(
            (magic, brightest) == ("P6", "255"),
            "not such a PPM: {header:?}"
        );
        let (width, height): (usize, usize) = (width.parse()?, height.parse()?);
        ensure!(
            rest.len() == width * height * 3,
            "{} bytes are not {width}x{height}",
            rest.len()
        );
        let pixel = |p: &[u8]| u32::from_be_bytes([0, p[0], p[1], p[2]]);
        Ok(Self {
            width,
            height,
            pixels: rest.chunks_exact(3).map(pixel).collect(),
        })
    }

    /// A picture of one colour.
    pub fn filled(width: usize, height: usize, colour: u32) -> Self {
        Self {
            width,
            height,
            pixels: vec![colour; width * height],
        }
    }

    /// A picture without two like neighbours, different for each seed: gradients crossed with noise.
    pub fn pattern(width: usize, height: usize, seed: u32) -> Self {
        let mut state = seed.wrapping_mul(2_654_435_761) | 1;
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                state ^= state << 13;
                state ^= state >> 17;
                state ^= state << 5;
                let noise = if (x / 32 + y / 32) % 2 == 0 {
                    state & 0x1f_1f1f
                } else {
                    0
                };
                let gradient = ((x * 255 / width.max(1)) as u32) << 16
                    | ((y * 255 / height.max(1)) as u32) << 8
                    | (seed & 0xff);
                pixels.push((gradient ^ noise) & 0xff_ffff);
            }
        }
        Self {
            width,
            height,
            pixels,
        }
    }

    /// A picture of flat rectangles, different for each seed: what most of a desktop is made of.
    pub fn blocks(width: usize, height: usize, seed: u32) -> Self {
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                let block = (x / 67 + y / 41 * 131) as u32;
                let colour = (block + 1).wrapping_mul(2_654_435_761) ^ seed.wrapping_mul(0x9e_3779);
                pixels.push(colour >> 8);
            }
        }
        Self {
            width,
            height,
            pixels,
        }
    }

    /// Draws another picture into this one, as far as it lies inside.
    pub fn draw(&mut self, left: usize, top: usize, other: &Self) {
        for (y, row) in other.pixels.chunks(other.width).enumerate() {
            for (x, pixel) in row.iter().enumerate() {
                if left + x < self.width && top + y < self.height {
                    self.pixels[(top + y) * self.width + left + x] = *pixel;
                }
            }
        }
    }

    /// The colour at a place inside the picture.
    pub fn at(&self, x: usize, y: usize) -> u32 {
        self.pixels[y * self.width + x]
    }

    /// Where the other picture differs, if it does.
    ///
    /// # Errors
    /// When the sizes differ.
    pub fn difference(&self, other: &Self) -> Result<Option<Difference>> {
        if (self.width, self.height) != (other.width, other.height) {
            bail!("{self:?} and {other:?} differ in size");
        }
        let mut found: Option<Difference> = None;
        for (index, _) in self
            .pixels
            .iter()
            .zip(&other.pixels)
            .enumerate()
            .filter(|(_, (a, b))| a != b)
        {
            let (x, y) = (index % self.width, index / self.width);
            let entry = found.get_or_insert(Difference {
                count: 0,
                bounds: (x, y, x, y),
            });
            let (left, top, right, bottom) = entry.bounds;
            entry.count += 1;
            entry.bounds = (left.min(x), top.min(y), right.max(x), bottom.max(y));
        }
        Ok(found)
    }

    /// How many pixels have a channel that is more than `by` levels from the other picture's.
    ///
    /// # Errors
    /// When the sizes differ.
    pub fn pixels_apart(&self, other: &Self, by: u8) -> Result<usize> {
        if (self.width, self.height) != (other.width, other.height) {
            bail!("{self:?} and {other:?} differ in size");
        }
        let is_apart = |(one, two): (&u32, &u32)| {
            let mut channels = one.to_be_bytes().into_iter().zip(two.to_be_bytes());
            channels.any(|(a, b)| by < a.abs_diff(b))
        };
        let pairs = self.pixels.iter().zip(&other.pixels);
        Ok(pairs.filter(|pair| is_apart(*pair)).count())
    }

    /// Writes the picture as `target/pictures/<name>.png`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, name: &str) -> Result<PathBuf> {
        let target = crate::guacd::target_directory()?;
        let directory = target.join("pictures");
        fs::create_dir_all(&directory)?;
        let path = directory.join(format!("{name}.png"));
        self.write(&path)?;
        Ok(path)
    }

    /// Writes the picture as a PNG.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let file = File::create(path).with_context(|| format!("create {}", path.display()))?;
        let mut encoder = png::Encoder::new(file, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::High);
        let bytes: Vec<u8> = self
            .pixels
            .iter()
            .flat_map(|p| p.to_be_bytes()[1..].to_vec())
            .collect();
        encoder.write_header()?.write_image_data(&bytes)?;
        Ok(())
    }

    /// Reads a PNG as [`write`](Self::write) makes it.
    ///
    /// # Errors
    /// When it is not one.
    pub fn read(path: &Path) -> Result<Self> {
        let file = File::open(path).with_context(|| format!("open {}", path.display()))?;
        let mut reader = png::Decoder::new(BufReader::new(file)).read_info()?;
        let size = reader.output_buffer_size().context("a PNG has a size")?;
        let mut bytes = vec![0; size];
        let info = reader.next_frame(&mut bytes)?;
        ensure!(info.color_type == png::ColorType::Rgb, "a PNG of colours");
        let color = |p: &[u8]| u32::from_be_bytes([0, p[0], p[1], p[2]]);
        Ok(Self {
            width: info.width as usize,
            height: info.height as usize,
            pixels: bytes.chunks_exact(3).map(color).collect(),
        })
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({}x{})", self.width, self.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ppm_is_read_to_its_last_byte() -> Result<()> {
        let picture = Picture::from_ppm(b"P6\n2 1\n255\n\x01\x02\x03\n\xff\x20")?;
        assert_eq!((picture.width, picture.height), (2, 1));
        assert_eq!(picture.pixels, [0x01_0203, 0x0a_ff20]);
        for bytes in ["P6\n2 1\n255\n123456 ", "P5\n1 1\n255\n123", "P6\n1"] {
            assert!(Picture::from_ppm(bytes.as_bytes()).is_err(), "{bytes:?}");
        }
        Ok(())
    }

    #[test]
    fn the_difference_is_counted_and_bounded() -> Result<()> {
        let one = Picture::pattern(40, 30, 1);
        let mut two = one.clone();
        assert_eq!(one.difference(&two)?, None);
        two.pixels[5 * 40 + 7] ^= 1;
        two.pixels[9 * 40 + 3] ^= 1;
        assert_eq!(
            one.difference(&two)?,
            Some(Difference {
                count: 2,
                bounds: (3, 5, 7, 9)
            })
        );
        assert_eq!(one.pixels_apart(&two, 0)?, 2);
        assert_eq!(one.pixels_apart(&two, 1)?, 0);
        assert!(one.difference(&Picture::filled(30, 40, 0)).is_err());
        Ok(())
    }
}
