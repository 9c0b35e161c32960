//! From keys that go down and up to what was typed.

use std::borrow::Cow;

use guac_protocol::Keysym;

use super::keysym::{Key, Role};

/// Which modifiers are held down.
#[derive(Debug, Default)]
pub(crate) struct Keyboard {
    /// In the order in which they went down. Like in stock guaclog, one that was released stays for
    /// as long as one after it is held.
    modifiers: Vec<Modifier>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Modifier {
    keysym: Keysym,
    name: Cow<'static, str>,
    role: Role,
    held: bool,
}

/// A key that went down and is no modifier, with the modifiers of that moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stroke {
    key: Key,
    modifiers: Vec<Modifier>,
}

impl Keyboard {
    /// Notes that a key went down or up. `None` where nothing is typed by that.
    pub(crate) fn key(&mut self, keysym: Keysym, pressed: bool) -> Option<Stroke> {
        let key = Key::new(keysym);
        if key.role == Role::Plain {
            let modifiers = self.modifiers.clone();
            return pressed.then_some(Stroke { key, modifiers });
        }
        match self
            .modifiers
            .iter_mut()
            .find(|known| known.keysym == keysym)
        {
            Some(known) => known.held = pressed,
            None => self.modifiers.push(Modifier {
                keysym,
                name: key.name,
                role: key.role,
                held: pressed,
            }),
        }
        let kept = self.modifiers.iter().rposition(|modifier| modifier.held);
        self.modifiers.truncate(kept.map_or(0, |last| last + 1));
        None
    }
}

impl Stroke {
    /// What stock guaclog writes for this: its text for modifiers that were released, too. For a
    /// command with a key without text it writes the word `(null)`; here, the key's name.
    pub(crate) fn as_guaclog(&self) -> Cow<'_, str> {
        let names = self.command(|_| true);
        match (names, self.key.text) {
            (Some(names), Some(text)) => format!("<{names}{text}>").into(),
            (Some(names), None) => format!("<{names}{}>", self.key.name).into(),
            (None, Some(text)) => text.to_string().into(),
            (None, None) => format!("<{}>", self.key.name).into(),
        }
    }

    /// What was typed, in the same notation, for one line: characters that do not print are named,
    /// and modifiers that were released before are left out.
    pub(crate) fn on_a_line(&self) -> Cow<'_, str> {
        let names = self.command(|modifier| modifier.held);
        let text = self.key.text.filter(|text| prints(*text));
        match (names, text) {
            (Some(names), Some(text)) => format!("<{names}{text}>").into(),
            (Some(names), None) => format!("<{names}{}>", self.name()).into(),
            (None, Some(text)) => text.to_string().into(),
            (None, None) => format!("<{}>", self.name()).into(),
        }
    }

    /// Whether it ends a line of what was typed.
    pub(crate) fn ends_line(&self) -> bool {
        self.key.text == Some('\n') && self.command(|modifier| modifier.held).is_none()
    }

    fn name(&self) -> Cow<'_, str> {
        match self.key.text {
            // Return and Enter have a name beside their text; other characters are their name.
            Some(text) if self.key.name.chars().eq([text]) => {
                format!("U+{:04X}", u32::from(text)).into()
            }
            _ => Cow::Borrowed(&self.key.name),
        }
    }

    /// The names of those modifiers, if together they make this a command.
    fn command(&self, which: impl Fn(&Modifier) -> bool) -> Option<String> {
        let chosen = || self.modifiers.iter().filter(|modifier| which(modifier));
        chosen()
            .any(|modifier| modifier.role == Role::Commanding)
            .then(|| {
                chosen()
                    .map(|modifier| &*modifier.name)
                    .collect::<Vec<_>>()
                    .join("+")
            })
    }
}

