//! The picture that goes into a video: brightness and colour as encoders take them.

use std::ops::Range;

use guac_canvas::{Canvas, Cursor, Picture};

use crate::font;
use crate::image::over_black;

/// Height of the strip with clock and progress, in pixels.
pub(crate) const STRIP: usize = 24;

/// Height of the progress bar at the strip's lower edge.
const BAR: usize = 4;
const TEXT_SCALE: usize = 2;

/// Brightness of black, of what is not over yet, and of text.
const BLACK: u8 = 16;
const DARK: u8 = 72;
const BRIGHT: u8 = 220;
/// Neither of the two parts of colour.
const GREY: u8 = 128;

/// A black pixel; of others, the bits that make them opaque.
const OPAQUE: u32 = 0xff00_0000;

/// A picture in I420 (BT.709, limited range): the desktop in the middle, the strip below it. Sides
/// are even, as the format wants them.
#[derive(Debug)]
pub(crate) struct Screen {
    width: usize,
    height: usize,
    /// Height of the part for the desktop.
    room: usize,
    /// Brightness, and the two parts of colour for each four pixels.
    planes: [Vec<u8>; 3],
    /// Where the desktop's corner is, and its size.
    origin: (usize, usize),
    size: (usize, usize),
    pointer: Pointer,
    shows_pointer: bool,
    /// Memory for desktops that consist of more than one layer.
    flattened: Picture,
    /// Two rows that are about to be converted.
    rows: [Vec<u32>; 2],
}

/// The pointer as it is drawn.
#[derive(Debug, Default)]
struct Pointer {
    shape: Option<Cursor>,
    /// Where its hotspot is on the desktop.
    place: Option<(i32, i32)>,
}

impl Screen {
    /// A black screen for desktops of up to this size.
    pub(crate) fn new(desktop: (usize, usize), with_strip: bool, shows_pointer: bool) -> Self {
        let even = |side: usize| side.next_multiple_of(2).max(2);
        let (width, room) = (even(desktop.0), even(desktop.1));
        let height = room + if with_strip { STRIP } else { 0 };
        let colour = || vec![GREY; width / 2 * (height / 2)];
        Self {
            width,
            height,
            room,
            planes: [vec![BLACK; width * height], colour(), colour()],
            origin: (0, 0),
            size: (0, 0),
            pointer: Pointer::default(),
            shows_pointer,
            flattened: Picture::default(),
            rows: [Vec::new(), Vec::new()],
        }
    }

    pub(crate) const fn width(&self) -> usize {
        self.width
    }

    pub(crate) const fn height(&self) -> usize {
        self.height
    }

    /// Bytes of the picture.
    pub(crate) fn bytes(&self) -> usize {
        self.planes.iter().map(Vec::len).sum()
    }

    /// Replaces what is in the buffer by the picture.
    pub(crate) fn copy_to(&self, buffer: &mut Vec<u8>) {
        buffer.clear();
        self.planes
            .iter()
            .for_each(|plane| buffer.extend_from_slice(plane));
    }

    /// Takes over what has changed on the canvas since the last time; says whether that is anything.
    pub(crate) fn update(&mut self, canvas: &mut Canvas) -> bool {
        let mut flattened = std::mem::take(&mut self.flattened);
        let desktop = if canvas.is_flat() {
            canvas.desktop()
        } else {
            if !canvas.damage().is_empty() {
                canvas.flatten_into(&mut flattened);
            }
            &flattened
        };
        let resized = self.fit(desktop);
        let mut changed = resized || !canvas.damage().is_empty();
        for (rows, columns) in canvas.damage().parts() {
            self.convert(desktop, rows, columns);
        }
        changed |= self.move_pointer(canvas, desktop);
        self.flattened = flattened;
        canvas.clear_damage();
        changed
    }

    /// Takes over the pointer alone.
    pub(crate) fn update_pointer(&mut self, canvas: &Canvas) -> bool {
        if !canvas.is_flat() {
            let flattened = std::mem::take(&mut self.flattened);
            let changed = self.move_pointer(canvas, &flattened);
            self.flattened = flattened;
            return changed;
        }
        self.move_pointer(canvas, canvas.desktop())
    }

