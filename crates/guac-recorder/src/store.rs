//! Recordings in an object store: S3, Azure Blob, Google Cloud Storage, or a directory.
//!
//! A session's pieces, closed segments of its recording and of its evidence, are objects below
//! `<prefix>/<session>/`. Put together in the order of their names they are the two files. Pieces are put
//! where there is nothing yet and are never replaced or removed.
//!
//! It knows no recording and no key: it carries bytes.

mod connect;
mod digest;
mod uploads;

pub use connect::OpenError;
pub use uploads::{Backlog, Piece, Progress, Source, Uploads, wait};

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, PutPayload};

/// Most bytes of an object that is read.
pub const OBJECT_MAX_BYTES: u64 = 256 << 20;

/// Most objects of a session that are listed.
pub const OBJECTS_MAX: usize = 1_000_000;

/// Most bytes of a session's or a piece's name.
const NAME_MAX_BYTES: usize = 128;

/// A place for recordings.
#[derive(Clone)]
pub struct Store {
    objects: Arc<dyn ObjectStore>,
    prefix: Path,
}

/// An object of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its name within the session.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// Why something could not be put or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A session or a piece is named by letters, digits, `-`, `_` and `.`, and does not begin with `.`.
    #[error("the name of a session or of a piece is not one that can be stored")]
    Name,
    /// The credentials are wrong, or may not do that.
    #[error("the object store refused the credentials, or they do not allow this")]
    Denied(#[source] object_store::Error),
    /// There is no such object, or no such bucket.
    #[error("there is no such object or bucket")]
    NotFound(#[source] object_store::Error),
    /// Another object has the name: somebody else has written there.
    #[error("an object of that name holds something else")]
    Different,
    /// An object is larger than [`OBJECT_MAX_BYTES`], or a session has more than [`OBJECTS_MAX`].
    #[error("there is more than can be read")]
    TooMuch,
    /// A piece could not be read back from the spool, or is not all there.
    #[error("a piece could not be read from the spool")]
    Spool(#[source] std::io::Error),
    /// The store cannot be reached, or failed. It may work later.
    #[error("the object store could not be used")]
    Unavailable(#[source] object_store::Error),
}

impl Store {
    /// Puts a piece, if there is none of that name yet. When this returns, the store has said that it has
    /// it. A piece that is there with the same bytes is put: an answer to an earlier attempt was lost.
    ///
    /// # Errors
    /// When it could not be put. [`StoreError::Different`] will not get better with time.
    pub async fn put(&self, session: &str, name: &str, bytes: Bytes) -> Result<(), StoreError> {
        let path = self.path(session, name)?;
        let options = PutOptions {
            mode: PutMode::Create,
            extensions: digest::of(&bytes),
            ..PutOptions::default()
        };
        let payload = PutPayload::from(bytes.clone());
        match self.objects.put_opts(&path, payload, options).await {
            Ok(_) => Ok(()),
            Err(object_store::Error::AlreadyExists { .. }) => {
                if self.read(&path).await? == bytes {
                    Ok(())
                } else {
                    Err(StoreError::Different)
                }
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The objects of a session, in the order of their names.
    ///
    /// # Errors
    /// When they could not be listed.
    pub async fn list(&self, session: &str) -> Result<Vec<Object>, StoreError> {
        use futures_util::TryStreamExt as _;
        require_name(session)?;
        let path = self.prefix.clone().join(session);
        let mut listed = self.objects.list(Some(&path));
        let mut objects = Vec::new();
        while let Some(meta) = listed.try_next().await? {
            if OBJECTS_MAX <= objects.len() {
                return Err(StoreError::TooMuch);
            }
            // What lies deeper is not ours.
            let mut parts = meta.location.prefix_match(&path).into_iter().flatten();
            if let (Some(name), None) = (parts.next(), parts.next()) {
                objects.push(Object {
                    name: name.as_ref().to_owned(),
                    bytes: meta.size,
                });
            }
        }
        objects.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(objects)
    }

    /// An object of a session.
    ///
    /// # Errors
    /// When it could not be read, or is larger than [`OBJECT_MAX_BYTES`].
    pub async fn get(&self, session: &str, name: &str) -> Result<Bytes, StoreError> {
        self.read(&self.path(session, name)?).await
    }

    async fn read(&self, path: &Path) -> Result<Bytes, StoreError> {
        let object = self.objects.get(path).await?;
        if OBJECT_MAX_BYTES < object.meta.size {
            return Err(StoreError::TooMuch);
        }
        Ok(object.bytes().await?)
    }

    fn path(&self, session: &str, name: &str) -> Result<Path, StoreError> {
        require_name(session)?;
        require_name(name)?;
        Ok(self.prefix.clone().join(session).join(name))
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

/// Names go into paths as they are.
fn require_name(name: &str) -> Result<(), StoreError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let has_length = !name.is_empty() && name.len() <= NAME_MAX_BYTES;
    if has_length && name.chars().all(is_plain) && !name.starts_with('.') {
        Ok(())
    } else {
        Err(StoreError::Name)
    }
}

impl From<object_store::Error> for StoreError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::PermissionDenied { .. }
            | object_store::Error::Unauthenticated { .. } => Self::Denied(error),
            object_store::Error::NotFound { .. } => Self::NotFound(error),
            _ => Self::Unavailable(error),
        }
    }
}
