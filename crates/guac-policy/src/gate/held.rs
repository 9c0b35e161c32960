//! What a viewer holds down, so that it can be let go when the viewer leaves.

use guac_protocol::Keysym;

use crate::input::DesktopInput;
use crate::limits;
use crate::state::Permitted;

/// Keys and buttons that went down through this gate and have not come up.
#[derive(Debug, Default)]
pub(super) struct Held {
    keys: Vec<Keysym>,
    buttons: u8,
    position: (u16, u16),
}

impl Held {
    /// Notes a key; `false` if no more keys can be held.
    pub(super) fn key(&mut self, keysym: Keysym, pressed: bool) -> bool {
        let place = self.keys.iter().position(|held| *held == keysym);
        match (place, pressed) {
            (None, true) if limits::HELD_KEYS <= self.keys.len() => return false,
            (None, true) => self.keys.push(keysym),
            (Some(place), false) => {
                self.keys.swap_remove(place);
            }
            (Some(_), true) | (None, false) => {}
        }
        true
    }

    /// Whether a key is down.
    pub(super) fn holds(&self, keysym: Keysym) -> bool {
        self.keys.contains(&keysym)
    }

    /// Notes where the pointer is and which buttons are down.
    pub(super) const fn pointer(&mut self, x: u16, y: u16, buttons: u8) {
        self.position = (x, y);
        self.buttons = buttons;
    }

    /// Lets everything go.
    pub(super) fn release(&mut self) -> Vec<Permitted<DesktopInput>> {
        let keys = std::mem::take(&mut self.keys);
        let mut releases: Vec<_> = keys
            .into_iter()
            .rev()
            .map(|keysym| DesktopInput::Key {
                keysym,
                pressed: false,
            })
            .collect();
        if self.buttons != 0 {
            let (x, y) = self.position;
            self.buttons = 0;
            releases.push(DesktopInput::Pointer { x, y, buttons: 0 });
        }
        releases.into_iter().map(Permitted::new).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn released(held: &mut Held) -> Vec<DesktopInput> {
        held.release()
            .iter()
            .map(|input| input.get().clone())
            .collect()
    }

    #[test]
    fn what_is_down_comes_up_once() {
        let mut held = Held::default();
        let (shift, letter) = (Keysym(0xffe1), Keysym(0x41));
        assert!(held.key(shift, true) && held.key(letter, true) && held.key(letter, true));
        held.pointer(3, 4, 1);
        let up = |keysym| DesktopInput::Key {
            keysym,
            pressed: false,
        };
        let pointer = DesktopInput::Pointer {
            x: 3,
            y: 4,
            buttons: 0,
        };
        assert!(released(&mut held) == [up(letter), up(shift), pointer]);
        assert!(released(&mut held).is_empty());
    }

    #[test]
    fn what_came_up_stays_up() {
        let mut held = Held::default();
        held.key(Keysym(0x61), true);
        held.key(Keysym(0x61), false);
        held.pointer(1, 1, 4);
        held.pointer(2, 2, 0);
        assert!(released(&mut held).is_empty());
    }

    #[test]
    fn the_number_of_held_keys_is_bounded() {
        let mut held = Held::default();
        for key in 0..u32::try_from(limits::HELD_KEYS).unwrap() {
            assert!(held.key(Keysym(key), true));
        }
        assert!(!held.key(Keysym(0xffff), true));
        assert!(held.key(Keysym(0), false));
        assert!(held.key(Keysym(0xffff), true));
    }
}
