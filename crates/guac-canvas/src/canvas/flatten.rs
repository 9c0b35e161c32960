//! What a user sees.

use guac_protocol::{CompositeMode, LayerIndex};

use super::Canvas;
use crate::composite::{Source, draw};
use crate::layer::Layer;
use crate::picture::{Picture, Surface};
use crate::rect::Rect;

impl Canvas {
    /// What a user sees: the desktop with all layers over it, and without the pointer.
    #[must_use]
    pub fn flatten(&self) -> Picture {
        let mut picture = Picture::empty();
        self.flatten_into(&mut picture);
        picture
    }

    /// Like [`Canvas::flatten`], in the memory of a picture that is not needed any more.
    pub fn flatten_into(&self, picture: &mut Picture) {
        let desktop = self.desktop();
        picture.clear(desktop.width(), desktop.height());
        // Layers hang on each other in a tree that their sender has drawn; a ring or a chain of
        // any length must not be followed for ever.
        let mut waiting = vec![(LayerIndex::DESKTOP, 0_i64, 0_i64, 255_u32)];
        let mut left = self.layers.len();
        while let Some((index, x, y, opacity)) = waiting.pop() {
            let Some(layer) = self.layers.get(&index) else {
                continue;
            };
            let opacity = opacity * u32::from(layer.placement.opacity) / 255;
            put(&mut picture.surface, &layer.picture, x, y, opacity);
            let mut above: Vec<_> = self.children(index).collect();
            above.sort_by_key(|(_, layer)| (layer.placement.z, layer.placement.order));
            for (child, layer) in above.into_iter().rev() {
                if left == 0 {
                    break;
                }
                left -= 1;
                let place = layer.placement;
                waiting.push((
                    child,
                    x + i64::from(place.x),
                    y + i64::from(place.y),
                    opacity,
                ));
            }
        }
    }

    /// Whether the [desktop](Canvas::desktop) is all that is shown: no layer lies over it, and it is
    /// not shaded.
    #[must_use]
    pub fn is_flat(&self) -> bool {
        let desktop = self.layers.get(&LayerIndex::DESKTOP);
        desktop.is_some_and(|desktop| desktop.placement.opacity == 255)
            && self.layers.range(LayerIndex(1)..).next().is_none()
    }

    fn children(&self, parent: LayerIndex) -> impl Iterator<Item = (LayerIndex, &Layer)> {
        self.layers
            .range(LayerIndex(1)..)
            .filter(move |(_, layer)| layer.placement.parent == parent)
            .map(|(index, layer)| (*index, layer))
    }
}

/// Draws a layer onto what is shown.
fn put(surface: &mut Surface, picture: &Picture, x: i64, y: i64, opacity: u32) {
    let side = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
    let area = [Rect::new(
        x,
        y,
        side(picture.width()),
        side(picture.height()),
    )];
    if opacity == 255 {
        let image = &picture.surface;
        draw(
            surface,
            &area,
            CompositeMode::Over,
            &Source::Image { image, x, y },
        );
        return;
    }
    let mut shaded = picture.surface.clone();
    for pixel in &mut shaded.pixels {
        let alpha = ((*pixel >> 24) * opacity + 127) / 255;
        *pixel = if alpha == 0 {
            0
        } else {
            (alpha << 24) | (*pixel & 0x00ff_ffff)
        };
    }
    draw(
        surface,
        &area,
        CompositeMode::Over,
        &Source::Image {
            image: &shaded,
            x,
            y,
        },
    );
}
