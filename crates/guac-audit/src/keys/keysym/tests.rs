//! Against X11's own list, `keysymdef.h` of xorgproto 2022.1: `keysymdef.tsv` has its keysyms of other
//! scripts than Latin-1, in hexadecimal, with the Unicode character that the list's comments give
//! them, and its dead keys, which have none.

use super::*;

/// What the list puts into parentheses is not exact; for these two, libxkbcommon and everyone who
/// follows it have the mathematical brackets, since Unicode discourages those of the list.
const BRACKETS: [(u32, char); 2] = [(0xabc, '⟨'), (0xabe, '⟩')];

const KEYSYMDEF: &str = include_str!("../keysymdef.tsv");

fn text(keysym: u32) -> Option<char> {
    Key::new(Keysym(keysym)).text
}

fn name(keysym: u32) -> String {
    Key::new(Keysym(keysym)).name.into_owned()
}

#[test]
fn keysyms_of_all_scripts_are_the_characters_that_x11_gives_them() {
    let mut wrong = Vec::new();
    for row in KEYSYMDEF.lines() {
        let columns: Vec<&str> = row.split('\t').collect();
        let hexadecimal = |column: &str| u32::from_str_radix(column, 16).ok();
        let keysym = hexadecimal(columns[0]).unwrap();
        let bracket = BRACKETS.iter().find(|(bracket, _)| *bracket == keysym);
        let character = bracket
            .map(|(_, character)| *character)
            .or_else(|| hexadecimal(columns[1]).and_then(char::from_u32));
        let right = match character {
            Some(character) => text(keysym) == Some(character),
            None => text(keysym).is_none() && name(keysym) == columns[2],
        };
        if !right {
            wrong.push(format!("{row}: {:?} {:?}", text(keysym), name(keysym)));
        }
    }
    assert_eq!(KEYSYMDEF.lines().count(), 811);
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn latin_1_and_unicode_keysyms_are_their_character() {
    for (keysym, character) in [
        (0x20, ' '),
        (0x7e, '~'),
        (0xe4, 'ä'),
        (0xff, 'ÿ'),
        (0x0100_20ac, '€'),
        (0x0101_f600, '😀'),
        (0x0110_ffff, '\u{10ffff}'),
        // Without a row in the table.
        (0x20ac, '€'),
    ] {
        assert_eq!(text(keysym), Some(character), "{keysym:x}");
        assert_eq!(name(keysym), character.to_string());
    }
    for keysym in [0x0100_d800, 0x0111_0000, 0x0200_0041, u32::MAX] {
        assert_eq!(
            (text(keysym), name(keysym)),
            (None, format!("0x{keysym:X}"))
        );
    }
}

#[test]
fn keys_that_do_not_print_have_their_names() {
    for (keysym, named) in [
        (0xff08, "Backspace"),
        (0xff55, "Page Up"),
        (0xff57, "End"),
        (0xff95, "Home"),
        (0xff9b, "Page Down"),
        (0xffbe, "F1"),
        (0xffd5, "F24"),
        (0xffe5, "Caps"),
        (0xffff, "Delete"),
        (0xfe03, "AltGr"),
        // Stock guaclog shows these as numbers; the names are X11's.
        (0xfe51, "dead_acute"),
        (0xff61, "Print"),
        (0xff67, "Menu"),
        (0xff9f, "KP_Delete"),
        (0xff9d, "KP_Begin"),
        (0, "NoSymbol"),
        (0x1008_ff13, "XF86AudioRaiseVolume"),
    ] {
        assert_eq!(
            (name(keysym).as_str(), text(keysym)),
            (named, None),
            "{keysym:x}"
        );
    }
}

#[test]
fn the_keypad_types_its_digits_and_operators() {
    let typed: String = (0xffaa..=0xffb9).filter_map(text).collect();
    assert_eq!(typed, "*+,-./0123456789");
    assert_eq!((text(0xffbd), text(0xff80)), (Some('='), Some(' ')));
    assert_eq!((text(0xff8d), text(0xff0d)), (Some('\n'), Some('\n')));
}
