//! Which names a recording may have.

/// Longest name in bytes, with room for a suffix within what file systems allow.
const NAME_MAX: usize = 251;

/// The name could lead out of the directory, or is no file's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("recording name is not a plain file name")]
pub struct InvalidName;

/// A recording's name that names a file within a directory and nothing else.
#[derive(Debug, Clone)]
pub(crate) struct Name(String);

impl Name {
    pub(crate) fn new(name: &str) -> Result<Self, InvalidName> {
        let plain = !name.is_empty()
            && name.len() <= NAME_MAX
            && name != "."
            && name != ".."
            && !name.contains(['/', '\\', '\0']);
        if plain {
            Ok(Self(name.to_owned()))
        } else {
            Err(InvalidName)
        }
    }

    /// The name itself, then `.1` to `.255`, as in stock guacd.
    pub(crate) fn candidates(&self) -> impl Iterator<Item = String> + '_ {
        let suffixed = (1..=u8::MAX).map(|suffix| format!("{}.{suffix}", self.0));
        std::iter::once(self.0.clone()).chain(suffixed)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Name;

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
            assert_eq!(Name::new(name).is_ok(), plain, "{name:?}");
        }
        assert!(Name::new(&"x".repeat(251)).is_ok());
        assert!(Name::new(&"x".repeat(252)).is_err());
    }

    #[test]
    fn candidates_end_at_255() {
        let names: Vec<_> = Name::new("r").unwrap().candidates().collect();
        assert_eq!(names.len(), 256);
        assert_eq!((names[0].as_str(), names[1].as_str()), ("r", "r.1"));
        assert_eq!(names[255], "r.255");
    }
}
