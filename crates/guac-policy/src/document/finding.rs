//! What is wrong with a policy document, and where.

use std::fmt;

/// Most findings that are told one by one.
const FINDINGS_MAX: usize = 100;

/// Most characters of a text out of the document that a finding repeats.
const QUOTED_MAX: usize = 60;

/// Most characters of what the TOML parser says.
const MESSAGE_MAX: usize = 200;

/// Something that is wrong with a policy document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The line, counted from 1.
    pub line: u32,
    /// The character in that line, counted from 1.
    pub column: u32,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub hint: String,
}

/// Why a document is no policy: all that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentError {
    file: String,
    findings: Vec<Finding>,
    more: usize,
}

impl DocumentError {
    /// What is wrong, in the document's order; of very many, the first.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

impl std::error::Error for DocumentError {}

/// One finding after another, each with an indented hint.
impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = &self.file;
        for (index, finding) in self.findings.iter().enumerate() {
            if index != 0 {
                writeln!(f)?;
            }
            let (line, column, problem) = (finding.line, finding.column, &finding.problem);
            writeln!(f, "{file}:{line}:{column}: {problem}")?;
            write!(f, "    hint: {}", finding.hint)?;
        }
        if self.more != 0 {
            write!(f, "\n{file}: {} more", self.more)?;
        }
        Ok(())
    }
}

/// What is wrong with a value, wherever it stands.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) problem: String,
    pub(super) hint: String,
}

impl Fault {
    pub(super) fn new(problem: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            problem: problem.into(),
            hint: hint.into(),
        }
    }
}

/// What has been found so far.
#[derive(Debug)]
pub(super) struct Findings<'a> {
    text: &'a str,
    list: Vec<Finding>,
    more: usize,
}

impl<'a> Findings<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self {
            text,
            list: Vec::new(),
            more: 0,
        }
    }

    /// Adds what is wrong at a place, counted in bytes from the document's start.
    pub(super) fn add(&mut self, at: usize, fault: Fault) {
        if self.is_full() {
            self.more += 1;
            return;
        }
        let (line, column) = position(self.text, at);
        let Fault { problem, hint } = fault;
        self.list.push(Finding {
            line,
            column,
            problem,
            hint,
        });
    }

    /// Whether further findings are only counted.
    pub(super) const fn is_full(&self) -> bool {
        FINDINGS_MAX <= self.list.len()
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The line of a place.
    pub(super) fn line(&self, at: usize) -> u32 {
        position(self.text, at).0
    }

    pub(super) fn into_error(mut self, file: &str) -> DocumentError {
        self.list
            .sort_by_key(|finding| (finding.line, finding.column));
        DocumentError {
            file: printable(file, usize::MAX),
            findings: self.list,
            more: self.more,
        }
    }
}

/// Line and column of a place. The end of a document counts to its last line.
fn position(text: &str, at: usize) -> (u32, u32) {
    let before = text.get(..at).unwrap_or(text);
    let before = if text.len() <= at {
        before.strip_suffix('\n').unwrap_or(before)
    } else {
        before
    };
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).saturating_add(1);
    let lines = before.bytes().filter(|byte| *byte == b'\n').count();
    let column = before.chars().rev().take_while(|&c| c != '\n').count();
    (number(lines), number(column))
}

/// A text out of the document as a finding repeats it.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", printable(text, QUOTED_MAX))
}

/// What the TOML parser says.
pub(super) fn message(text: &str) -> String {
    printable(text, MESSAGE_MAX)
}

/// A text that does nothing but show itself: no control characters, nothing that turns the line
/// around, and not longer than so many characters.
fn printable(text: &str, most: usize) -> String {
    let shown = |c: char| {
        if c.is_alphanumeric() || matches!(c, ' '..='~') {
            c
        } else {
            '?'
        }
    };
    let mut cut: String = text.chars().take(most).map(shown).collect();
    if text.chars().nth(most).is_some() {
        cut.push_str("...");
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_from_one_in_characters() {
        let text = "a\nbä = 1\n";
        for (at, place) in [
            (0, (1, 1)),
            (2, (2, 1)),
            (5, (2, 3)),
            (10, (2, 7)),
            (99, (2, 7)),
        ] {
            assert_eq!(position(text, at), place, "{at}");
        }
        assert_eq!(position("", 0), (1, 1));
    }

    #[test]
    fn what_is_repeated_is_short_and_harmless() {
        assert_eq!(quoted("a\u{1b}[31m\nb\u{202e}"), "\"a?[31m?b?\"");
        assert_eq!(quoted(&"x".repeat(1000)).len(), 2 + QUOTED_MAX + 3);
    }

    #[test]
    fn findings_beyond_the_most_are_counted() {
        let mut findings = Findings::new("x");
        for _ in 0..FINDINGS_MAX + 7 {
            findings.add(0, Fault::new("wrong", "right"));
        }
        let error = findings.into_error("p.toml");
        assert_eq!(error.findings().len(), FINDINGS_MAX);
        let shown = error.to_string();
        assert!(shown.starts_with("p.toml:1:1: wrong\n    hint: right\np.toml:1:1"));
        assert!(shown.ends_with("\np.toml: 7 more"));
    }
}
