//! One layer or buffer.

use guac_protocol::{CompositeMode, LayerIndex};

use crate::composite::{Source, draw};
use crate::picture::{Picture, Surface};
use crate::rect::Rect;

/// The stock client sizes its surfaces in multiples of this.
const SIZE_STEP: usize = 64;

/// A layer or buffer, with the drawing state that a browser's canvas keeps for it.
#[derive(Debug)]
pub(crate) struct Layer {
    pub(crate) picture: Picture,
    pub(crate) placement: Placement,
    grows: bool,
    mode: CompositeMode,
    /// The mode that a reset goes back to.
    saved_mode: CompositeMode,
    path: Vec<Rect>,
    path_closed: bool,
}

/// Where a layer is shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placement {
    pub(crate) parent: LayerIndex,
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) z: i32,
    pub(crate) opacity: u8,
    /// Counts up with each new layer; decides between layers of equal `z`.
    pub(crate) order: u64,
}

impl Layer {
    /// An empty layer; `grows` for a buffer, which is as large as what is drawn on it.
    pub(crate) fn new(width: usize, height: usize, grows: bool, order: u64) -> Self {
        let surface = Surface::new(rounded(width), rounded(height));
        let placement = Placement {
            parent: LayerIndex::DESKTOP,
            x: 0,
            y: 0,
            z: 0,
            opacity: 255,
            order,
        };
        Self {
            picture: Picture {
                width,
                height,
                surface,
            },
            placement,
            grows,
            mode: CompositeMode::Over,
            saved_mode: CompositeMode::Over,
            path: Vec::new(),
            path_closed: true,
        }
    }

    /// Sets the size; what does not fit any more is lost, as is the path.
    pub(crate) fn resize(&mut self, width: usize, height: usize) {
        let picture = &mut self.picture;
        if (width, height) == (picture.width, picture.height) {
            return;
        }
        let (inner_width, inner_height) = (rounded(width), rounded(height));
        if (inner_width, inner_height) == (picture.surface.width, picture.surface.height) {
            self.mode = self.saved_mode;
            self.path_closed = false;
        } else {
            let mut surface = Surface::new(inner_width, inner_height);
            let columns = width.min(picture.width);
            for y in 0..height.min(picture.height) {
                let kept = picture.surface.row(y).get(..columns).unwrap_or_default();
                let room = surface.row_mut(y).get_mut(..columns).unwrap_or_default();
                room.copy_from_slice(kept);
            }
            picture.surface = surface;
            self.saved_mode = self.mode;
        }
        self.path.clear();
        (picture.width, picture.height) = (width, height);
    }

    /// The size that a drawing at this place would give the layer.
    pub(crate) fn size_with(&self, x: i64, y: i64, w: i64, h: i64) -> (i64, i64) {
        let side = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
        let (width, height) = (side(self.picture.width), side(self.picture.height));
        if !self.grows {
            return (width, height);
        }
        (
            width.max(x.saturating_add(w)),
            height.max(y.saturating_add(h)),
        )
    }

    pub(crate) const fn set_mode(&mut self, mode: CompositeMode) {
        self.mode = mode;
    }

    pub(crate) const fn mode(&self) -> CompositeMode {
        self.mode
    }

    pub(crate) fn path(&self) -> &[Rect] {
        &self.path
    }

    /// Begins a new path where the last one was filled. What grows the layer must come after it.
    pub(crate) fn begin_path(&mut self) {
        if self.path_closed {
            self.path.clear();
            self.path_closed = false;
        }
    }

    /// Adds a rectangle to the path; `false` if the path has as many as it may have.
    pub(crate) fn add_to_path(&mut self, rect: Rect, most: usize) -> bool {
        let room = self.path.len() < most;
        if room {
            self.path.push(rect);
        }
        room
    }

    /// Fills the path, which stays until another is begun.
    pub(crate) fn fill(&mut self, colour: u32) {
        self.path_closed = true;
        draw(
            &mut self.picture.surface,
            &self.path,
            self.mode,
            &Source::Colour(colour),
        );
    }

    pub(crate) fn draw(&mut self, image: &Surface, x: i64, y: i64) {
        let side = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
        let area = [Rect::new(x, y, side(image.width), side(image.height))];
        draw(
            &mut self.picture.surface,
            &area,
            self.mode,
            &Source::Image { image, x, y },
        );
    }
}

/// The memory behind a layer of this size, in pixels.
pub(crate) const fn surface_pixels(width: usize, height: usize) -> usize {
    rounded(width).saturating_mul(rounded(height))
}

const fn rounded(side: usize) -> usize {
    side.div_ceil(SIZE_STEP) * SIZE_STEP
}
