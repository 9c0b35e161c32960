//! Recordings as files, sealed or not. Every command opens its recordings here.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use guac_recorder::seal::{Cut, Identities, Unsealer, is_sealed};

/// Most bytes of a file of identities: more than any has that is accepted.
const IDENTITY_MAX_BYTES: u64 = 128 * 1_024;

/// An auditor's secret keys.
pub(crate) type Keys = Arc<Identities>;

/// A recording's file, and the keys that open it if it is sealed and somebody has them.
#[derive(Clone)]
pub(crate) struct Recording {
    path: PathBuf,
    /// The URL that it was fetched from, if it was.
    url: Option<PathBuf>,
    keys: Option<Keys>,
}

/// Quoted, so that no name can move the cursor about.
impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.told(&self.path).fmt(f)
    }
}

impl Recording {
    pub(crate) fn new(path: PathBuf, keys: Option<&Keys>) -> Self {
        Self {
            path,
            url: None,
            keys: keys.cloned(),
        }
    }

    /// The same, fetched from this URL.
    pub(crate) fn fetched_from(self, url: Option<PathBuf>) -> Self {
        Self { url, ..self }
    }

    /// What to call a file: one beside a recording that was fetched by the URL, as the other is gone in a moment.
    pub(crate) fn told<'a>(&'a self, path: &'a Path) -> &'a Path {
        let is_fetched = path.parent() == self.path.parent();
        self.url.as_deref().filter(|_| is_fetched).unwrap_or(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is a seal on it.
    ///
    /// # Errors
    /// When there is no file that could be read.
    pub(crate) fn is_sealed(&self) -> io::Result<bool> {
        look(&mut File::open(&self.path)?)
    }

    /// The instructions of the recording as they are in a stock file, from its start.
    ///
    /// # Errors
    /// When there is no file that could be read, or it is sealed and nothing opens it.
    pub(crate) fn open(&self) -> io::Result<Source> {
        let mut file = File::open(&self.path)?;
        if !look(&mut file)? {
            return Ok(Source::Plain(file));
        }
        let sealed = self.unsealer(file).ok_or_else(|| {
            io::Error::other("it is sealed: --identity FILE names the key that opens it")
        })?;
        Ok(Source::Sealed(Box::new(sealed)))
    }

    /// What is behind the seal; `None` where there is none or nothing opens it.
    ///
    /// # Errors
    /// When there is no file that could be read.
    pub(crate) fn unseal(&self) -> io::Result<Option<Unsealer<BufReader<File>>>> {
        let mut file = File::open(&self.path)?;
        let is_sealed = look(&mut file)?;
        Ok(is_sealed.then(|| self.unsealer(file)).flatten())
    }

    fn unsealer(&self, file: File) -> Option<Unsealer<BufReader<File>>> {
        let keys = Identities::clone(self.keys.as_ref()?);
        Some(Unsealer::new(BufReader::new(file), keys))
    }
}

/// Whether a file is sealed, by its first bytes.
fn look(file: &mut File) -> io::Result<bool> {
    let mut first = Vec::new();
    Read::by_ref(file).take(8).read_to_end(&mut first)?;
    file.rewind()?;
    Ok(is_sealed(&first))
}

/// An open recording. That a sealed one is cut or damaged is an error at that place: [`SealCut`] or an
/// [`UnsealError`](guac_recorder::seal::UnsealError) within the [`io::Error`].
pub(crate) enum Source {
    Plain(File),
    Sealed(Box<Unsealer<BufReader<File>>>),
}

/// Where a sealed recording is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SealCut(pub(crate) Cut);

impl fmt::Display for SealCut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for SealCut {}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.read(buffer),
            Self::Sealed(unsealer) => match (unsealer.read(buffer)?, unsealer.cut()) {
                (0, Some(cut)) if !buffer.is_empty() => Err(io::Error::other(SealCut(cut))),
                (read, _) => Ok(read),
            },
        }
    }
}

/// Reads an auditor's secret keys from a file, or from standard input for `-`.
///
/// # Errors
/// When it cannot be read or has no keys. What is in it is not told.
pub(crate) fn keys(path: &Path) -> anyhow::Result<Keys> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        io::stdin()
            .take(IDENTITY_MAX_BYTES)
            .read_to_string(&mut text)
    } else {
        File::open(path).and_then(|file| file.take(IDENTITY_MAX_BYTES).read_to_string(&mut text))
    };
    if read.is_err() {
        bail!("the identity {path:?} could not be read");
    }
    let identities = Identities::parse(&text).with_context(|| format!("the identity {path:?}"))?;
    Ok(Arc::new(identities))
}
