//! Typing in a browser's page.

use anyhow::Result;
use serde_json::{Value, json};

use crate::browser::Page;

/// A key of the keyboard with what it types under the modifiers of the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// What it means: a character or a name such as `Shift`.
    pub key: &'static str,
    /// Which key it is, by its place.
    pub code: &'static str,
    /// Its old number.
    pub number: u32,
    /// 1 and 2 for the left and the right one of a pair.
    pub location: u32,
}

/// The left Shift key.
pub const SHIFT: Key = Key {
    key: "Shift",
    code: "ShiftLeft",
    number: 16,
    location: 1,
};
/// The AltGr key.
pub const ALT_GR: Key = Key {
    key: "AltGraph",
    code: "AltRight",
    number: 225,
    location: 2,
};
/// The left Control key.
pub const CONTROL: Key = Key {
    key: "Control",
    code: "ControlLeft",
    number: 17,
    location: 1,
};
/// The Return key.
pub const RETURN: Key = Key {
    key: "Enter",
    code: "Enter",
    number: 13,
    location: 0,
};

impl Key {
    /// The key that types this on its own level of a keyboard.
    pub const fn new(key: &'static str, code: &'static str, number: u32) -> Self {
        Self {
            key,
            code,
            number,
            location: 0,
        }
    }

    /// Presses it, with the bits of the modifiers that the browser counts (Shift is 8).
    ///
    /// # Errors
    /// When the page is gone.
    pub fn press(&self, page: &mut Page, modifiers: u32) -> Result<()> {
        let mut event = self.event("keyDown", modifiers);
        if self.key.chars().count() == 1 {
            event["text"] = self.key.into();
        }
        page.key(event)
    }

    /// Lets it go.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn release(&self, page: &mut Page, modifiers: u32) -> Result<()> {
        page.key(self.event("keyUp", modifiers))
    }

    /// Presses it and lets it go.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn strike(&self, page: &mut Page, modifiers: u32) -> Result<()> {
        self.press(page, modifiers)?;
        self.release(page, modifiers)
    }

    fn event(&self, kind: &str, modifiers: u32) -> Value {
        json!({ "type": kind, "key": self.key, "code": self.code, "location": self.location,
                "windowsVirtualKeyCode": self.number, "nativeVirtualKeyCode": self.number,
                "modifiers": modifiers })
    }
}

/// Types a line of ASCII on a US keyboard, with Shift where it takes one.
///
/// # Errors
/// When the page is gone or there is no key for a character.
pub fn type_ascii(page: &mut Page, text: &str) -> Result<()> {
    for character in text.chars() {
        let (code, number, shifted) = us_key(character);
        let written = character.to_string();
        let event = |kind: &str| {
            json!({ "type": kind, "key": written, "code": code, "text": written,
                    "windowsVirtualKeyCode": number, "modifiers": if shifted { 8 } else { 0 } })
        };
        if shifted {
            SHIFT.press(page, 8)?;
        }
        page.key(event("keyDown"))?;
        page.key(event("keyUp"))?;
        if shifted {
            SHIFT.release(page, 0)?;
        }
    }
    Ok(())
}

/// The key of a US keyboard that types an ASCII character, its old number, and whether with Shift.
fn us_key(character: char) -> (String, u32, bool) {
    const PLAIN: &str = "`1234567890-=[]\\;',./ ";
    const SHIFTED: &str = "~!@#$%^&*()_+{}|:\"<>? ";
    const NUMBERS: [u32; 22] = [
        192, 49, 50, 51, 52, 53, 54, 55, 56, 57, 48, 189, 187, 219, 221, 220, 186, 222, 188, 190,
        191, 32,
    ];
    const NAMES: [&str; 22] = [
        "Backquote",
        "Digit1",
        "Digit2",
        "Digit3",
        "Digit4",
        "Digit5",
        "Digit6",
        "Digit7",
        "Digit8",
        "Digit9",
        "Digit0",
        "Minus",
        "Equal",
        "BracketLeft",
        "BracketRight",
        "Backslash",
        "Semicolon",
        "Quote",
        "Comma",
        "Period",
        "Slash",
        "Space",
    ];
    if character.is_ascii_alphabetic() {
        let upper = character.to_ascii_uppercase();
        return (
            format!("Key{upper}"),
            u32::from(upper),
            character.is_ascii_uppercase(),
        );
    }
    let plain = PLAIN.find(character);
    let place = plain
        .or_else(|| SHIFTED.find(character))
        .expect("a US keyboard has a key for it");
    (NAMES[place].to_owned(), NUMBERS[place], plain.is_none())
}