/// Whether a terminal shows a character and does nothing else: no control character, and none that
/// changes the direction or the shape of what stands around it.
fn prints(character: char) -> bool {
    !character.is_control() && {
        let mut escaped = character.escape_debug();
        // A backslash and quotes are escaped too, with one character.
        matches!(character, '\\' | '"' | '\'') || escaped.next() == Some(character)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: u32 = 0x61;
    const AT: u32 = 0x40;
    const RETURN: u32 = 0xff0d;
    const LEFT: u32 = 0xff51;
    const ALTGR: u32 = 0xfe03;
    const SHIFT: u32 = 0xffe1;
    const CTRL: u32 = 0xffe3;
    const ALT: u32 = 0xffe9;

    /// Keys that go down, and up where they are negative: as guaclog writes it, and on a line.
    fn typed(keys: &[i64]) -> (String, String) {
        let mut keyboard = Keyboard::default();
        let mut texts = (String::new(), String::new());
        for key in keys {
            let keysym = Keysym(u32::try_from(key.abs()).unwrap());
            if let Some(stroke) = keyboard.key(keysym, 0 < *key) {
                texts.0.push_str(&stroke.as_guaclog());
                texts.1.push_str(&stroke.on_a_line());
            }
        }
        texts
    }

    #[test]
    fn strokes_are_written_in_guaclogs_notation() {
        let down = |key: u32| i64::from(key);
        let up = |key: u32| -i64::from(key);
        for (keys, plain, line) in [
            (vec![down(A), up(A)], "a", "a"),
            (vec![down(LEFT)], "<Left>", "<Left>"),
            (vec![down(RETURN)], "\n", "<Return>"),
            (vec![down(SHIFT), down(0x41), up(SHIFT)], "A", "A"),
            (vec![down(ALTGR), down(AT)], "@", "@"),
            (
                vec![down(CTRL), down(A), up(CTRL), down(A)],
                "<Ctrla>a",
                "<Ctrla>a",
            ),
            (
                vec![down(CTRL), down(SHIFT), down(0x41)],
                "<Ctrl+ShiftA>",
                "<Ctrl+ShiftA>",
            ),
            (vec![down(CTRL), down(LEFT)], "<CtrlLeft>", "<CtrlLeft>"),
            (vec![down(CTRL), down(RETURN)], "<Ctrl\n>", "<CtrlReturn>"),
            // Stock forgets that Ctrl was released for as long as Shift is held.
            (
                vec![down(CTRL), down(SHIFT), up(CTRL), down(A)],
                "<Ctrl+Shifta>",
                "a",
            ),
            (
                vec![down(ALT), down(CTRL), up(ALT), down(A)],
                "<Alt+Ctrla>",
                "<Ctrla>",
            ),
            (vec![down(CTRL), down(CTRL), up(CTRL), down(A)], "a", "a"),
            (vec![up(CTRL), down(A)], "a", "a"),
        ] {
            assert_eq!(
                typed(&keys),
                (plain.to_owned(), line.to_owned()),
                "{keys:?}"
            );
        }
    }

    #[test]
    fn what_does_not_print_is_named() {
        let (plain, line) = typed(&[0x1b, 0x0100_202e, 0x0100_009b, 0x5c, 0x22, 0x0101_f600]);
        assert_eq!(plain, "\u{1b}\u{202e}\u{9b}\\\"😀");
        assert_eq!(line, "<U+001B><U+202E><U+009B>\\\"😀");
    }

    #[test]
    fn modifiers_are_few_however_many_keys_there_are() {
        let mut keyboard = Keyboard::default();
        for keysym in (0..0x2_0000).chain(0x0100_0000..0x0100_2000) {
            keyboard.key(Keysym(keysym), true);
        }
        assert_eq!(keyboard.modifiers.len(), 13);
    }

    #[test]
    fn only_return_alone_ends_a_line() {
        let ends = |keys: &[u32]| {
            let mut keyboard = Keyboard::default();
            let strokes = keys.iter().map(|key| keyboard.key(Keysym(*key), true));
            strokes.last().flatten().map(|stroke| stroke.ends_line())
        };
        assert_eq!(ends(&[RETURN]), Some(true));
        assert_eq!(ends(&[0xff8d]), Some(true));
        assert_eq!(ends(&[SHIFT, RETURN]), Some(true));
        assert_eq!(ends(&[CTRL, RETURN]), Some(false));
        assert_eq!(ends(&[A]), Some(false));
        assert_eq!(ends(&[CTRL]), None);
    }
}
