//! The display: layers, buffers, the cursor, and what instructions do to them.

mod apply;
mod flatten;

use std::collections::BTreeMap;

use guac_protocol::{CompositeMode, LayerIndex, Timestamp};

use crate::composite::clears_outside;
use crate::damage::Damage;
use crate::error::CanvasError;
use crate::image::decode;
use crate::layer::{Layer, surface_pixels};
use crate::limits::Limits;
use crate::picture::{Picture, Surface};
use crate::rect::Rect;
use crate::streams::{ImageStream, Streams};
use crate::transfer::transfer;

/// A Guacamole client's display.
#[derive(Debug)]
pub struct Canvas {
    limits: Limits,
    layers: BTreeMap<LayerIndex, Layer>,
    streams: Streams,
    cursor: Option<Cursor>,
    pointer: Option<(i32, i32)>,
    last_sync: Option<Timestamp>,
    frames: u64,
    /// Pixels of all surfaces.
    pixels: usize,
    created: u64,
    damage: Damage,
}

/// The pointer's shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Horizontal position of the hotspot in the picture.
    pub hotspot_x: i32,
    /// Vertical position of the hotspot in the picture.
    pub hotspot_y: i32,
    /// The shape.
    pub picture: Picture,
}

impl Default for Canvas {
    fn default() -> Self {
        Self::new()
    }
}

impl Canvas {
    /// An empty display with the default [`Limits`].
    #[must_use]
    pub fn new() -> Self {
        Self::with_limits(Limits::default())
    }

    /// An empty display.
    #[must_use]
    pub fn with_limits(limits: Limits) -> Self {
        Self {
            limits,
            layers: BTreeMap::from([(LayerIndex::DESKTOP, Layer::new(0, 0, false, 0))]),
            streams: Streams::default(),
            cursor: None,
            pointer: None,
            last_sync: None,
            frames: 0,
            pixels: 0,
            created: 0,
            damage: Damage::default(),
        }
    }

    /// A layer or buffer, if it has been mentioned.
    #[must_use]
    pub fn layer(&self, layer: LayerIndex) -> Option<&Picture> {
        self.layers.get(&layer).map(|layer| &layer.picture)
    }

    /// The desktop: layer 0 by itself, without what lies over it.
    #[must_use]
    pub fn desktop(&self) -> &Picture {
        static EMPTY: Picture = Picture::empty();
        self.layer(LayerIndex::DESKTOP).unwrap_or(&EMPTY)
    }

    /// The pointer's shape, if one was set.
    #[must_use]
    pub const fn cursor(&self) -> Option<&Cursor> {
        self.cursor.as_ref()
    }

    /// Where the pointer was last said to be.
    #[must_use]
    pub const fn pointer(&self) -> Option<(i32, i32)> {
        self.pointer
    }

    /// The time of the last frame.
    #[must_use]
    pub const fn last_sync(&self) -> Option<Timestamp> {
        self.last_sync
    }

    /// How many frames have ended.
    #[must_use]
    pub const fn frames(&self) -> u64 {
        self.frames
    }

    /// What may have changed of [`Canvas::flatten`]'s picture since the canvas was made or
    /// [`Canvas::clear_damage`] was called.
    #[must_use]
    pub const fn damage(&self) -> &Damage {
        &self.damage
    }

    /// Forgets what has changed.
    pub fn clear_damage(&mut self) {
        self.damage.clear();
    }

    /// Notes that a part of a layer was drawn on. What lies over the desktop is rare, and counts as
    /// all of it.
    fn touch(&mut self, index: LayerIndex, rect: Rect) {
        if index == LayerIndex::DESKTOP {
            self.damage.add(rect);
        } else {
            self.touch_layer(index);
        }
    }

    /// Notes that all of a layer may have changed; buffers are not shown.
    fn touch_layer(&mut self, index: LayerIndex) {
        if LayerIndex::DESKTOP <= index {
            self.damage.all();
        }
    }

    /// The layer of this index, made if it has not been mentioned before: a layer as large as the
    /// desktop, or an empty buffer.
    fn mention(&mut self, index: LayerIndex) -> Result<&mut Layer, CanvasError> {
        if !self.layers.contains_key(&index) {
            if self.limits.layers <= self.layers.len() {
                return Err(CanvasError::TooManyLayers);
            }
            let is_buffer = index < LayerIndex::DESKTOP;
            let desktop = self.desktop();
            let (width, height) = if is_buffer {
                (0, 0)
            } else {
                (desktop.width(), desktop.height())
            };
            self.account(0, surface_pixels(width, height), width, height)?;
            self.created += 1;
            self.layers
                .insert(index, Layer::new(width, height, is_buffer, self.created));
        }
        self.layers
            .get_mut(&index)
            .ok_or(CanvasError::TooManyLayers)
    }

    /// Notes that a surface grows or shrinks, if it may.
    fn account(
        &mut self,
        old: usize,
        new: usize,
        width: usize,
        height: usize,
    ) -> Result<(), CanvasError> {
        let pixels = (self.pixels - old).saturating_add(new);
        if old < new && self.limits.pixels < pixels {
            let side = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
            return Err(CanvasError::TooLarge {
                width: side(width),
                height: side(height),
            });
        }
        self.pixels = pixels;
        Ok(())
    }

