//! Whether a server is the one that was meant.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use sha2::{Digest, Sha256};

use crate::{TlsError, Trust};

/// Accepts a certificate whose fingerprint is known, or one that an authority has signed for the
/// name. If there are pins, it has to have one of them as well.
#[derive(Debug)]
pub(super) struct Verifier {
    fingerprints: Vec<[u8; 32]>,
    pins: Vec<[u8; 32]>,
    authorities: Vec<CertificateDer<'static>>,
    roots: RootCertStore,
    name: Option<ServerName<'static>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Verifier {
    pub(super) fn new(
        trust: &Trust,
        pins: &[[u8; 32]],
        algorithms: WebPkiSupportedAlgorithms,
    ) -> Result<Self, TlsError> {
        let mut roots = RootCertStore::empty();
        for authority in &trust.authorities {
            roots
                .add(authority.clone())
                .map_err(|_error| TlsError::BadAuthority)?;
        }
        Ok(Self {
            fingerprints: trust.fingerprints.clone(),
            pins: pins.to_vec(),
            authorities: trust.authorities.clone(),
            roots,
            name: trust.server_name.clone(),
            algorithms,
        })
    }

    /// Whether an authority stands for the certificate at this time.
    fn verify_origin(
        &self,
        certificate: &CertificateDer<'_>,
        parsed: &ParsedCertificate<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), Error> {
        let result = verify_server_cert_signed_by_trust_anchor(
            parsed,
            &self.roots,
            intermediates,
            now,
            self.algorithms.all,
        );
        match result {
            // Once its time was found good, a certificate that may sign others is refused as a
            // server's. Here it is the very one that was given as trusted.
            Err(Error::InvalidCertificate(CertificateError::Other(_)))
                if self.authorities.contains(certificate) =>
            {
                Ok(())
            }
            // That, an authority of the same name but with another key, or one whose word does
            // not reach so far.
            Err(Error::InvalidCertificate(
                CertificateError::Other(_) | CertificateError::BadSignature,
            )) => Err(CertificateError::UnknownIssuer.into()),
            result => result,
        }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let fingerprint: [u8; 32] = Sha256::digest(end_entity).into();
        if !self.pins.is_empty() && !self.pins.contains(&fingerprint) {
            return Err(CertificateError::ApplicationVerificationFailure.into());
        }
        if self.fingerprints.contains(&fingerprint) {
            return Ok(ServerCertVerified::assertion());
        }
        let (Some(name), false) = (&self.name, self.roots.is_empty()) else {
            // Known by its fingerprint, or not at all.
            return Err(CertificateError::ApplicationVerificationFailure.into());
        };
        let parsed = ParsedCertificate::try_from(end_entity)?;
        self.verify_origin(end_entity, &parsed, intermediates, now)?;
        verify_server_name(&parsed, name)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
