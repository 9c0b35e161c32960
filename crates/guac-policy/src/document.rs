//! A policy that is written down in TOML.
//!
//! With a document only what it opens is open: what it leaves out is closed, unlike in the policy
//! that is built in. A document with anything wrong in it is no policy at all, and everything that
//! is wrong is told at once. Each setting has one row in one table, which the parser, its findings
//! and the manual are made of.

mod build;
mod contradictions;
mod draft;
mod duration;
mod finding;
mod forced;
mod items;
mod kind;
mod reader;
mod settings;
mod spelling;
#[cfg(test)]
mod tests;
mod values;

use std::collections::BTreeMap;

use sha2::Digest as _;

use crate::policy::{Digest, Origin, Policy};

pub use finding::{DocumentError, Finding};
use finding::{Fault, Findings};
pub use kind::LIST_MAX_ITEMS;
pub use settings::KeyInfo;

/// The policy that is built in, as a document.
pub const DEFAULT_DOCUMENT: &str = include_str!("document/default.toml");

/// Most bytes of a document.
pub const DOCUMENT_MAX_BYTES: usize = 1 << 20;

impl Policy {
    /// Reads a policy document. `name` is what it is called in findings and decisions, as a rule its
    /// path.
    ///
    /// # Errors
    /// When anything is wrong with it: all that was found.
    pub fn from_document(name: &str, bytes: &[u8]) -> Result<Self, DocumentError> {
        let (text, fault) = text_of(bytes);
        let mut findings = Findings::new(text);
        if let Some((at, fault)) = fault {
            findings.add(at, fault);
            return Err(findings.into_error(name));
        }
        let Some(draft) = reader::read(text, &mut findings) else {
            return Err(findings.into_error(name));
        };
        contradictions::check(&draft, &mut findings);
        if !findings.is_empty() {
            return Err(findings.into_error(name));
        }
        let lines: BTreeMap<_, _> = draft
            .places()
            .map(|(key, at)| (key, findings.line(at)))
            .collect();
        let digest = Digest(sha2::Sha256::digest(bytes).into());
        Ok(build::policy(
            &draft,
            Origin::new(name.to_owned(), digest, lines),
        ))
    }
}

/// The text of a document, as far as it is one, and what is wrong with it as such.
fn text_of(bytes: &[u8]) -> (&str, Option<(usize, Fault)>) {
    if DOCUMENT_MAX_BYTES < bytes.len() {
        let problem = format!(
            "{} bytes, and {DOCUMENT_MAX_BYTES} are the most",
            bytes.len()
        );
        return (
            "",
            Some((0, Fault::new(problem, "is this the right file?"))),
        );
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let sound = error.valid_up_to();
            let text = bytes.get(..sound).unwrap_or_default();
            let text = std::str::from_utf8(text).unwrap_or_default();
            let fault = Fault::new("this is not UTF-8", "save the file as UTF-8");
            (text, Some((sound, fault)))
        }
    }
}
