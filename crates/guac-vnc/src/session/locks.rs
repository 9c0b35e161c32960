//! Lock keys in step: what a user's keys tell about the locks of the user's keyboard, against
//! what the server says about its own.
//!
//! A browser does not tell whether CapsLock is on, but a capital letter without Shift does. If
//! the server's lock is in the other state, its key is tapped before the letter is sent. Only
//! evidence that has one reading counts, and each state that the server reports is doubted once
//! at most: a key that does not change its lock is not tapped again and again.

/// The locks of a keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Leds {
    pub(crate) caps: bool,
    pub(crate) num: bool,
    pub(crate) scroll: bool,
}

impl Leds {
    /// The bits that both the QEMU and the VMware pseudo-encoding have.
    pub(crate) const fn from_bits(bits: u8) -> Self {
        Self {
            scroll: bits & 1 != 0,
            num: bits & 2 != 0,
            caps: bits & 4 != 0,
        }
    }
}

/// What is known of the server's locks and of the keys that the user holds down.
#[derive(Debug, Default)]
pub(crate) struct Locks {
    caps: Lock,
    num: Lock,
    held: Held,
}

/// One of the server's locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Lock {
    /// The server has not said.
    #[default]
    Unknown,
    /// The server said this, and it may be doubted.
    Reported(bool),
    /// The server said this, and its key was pressed since.
    Stale(bool),
}

const CAPS_LOCK: u32 = 0xffe5;
const NUM_LOCK: u32 = 0xff7f;

impl Locks {
    /// The server tells the state of its locks. One that it told before, and that was acted on,
    /// says nothing new: it may have been sent before the action.
    pub(crate) fn report(&mut self, leds: Leds) {
        self.caps.report(leds.caps);
        self.num.report(leds.num);
    }

    /// A key is pressed or released. Gives the lock key that has to be tapped before it.
    pub(crate) fn key(&mut self, keysym: u32, pressed: bool) -> Option<u32> {
        let tap = if pressed { self.tap(keysym) } else { None };
        match keysym {
            // The user changes the lock: what the server said is about the time before.
            CAPS_LOCK => self.caps.touch(),
            NUM_LOCK => self.num.touch(),
            _ => {}
        }
        self.held.key(keysym, pressed);
        tap
    }

    fn tap(&mut self, keysym: u32) -> Option<u32> {
        let (lock, key, on) = if let Some(on) = self.held.caps_told_by(keysym) {
            (&mut self.caps, CAPS_LOCK, on)
        } else if let Some(on) = self.held.num_told_by(keysym) {
            (&mut self.num, NUM_LOCK, on)
        } else {
            return None;
        };
        if *lock == Lock::Reported(!on) {
            lock.touch();
            Some(key)
        } else {
            None
        }
    }
}

impl Lock {
    fn report(&mut self, on: bool) {
        if *self != Self::Stale(on) {
            *self = Self::Reported(on);
        }
    }

    const fn touch(&mut self) {
        if let Self::Reported(on) = *self {
            *self = Self::Stale(on);
        }
    }
}

/// The keys that change what others mean, one bit each while they are down.
#[derive(Debug, Default)]
struct Held(u16);

impl Held {
    /// Both Shift keys.
    const SHIFT: u16 = 0b11;

    fn key(&mut self, keysym: u32, pressed: bool) {
        let place = match keysym {
            // Shift, Control, CapsLock, ShiftLock, Meta, Alt, Super and Hyper.
            0xffe1..=0xffee => keysym - 0xffe1,
            // AltGr under either of its names.
            0xff7e | 0xfe03 => 14,
            NUM_LOCK => 15,
            _ => return,
        };
        let bit = 1 << place;
        self.0 = if pressed { self.0 | bit } else { self.0 & !bit };
    }

    /// What a letter says about CapsLock: a capital without Shift and a small one with it, that
    /// it is on. With any other modifier it may mean anything.
    fn caps_told_by(&self, keysym: u32) -> Option<bool> {
        let capital = match keysym {
            0x41..=0x5a => true,
            0x61..=0x7a => false,
            _ => return None,
        };
        let only_shift = self.0 & !Self::SHIFT == 0;
        only_shift.then_some(capital == (self.0 == 0))
    }

