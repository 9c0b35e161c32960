//! Lends the desktop picture to the VNC client's decoders.

use guac_display::limits::DESKTOP_MAX_SIDE;
use guac_display::{CursorImage, Desktop};
use guac_vnc::{CursorShape, PixelSink, Rect, Surface};

use super::failure::Failure;

/// Pixels that one read from the VNC server may draw, beside [`PASSES_MAX`].
const PIXELS_MAX: usize = 16 * 1024 * 1024;

/// How often one read may draw the whole desktop. A server sends an update when it is asked to, and
/// no pixel of it twice; a hostile one can ask for a gigabyte of drawing with twenty bytes, again
/// and again, and would keep a processor from everybody else.
const PASSES_MAX: usize = 8;

/// The desktop picture as the decoders see it during one read: they write into it in place.
pub(crate) struct DesktopSink<'a> {
    desktop: &'a mut Desktop,
    drawn: usize,
    /// Pixels of the largest size that the desktop had during the read.
    largest: usize,
    refused_size: Option<(u16, u16)>,
}

impl<'a> DesktopSink<'a> {
    pub(crate) fn new(desktop: &'a mut Desktop) -> Self {
        let (width, height) = desktop.size();
        Self {
            desktop,
            drawn: 0,
            largest: pixels(width, height),
            refused_size: None,
        }
    }

    /// Why the session cannot go on, if it cannot: the server took a size that the picture cannot
    /// have, or drew too much.
    pub(crate) fn refusal(&self) -> Option<Failure> {
        match self.refused_size {
            Some(size) => Some(Failure::TooLarge {
                size,
                limit: (DESKTOP_MAX_SIDE, DESKTOP_MAX_SIDE),
            }),
            None => self.is_overdrawn().then_some(Failure::Overdrawn),
        }
    }

    fn is_overdrawn(&self) -> bool {
        PIXELS_MAX + PASSES_MAX * self.largest < self.drawn
    }

    fn draws(&mut self, width: u16, height: u16) {
        self.drawn = self.drawn.saturating_add(pixels(width, height));
    }
}

fn pixels(width: u16, height: u16) -> usize {
    usize::from(width) * usize::from(height)
}

impl PixelSink for DesktopSink<'_> {
    fn resize(&mut self, width: u16, height: u16) {
        self.draws(width, height);
        if self.refusal().is_some() {
            return;
        }
        if let Err(error) = self.desktop.resize(width, height) {
            tracing::error!("The desktop's size is refused: {error}.");
            self.refused_size = Some((width, height));
        }
        self.largest = self.largest.max(pixels(width, height));
    }

    /// The picture, or one without a pixel when the session cannot go on: decoders stop there.
    fn surface(&mut self) -> Surface<'_> {
        let (width, height) = match self.refusal() {
            Some(_) => (0, 0),
            None => self.desktop.size(),
        };
        let (pixels, stride) = self.desktop.pixels_mut();
        Surface {
            pixels,
            stride,
            width: width.into(),
            height: height.into(),
        }
    }

    fn damage(&mut self, rect: Rect) {
        self.draws(rect.width, rect.height);
        self.desktop.damage(shown(rect));
    }

    fn copied(&mut self, source: Rect, x: u16, y: u16) {
        self.desktop.copied(shown(source), x, y);
    }
}

fn shown(rect: Rect) -> guac_display::Rect {
    guac_display::Rect {
        x: rect.x,
        y: rect.y,
        width: rect.width,
        height: rect.height,
    }
}

/// The server's cursor as the display takes it. One that cannot be shown is hidden: a wrong shape
/// would be worse than none, since browsers then keep their own.
pub(crate) fn cursor_image(shape: CursorShape) -> Option<CursorImage> {
    let CursorShape {
        hotspot_x,
        hotspot_y,
        width,
        height,
        pixels,
    } = shape;
    CursorImage::new(hotspot_x, hotspot_y, width, height, pixels)
        .inspect_err(|error| tracing::debug!("A cursor cannot be shown: {error}"))
        .ok()
}

/// What browsers show until the server sends a shape, if that is not the usual arrow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CursorRendering {
    /// By the browser, at once: an arrow, until the server has sent a shape.
    Local,
    /// By the server, in the picture: a dot marks where the user's own pointer is.
    Remote,
    /// By the server, for users who can only look: there is no pointer of their own.
    Hidden,
}

impl CursorRendering {
    /// The shape to begin with; `None` leaves the arrow.
    pub(crate) fn first_shape(self) -> Option<Option<CursorImage>> {
        match self {
            Self::Local => None,
            Self::Remote => Some(dot()),
            Self::Hidden => Some(None),
        }
    }
}

/// A black dot with a white rim, the hotspot in its middle.
fn dot() -> Option<CursorImage> {
    const SIDE: u16 = 5;
    const BLACK: u32 = 0xFF00_0000;
    const WHITE: u32 = 0xFFFF_FFFF;
    let inside = 1..SIDE - 1;
    let rows = (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (x, y)));
    let pixels = rows.map(|(x, y)| {
        if inside.contains(&x) && inside.contains(&y) {
            BLACK
        } else {
            WHITE
        }
    });
    CursorImage::new(SIDE / 2, SIDE / 2, SIDE, SIDE, pixels.collect()).ok()
}

#[cfg(test)]
mod tests {
    use guac_display::Display;

    use super::*;

    #[test]
    fn a_server_may_draw_all_of_a_desktop_some_times_but_not_for_ever() {
        let mut display = Display::new();
        let mut sink = DesktopSink::new(display.desktop());
        sink.resize(8192, 1024);
        for _ in 0..PASSES_MAX {
            assert_eq!(sink.surface().height, 1024);
            sink.damage(Rect::new(0, 0, 8192, 1024));
        }
        // A desktop that shrinks does not make what was drawn before too much.
        sink.resize(100, 100);
        assert_eq!(sink.surface().height, 100);
        sink.resize(8192, 1024);
        sink.damage(Rect::new(0, 0, 8192, 1024));
        assert!(matches!(sink.refusal(), Some(Failure::Overdrawn)));
        assert_eq!(sink.surface().height, 0);
    }

    #[test]
    fn resizes_are_drawing_too() {
        let mut display = Display::new();
        let mut sink = DesktopSink::new(display.desktop());
        for round in 0..1000 {
            sink.resize(4096 - round % 2, 4096);
        }
        assert!(matches!(sink.refusal(), Some(Failure::Overdrawn)));
    }
}
