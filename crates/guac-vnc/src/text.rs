//! Text of clipboards, in the encodings that VNC servers use for it.

/// How a clipboard's text is encoded where a server has no extended clipboard.
///
/// The protocol has Latin-1 there, and servers keep to it or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TextEncoding {
    /// ISO 8859-1, one byte for each of the first 256 characters of Unicode.
    #[default]
    Latin1,
    /// UTF-8.
    Utf8,
    /// UTF-16 with the lower byte first and without a mark of the order.
    Utf16,
    /// Windows' Western European code page.
    Cp1252,
    /// The classic Macintosh's.
    MacRoman,
}

/// Characters 0x80 to 0x9f of CP1252, those that differ from Latin-1. Five are not defined.
const CP1252: &str = "€\u{fffd}‚ƒ„…†‡ˆ‰Š‹Œ\u{fffd}Ž\u{fffd}\u{fffd}‘’“”•–—˜™š›œ\u{fffd}žŸ";

/// Characters 0x80 to 0xff of MacRoman.
const MAC_ROMAN: &str = "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø\
    ¿¡¬√ƒ≈∆«»…\u{a0}ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\u{f8ff}ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ";

impl TextEncoding {
    /// How many bytes are enough for any text of which `max` bytes of UTF-8 are kept.
    pub(crate) const fn bytes_for(self, max: usize) -> usize {
        match self {
            // The character that contains the last byte may have three more.
            Self::Utf8 => max.saturating_add(3),
            // A character has at least half as many bytes in UTF-8, and one may be of four.
            Self::Utf16 => max.saturating_mul(2).saturating_add(2),
            Self::Latin1 | Self::Cp1252 | Self::MacRoman => max,
        }
    }

    /// Decodes a text up to its first null, and up to the character with which it has `max` bytes
    /// of UTF-8. What is no text becomes U+FFFD.
    pub(crate) fn decode(self, bytes: &[u8], max: usize) -> String {
        match self {
            Self::Latin1 => take(bytes.iter().map(|byte| char::from(*byte)), max),
            Self::Utf8 => {
                let parts = bytes.utf8_chunks().flat_map(|part| {
                    let replaced = (!part.invalid().is_empty()).then_some('\u{fffd}');
                    part.valid().chars().chain(replaced)
                });
                take(parts, max)
            }
            Self::Utf16 => {
                let (units, _) = bytes.as_chunks::<2>();
                let units = units.iter().map(|unit| u16::from_le_bytes(*unit));
                let characters = char::decode_utf16(units);
                take(characters.map(|c| c.unwrap_or('\u{fffd}')), max)
            }
            Self::Cp1252 => take(decode_single(bytes, &cp1252()), max),
            Self::MacRoman => take(decode_single(bytes, &mac_roman()), max),
        }
    }

    /// Encodes a text, with `?` for each character that the encoding does not have.
    pub(crate) fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.into(),
            Self::Utf16 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Self::Latin1 => text
                .chars()
                .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
                .collect(),
            Self::Cp1252 => encode_single(text, &cp1252()),
            Self::MacRoman => encode_single(text, &mac_roman()),
        }
    }
}

/// Characters up to the first null, and up to the one with which there are `max` bytes.
fn take(characters: impl Iterator<Item = char>, max: usize) -> String {
    let mut text = String::new();
    for c in characters.take_while(|c| *c != '\0') {
        if max <= text.len() {
            break;
        }
        text.push(c);
    }
    text
}

/// The upper half of CP1252.
fn cp1252() -> Vec<char> {
    CP1252.chars().chain('\u{a0}'..='\u{ff}').collect()
}

/// The upper half of MacRoman.
fn mac_roman() -> Vec<char> {
    MAC_ROMAN.chars().collect()
}

/// Characters of one byte each: ASCII, then those of a table.
fn decode_single(bytes: &[u8], upper: &[char]) -> impl Iterator<Item = char> {
    bytes.iter().map(|byte| match byte.checked_sub(0x80) {
        None => char::from(*byte),
        Some(place) => upper.get(usize::from(place)).copied().unwrap_or('\u{fffd}'),
    })
}

