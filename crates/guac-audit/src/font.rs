//! The characters of times, in a font of 5 by 7 pixels of our own.

/// Height of a character in pixels, at scale 1.
pub(crate) const HEIGHT: usize = 7;

/// From one character to the next in pixels, at scale 1.
const STEP: usize = 6;

/// Width of a text in pixels.
pub(crate) fn width(text: &str, scale: usize) -> usize {
    (text.chars().count() * STEP).saturating_sub(1) * scale
}

/// Calls `set` for each pixel of a text, from its top left corner.
pub(crate) fn draw(text: &str, scale: usize, mut set: impl FnMut(usize, usize)) {
    for (place, character) in text.chars().enumerate() {
        for (row, bits) in rows(character).iter().enumerate() {
            for column in (0..5).filter(|column| bits & (0x10 >> column) != 0) {
                for dy in 0..scale {
                    for dx in 0..scale {
                        set((place * STEP + column) * scale + dx, row * scale + dy);
                    }
                }
            }
        }
    }
}

/// Five bits a row, the leftmost pixel first.
const fn rows(character: char) -> [u8; HEIGHT] {
    match character {
        '0' => [
            0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110,
        ],
        '1' => [
            0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110,
        ],
        '2' => [
            0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111,
        ],
        '3' => [
            0b11111, 0b00010, 0b00100, 0b00010, 0b00001, 0b10001, 0b01110,
        ],
        '4' => [
            0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010,
        ],
        '5' => [
            0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110,
        ],
        '6' => [
            0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110,
        ],
        '7' => [
            0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000,
        ],
        '8' => [
            0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110,
        ],
        '9' => [
            0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100,
        ],
        ':' => [
            0b00000, 0b00100, 0b00100, 0b00000, 0b00100, 0b00100, 0b00000,
        ],
        '.' => [
            0b00000, 0b00000, 0b00000, 0b00000, 0b00000, 0b00100, 0b00100,
        ],
        '-' => [
            0b00000, 0b00000, 0b00000, 0b01110, 0b00000, 0b00000, 0b00000,
        ],
        '/' => [
            0b00001, 0b00001, 0b00010, 0b00100, 0b01000, 0b10000, 0b10000,
        ],
        'T' => [
            0b11111, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100,
        ],
        'Z' => [
            0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b10000, 0b11111,
        ],
        _ => [0; HEIGHT],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_is_drawn_where_it_stands() {
        let mut pixels = Vec::new();
        draw(" .", 2, |x, y| pixels.push((x, y)));
        pixels.sort_unstable();
        let expected: Vec<_> = (16..18)
            .flat_map(|x| (10..14).map(move |y| (x, y)))
            .collect();
        assert_eq!(pixels, expected);
        assert_eq!((width(" .", 2), width("", 3)), (22, 0));
    }

    #[test]
    fn all_characters_of_times_differ() {
        let mut seen: Vec<_> = "0123456789:.-/TZ".chars().map(rows).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 16);
    }
}
