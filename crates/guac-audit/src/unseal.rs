//! `guac-audit unseal`

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::Context as _;
use guac_recorder::seal::{Identities, UnsealError, Unsealer};

use crate::{Outcome, complain, source};

/// Bytes copied at a time.
const PIECE: usize = 256 * 1_024;

/// Writes a sealed recording as it was before it was sealed, as far as it is good.
pub(crate) fn unseal(file: &Path, out: &Path, identity: &Path) -> anyhow::Result<Outcome> {
    let identities = Identities::clone(&*source::keys(identity)?);
    let source = File::open(file).with_context(|| format!("{file:?} could not be read"))?;
    let mut unsealer = Unsealer::new(BufReader::new(source), identities);
    let mut piece = vec![0; PIECE];
    let mut read = next(&mut unsealer, &mut piece);
    // Where nothing can be unsealed, no file is made.
    if let Err(error @ (UnsealError::NotSealed | UnsealError::WrongIdentity | UnsealError::Io(_))) =
        read
    {
        return Err(error).with_context(|| format!("{file:?}"));
    }
    let not_written = || format!("{out:?} could not be written");
    let mut written = create(out).with_context(not_written)?;
    loop {
        match read {
            Ok(&[]) => break,
            Ok(bytes) => io::Write::write_all(&mut written, bytes).with_context(not_written)?,
            Err(UnsealError::Io(error)) => {
                return Err(error).with_context(|| format!("{file:?} could not be read"));
            }
            Err(error) => {
                complain(&format!("{file:?} is damaged: {error}"));
                return Ok(Outcome::Damaged);
            }
        }
        read = next(&mut unsealer, &mut piece);
    }
    written.sync_all().with_context(not_written)?;
    if let Some(cut) = unsealer.cut() {
        complain(&format!("{file:?} ends early: {cut}"));
        return Ok(Outcome::Damaged);
    }
    Ok(Outcome::Whole)
}

/// The next bytes; none at the end.
fn next<'a>(
    unsealer: &mut Unsealer<impl Read>,
    piece: &'a mut [u8],
) -> Result<&'a [u8], UnsealError> {
    match unsealer.read(piece) {
        Ok(read) => Ok(piece.get(..read).unwrap_or_default()),
        Err(error) => Err(error.downcast().unwrap_or_else(UnsealError::Io)),
    }
}

/// A new file for nobody else: what a recording shows is confidential.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}
