//! A set of pixels: for each tile of 64x64 pixels, the smallest rectangle that holds its part.

use crate::area::Area;

/// The side of a tile in pixels.
pub(crate) const TILE: u16 = 64;

/// Pixels of one picture, by tiles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Region {
    width: u16,
    height: u16,
    columns: usize,
    /// Row by row; what a tile holds lies inside it.
    tiles: Vec<Area>,
    empty: bool,
}

impl Region {
    /// No pixel of a picture of `width` by `height`.
    pub(crate) fn new(width: u16, height: u16) -> Self {
        let columns = usize::from(width.div_ceil(TILE));
        let rows = usize::from(height.div_ceil(TILE));
        Self {
            width,
            height,
            columns,
            tiles: vec![Area::EMPTY; columns * rows],
            empty: true,
        }
    }

    /// All pixels of a picture of `width` by `height`.
    pub(crate) fn full(width: u16, height: u16) -> Self {
        let mut region = Self::new(width, height);
        region.add(Area {
            left: 0,
            top: 0,
            right: width,
            bottom: height,
        });
        region
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.empty
    }

    pub(crate) fn clear(&mut self) {
        if !self.empty {
            self.tiles.fill(Area::EMPTY);
            self.empty = true;
        }
    }

    /// Adds what of `area` is inside the picture.
    pub(crate) fn add(&mut self, area: Area) {
        let area = area.intersection(Area {
            left: 0,
            top: 0,
            right: self.width,
            bottom: self.height,
        });
        if area.is_empty() {
            return;
        }
        self.empty = false;
        let columns = usize::from(area.left / TILE)..usize::from(area.right.div_ceil(TILE));
        for row in area.top / TILE..area.bottom.div_ceil(TILE) {
            let start = usize::from(row) * self.columns;
            let touched = start + columns.start..start + columns.end;
            let mut left = area.left / TILE * TILE;
            for tile in self.tiles.get_mut(touched).unwrap_or_default() {
                let bounds = tile_bounds(left, row * TILE);
                *tile = tile.union(area.intersection(bounds));
                left += TILE;
            }
        }
    }

    /// Adds a region of the same picture.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (tile, added) in self.tiles.iter_mut().zip(&other.tiles) {
            *tile = tile.union(*added);
        }
        self.empty &= other.empty;
    }

    /// The smallest area that holds all of it.
    pub(crate) fn bounds(&self) -> Area {
        let held = self.tiles.iter().filter(|tile| !tile.is_empty());
        held.fold(Area::EMPTY, |bounds, tile| bounds.union(*tile))
    }

    /// How many pixels its rectangles hold.
    pub(crate) fn pixels(&self) -> u32 {
        let held = self.tiles.iter().filter(|tile| !tile.is_empty());
        held.map(|tile| tile.pixels()).sum()
    }

    /// The rows of tiles from the top; a tile without pixels is an empty area.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &[Area]> {
        // A picture without width has no tiles, and `chunks` wants no zero.
        self.tiles.chunks(self.columns.max(1))
    }
}

/// The tile whose corner this is.
pub(crate) fn tile_bounds(left: u16, top: u16) -> Area {
    Area {
        left,
        top,
        right: left + TILE,
        bottom: top + TILE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::area::area;

    fn held(region: &Region) -> Vec<Area> {
        let tiles = region.rows().flatten().copied();
        tiles.filter(|tile| !tile.is_empty()).collect()
    }

    #[test]
    fn an_area_is_cut_at_the_tiles() {
        let mut region = Region::new(130, 100);
        assert!(region.is_empty());
        region.add(area(60, 60, 130, 70));
        assert!(!region.is_empty());
        let expected = [
            area(60, 60, 64, 64),
            area(64, 60, 128, 64),
            area(128, 60, 130, 64),
            area(60, 64, 64, 70),
            area(64, 64, 128, 70),
            area(128, 64, 130, 70),
        ];
        assert_eq!(held(&region), expected);
        region.clear();
        assert!(region.is_empty() && held(&region).is_empty());
    }

    #[test]
    fn areas_in_one_tile_are_held_by_one_rectangle() {
        let mut region = Region::new(64, 64);
        region.add(area(1, 2, 3, 4));
        region.add(area(10, 0, 11, 1));
        assert_eq!(held(&region), [area(1, 0, 11, 4)]);
        let mut other = Region::new(64, 64);
        other.merge(&region);
        assert_eq!(other, region);
    }

    #[test]
    fn the_largest_picture_is_held_to_its_last_pixel() {
        let region = Region::full(8192, 8192);
        assert_eq!(held(&region).len(), 128 * 128);
        assert_eq!(held(&region).last(), Some(&area(8128, 8128, 8192, 8192)));
        assert!(Region::full(0, 0).is_empty());
    }
}
