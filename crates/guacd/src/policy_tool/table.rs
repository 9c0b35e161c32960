//! Rows of an explanation, and how they are written in columns.

use std::fmt::Write as _;

use guac_policy::{Key, Policy};

/// One thing that somebody could try, and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) what: String,
    pub(super) verdict: &'static str,
    pub(super) why: String,
    /// Where in the policy that stands.
    pub(super) place: String,
}

impl Row {
    pub(super) fn new(
        what: impl Into<String>,
        verdict: &'static str,
        why: impl Into<String>,
        place: impl Into<String>,
    ) -> Self {
        Self {
            what: what.into(),
            verdict,
            why: why.into(),
            place: place.into(),
        }
    }
}

/// Rows that belong together.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) title: &'static str,
    pub(super) rows: Vec<Row>,
}

/// Where a policy says something about a setting.
pub(super) fn place(policy: &Policy, key: Key) -> String {
    match (policy.origin().line(key), policy.origin().file()) {
        (Some(line), _) => format!("line {line}"),
        (None, Some(_)) => "left out".to_owned(),
        (None, None) => "built in".to_owned(),
    }
}

/// What no policy changes.
pub(super) const ALWAYS: &str = "always";

/// The groups in columns that are as wide as they have to be.
pub(super) fn written(groups: &[Group]) -> String {
    let rows = || groups.iter().flat_map(|group| &group.rows);
    let widest = |column: fn(&Row) -> &str| {
        let widths = rows().map(|row| column(row).chars().count());
        widths.max().unwrap_or_default()
    };
    let what = widest(|row| &row.what);
    let verdict = widest(|row| row.verdict);
    let place = widest(|row| &row.place);
    let mut text = String::new();
    for group in groups.iter().filter(|group| !group.rows.is_empty()) {
        // Writing to a string does not fail.
        let _ = writeln!(text, "\n{}", group.title);
        for row in &group.rows {
            let _ = writeln!(
                text,
                "  {:what$} | {:verdict$} | {:place$} | {}",
                row.what, row.verdict, row.place, row.why
            );
        }
    }
    text
}
