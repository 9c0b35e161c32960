//! What a user does: keys and the pointer, in the forms that the server takes.

use super::locks::{Leds, Locks};
use crate::{Event, message, outbox::Outbox};

/// A key that is pressed or released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) keysym: u32,
    /// Where it is on a keyboard; 0 if that is not known.
    pub(crate) scancode: u32,
    pub(crate) pressed: bool,
}

/// What is known of how the server takes input.
#[derive(Debug, Default)]
pub(crate) struct Controls {
    pub(crate) takes_scancodes: bool,
    pub(crate) takes_many_buttons: bool,
    locks: Locks,
}

impl Controls {
    /// The server tells the state of its locks.
    pub(crate) fn report(&mut self, leds: Leds, outbox: &mut Outbox) {
        self.locks.report(leds);
        let Leds { caps, num, scroll } = leds;
        outbox.event(Event::Leds { caps, num, scroll });
    }

    /// Sends a key, after a lock key that has to change for it.
    pub(crate) fn key(&mut self, key: Key, sync_locks: bool, outbox: &mut Outbox) {
        let Key {
            keysym,
            scancode,
            pressed,
        } = key;
        let tap = self.locks.key(keysym, pressed);
        if let Some(lock) = tap.filter(|_| sync_locks) {
            outbox.send(&message::key_event(lock, true));
            outbox.send(&message::key_event(lock, false));
        }
        if self.takes_scancodes && scancode != 0 {
            outbox.send(&message::qemu_key_event(keysym, scancode, pressed));
        } else {
            outbox.send(&message::key_event(keysym, pressed));
        }
    }

    /// Sends the pointer's place with as many buttons as the server takes.
    pub(crate) fn pointer(&self, x: u16, y: u16, buttons: u16, outbox: &mut Outbox) {
        let [_, first] = buttons.to_be_bytes();
        let [_, more] = (buttons >> 7).to_be_bytes();
        if self.takes_many_buttons && more != 0 {
            outbox.send(&message::extended_pointer_event(x, y, first, more));
        } else {
            outbox.send(&message::pointer_event(x, y, first));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(controls: &mut Controls, act: impl Fn(&mut Controls, &mut Outbox)) -> Vec<u8> {
        let mut outbox = Outbox::default();
        act(controls, &mut outbox);
        outbox.take_bytes().unwrap_or_default()
    }

    #[test]
    fn scancodes_go_to_servers_that_take_them() {
        let key = |scancode| Key {
            keysym: 0x61,
            scancode,
            pressed: true,
        };
        let plain = [4, 1, 0, 0, 0, 0, 0, 0x61];
        let mut controls = Controls::default();
        let press = |controls: &mut Controls, scancode| {
            sent(controls, |controls, outbox| {
                controls.key(key(scancode), true, outbox);
            })
        };
        assert_eq!(press(&mut controls, 0x1e), plain);
        controls.takes_scancodes = true;
        assert_eq!(
            press(&mut controls, 0x1e),
            [255, 0, 0, 1, 0, 0, 0, 0x61, 0, 0, 0, 0x1e]
        );
        assert_eq!(press(&mut controls, 0), plain, "its place is not known");
    }

    #[test]
    fn buttons_beyond_the_seventh_go_to_servers_that_take_them() {
        let mut controls = Controls::default();
        let point = |controls: &mut Controls, buttons| {
            sent(controls, |controls, outbox| {
                controls.pointer(2, 3, buttons, outbox);
            })
        };
        assert_eq!(point(&mut controls, 0x0181), [5, 1, 0, 2, 0, 3]);
        controls.takes_many_buttons = true;
        assert_eq!(point(&mut controls, 0x0181), [5, 0x81, 0, 2, 0, 3, 3]);
        assert_eq!(point(&mut controls, 0x0041), [5, 0x41, 0, 2, 0, 3]);
        assert_eq!(point(&mut controls, 0xffff), [5, 0xff, 0, 2, 0, 3, 0xff]);
    }
}