    /// Puts the desktop into the middle of its room; says whether its size is another one now, and
    /// all is black.
    fn fit(&mut self, desktop: &Picture) -> bool {
        let size = (desktop.width(), desktop.height());
        if size == self.size {
            return false;
        }
        let middle = |room: usize, side: usize| room.saturating_sub(side) / 4 * 2;
        self.size = size;
        self.origin = (middle(self.width, size.0), middle(self.room, size.1));
        let [brightness, colours @ ..] = &mut self.planes;
        brightness
            .get_mut(..self.width * self.room)
            .unwrap_or_default()
            .fill(BLACK);
        for plane in colours {
            plane
                .get_mut(..self.width / 2 * (self.room / 2))
                .unwrap_or_default()
                .fill(GREY);
        }
        true
    }

    fn move_pointer(&mut self, canvas: &Canvas, desktop: &Picture) -> bool {
        if !self.shows_pointer
            || (self.pointer.shape.as_ref() == canvas.cursor()
                && self.pointer.place == canvas.pointer())
        {
            return false;
        }
        let before = self.pointer.area();
        self.pointer.shape = canvas.cursor().cloned();
        self.pointer.place = canvas.pointer();
        for (rows, columns) in before.into_iter().chain(self.pointer.area()) {
            self.convert(desktop, rows, columns);
        }
        true
    }

    /// Converts a part of the desktop, with the pointer over it.
    fn convert(&mut self, desktop: &Picture, rows: Range<usize>, columns: Range<usize>) {
        let even = |range: Range<usize>, length: usize, room: usize| {
            let end = range.end.min(length).next_multiple_of(2).min(room);
            (range.start / 2 * 2).min(end)..end
        };
        let columns = even(columns, desktop.width(), self.width);
        let rows = even(rows, desktop.height(), self.room);
        if columns.is_empty() {
            return;
        }
        let [mut upper, mut lower] = std::mem::take(&mut self.rows);
        for y in rows.step_by(2) {
            self.compose(desktop, y, &columns, &mut upper);
            self.compose(desktop, y + 1, &columns, &mut lower);
            self.store(y, columns.start, &upper, &lower);
        }
        self.rows = [upper, lower];
    }

    /// A part of a row as it is seen, in opaque pixels; black where the desktop ends.
    fn compose(&self, desktop: &Picture, y: usize, columns: &Range<usize>, row: &mut Vec<u32>) {
        row.clear();
        let end = columns.end.min(desktop.width());
        row.extend_from_slice(desktop.row(y).get(columns.start..end).unwrap_or_default());
        row.resize(columns.len(), OPAQUE);
        self.pointer.draw(y, columns, row);
        // All are, as a rule, which is far sooner seen than done.
        if row.iter().fold(OPAQUE, |all, pixel| all & pixel) != OPAQUE {
            for pixel in row {
                let [red, green, blue] = over_black(*pixel);
                *pixel = u32::from_be_bytes([u8::MAX, red, green, blue]);
            }
        }
    }

    /// Stores two rows of pixels at a place of the desktop.
    fn store(&mut self, y: usize, x: usize, upper: &[u32], lower: &[u32]) {
        let (x, y) = (x + self.origin.0, y + self.origin.1);
        let [brightness, blue, red] = &mut self.planes;
        for (y, row) in [(y, upper), (y + 1, lower)] {
            let start = y * self.width + x;
            let place = brightness
                .get_mut(start..start + row.len())
                .unwrap_or_default();
            for (place, pixel) in place.iter_mut().zip(row) {
                *place = luma(*pixel);
            }
        }
        let start = y / 2 * (self.width / 2) + x / 2;
        let places = start..start + upper.len() / 2;
        let blue = blue.get_mut(places.clone()).unwrap_or_default();
        let red = red.get_mut(places).unwrap_or_default();
        let pairs = upper
            .as_chunks::<2>()
            .0
            .iter()
            .zip(lower.as_chunks::<2>().0);
        for ((blue, red), (upper, lower)) in blue.iter_mut().zip(red).zip(pairs) {
            (*blue, *red) = chroma([upper[0], upper[1], lower[0], lower[1]]);
        }
    }