    /// What a key of the number pad says about NumLock. With Shift, systems differ.
    fn num_told_by(&self, keysym: u32) -> Option<bool> {
        let digit = match keysym {
            // The separator, the decimal point, and the digits.
            0xffac | 0xffae | 0xffb0..=0xffb9 => true,
            // From Home to Delete.
            0xff95..=0xff9f => false,
            _ => return None,
        };
        (self.0 == 0).then_some(digit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIFT: u32 = 0xffe1;
    const RIGHT_SHIFT: u32 = 0xffe2;
    const CONTROL: u32 = 0xffe3;
    const ALT: u32 = 0xffe9;
    const ALT_GR: u32 = 0xfe03;
    const KP_5: u32 = 0xffb5;
    const KP_DECIMAL: u32 = 0xffae;
    const KP_HOME: u32 = 0xff95;
    const KP_BEGIN: u32 = 0xff9d;

    const CAPS: u8 = 4;
    const NUM: u8 = 2;

    fn reported(bits: u8) -> Locks {
        let mut locks = Locks::default();
        locks.report(Leds::from_bits(bits));
        locks
    }

    /// Presses a key with others held.
    fn with(locks: &mut Locks, held: &[u32], keysym: u32) -> Option<u32> {
        for key in held {
            assert_eq!(locks.key(*key, true), None);
        }
        let tap = locks.key(keysym, true);
        for key in held {
            assert_eq!(locks.key(*key, false), None);
        }
        tap
    }

    #[test]
    fn a_key_that_contradicts_the_servers_lock_taps_it() {
        let caps = Some(CAPS_LOCK);
        let num = Some(NUM_LOCK);
        // The server's locks, the keys held, the key pressed, and what is tapped.
        #[rustfmt::skip]
        let rows: [(u8, &[u32], u32, Option<u32>); 33] = [
            (0,    &[],            0x41,       caps), // A: on here, off there
            (0,    &[],            0x5a,       caps), // Z
            (0,    &[],            0x61,       None), // a
            (0,    &[SHIFT],       0x41,       None),
            (0,    &[SHIFT],       0x61,       caps),
            (0,    &[RIGHT_SHIFT], 0x7a,       caps),
            (0,    &[SHIFT, RIGHT_SHIFT], 0x7a, caps),
            (CAPS, &[],            0x41,       None),
            (CAPS, &[],            0x61,       caps),
            (CAPS, &[SHIFT],       0x41,       caps),
            (CAPS, &[SHIFT],       0x61,       None),
            // What is no letter, or none of these, says nothing.
            (CAPS, &[],            0x31,       None),
            (CAPS, &[],            0x40,       None),
            (CAPS, &[],            0x5b,       None),
            (CAPS, &[],            0xe4,       None),
            (CAPS, &[],            0x0100_0061, None),
            (CAPS, &[],            0xff0d,     None),
            // With other modifiers, letters have other meanings.
            (CAPS, &[CONTROL],     0x61,       None),
            (CAPS, &[ALT],         0x61,       None),
            (CAPS, &[ALT_GR],      0x61,       None),
            (CAPS, &[CONTROL, SHIFT], 0x41,    None),
            // While the lock's own key is down, nobody knows.
            (CAPS, &[CAPS_LOCK],   0x61,       None),
            (0,    &[],            KP_5,       num),
            (0,    &[],            KP_DECIMAL, num),
            (0,    &[],            KP_HOME,    None),
            (NUM,  &[],            KP_5,       None),
            (NUM,  &[],            KP_HOME,    num),
            (NUM,  &[],            KP_BEGIN,   num),
            (NUM,  &[SHIFT],       KP_HOME,    None),
            (0,    &[SHIFT],       KP_5,       None),
            (NUM,  &[CONTROL],     KP_HOME,    None),
            // One lock says nothing about the other, and ScrollLock nothing at all.
            (CAPS, &[],            KP_HOME,    None),
            (1,    &[],            0x61,       None),
        ];
        for (bits, held, keysym, tap) in rows {
            let given = with(&mut reported(bits), held, keysym);
            assert_eq!(given, tap, "{bits:#b} {held:x?} {keysym:#x}");
        }
    }

    #[test]
    fn a_server_that_tells_nothing_is_left_alone() {
        let mut locks = Locks::default();
        for keysym in [0x41, 0x61, KP_5, KP_HOME] {
            assert_eq!(locks.key(keysym, true), None);
        }
    }

    #[test]
    fn a_release_taps_nothing() {
        assert_eq!(reported(0).key(0x41, false), None);
    }

    #[test]
    fn each_report_is_doubted_once() {
        let mut locks = reported(0);
        assert_eq!(locks.key(0x41, true), Some(CAPS_LOCK));
        assert_eq!(
            locks.key(0x42, true),
            None,
            "the server had no time to answer"
        );
        locks.report(Leds::from_bits(NUM));
        assert_eq!(locks.key(0x43, true), None, "it says the same as before");
        locks.report(Leds::from_bits(NUM | CAPS));
        assert_eq!(locks.key(0x44, true), None, "it has followed");
        assert_eq!(locks.key(0x61, true), Some(CAPS_LOCK), "the user's changed");
        assert_eq!(locks.key(KP_5, true), None);
        assert_eq!(locks.key(KP_HOME, true), Some(NUM_LOCK), "each for itself");
    }

    #[test]
    fn a_lock_that_the_user_presses_is_not_doubted_before_the_next_report() {
        let mut locks = reported(0);
        locks.key(CAPS_LOCK, true);
        locks.key(CAPS_LOCK, false);
        assert_eq!(locks.key(0x41, true), None);
        locks.report(Leds::from_bits(CAPS));
        assert_eq!(locks.key(0x41, true), None);
        assert_eq!(locks.key(0x61, true), Some(CAPS_LOCK));
    }
}
