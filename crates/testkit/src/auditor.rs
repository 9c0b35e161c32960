//! An auditor, whose secret key is no secret.

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::Path;

use anyhow::{Context as _, Result};
use guac_recorder::seal::{Cut, Identities, IdentityError, RecipientError, Recipients, Unsealer};

/// The file with the secret key, as `age-keygen` writes it.
pub const IDENTITY: &str = include_str!("auditor/auditor.key");

/// The line with the public key.
const PUBLIC: &str = include_str!("auditor/auditor.pub");

/// The public key, as policies and options name it.
#[must_use]
pub fn public_key() -> &'static str {
    PUBLIC.trim()
}

/// The public key alone.
///
/// # Errors
/// None, as the key is one.
pub fn recipients() -> Result<Recipients, RecipientError> {
    Recipients::parse([public_key()])
}

/// The secret key alone.
///
/// # Errors
/// None, as the key is one.
pub fn identities() -> Result<Identities, IdentityError> {
    Identities::parse(IDENTITY)
}

/// A sealed file on its way out.
///
/// # Errors
/// When there is no such file.
pub fn open(path: &Path) -> Result<Unsealer<BufReader<File>>> {
    let file = File::open(path).with_context(|| path.display().to_string())?;
    Ok(Unsealer::new(BufReader::new(file), identities()?))
}

/// What is sealed in a file that is whole or cut, and where it is cut.
///
/// # Errors
/// When it is neither, or not sealed to this auditor.
pub fn unseal(path: &Path) -> Result<(Vec<u8>, Option<Cut>)> {
    let mut unsealer = open(path)?;
    let mut plain = Vec::new();
    unsealer.read_to_end(&mut plain)?;
    Ok((plain, unsealer.cut()))
}
