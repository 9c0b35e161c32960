//! Which names a recording may have.

/// What the name of a sealed recording ends with.
pub const SEALED_SUFFIX: &str = ".sealed";

/// Longest name in bytes, suffix included, with room for a number within what file systems allow.
const NAME_MAX: usize = 251;

/// The name could lead out of the directory, or is no file's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("recording name is not a plain file name")]
pub struct InvalidName;

/// A recording's name that names a file within a directory and nothing else.
#[derive(Debug, Clone)]
pub(crate) struct Name {
    name: String,
    suffix: &'static str,
}

impl Name {
    /// A name, and what the names of all such files end with.
    pub(crate) fn with_suffix(name: &str, suffix: &'static str) -> Result<Self, InvalidName> {
        let plain = !name.is_empty()
            && name.len().saturating_add(suffix.len()) <= NAME_MAX
            && name != "."
            && name != ".."
            && !name.contains(['/', '\\', '\0']);
        if plain {
            Ok(Self {
                name: name.to_owned(),
                suffix,
            })
        } else {
            Err(InvalidName)
        }
    }

    /// The name itself, then `.1` to `.255`, as in stock guacd.
    pub(crate) fn candidates(&self) -> impl Iterator<Item = String> + '_ {
        let numbered = (1..=u8::MAX).map(|number| format!("{}.{number}{}", self.name, self.suffix));
        std::iter::once(self.whole()).chain(numbered)
    }

    /// The name itself, with its suffix.
    pub(crate) fn whole(&self) -> String {
        format!("{}{}", self.name, self.suffix)
    }
}

#[cfg(test)]
mod tests {
    use super::{Name, SEALED_SUFFIX};

    #[test]
    fn only_plain_file_names_pass() {
        for (name, plain) in [
            ("recording", true),
            ("2026-11-21 user@host", true),
            ("...", true),
            (".hidden", true),
            ("", false),
            (".", false),
            ("..", false),
            ("a/b", false),
            ("/etc/passwd", false),
            ("a\\b", false),
            ("a\0b", false),
        ] {
            assert_eq!(Name::with_suffix(name, "").is_ok(), plain, "{name:?}");
        }
        for (suffix, longest) in [("", 251), (SEALED_SUFFIX, 244)] {
            let name = |length| Name::with_suffix(&"x".repeat(length), suffix);
            assert!(name(longest).is_ok() && name(longest + 1).is_err());
        }
    }

    #[test]
    fn candidates_end_at_255() {
        let names = |suffix| Vec::from_iter(Name::with_suffix("r", suffix).unwrap().candidates());
        let plain = names("");
        assert_eq!(plain.len(), 256);
        assert_eq!((plain[0].as_str(), plain[1].as_str()), ("r", "r.1"));
        assert_eq!(plain[255], "r.255");
        assert_eq!(names(SEALED_SUFFIX)[..2], ["r.sealed", "r.1.sealed"]);
    }
}
