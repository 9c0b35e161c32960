//! What scan codes of a PC keyboard type, on a US layout.

/// The characters of four rows of keys without and with Shift, and the first key's code.
const ROWS: [(u8, &str, &str); 4] = [
    (0x02, "1234567890-=", "!@#$%^&*()_+"),
    (0x10, "qwertyuiop[]\n", "QWERTYUIOP{}\n"),
    (0x1e, "asdfghjkl;'`", "ASDFGHJKL:\"~"),
    (0x2c, "zxcvbnm,./", "ZXCVBNM<>?"),
];
const SPACE: u8 = 0x39;
const SHIFTS: [u8; 2] = [0x2a, 0x36];

/// Set in the code of a key that goes up.
const RELEASED: u8 = 0x80;

/// The characters of the keys that went down.
pub(super) fn typed(codes: &[u8]) -> String {
    let mut shifts = 0;
    let mut text = String::new();
    for &code in codes {
        let key = code & !RELEASED;
        if let Some(which) = SHIFTS.iter().position(|shift| *shift == key) {
            shifts &= !(1 << which);
            shifts |= u8::from(code < RELEASED) << which;
        } else if code < RELEASED {
            text.extend(character(key, shifts != 0));
        }
    }
    text
}

fn character(key: u8, is_shifted: bool) -> Option<char> {
    if key == SPACE {
        return Some(' ');
    }
    ROWS.iter().find_map(|(first, plain, shifted)| {
        let row = if is_shifted { shifted } else { plain };
        row.chars().nth(key.checked_sub(*first)?.into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shift_counts_while_it_is_down() {
        let codes = [
            0x2a, 0x1e, 0x9e, 0xaa, 0x1e, 0x9e, 0x36, 0x02, 0xb6, 0x39, 0x3f,
        ];
        assert_eq!(typed(&codes), "Aa! ");
    }
}
