//! The evidence file of a recording that is being written.

use std::fs::File;
use std::path::{Path, PathBuf};

use guac_policy::TapError;

use crate::evidence::{Anchor, Begin, Close, Hex, Ledger, LedgerError, Moment, Segment};
use crate::file::CreateError;
use crate::spool::{Patience, put};

/// Where evidence is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvidencePlace {
    /// In this directory, which is made if it is not there, named after the session.
    Directory(PathBuf),
    /// Beside the recording, named after it. Whoever is offered the recording is offered this as well.
    Beside,
}

/// The evidence of one recording.
pub(crate) struct Proof {
    ledger: Ledger,
    file: File,
    path: PathBuf,
    first_key: Hex<32>,
    written: u64,
}

impl Proof {
    /// Writes the first line to the file.
    pub(crate) fn begin(
        (file, path): (File, PathBuf),
        begin: Begin,
        now: Moment,
        patience: &mut dyn Patience,
    ) -> Result<Self, CreateError> {
        let (ledger, line) = Ledger::begin(begin, now).map_err(|_error| CreateError::Beginning)?;
        let mut proof = Self {
            first_key: ledger.first_key(),
            ledger,
            file,
            path,
            written: 0,
        };
        proof
            .write(&line, patience)
            .map_err(|_error| CreateError::Beginning)?;
        Ok(proof)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    pub(crate) const fn first_key(&self) -> Hex<32> {
        self.first_key
    }

    pub(crate) fn head(&self) -> Anchor {
        self.ledger.head()
    }

    /// Size of the file in bytes.
    pub(crate) const fn written(&self) -> u64 {
        self.written
    }

    pub(crate) fn segment(
        &mut self,
        segment: Segment,
        now: Moment,
        patience: &mut dyn Patience,
    ) -> Result<(), TapError> {
        let line = self
            .ledger
            .segment(segment, now)
            .map_err(|error| tap_error(&error))?;
        self.write(&line, patience)
    }

    pub(crate) fn end(
        &mut self,
        close: Close,
        now: Moment,
        patience: &mut dyn Patience,
    ) -> Result<(), TapError> {
        let line = self
            .ledger
            .end(close, now)
            .map_err(|error| tap_error(&error))?;
        self.write(&line, patience)
    }

    fn write(&mut self, line: &[u8], patience: &mut dyn Patience) -> Result<(), TapError> {
        put(&self.file, line, patience).map_err(|error| TapError::Evidence {
            os_error: error.raw_os_error(),
        })?;
        self.written += u64::try_from(line.len()).unwrap_or(u64::MAX);
        Ok(())
    }
}

fn tap_error(_error: &LedgerError) -> TapError {
    TapError::Evidence { os_error: None }
}