    fn resize(&mut self, index: LayerIndex, width: i64, height: i64) -> Result<(), CanvasError> {
        let too_large = CanvasError::TooLarge { width, height };
        let side = |length: i64| {
            usize::try_from(length)
                .ok()
                .filter(|length| *length <= self.limits.side)
                .ok_or(too_large)
        };
        let (width, height) = (side(width)?, side(height)?);
        let layer = self.mention(index)?;
        let old = layer.picture.surface.pixels.len();
        self.account(old, surface_pixels(width, height), width, height)?;
        let layer = self.mention(index)?;
        let same = (layer.picture.width, layer.picture.height) == (width, height);
        layer.resize(width, height);
        if index == LayerIndex::DESKTOP && !same {
            self.damage.resize(width, height);
        } else if !same {
            self.touch_layer(index);
        }
        Ok(())
    }

    /// Lets a buffer grow to hold a drawing.
    fn fit(
        &mut self,
        index: LayerIndex,
        x: i64,
        y: i64,
        w: i64,
        h: i64,
    ) -> Result<(), CanvasError> {
        let (width, height) = self.mention(index)?.size_with(x, y, w, h);
        self.resize(index, width, height)
    }

    fn rect(&mut self, index: LayerIndex, [x, y, w, h]: [i64; 4]) -> Result<(), CanvasError> {
        self.mention(index)?.begin_path();
        self.fit(index, x, y, w, h)?;
        let most = self.limits.path;
        let added = self
            .mention(index)?
            .add_to_path(Rect::new(x, y, w, h), most);
        if added {
            Ok(())
        } else {
            Err(CanvasError::PathTooLong)
        }
    }

    fn draw_image(&mut self, stream: &ImageStream) -> Result<(), CanvasError> {
        let image = decode(stream.format, &stream.data, &self.limits)?;
        self.mention(stream.layer)?.set_mode(stream.mode);
        self.place(
            stream.layer,
            &image,
            i64::from(stream.x),
            i64::from(stream.y),
        )
    }

    fn place(
        &mut self,
        index: LayerIndex,
        image: &Surface,
        x: i64,
        y: i64,
    ) -> Result<(), CanvasError> {
        let side = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
        self.fit(index, x, y, side(image.width), side(image.height))?;
        let layer = self.mention(index)?;
        layer.draw(image, x, y);
        if clears_outside(layer.mode()) {
            self.touch_layer(index);
        } else {
            self.touch(
                index,
                Rect::new(x, y, side(image.width), side(image.height)),
            );
        }
        Ok(())
    }

    fn fill(
        &mut self,
        index: LayerIndex,
        mode: CompositeMode,
        colour: u32,
    ) -> Result<(), CanvasError> {
        let layer = self.mention(index)?;
        layer.set_mode(mode);
        layer.fill(colour);
        if clears_outside(mode) || index != LayerIndex::DESKTOP {
            self.touch_layer(index);
        } else if let Some(layer) = self.layers.get(&index) {
            layer.path().iter().for_each(|rect| self.damage.add(*rect));
        }
        Ok(())
    }

    /// A copy of a part of a layer, and how far its corner lies from the one asked for. `None` where
    /// the part is empty.
    fn cut(
        &mut self,
        index: LayerIndex,
        [x, y, w, h]: [i64; 4],
    ) -> Result<Option<(Surface, i64, i64)>, CanvasError> {
        let surface = &self.mention(index)?.picture.surface;
        let (columns, rows) = Rect::new(x, y, w.max(0), h.max(0)).on(surface.width, surface.height);
        if columns.is_empty() || rows.is_empty() {
            return Ok(None);
        }
        let mut part = Surface {
            width: columns.len(),
            height: rows.len(),
            pixels: Vec::new(),
        };
        part.pixels.reserve_exact(part.width * part.height);
        for y in rows {
            part.pixels
                .extend_from_slice(surface.row(y).get(columns.clone()).unwrap_or_default());
        }
        Ok(Some((part, (-x).max(0), (-y).max(0))))
    }

    fn transfer(
        &mut self,
        source: LayerIndex,
        from: [i64; 4],
        function: i32,
        destination: LayerIndex,
        x: i64,
        y: i64,
    ) -> Result<(), CanvasError> {
        let table = u8::try_from(function).ok().filter(|table| *table <= 0xf);
        let table = table.ok_or(CanvasError::UnknownFunction { function })?;
        self.mention(destination)?;
        let Some((image, dx, dy)) = self.cut(source, from)? else {
            return Ok(());
        };
        let side = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
        let (x, y) = (x + dx, y + dy);
        self.fit(destination, x, y, side(image.width), side(image.height))?;
        transfer(
            &mut self.mention(destination)?.picture.surface,
            &image,
            x,
            y,
            table,
        );
        self.touch(
            destination,
            Rect::new(x, y, side(image.width), side(image.height)),
        );
        Ok(())
    }

    /// Only visible layers have a place, and only over visible ones.
    fn shift(
        &mut self,
        index: LayerIndex,
        parent: LayerIndex,
        x: i32,
        y: i32,
        z: i32,
    ) -> Result<(), CanvasError> {
        if LayerIndex::DESKTOP < index && LayerIndex::DESKTOP <= parent {
            let placement = &mut self.mention(index)?.placement;
            (placement.parent, placement.x, placement.y, placement.z) = (parent, x, y, z);
            self.touch_layer(index);
        }
        Ok(())
    }

    fn dispose(&mut self, index: LayerIndex) {
        if index != LayerIndex::DESKTOP
            && let Some(layer) = self.layers.remove(&index)
        {
            self.pixels -= layer.picture.surface.pixels.len();
            self.touch_layer(index);
        }
    }
}
