//! Where recordings and their evidence are kept, and who may read them.

use std::path::Path;

use super::{Fault, is_absolute, quoted};

/// Evidence lies beside the recording.
pub(in crate::document) const BESIDE: &str = "beside";

/// Most public keys that a recording is sealed to.
pub(in crate::document) const RECIPIENTS_MAX: usize = 16;

/// What a public key of age begins with, in Bech32: its name and a separator.
const RECIPIENT_START: &str = "age1";

/// What a secret key of age begins with, in small letters.
const SECRET_START: &str = "age-secret-key-";

/// Characters of a public key after its start: 256 bits and a checksum, five bits each.
const RECIPIENT_CHARACTERS: usize = 58;

/// The characters of Bech32, by their values.
const BECH32: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// Most bytes of an object store's URL.
const STORE_MAX: usize = 2_048;

/// A directory, or [`BESIDE`].
pub(in crate::document) fn evidence(text: &str) -> Result<(), Fault> {
    if text == BESIDE || is_absolute(text) {
        Ok(())
    } else {
        Err(Fault::new(
            format!("{} is no absolute path", quoted(text)),
            "it begins with \"/\" and has no part \".\" or \"..\"; \"beside\" means beside each recording",
        ))
    }
}

/// An X25519 public key of age.
pub(in crate::document) fn recipient(text: &str) -> Result<(), Fault> {
    // A secret key is not repeated: findings end up in logs.
    if text.to_ascii_lowercase().starts_with(SECRET_START) {
        return Err(Fault::new(
            "a secret key is no recipient",
            "name the public key that age-keygen -y prints for it, and keep the secret one elsewhere",
        ));
    }
    if is_recipient(text) {
        Ok(())
    } else {
        Err(Fault::new(
            format!("{} is no age recipient", quoted(text)),
            "it is an X25519 public key, as age-keygen prints it: age1 and 58 more characters",
        ))
    }
}

/// Whether a text is 32 bytes in Bech32, with the right checksum.
fn is_recipient(text: &str) -> bool {
    let Some(data) = text.strip_prefix(RECIPIENT_START) else {
        return false;
    };
    let values: Option<Vec<u32>> = data
        .chars()
        .map(|c| u32::try_from(BECH32.find(c)?).ok())
        .collect();
    // The last value of the key itself has one bit of it, and four that are always zero.
    let is_padded = |values: &[u32]| values.get(51).is_some_and(|last| last & 0b1111 == 0);
    values.is_some_and(|values| {
        values.len() == RECIPIENT_CHARACTERS && is_padded(&values) && checksum(&values) == 1
    })
}

/// The checksum of Bech32 over the name and these values, as BIP 173 defines it.
fn checksum(values: &[u32]) -> u32 {
    const GENERATOR: [u32; 5] = [
        0x3b6a_57b2,
        0x2650_8e6d,
        0x1ea1_19fa,
        0x3d42_33dd,
        0x2a14_62b3,
    ];
    let name = || "age".bytes().map(u32::from);
    let expanded = name()
        .map(|c| c >> 5)
        .chain([0])
        .chain(name().map(|c| c & 31));
    expanded
        .chain(values.iter().copied())
        .fold(1, |sum, value| {
            let shifted = (sum & 0x01ff_ffff) << 5 ^ value;
            let top = sum >> 25;
            (0u32..)
                .zip(GENERATOR)
                .filter(|(bit, _)| top >> bit & 1 == 1)
                .fold(shifted, |sum, (_, generator)| sum ^ generator)
        })
}

/// The URL of an object store, without anything secret in it.
pub(in crate::document) fn store(text: &str) -> Result<(), Fault> {
    // What may be a password is not repeated.
    if text.contains('@') {
        return Err(Fault::new(
            "a policy is no place for credentials",
            "leave out what stands before the \"@\": credentials come from the daemon's environment",
        ));
    }
    if is_store(text) {
        Ok(())
    } else {
        Err(Fault::new(
            format!("{} is no object store", quoted(text)),
            "write s3://bucket/prefix, az://container/prefix, gs://bucket/prefix or file:///directory",
        ))
    }
}

fn is_store(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    let Some((scheme, place)) = text.split_once("://") else {
        return false;
    };
    let is_sound = text.len() <= STORE_MAX
        && place.chars().all(is_plain)
        && !place.split('/').any(|part| matches!(part, "." | ".."));
    is_sound
        && match scheme {
            "file" => Path::new(place).is_absolute() && is_absolute(place),
            "s3" | "az" | "gs" => !place.is_empty() && !place.starts_with('/'),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "age1qurswpc8qurswpc8qurswpc8qurswpc8qurswpc8qurswpc8qurs95jt69";

    #[test]
    fn a_recipient_with_any_character_altered_is_none() {
        assert!(is_recipient(KEY));
        for (place, old) in KEY.char_indices() {
            for new in BECH32.chars().filter(|new| *new != old) {
                let mut text = KEY.to_owned();
                text.replace_range(place..=place, new.encode_utf8(&mut [0; 4]));
                assert!(!is_recipient(&text), "{text}");
            }
        }
        for text in [
            KEY.strip_suffix(char::is_alphanumeric).unwrap(),
            &KEY.to_uppercase(),
            &format!("{KEY}q"),
            "",
            "age1",
            "äge1",
        ] {
            assert!(!is_recipient(text), "{text}");
        }
    }

    #[test]
    fn stores_are_of_four_kinds() {
        for (text, expected) in [
            ("s3://bucket", true),
            ("s3://bucket/a/b", true),
            ("az://container/prefix", true),
            ("gs://bucket/x_y-z.1", true),
            ("file:///var/store", true),
            ("file://var/store", false),
            ("file:///", true),
            ("s3:///b", false),
            ("s3://", false),
            ("s3://b/../c", false),
            ("s3://b?x=1", false),
            ("s3://b#x", false),
            ("s3://b/%2e%2e", false),
            ("http://b/c", false),
            ("S3://b", false),
            ("/var/store", false),
        ] {
            assert_eq!(is_store(text), expected, "{text}");
        }
    }
}
