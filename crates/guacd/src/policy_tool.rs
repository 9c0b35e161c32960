//! `guacd policy`: whether a policy document is valid, and what it means.
//!
//! What it says comes from the functions that decide in the daemon: it asks the gates, applies
//! parameters as they are applied to connections, and reads settings as sessions do.

mod asking;
mod connection;
mod explain;
mod rows;
mod subject;
mod summary;
mod table;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use guac_policy::{DEFAULT_DOCUMENT, Policy};

use crate::exit::Exit;
use crate::policy_file::{HAS_STORES, built_without, read};
use subject::{Request, Subject};

const USAGE: &str = "USAGE: guacd policy check FILE
       guacd policy default
       guacd policy explain [FILE] [--param NAME=VALUE ...] [--joiner [--param NAME=VALUE ...]]";

/// Why there is nothing to say.
#[derive(Debug, thiserror::Error)]
enum ToolError {
    #[error("guacd policy: {0}\n{USAGE}")]
    Usage(String),
    #[error("{0}")]
    NotValid(String),
}

/// Does what the words after `policy` ask for.
pub(crate) fn main(words: &[OsString], builtin: Policy) -> Exit {
    let said = match answer(words, builtin) {
        Ok(text) => io::stdout().write_all(text.as_bytes()),
        Err(error) => {
            // Without standard error there is nobody to tell but the exit code.
            let _ = writeln!(io::stderr(), "{error}");
            return Exit::Failure;
        }
    };
    match said {
        Ok(()) => Exit::Success,
        Err(_) => Exit::Failure,
    }
}

fn answer(words: &[OsString], builtin: Policy) -> Result<String, ToolError> {
    let words: Vec<_> = words
        .iter()
        .map(|word| {
            word.to_str()
                .ok_or_else(|| usage("an argument is not UTF-8"))
        })
        .collect::<Result<_, _>>()?;
    match words.as_slice() {
        ["check", file] if !file.starts_with('-') => check(file),
        ["default"] => Ok(DEFAULT_DOCUMENT.to_owned()),
        ["explain", rest @ ..] => explain(rest, builtin),
        ["check", ..] => Err(usage("check takes one file")),
        ["default", ..] => Err(usage("default takes nothing more")),
        [other, ..] => Err(usage(&format!("there is no command {other:?}"))),
        [] => Err(usage("a command is missing")),
    }
}

fn usage(problem: &str) -> ToolError {
    ToolError::Usage(problem.to_owned())
}

/// The policy of a document.
fn load(file: &str) -> Result<Policy, ToolError> {
    let bytes = read(Path::new(file))
        .map_err(|error| ToolError::NotValid(format!("{file}: cannot be read: {error}")))?;
    let policy = Policy::from_document(file, &bytes)
        .map_err(|error| ToolError::NotValid(error.to_string()))?;
    match built_without(&policy, HAS_STORES) {
        None => Ok(policy),
        Some(why) => Err(ToolError::NotValid(format!("{file}: {why}"))),
    }
}

fn check(file: &str) -> Result<String, ToolError> {
    let policy = load(file)?;
    let summary = summary::of(&policy);
    Ok(format!("{}\n{summary}\n", headline(&policy)))
}

fn explain(words: &[&str], builtin: Policy) -> Result<String, ToolError> {
    let request = Request::read(words).map_err(ToolError::Usage)?;
    let policy = match request.file {
        Some(file) => load(file)?,
        None => builtin,
    };
    let policy = Arc::new(policy);
    let subject = Subject::new(&policy, &request);
    Ok(format!(
        "{}\n{}",
        headline(&policy),
        explain::of(&policy, &subject)
    ))
}

fn headline(policy: &Policy) -> String {
    let origin = policy.origin();
    match (origin.file(), origin.digest()) {
        (Some(file), Some(digest)) => format!("{file}: a valid policy (sha256 {digest})"),
        _ => "The built-in policy, in force without a policy file.".to_owned(),
    }
}

#[cfg(test)]
mod tests;
