//! A VNC server that speaks TLS, in memory: rustls on the other side, and certificates as
//! operators have them.

use std::io::{Read, Write};
use std::sync::Arc;
use std::time::Duration;

use guac_vnc::pki_types::{
    CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime,
};
use guac_vnc::{ClientConfig, Error, Trust};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::crypto::aws_lc_rs;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, ServerConnection, SupportedProtocolVersion};

use crate::server::Viewer;

/// Within the time of every certificate here.
pub(crate) const TODAY: u64 = 1_750_000_000;
/// Before and after it.
pub(crate) const TOO_EARLY: u64 = 1_500_000_000;
pub(crate) const TOO_LATE: u64 = 2_000_000_000;

/// A certificate with its key.
pub(crate) struct Identity {
    pub(crate) certificate: CertificateDer<'static>,
    params: CertificateParams,
    key: KeyPair,
}

impl Identity {
    /// An authority of this name.
    pub(crate) fn authority(name: &str) -> Self {
        let mut params = params(&[], name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self::self_signed(params)
    }

    /// A self-signed certificate for these names, as `openssl req -x509` makes it: it may sign
    /// others.
    pub(crate) fn of_its_own(names: &[&str], may_sign: bool) -> Self {
        let mut params = params(names, "server");
        if may_sign {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        }
        Self::self_signed(params)
    }

    fn self_signed(params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().der().clone();
        Self {
            certificate,
            params,
            key,
        }
    }

    /// A certificate for these names, signed by this authority.
    pub(crate) fn issue(&self, names: &[&str]) -> Self {
        let params = params(names, "server");
        let key = KeyPair::generate().unwrap();
        let issuer = Issuer::from_params(&self.params, &self.key);
        let certificate = params.signed_by(&key, &issuer).unwrap().der().clone();
        Self {
            certificate,
            params,
            key,
        }
    }

    /// This certificate, with the key of another.
    pub(crate) fn with_key_of(&self, other: Self) -> Self {
        Self {
            certificate: self.certificate.clone(),
            params: self.params.clone(),
            key: other.key,
        }
    }

    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        let digest = aws_lc_rs::default_provider();
        let sha256 = digest.cipher_suites.iter().find_map(|suite| {
            let hash = suite.tls13()?.common.hash_provider;
            (hash.output_len() == 32).then_some(hash)
        });
        let hash = sha256.unwrap().hash(&self.certificate);
        hash.as_ref().try_into().unwrap()
    }
}

fn params(names: &[&str], subject: &str) -> CertificateParams {
    let names: Vec<String> = names.iter().copied().map(String::from).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name.push(DnType::CommonName, subject);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2030, 1, 1);
    params
}

/// Trust in nobody yet, today.
pub(crate) fn trust(name: &str) -> Trust {
    Trust {
        server_name: Some(ServerName::try_from(name.to_owned()).unwrap()),
        ..Trust::new(UnixTime::since_unix_epoch(Duration::from_secs(TODAY)))
    }
}

#[derive(Debug)]
struct Always(Arc<CertifiedKey>);

impl ResolvesServerCert for Always {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }
}

/// A server and a viewer, joined by a network that cuts what the server says into pieces.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) viewer: Viewer,
    pub(crate) server: ServerConnection,
    /// The plain text that the server got.
    pub(crate) heard: Vec<u8>,
    /// Why the server gave up.
    pub(crate) gave_up: Option<rustls::Error>,
    /// How many bytes come at once, again and again.
    pieces: Vec<usize>,
}

impl Pair {
    pub(crate) fn new(
        config: ClientConfig,
        identity: &Identity,
        versions: &[&'static SupportedProtocolVersion],
        pieces: &[usize],
    ) -> Self {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(identity.key.serialize_der()));
        let key = provider.key_provider.load_private_key(key).unwrap();
        let key = CertifiedKey::new(vec![identity.certificate.clone()], key);
        let server = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(Always(Arc::new(key))));
        Self {
            viewer: Viewer::new(config),
            server: ServerConnection::new(Arc::new(server)).unwrap(),
            heard: Vec::new(),
            gave_up: None,
            pieces: pieces.to_vec(),
        }
    }

    /// Words before TLS.
    pub(crate) fn say_in_clear(&mut self, words: &[&[u8]]) -> Result<(), Error> {
        self.deliver(&words.concat())
    }

    /// Words within TLS.
    pub(crate) fn say(&mut self, words: &[&[u8]]) -> Result<(), Error> {
        self.server.writer().write_all(&words.concat()).unwrap();
        self.exchange()
    }

    /// Lets both sides go on until neither has anything to say.
    pub(crate) fn exchange(&mut self) -> Result<(), Error> {
        loop {
            let output = self.viewer.output();
            self.hear(&output);
            let words = self.sealed(&[]);
            if words.is_empty() && output.is_empty() {
                return Ok(());
            }
            self.deliver(&words)?;
        }
    }

    /// Words within TLS, as they would come, with all that waits before them.
    pub(crate) fn sealed(&mut self, words: &[u8]) -> Vec<u8> {
        self.server.writer().write_all(words).unwrap();
        let mut sealed = Vec::new();
        while self.server.wants_write() {
            self.server.write_tls(&mut sealed).unwrap();
        }
        sealed
    }

    /// What the viewer still said is heard, whether it makes sense or not.
    pub(crate) fn hear(&mut self, mut output: &[u8]) {
        while !output.is_empty() && self.gave_up.is_none() {
            self.server.read_tls(&mut output).unwrap();
            self.gave_up = self.server.process_new_packets().err();
            // There is nothing more for now, which is said as an error.
            let _ = self.server.reader().read_to_end(&mut self.heard);
        }
    }

    /// Feeds the viewer in pieces.
    pub(crate) fn deliver(&mut self, mut words: &[u8]) -> Result<(), Error> {
        let pieces = self.pieces.clone();
        for size in pieces.iter().cycle() {
            let (piece, rest) = words.split_at(words.len().min(*size));
            self.viewer.try_feed(piece)?;
            words = rest;
            if words.is_empty() {
                break;
            }
        }
        Ok(())
    }
}