    /// Writes the strip: a text, and how much is over, in thousandths.
    pub(crate) fn write_strip(&mut self, text: &str, thousandths: usize) {
        let [brightness, ..] = &mut self.planes;
        let (width, room) = (self.width, self.room);
        let Some(strip) = brightness.get_mut(width * room..) else {
            return;
        };
        strip.fill(BLACK);
        let top = (STRIP - BAR - font::HEIGHT * TEXT_SCALE) / 2;
        let left = width.saturating_sub(font::width(text, TEXT_SCALE)) / 2;
        font::draw(text, TEXT_SCALE, |x, y| {
            if left + x < width
                && let Some(pixel) = strip.get_mut((top + y) * width + left + x)
            {
                *pixel = BRIGHT;
            }
        });
        let over = width * thousandths.min(1_000) / 1_000;
        for row in strip.chunks_mut(width).skip(STRIP - BAR) {
            let (before, after) = row.split_at_mut(over.min(row.len()));
            before.fill(BRIGHT);
            after.fill(DARK);
        }
    }
}

impl Pointer {
    /// The rows and columns of the desktop that it covers.
    fn area(&self) -> Option<(Range<usize>, Range<usize>)> {
        let (left, top) = self.corner()?;
        let picture = &self.shape.as_ref()?.picture;
        let range = |start: i64, length: usize| {
            let place = |place: i64| usize::try_from(place.max(0)).unwrap_or(usize::MAX);
            place(start)..place(start.saturating_add(i64::try_from(length).unwrap_or(i64::MAX)))
        };
        Some((range(top, picture.height()), range(left, picture.width())))
    }

    fn corner(&self) -> Option<(i64, i64)> {
        let (shape, (x, y)) = (self.shape.as_ref()?, self.place?);
        Some((
            i64::from(x) - i64::from(shape.hotspot_x),
            i64::from(y) - i64::from(shape.hotspot_y),
        ))
    }

    /// Draws its part in a part of a row.
    fn draw(&self, y: usize, columns: &Range<usize>, row: &mut [u32]) {
        let (Some((left, top)), Some(shape)) = (self.corner(), &self.shape) else {
            return;
        };
        let offset = |place: usize, origin: i64| {
            usize::try_from(i64::try_from(place).ok()?.checked_sub(origin)?).ok()
        };
        let Some(source) = offset(y, top)
            .map(|y| shape.picture.row(y))
            .filter(|row| !row.is_empty())
        else {
            return;
        };
        for (x, pixel) in columns.clone().zip(row) {
            if let Some(over) = offset(x, left).and_then(|x| source.get(x)) {
                *pixel = blend(*over, *pixel);
            }
        }
    }
}

/// A pixel over one that lies over black.
fn blend(over: u32, under: u32) -> u32 {
    let alpha = over >> 24;
    let (over, under) = (over_black(over), over_black(under));
    let mut mixed = [u8::MAX; 4];
    for ((mixed, over), under) in mixed.iter_mut().skip(1).zip(over).zip(under) {
        let under = (u32::from(under) * (255 - alpha) + 127) / 255;
        *mixed = over.saturating_add(u8::try_from(under).unwrap_or(u8::MAX));
    }
    u32::from_be_bytes(mixed)
}

/// Brightness of an opaque pixel by ITU-R BT.709 in 16 to 235, in fixed point with 15 bits of fraction.
fn luma(pixel: u32) -> u8 {
    let [red, green, blue] = parts(pixel);
    byte(5_983 * red + 20_127 * green + 2_032 * blue + (16 << 15))
}

/// The two parts of colour of four opaque pixels, in 16 to 240 around 128. Sums of four take the place of means.
fn chroma(pixels: [u32; 4]) -> (u8, u8) {
    let mut sum = [0; 3];
    for pixel in pixels {
        for (sum, part) in sum.iter_mut().zip(parts(pixel)) {
            *sum += part;
        }
    }
    let [red, green, blue] = sum;
    let middle = 128 << 15;
    (
        byte((-3_298 * red - 11_094 * green + 14_392 * blue) / 4 + middle),
        byte((14_392 * red - 13_072 * green - 1_320 * blue) / 4 + middle),
    )
}

fn parts(pixel: u32) -> [i32; 3] {
    let [_, red, green, blue] = pixel.to_be_bytes();
    [red, green, blue].map(i32::from)
}

/// Rounds away 15 bits of fraction; what is left is a byte.
const fn byte(fixed: i32) -> u8 {
    let [byte, ..] = ((fixed + (1 << 14)) >> 15).to_le_bytes();
    byte
}

#[cfg(test)]
mod tests;
