//! Whether sessions are recorded, and where.

use std::path::{Component, Path, PathBuf};

use super::KeepingLimits;

/// Whether a session is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RecordingMode {
    /// Every session is recorded, whole, in a file of its own; none goes on without.
    Required,
    /// Sessions are recorded whose connection asks for it.
    #[default]
    Optional,
    /// No session is recorded: one that asks for it is refused, since it would not be what was asked for.
    Forbidden,
}

impl RecordingMode {
    /// The mode's name in a policy.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Optional => "optional",
            Self::Forbidden => "forbidden",
        }
    }
}

/// Whether sessions are recorded, and which recordings connections may ask for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecordingRule {
    /// Whether sessions are recorded.
    pub mode: RecordingMode,
    /// Directories in and below which recordings may lie; `None`: anywhere, as with stock guacd.
    pub paths: Option<Vec<PathBuf>>,
    /// Patterns that a recording's name has to match one of, in which `*` stands for any characters;
    /// none listed: every name.
    pub names: Vec<String>,
    /// Where evidence of recordings is kept; `None`: where the daemon's options say, if they do.
    pub evidence: Option<EvidenceRule>,
    /// Public keys of auditors, as age writes X25519 recipients: recordings are sealed to them. None listed:
    /// recordings are not sealed.
    pub recipients: Vec<String>,
    /// The URL of the object store that closed segments are copied to.
    pub store: Option<String>,
    /// Lets a session go on unrecorded, with an event, if its recording cannot be made or fails.
    pub break_glass: bool,
    /// How far the keeping may fall behind.
    pub limits: KeepingLimits,
}

/// Where evidence of recordings is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvidenceRule {
    /// In this directory.
    Directory(PathBuf),
    /// Beside each recording, where the web application offers it to whom it offers the recording.
    Beside,
}

impl RecordingRule {
    /// Whether a recording may lie in this directory. A path with a part that means another
    /// (`.`, `..`) lies nowhere.
    #[must_use]
    pub fn takes_path(&self, path: &Path) -> bool {
        self.paths.is_none() || self.root_of(path).is_some()
    }

    /// The allowed directory in or below which this path lies, the closest one if there are several;
    /// `None` also where any path is allowed. That a link leads out of it, the path does not tell.
    #[must_use]
    pub fn root_of(&self, path: &Path) -> Option<&Path> {
        let is_plain = path.is_absolute()
            && path
                .components()
                .all(|part| matches!(part, Component::RootDir | Component::Normal(_)))
            && !path.to_string_lossy().split('/').any(|part| part == ".");
        let allowed = self.paths.iter().flatten().filter(|_| is_plain);
        allowed
            .map(PathBuf::as_path)
            .filter(|folder| path.starts_with(folder))
            .max_by_key(|folder| folder.components().count())
    }

    /// Whether a recording may have this name.
    #[must_use]
    pub fn takes_name(&self, name: &str) -> bool {
        self.names.is_empty() || self.names.iter().any(|pattern| matches(pattern, name))
    }
}

/// Whether a text matches a pattern in which `*` stands for any characters.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(start) else {
        return false;
    };
    let mut pieces: Vec<_> = rest.split('*').collect();
    let end = pieces.pop().unwrap_or_default();
    for piece in pieces {
        // The earliest place leaves the most for what follows.
        match text.split_once(piece) {
            Some((_, after)) => text = after,
            None => return false,
        }
    }
    text.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_names() {
        for (pattern, text, expected) in [
            ("session", "session", true),
            ("session", "session2", false),
            ("s-*", "s-1", true),
            ("s-*", "s-", true),
            ("s-*", "xs-1", false),
            ("*", "", true),
            ("*.rec", "a.rec", true),
            ("*.rec", "a.rec.gz", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("a*ab", "ab", false),
            ("a**b", "a1b", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn recordings_stay_where_they_belong() {
        let rule = RecordingRule {
            paths: Some(vec!["/recordings".into()]),
            ..RecordingRule::default()
        };
        for (path, expected) in [
            ("/recordings", true),
            ("/recordings/", true),
            ("/recordings/a/b", true),
            ("/recordings2", false),
            ("/", false),
            ("recordings", false),
            ("/recordings/../etc", false),
            ("/recordings/./a", false),
            ("", false),
        ] {
            assert_eq!(rule.takes_path(Path::new(path)), expected, "{path}");
        }
        assert!(RecordingRule::default().takes_path(Path::new("anywhere/..")));
    }

    #[test]
    fn the_closest_allowed_directory_is_the_root() {
        let rule = RecordingRule {
            paths: Some(vec!["/r".into(), "/r/a".into(), "/q".into()]),
            ..RecordingRule::default()
        };
        for (path, root) in [
            ("/r", Some("/r")),
            ("/r/b", Some("/r")),
            ("/r/a/b", Some("/r/a")),
            ("/r/a", Some("/r/a")),
            ("/r/a/..", None),
            ("/s", None),
        ] {
            assert_eq!(rule.root_of(Path::new(path)), root.map(Path::new), "{path}");
        }
        let anywhere = RecordingRule::default();
        assert_eq!(anywhere.root_of(Path::new("/r")), None);
    }
}
