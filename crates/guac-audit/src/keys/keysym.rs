//! What a keysym is called and types.

use std::borrow::Cow;

use guac_protocol::Keysym;

/// A key as guaclog's notation knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    /// Its name, without brackets.
    pub(crate) name: Cow<'static, str>,
    /// What it types in an editor.
    pub(crate) text: Option<char>,
    pub(crate) role: Role,
}

/// Whether a key changes what others mean while it is held down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Plain,
    /// Shift and AltGr: what is typed with them has keysyms of its own.
    Shifting,
    /// What is pressed with it is a command.
    Commanding,
}

/// What a key of stock guaclog's list types.
enum Types {
    Nothing,
    Text(char),
    Shifts,
    Commands,
}

use Types::{Commands, Nothing, Shifts, Text};

/// The keys that stock guaclog has names for. Those of the keypad and the function keys are rules,
/// see [`Key::new`].
// A table, with a row for each key.
#[rustfmt::skip]
const NAMED: &[(u32, &str, Types)] = &[
    (0xfe03, "AltGr", Shifts),
    (0xff08, "Backspace", Nothing),
    (0xff09, "Tab", Nothing),
    (0xff0b, "Clear", Nothing),
    (0xff0d, "Return", Text('\n')),
    (0xff13, "Pause", Nothing),
    (0xff14, "Scroll", Nothing),
    (0xff15, "SysReq", Nothing),
    (0xff1b, "Escape", Nothing),
    (0xff63, "Insert", Nothing),
    (0xff65, "Undo", Nothing),
    (0xff6a, "Help", Nothing),
    (0xff7f, "Num", Nothing),
    (0xff80, "Space", Text(' ')),
    (0xff8d, "Enter", Text('\n')),
    (0xff9e, "Insert", Nothing),
    (0xffe1, "Shift", Shifts),
    (0xffe2, "Shift", Shifts),
    (0xffe3, "Ctrl", Commands),
    (0xffe4, "Ctrl", Commands),
    (0xffe5, "Caps", Nothing),
    (0xffe7, "Meta", Commands),
    (0xffe8, "Meta", Commands),
    (0xffe9, "Alt", Commands),
    (0xffea, "Alt", Commands),
    (0xffeb, "Super", Commands),
    (0xffec, "Super", Commands),
    (0xffed, "Hyper", Commands),
    (0xffee, "Hyper", Commands),
    (0xffff, "Delete", Nothing),
];

/// The keys that move the cursor, in the order of their keysyms, on the keyboard and on the keypad.
const MOVES: [&str; 8] = [
    "Home",
    "Left",
    "Up",
    "Right",
    "Down",
    "Page Up",
    "Page Down",
    "End",
];

impl Key {
    /// Names as stock guaclog gives them. Keys that it shows as a number have the character that X11
    /// gives them, or else X11's name, or else that number.
    pub(crate) fn new(Keysym(keysym): Keysym) -> Self {
        if let Some((_, name, types)) = NAMED.iter().find(|(named, ..)| *named == keysym) {
            let (text, role) = match types {
                Nothing => (None, Role::Plain),
                Text(text) => (Some(*text), Role::Plain),
                Shifts => (None, Role::Shifting),
                Commands => (None, Role::Commanding),
            };
            return Self {
                name: Cow::Borrowed(name),
                text,
                role,
            };
        }
        if let Some(text) = character(keysym) {
            return Self {
                name: text.to_string().into(),
                text: Some(text),
                role: Role::Plain,
            };
        }
        let name = moving(keysym)
            .map(Cow::Borrowed)
            .or_else(|| function(keysym).map(|number| format!("F{number}").into()))
            .or_else(|| x11_name(keysym).map(Cow::Owned))
            .unwrap_or_else(|| format!("0x{keysym:X}").into());
        Self {
            name,
            text: None,
            role: Role::Plain,
        }
    }
}

fn moving(keysym: u32) -> Option<&'static str> {
    let place = match keysym {
        0xff50..=0xff57 => keysym - 0xff50,
        0xff95..=0xff9c => keysym - 0xff95,
        _ => return None,
    };
    MOVES.get(usize::try_from(place).ok()?).copied()
}

const fn function(keysym: u32) -> Option<u32> {
    match keysym {
        0xffbe..=0xffd5 => Some(keysym - 0xffbe + 1),
        _ => None,
    }
}

/// The character of a keysym. Latin-1, which here includes the control characters, and Unicode
/// keysyms are the character itself; the sets of other scripts that are older than Unicode have a
/// table in X11.
fn character(keysym: u32) -> Option<char> {
    const UNICODE: std::ops::RangeInclusive<u32> = 0x0100_0000..=0x0110_ffff;
    match keysym {
        0x01..=0xff => char::from_u32(keysym),
        _ if UNICODE.contains(&keysym) => char::from_u32(keysym - UNICODE.start()),
        // The keys of a keyboard that are not characters: X11 knows control characters for some.
        0xff00..=0xffff => keypad(keysym),
        _ => xkeysym::Keysym::new(keysym).key_char(),
    }
}

/// What the operators and digits of the keypad type.
fn keypad(keysym: u32) -> Option<char> {
    match keysym {
        0xffaa..=0xffb9 | 0xffbd => char::from_u32(keysym & 0x7f),
        _ => None,
    }
}

/// X11's name, without the `XK_` that its header puts into each.
fn x11_name(keysym: u32) -> Option<String> {
    let name = xkeysym::Keysym::new(keysym).name()?;
    Some(name.replacen("XK_", "", 1))
}

#[cfg(test)]
mod tests;
