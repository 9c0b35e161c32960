//! Which parts of what is shown have changed.

use std::ops::Range;

use crate::rect::{Rect, clip};

/// Rows are kept together in bands of this height.
const BAND: usize = 16;

/// The parts of the shown picture that may have changed: for each 16 rows, from which column to which.
///
/// It is never less than what has changed, and may be more. Its memory is that of the desktop's
/// height: at most 32 kB.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Damage {
    width: usize,
    height: usize,
    bands: Vec<Range<usize>>,
}

impl Damage {
    /// Whether nothing has changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bands.iter().all(Range::is_empty)
    }

    /// Rows and columns of all parts, from top to bottom.
    pub fn parts(&self) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
        let rows = (0..self.height).step_by(BAND);
        rows.map(|top| top..(top + BAND).min(self.height))
            .zip(self.bands.iter().cloned())
            .filter(|(_, columns)| !columns.is_empty())
    }

    /// Everything of a desktop of this size.
    pub(crate) fn resize(&mut self, width: usize, height: usize) {
        (self.width, self.height) = (width, height);
        self.bands.resize(height.div_ceil(BAND), 0..0);
        self.all();
    }

    pub(crate) fn all(&mut self) {
        self.bands.fill(0..self.width);
    }

    pub(crate) fn clear(&mut self) {
        self.bands.fill(0..0);
    }

    pub(crate) fn add(&mut self, rect: Rect) {
        let (columns, rows) = (
            clip(rect.x0, rect.x1, self.width),
            clip(rect.y0, rect.y1, self.height),
        );
        if columns.is_empty() || rows.is_empty() {
            return;
        }
        let bands = rows.start / BAND..rows.end.div_ceil(BAND);
        for band in self.bands.get_mut(bands).unwrap_or_default() {
            *band = if Range::is_empty(band) {
                columns.clone()
            } else {
                band.start.min(columns.start)..band.end.max(columns.end)
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(damage: &Damage) -> Vec<(Range<usize>, Range<usize>)> {
        damage.parts().collect()
    }

    #[test]
    fn damage_is_kept_by_bands() {
        let mut damage = Damage::default();
        damage.resize(100, 40);
        assert_eq!(
            parts(&damage),
            [(0..16, 0..100), (16..32, 0..100), (32..40, 0..100)]
        );
        damage.clear();
        assert!(damage.is_empty());
        damage.add(Rect::new(10, 15, 5, 2));
        damage.add(Rect::new(-5, 20, 8, 1));
        assert_eq!(parts(&damage), [(0..16, 10..15), (16..32, 0..15)]);
    }

    #[test]
    fn what_lies_outside_or_is_empty_is_no_damage() {
        let mut damage = Damage::default();
        damage.add(Rect::new(0, 0, 10, 10));
        damage.resize(100, 40);
        damage.clear();
        for [x, y, width, height] in [
            [100, 0, 5, 5],
            [0, 40, 5, 5],
            [-5, 0, 5, 5],
            [3, 3, 0, 5],
            [i64::MAX, i64::MAX, 5, 5],
        ] {
            damage.add(Rect::new(x, y, width, height));
        }
        assert!(damage.is_empty(), "{damage:?}");
    }
}
