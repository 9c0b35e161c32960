//! Texts that must not cross, and the search for them in whatever form they could have.

use std::collections::HashMap;
use std::fs;
use std::io::Read as _;

use anyhow::Result;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

/// How much of a form's beginning is looked for first.
const HEAD: usize = 8;

/// How much of something compressed is decompressed.
const LIMIT: usize = 1 << 20;

/// Characters that a text can have at its ends, each with its name: none that needs two of UTF-16's
/// units, whose lengths the stock client counts wrong.
pub const ENDS: [(&str, [&str; 2]); 3] = [
    ("Latin-1", ["é", "ß"]),
    ("ASCII", ["", ""]),
    ("Chinese", ["漢", "字"]),
];

/// A text that nobody has seen before, with characters of Latin-1 at both ends.
///
/// # Errors
/// When the system gives no random bytes.
pub fn fresh() -> Result<String> {
    fresh_between(ENDS[0].1)
}

/// A text that nobody has seen before, between these.
///
/// # Errors
/// When the system gives no random bytes.
pub fn fresh_between([before, after]: [&str; 2]) -> Result<String> {
    let mut random = [0; 12];
    fs::File::open("/dev/urandom")?.read_exact(&mut random)?;
    // Letters that no key of a test is.
    let letters = random.map(|byte| {
        [b'A' + (byte >> 4), b'G' + (byte & 15)]
            .map(char::from)
            .iter()
            .collect::<String>()
    });
    Ok(format!("{before}{}{after}", letters.concat()))
}

/// Bytes, and what all that is compressed in them by zlib decompresses to.
pub fn with_decompressed(bytes: &[u8]) -> Vec<u8> {
    let mut all = bytes.to_vec();
    for (at, head) in bytes.windows(2).enumerate() {
        let is_zlib = head[0] & 0x0f == 8 && u16::from_be_bytes([head[0], head[1]]) % 31 == 0;
        if is_zlib {
            let inflated = decompress_to_vec_zlib_with_limit(&bytes[at..], LIMIT);
            // A stream that goes on is not at its end.
            all.extend(inflated.unwrap_or_else(|error| error.output));
        }
    }
    all
}

/// The forms in which a text could stand in a stream of bytes, each with its name.
pub fn forms(text: &str) -> Vec<(String, Vec<u8>)> {
    let mut forms = Vec::new();
    let wide = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
    let mut plain = vec![
        ("UTF-8", text.as_bytes().to_vec()),
        ("UTF-16, little-endian", wide(u16::to_le_bytes)),
        ("UTF-16, big-endian", wide(u16::to_be_bytes)),
    ];
    let narrow = text.chars().map(|c| u8::try_from(u32::from(c)));
    if let (false, Ok(bytes)) = (text.is_ascii(), narrow.collect::<Result<Vec<_>, _>>()) {
        plain.push(("Latin-1", bytes));
    }
    for (name, bytes) in plain {
        for offset in 0..3 {
            // What comes before moves the text to another place in the groups of three bytes, and
            // the characters at both ends are shared with its neighbours.
            let shifted = [&vec![0; offset][..], &bytes].concat();
            let encoded = STANDARD_NO_PAD.encode(&shifted);
            let inside = encoded.as_bytes()[4..encoded.len() - 4].to_vec();
            forms.push((format!("{name} in base64 at offset {offset}"), inside));
        }
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        forms.push((format!("{name} in hexadecimal"), hex.into_bytes()));
        forms.push((name.to_owned(), bytes));
    }
    forms
}

/// In which form a text, be it ever so short, is in the bytes.
pub fn found(text: &str, bytes: &[u8]) -> Option<String> {
    let contains =
        |form: &[u8]| !form.is_empty() && bytes.windows(form.len()).any(|window| window == form);
    forms(text)
        .into_iter()
        .find(|(_, form)| contains(form))
        .map(|(name, _)| name)
}

/// A search for many texts at once.
pub struct Search {
    /// The texts and the names of their forms.
    forms: Vec<(String, String, Vec<u8>)>,
    /// Which of them begin with these bytes.
    heads: HashMap<[u8; HEAD], Vec<usize>>,
}

impl Search {
    /// Looks for these texts, which are of ten characters at least, in every form. Of a text with
    /// other ends than ASCII, what lies between them is looked for as well.
    pub fn new<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut all = Vec::new();
        for text in texts {
            let middle = text.trim_matches(|c: char| !c.is_ascii());
            let mut named = forms(text);
            if middle != text {
                named.extend(forms(middle));
            }
            all.extend(
                named
                    .into_iter()
                    .map(|(name, form)| (text.to_owned(), name, form)),
            );
        }
        let mut heads = HashMap::<_, Vec<_>>::new();
        for (index, (_, _, form)) in all.iter().enumerate() {
            let head = *form.first_chunk().expect("texts are long enough");
            heads.entry(head).or_default().push(index);
        }
        Self { forms: all, heads }
    }

    /// The first text that is in the bytes, and in which form.
    pub fn first(&self, bytes: &[u8]) -> Option<(String, String)> {
        self.all(bytes).next()
    }

    /// Each place where a text is in the bytes: which, and in which form.
    pub fn all(&self, bytes: &[u8]) -> impl Iterator<Item = (String, String)> {
        let heads = bytes.windows(HEAD).enumerate();
        heads.filter_map(|(at, head)| {
            let candidates = self.heads.get(head)?;
            let is_there = |index: &&usize| bytes[at..].starts_with(&self.forms[**index].2);
            let (text, name, _) = &self.forms[*candidates.iter().find(is_there)?];
            Some((text.clone(), name.clone()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_text_is_found() -> Result<()> {
        for text in [fresh()?, "Kreuzotter-7419-Zimtstern".to_owned()] {
            for (name, form) in forms(&text) {
                let hidden = [b"4.blob,1.0,".as_slice(), &form, b";"].concat();
                let (found, form) = Search::new([text.as_str()]).first(&hidden).unwrap();
                assert_eq!((found.as_str(), form), (text.as_str(), name));
            }
        }
        assert_eq!(found("Kreuzotter-7419", b"Kreuzotter-741"), None);
        Ok(())
    }

    #[test]
    fn no_two_are_the_same() -> Result<()> {
        assert_ne!(fresh()?, fresh()?);
        Ok(())
    }
}
