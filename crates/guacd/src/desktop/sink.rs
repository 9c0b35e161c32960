//! Lends the desktop picture to the VNC client's decoders.

use guac_display::{CursorImage, Desktop};
use guac_vnc::{CursorShape, PixelSink, Rect, Surface};

/// The desktop picture as the decoders see it: they write into it in place.
pub(crate) struct DesktopSink<'a> {
    desktop: &'a mut Desktop,
    refused_size: bool,
}

impl<'a> DesktopSink<'a> {
    pub(crate) fn new(desktop: &'a mut Desktop) -> Self {
        Self {
            desktop,
            refused_size: false,
        }
    }

    /// Whether the server took a size that the picture cannot have. The session cannot go on.
    pub(crate) fn refused_size(&self) -> bool {
        self.refused_size
    }
}

impl PixelSink for DesktopSink<'_> {
    fn resize(&mut self, width: u16, height: u16) {
        if let Err(error) = self.desktop.resize(width, height) {
            tracing::error!("The desktop's size is refused: {error}.");
            self.refused_size = true;
        }
    }

    fn surface(&mut self) -> Surface<'_> {
        let (width, height) = self.desktop.size();
        let (pixels, stride) = self.desktop.pixels_mut();
        Surface {
            pixels,
            stride,
            width: width.into(),
            height: height.into(),
        }
    }

    fn damage(&mut self, rect: Rect) {
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
