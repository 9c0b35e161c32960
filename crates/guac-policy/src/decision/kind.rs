//! What kind of data something was, as far as whoever sent it said.

/// A kind of data: what a media type says of it, in a few words of our own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DataKind {
    /// Plain text.
    Text,
    /// A document of HTML.
    Html,
    /// A picture.
    Image,
    /// Sound.
    Audio,
    /// A film.
    Video,
    /// Anything else.
    Other,
}

impl DataKind {
    /// The kind that a media type names.
    #[must_use]
    pub fn of(mimetype: &str) -> Self {
        let bare = mimetype.split(';').next().unwrap_or_default().trim();
        match bare.split_once('/') {
            Some(("text", "html")) => Self::Html,
            Some(("text", _)) => Self::Text,
            Some(("image", _)) => Self::Image,
            Some(("audio", _)) => Self::Audio,
            Some(("video", _)) => Self::Video,
            _ => Self::Other,
        }
    }

    /// The kind's name in logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Html => "html",
            Self::Image => "image",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::Other => "other",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_type_is_one_of_a_few_kinds() {
        for (mimetype, name) in [
            ("text/plain", "text"),
            ("text/html; charset=utf-8", "html"),
            ("image/png", "image"),
            ("audio/L16;rate=44100,channels=2", "audio"),
            ("video/webm", "video"),
            ("application/octet-stream", "other"),
            ("secret", "other"),
            ("", "other"),
        ] {
            assert_eq!(DataKind::of(mimetype).name(), name, "{mimetype}");
        }
    }
}
