//! When something happened, in one line of text.

use guac_protocol::Timestamp;

/// Characters of a strip.
const COLUMNS: usize = 60;

/// Cells that are kept: between this many and half of it, once there was as much to keep.
const CELLS_MAX: usize = 4 * COLUMNS;

/// Input and picture changes over time, in cells that become longer as the recording does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Activity {
    zero: Option<Timestamp>,
    /// Length of a cell in milliseconds, a power of two.
    cell: i64,
    cells: Vec<Happened>,
}

/// What happened within a time.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Happened {
    /// A key, the pointer or a pasted text.
    pub(crate) input: bool,
    /// What is shown changed.
    pub(crate) picture: bool,
}

impl Happened {
    pub(crate) const INPUT: Self = Self {
        input: true,
        picture: false,
    };
    pub(crate) const PICTURE: Self = Self {
        input: false,
        picture: true,
    };
    const NOTHING: Self = Self {
        input: false,
        picture: false,
    };

    const fn and(self, other: Self) -> Self {
        Self {
            input: self.input || other.input,
            picture: self.picture || other.picture,
        }
    }

    const fn letter(self) -> char {
        match (self.input, self.picture) {
            (true, true) => '#',
            (true, false) => 'i',
            (false, true) => '-',
            (false, false) => ' ',
        }
    }
}

impl Default for Activity {
    fn default() -> Self {
        Self {
            zero: None,
            cell: 1,
            cells: Vec::new(),
        }
    }
}

impl Activity {
    /// Notes what happened at a time. What lies before the first one noted counts as then.
    pub(crate) fn note(&mut self, time: Timestamp, happened: Happened) {
        let zero = *self.zero.get_or_insert(time);
        let since = time.0.saturating_sub(zero.0).max(0);
        loop {
            let place = usize::try_from(since / self.cell).unwrap_or(usize::MAX);
            if place < CELLS_MAX {
                if self.cells.len() <= place {
                    self.cells.resize(place + 1, Happened::NOTHING);
                }
                if let Some(cell) = self.cells.get_mut(place) {
                    *cell = cell.and(happened);
                }
                return;
            }
            self.halve();
        }
    }

    fn halve(&mut self) {
        self.cell *= 2;
        let together =
            |pair: &[Happened]| pair.iter().copied().fold(Happened::NOTHING, Happened::and);
        self.cells = self.cells.chunks(2).map(together).collect();
    }

    /// From the first time noted to the last: `#` input and picture changes, `i` input, `-` picture
    /// changes, a space nothing.
    pub(crate) fn strip(&self) -> String {
        let length = self.cells.len();
        let columns = COLUMNS.min(length);
        (0..columns)
            .map(|column| {
                let cells = column * length / columns..(column + 1) * length / columns;
                let cells = self.cells.get(cells).unwrap_or_default();
                cells
                    .iter()
                    .copied()
                    .fold(Happened::NOTHING, Happened::and)
                    .letter()
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_happening_is_at_its_part_of_the_strip() {
        let mut activity = Activity::default();
        for second in 0..=600 {
            if !(5..595).contains(&second) {
                activity.note(Timestamp(5_000 + second * 1_000), Happened::PICTURE);
            }
            if second == 300 || second == 595 {
                activity.note(Timestamp(5_000 + second * 1_000), Happened::INPUT);
            }
        }
        let strip = activity.strip();
        assert_eq!(strip.len(), COLUMNS);
        assert_eq!(strip.replace(' ', ""), "-i#", "{strip:?}");
        let middle = strip.find('i').unwrap();
        assert!((28..32).contains(&middle), "{strip:?}");
        assert!(strip.starts_with('-') && strip.ends_with('#'));
    }

    #[test]
    fn any_times_fit() {
        let mut activity = Activity::default();
        assert_eq!(activity.strip(), "");
        for time in [0, i64::MIN, i64::MAX, 5] {
            activity.note(Timestamp(time), Happened::INPUT);
        }
        assert!(activity.cells.len() <= CELLS_MAX);
        let strip = activity.strip();
        assert!(strip.starts_with('i') && strip.ends_with('i'), "{strip:?}");
    }
}
