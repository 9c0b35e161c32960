//! What a command found out about each of some files.

use std::io::{self, Write};

use serde_json::Value;

use crate::{Outcome, complain};

/// What was found out about one file.
pub(crate) trait Finding {
    /// Prints it for people.
    fn print(&self, out: &mut impl Write) -> io::Result<()>;

    /// As one JSON object.
    fn to_json(&self) -> Value;

    /// How well it went.
    fn outcome(&self) -> Outcome;
}

/// Prints what was found out about each file. One of which nothing could be does not keep the others from being
/// looked at.
///
/// # Errors
/// When it cannot be printed.
pub(crate) fn report<F: Finding>(
    findings: impl IntoIterator<Item = anyhow::Result<F>>,
    json: bool,
    out: &mut impl Write,
) -> io::Result<Outcome> {
    let mut worst = Outcome::Whole;
    for finding in findings {
        let outcome = match finding {
            Ok(found) => {
                if json {
                    writeln!(out, "{}", found.to_json())?;
                } else {
                    found.print(out)?;
                }
                found.outcome()
            }
            Err(error) => {
                complain(&format!("{error:#}"));
                Outcome::Failed
            }
        };
        worst = worst.max(outcome);
    }
    Ok(worst)
}