fn encode_single(text: &str, upper: &[char]) -> Vec<u8> {
    let mut codes: Vec<(char, u8)> = upper.iter().copied().zip(0x80..=0xff).collect();
    codes.retain(|(c, _)| *c != '\u{fffd}');
    codes.sort_unstable();
    let encode = |c: char| match u8::try_from(c) {
        Ok(byte) if byte.is_ascii() => byte,
        _ => codes
            .binary_search_by_key(&c, |(c, _)| *c)
            .ok()
            .and_then(|place| codes.get(place))
            .map_or(b'?', |(_, byte)| *byte),
    };
    text.chars().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::TextEncoding::{Cp1252, Latin1, MacRoman, Utf8, Utf16};
    use super::*;

    #[test]
    fn each_encoding_has_its_own_bytes() {
        #[rustfmt::skip]
        let rows: [(TextEncoding, &str, &[u8], &str); 13] = [
            (Latin1,   "aé",    &[b'a', 0xe9],             "aé"),
            (Latin1,   "€漢😀", b"???",                    "???"),
            (Utf8,     "aé€",   &[b'a', 0xc3, 0xa9, 0xe2, 0x82, 0xac], "aé€"),
            (Utf16,    "é😀",   &[0xe9, 0, 0x3d, 0xd8, 0x00, 0xde], "é😀"),
            (Cp1252,   "aé",    &[b'a', 0xe9],             "aé"),
            (Cp1252,   "€žŸ",   &[0x80, 0x9e, 0x9f],       "€žŸ"),
            (Cp1252,   "\u{a0}ÿ", &[0xa0, 0xff],           "\u{a0}ÿ"),
            // Control characters of Latin-1, and what is defined nowhere.
            (Cp1252,   "\u{80}\u{81}\u{fffd}漢", b"????",  "????"),
            (MacRoman, "aÄ",    &[b'a', 0x80],             "aÄ"),
            (MacRoman, "†€ˇ",   &[0xa0, 0xdb, 0xff],       "†€ˇ"),
            (MacRoman, "ß",     &[0xa7],                   "ß"),
            (MacRoman, "½漢",   b"??",                     "??"),
            (Latin1,   "",      &[],                       ""),
        ];
        for (encoding, text, bytes, back) in rows {
            assert_eq!(encoding.encode(text), bytes, "{encoding:?} {text}");
            assert_eq!(encoding.decode(bytes, 99), back, "{encoding:?} {text}");
        }
    }

    #[test]
    fn tables_have_a_character_for_each_byte() {
        assert_eq!((cp1252().len(), mac_roman().len()), (0x80, 0x80));
        let all: Vec<u8> = (1..=255).collect();
        for encoding in [Latin1, MacRoman] {
            assert_eq!(encoding.encode(&encoding.decode(&all, 999)), all);
        }
    }

    #[test]
    fn what_is_no_text_is_replaced() {
        assert_eq!(
            Utf8.decode(&[b'a', 0xff, b'b', 0xe2, 0x82], 99),
            "a\u{fffd}b\u{fffd}"
        );
        assert_eq!(Utf16.decode(&[0x00, 0xd8, b'a', 0, 9], 99), "\u{fffd}a");
        assert_eq!(Cp1252.decode(&[0x81], 99), "\u{fffd}");
    }

    #[test]
    fn a_text_ends_at_its_null() {
        assert_eq!(Latin1.decode(b"ab\0cd", 99), "ab");
        assert_eq!(Utf16.decode(&[b'a', 0, 0, 0, b'b', 0], 99), "a");
    }

    #[test]
    fn a_text_that_is_cut_has_at_least_as_many_bytes_as_were_wanted() {
        let text = "aé€😀".repeat(9);
        for encoding in [Latin1, Utf8, Utf16, Cp1252, MacRoman] {
            let bytes = encoding.encode(&text);
            for max in 0..30 {
                let kept = bytes.get(..encoding.bytes_for(max)).unwrap();
                let cut = encoding.decode(kept, max);
                assert!((max..max + 4).contains(&cut.len()), "{encoding:?} {max}");
                assert!(
                    encoding.decode(&bytes, 999).starts_with(&cut),
                    "{encoding:?} {max}"
                );
            }
        }
    }
}
