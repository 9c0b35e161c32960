//! A certificate for a server on loopback, and the authority that signed it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// A certificate in files whose names are the ones that qemu looks for.
pub struct Certificate {
    directory: TempDir,
    fingerprint: String,
}

impl Certificate {
    /// A certificate for `localhost` and 127.0.0.1, signed by an authority of its own.
    ///
    /// # Errors
    /// When its files cannot be written.
    pub fn generate() -> Result<Self> {
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let server = CertificateParams::new(names)?.signed_by(&key, &authority)?;

        let directory = TempDir::new()?;
        let write = |name: &str, text: &[u8]| fs::write(directory.path().join(name), text);
        write("ca-cert.pem", authority.as_ref().pem().as_bytes())?;
        write("server-cert.pem", server.pem().as_bytes())?;
        write("server-key.pem", key.serialize_pem().as_bytes())?;
        let fingerprint = Sha256::digest(server.der());
        Ok(Self {
            directory,
            fingerprint: fingerprint
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        })
    }

    /// The directory of the files.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The authority's certificate, in PEM.
    pub fn authority(&self) -> PathBuf {
        self.directory().join("ca-cert.pem")
    }

    /// The server's certificate, in PEM.
    pub fn certificate(&self) -> PathBuf {
        self.directory().join("server-cert.pem")
    }

    /// The server's key, in PEM.
    pub fn key(&self) -> PathBuf {
        self.directory().join("server-key.pem")
    }

    /// SHA-256 of the server's certificate in DER, in hexadecimal.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}
