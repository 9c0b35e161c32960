//! The server's colour map, for sessions whose pixels are indices (RFC 6143,
//! "SetColourMapEntries").

use crate::{
    input::Input,
    pixel::{self, ColourMap},
};

/// The colours that are known, and the entries that are arriving.
#[derive(Debug)]
pub(crate) struct Colours {
    map: Box<ColourMap>,
    /// The entry that comes next; those after the last of the map are read and dropped.
    next: u32,
    left: u16,
    changed: bool,
}

impl Default for Colours {
    fn default() -> Self {
        Self {
            map: Box::new(pixel::initial_map()),
            next: 0,
            left: 0,
            changed: false,
        }
    }
}

impl Colours {
    pub(crate) fn map(&self) -> &ColourMap {
        &self.map
    }

    /// Takes the head of a message: a byte of padding, the first entry and how many there are.
    /// False if it is not all there.
    pub(crate) fn begin(&mut self, input: &mut Input<'_>) -> bool {
        let Some([_, first @ .., high, low]) = input.array::<5>() else {
            return false;
        };
        self.next = u16::from_be_bytes(first).into();
        self.left = u16::from_be_bytes([high, low]);
        self.changed = false;
        true
    }

    /// Takes entries. Tells whether any differs from before once all are there.
    pub(crate) fn feed(&mut self, input: &mut Input<'_>) -> Option<bool> {
        while 0 < self.left {
            // Of each part of a colour, two bytes, the higher is what the picture has room for.
            let [r, _, g, _, b, _] = input.array()?;
            let entry = usize::try_from(self.next)
                .ok()
                .and_then(|index| self.map.get_mut(index));
            if let Some(entry) = entry {
                let color = pixel::rgb([r, g, b]);
                self.changed |= *entry != color;
                *entry = color;
            }
            self.next += 1;
            self.left -= 1;
        }
        Some(self.changed)
    }

    /// Bytes of memory held.
    pub(crate) const fn held_bytes(&self) -> usize {
        size_of::<ColourMap>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRIES: [u8; 17] = [
        0, 0, 254, 0, 2, // two from 254 on
        0x11, 0xaa, 0x22, 0xbb, 0x33, 0xcc, 0xff, 0xff, 0, 0, 0x80, 0,
    ];

    #[test]
    fn entries_are_kept_in_any_split() {
        for cut in 0..=ENTRIES.len() {
            let mut colours = Colours::default();
            let mut waiting = ENTRIES[..cut].to_vec();
            let mut begun = false;
            let mut changed = None;
            for piece in [&[][..], &ENTRIES[cut..]] {
                waiting.extend(piece);
                let mut input = Input::new(&waiting);
                begun = begun || colours.begin(&mut input);
                if begun && changed.is_none() {
                    changed = colours.feed(&mut input);
                }
                waiting = input.rest().to_vec();
            }
            assert_eq!((changed, waiting.len()), (Some(true), 0), "cut at {cut}");
            assert_eq!(colours.map()[254..], [0x112233, 0xff0080]);
        }
    }

    #[test]
    fn the_same_entries_again_change_nothing() {
        let mut colours = Colours::default();
        for changed in [true, false] {
            let mut input = Input::new(&ENTRIES);
            assert!(colours.begin(&mut input));
            assert_eq!(colours.feed(&mut input), Some(changed));
        }
    }

    #[test]
    fn entries_after_the_last_are_read_and_dropped() {
        let mut colours = Colours::default();
        let before = *colours.map();
        for first in [256_u16, 65535] {
            let [high, low] = first.to_be_bytes();
            let message = [&[0, high, low, 0xff, 0xff][..], &[7; 0xffff * 6]].concat();
            let mut input = Input::new(&message);
            assert!(colours.begin(&mut input));
            assert_eq!(colours.feed(&mut input), Some(false));
            assert!(input.is_empty());
        }
        assert_eq!(*colours.map(), before);
    }
}
