//! The daemon's certificate and key, and how it speaks TLS: 1.2 and 1.3, without client certificates.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls_pki_types::pem::{self, PemObject};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// A file of more bytes is neither a certificate chain nor a key.
const MAX_PEM_BYTES: u64 = 1 << 20;

/// Why TLS cannot work with what was given.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    #[error("No PEM keyfile given - SSL/TLS cannot work with a certificate alone.")]
    NoKeyGiven,
    #[error("No certificate file given - SSL/TLS cannot work with a PEM keyfile alone.")]
    NoCertificateGiven,
    #[error("Unable to load keyfile. {}: {source}", path.display())]
    Key { path: PathBuf, source: FileError },
    #[error("Unable to load certificate. {}: {source}", path.display())]
    Certificate { path: PathBuf, source: FileError },
    #[error("Unable to use certificate and keyfile: {0}")]
    Pair(rustls::Error),
}

/// What is wrong with one file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("not a PEM file")]
    Malformed,
    #[error("no certificate in it")]
    NoCertificate,
    #[error("no unencrypted private key in it")]
    NoKey,
}

/// The acceptor for a certificate and a key, or nothing when neither is given.
///
/// The certificate file holds the daemon's own certificate first, then those that lead to its issuer.
pub(crate) fn load(
    certificate: Option<&Path>,
    key: Option<&Path>,
) -> Result<Option<TlsAcceptor>, TlsError> {
    let (certificate, key) = match (certificate, key) {
        (None, None) => return Ok(None),
        (Some(_), None) => return Err(TlsError::NoKeyGiven),
        (None, Some(_)) => return Err(TlsError::NoCertificateGiven),
        (Some(certificate), Some(key)) => (certificate, key),
    };
    tracing::info!("Communication will require SSL/TLS.");
    tracing::info!("Using PEM keyfile {}", key.display());
    let private_key = read_key(key).map_err(|source| TlsError::Key {
        path: key.to_owned(),
        source,
    })?;
    tracing::info!("Using certificate file {}", certificate.display());
    let chain = read_certificates(certificate).map_err(|source| TlsError::Certificate {
        path: certificate.to_owned(),
        source,
    })?;
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| {
            builder
                .with_no_client_auth()
                .with_single_cert(chain, private_key)
        })
        .map_err(TlsError::Pair)?;
    Ok(Some(TlsAcceptor::from(Arc::new(config))))
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, FileError> {
    PrivateKeyDer::from_pem_slice(&read_bounded(path)?).map_err(|error| match error {
        pem::Error::NoItemsFound => FileError::NoKey,
        _ => FileError::Malformed,
    })
}

/// The certificates of a PEM file, at least one.
pub(crate) fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, FileError> {
    let text = read_bounded(path)?;
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<_, _>>()
        .map_err(|_| FileError::Malformed)?;
    if chain.is_empty() {
        Err(FileError::NoCertificate)
    } else {
        Ok(chain)
    }
}

fn read_bounded(path: &Path) -> Result<Vec<u8>, io::Error> {
    let mut text = Vec::new();
    let length = File::open(path)?
        .take(MAX_PEM_BYTES + 1)
        .read_to_end(&mut text)?;
    match u64::try_from(length) {
        Ok(length) if length <= MAX_PEM_BYTES => Ok(text),
        _ => Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            "more than 1 MiB",
        )),
    }
}

#[cfg(test)]
mod tests;
