use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, IsCa, KeyPair,
    PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, RsaKeySize,
};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio_rustls::TlsConnector;

use super::*;

/// A root that a client trusts, and an issuer under it that a client has never heard of.
struct Authority {
    root: Certificate,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = CertifiedIssuer::self_signed(params.clone(), KeyPair::generate().unwrap());
        let root = root.unwrap();
        let key = KeyPair::generate().unwrap();
        let issuer = CertifiedIssuer::signed_by(params, key, &root).unwrap();
        Self {
            root: root.as_ref().clone(),
            issuer,
        }
    }

    /// The PEM text of a certificate for `localhost` and of its issuer.
    fn chain(&self, key: &KeyPair) -> (String, String) {
        let leaf = CertificateParams::new(vec!["localhost".into()]).unwrap();
        let leaf = leaf.signed_by(key, &self.issuer).unwrap();
        (leaf.pem(), self.issuer.pem())
    }
}

/// Writes both files and loads them.
fn load_texts(certificate: &str, key: &str) -> Result<TlsAcceptor, String> {
    let folder = tempfile::tempdir().unwrap();
    let (certificate_path, key_path) = (folder.path().join("c.pem"), folder.path().join("k.pem"));
    std::fs::write(&certificate_path, certificate).unwrap();
    std::fs::write(&key_path, key).unwrap();
    match load(Some(&certificate_path), Some(&key_path)) {
        Ok(acceptor) => Ok(acceptor.unwrap()),
        Err(error) => Err(error
            .to_string()
            .replace(folder.path().to_str().unwrap(), "")),
    }
}

/// Whether a client that trusts the root alone gets an answer through TLS.
async fn answers(acceptor: TlsAcceptor, root: &Certificate) -> bool {
    let mut roots = RootCertStore::empty();
    roots.add(root.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let (near, far) = duplex(16 * 1024);
    let serving = tokio::spawn(async move {
        let mut stream = acceptor.accept(far).await?;
        stream.write_all(b"hello").await?;
        stream.shutdown().await
    });
    let connector = TlsConnector::from(Arc::new(client));
    let name = ServerName::try_from("localhost").unwrap();
    let mut text = String::new();
    match connector.connect(name, near).await {
        Ok(mut stream) => {
            stream.read_to_string(&mut text).await.unwrap();
            serving.await.unwrap().unwrap();
            text == "hello"
        }
        Err(_) => false,
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    use std::fmt::Write;
    // PEM without a base64 crate: this is the only place that would need one.
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in der.chunks(48) {
        for group in line.chunks(3) {
            let word = (0..3).fold(0, |word, i| {
                word << 8 | usize::from(*group.get(i).unwrap_or(&0))
            });
            for i in 0..4 {
                let symbol = ALPHABET[word >> (18 - 6 * i) & 63];
                text.push(if i <= group.len() { symbol.into() } else { '=' });
            }
        }
        text.push('\n');
    }
    writeln!(text, "-----END {label}-----").unwrap();
    text
}

/// The RSA key inside a PKCS#8 one of 2048 bits, whose wrapping is 26 bytes.
fn pkcs1(key: &KeyPair) -> String {
    pem("RSA PRIVATE KEY", &key.serialize_der()[26..])
}

/// The P-256 key inside a PKCS#8 one, with the curve's name that the wrapping carried.
fn sec1(key: &KeyPair) -> String {
    let pkcs8 = key.serialize_der();
    let inner = &pkcs8[29..];
    assert_eq!(
        &inner[..7],
        [0x30, 0x6b, 2, 1, 1, 4, 0x20],
        "an ECPrivateKey of 32 bytes"
    );
    let curve = [0xa0, 0x0a, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
    let parts = [&[0x30, 0x77], &inner[2..39], &curve, &inner[39..]];
    let parameters = pem("EC PARAMETERS", &curve[2..]);
    parameters + &pem("EC PRIVATE KEY", &parts.concat())
}

#[tokio::test]
async fn keys_of_all_three_forms_serve_the_chain() {
    let authority = Authority::new();
    let elliptic = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let rsa = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    for (form, key, text) in [
        ("PKCS#8 elliptic", &elliptic, elliptic.serialize_pem()),
        ("PKCS#8 RSA", &rsa, rsa.serialize_pem()),
        ("PKCS#1", &rsa, pkcs1(&rsa)),
        ("SEC1", &elliptic, sec1(&elliptic)),
    ] {
        let (leaf, issuer) = authority.chain(key);
        let acceptor = load_texts(&format!("{leaf}{issuer}"), &text).expect(form);
        assert!(answers(acceptor, &authority.root).await, "{form}");
        let acceptor = load_texts(&leaf, &text).expect(form);
        assert!(
            !answers(acceptor, &authority.root).await,
            "{form} without the issuer"
        );
    }
}

#[test]
fn files_that_cannot_work_are_refused() {
    let authority = Authority::new();
    let key = KeyPair::generate().unwrap();
    let other = KeyPair::generate().unwrap().serialize_pem();
    let (leaf, issuer) = authority.chain(&key);
    let key = key.serialize_pem();
    for (certificate, key, start) in [
        (
            leaf.as_str(),
            "",
            "Unable to load keyfile. /k.pem: no unencrypted private key in it",
        ),
        (
            &leaf,
            &leaf,
            "Unable to load keyfile. /k.pem: no unencrypted private key in it",
        ),
        (
            &leaf,
            "-----BEGIN PRIVATE KEY-----\n!\n",
            "Unable to load keyfile. /k.pem: not a PEM file",
        ),
        (
            "",
            &key,
            "Unable to load certificate. /c.pem: no certificate in it",
        ),
        (
            &key,
            &key,
            "Unable to load certificate. /c.pem: no certificate in it",
        ),
        (&leaf, &other, "Unable to use certificate and keyfile: "),
        (
            &format!("{issuer}{leaf}"),
            &key,
            "Unable to use certificate and keyfile: ",
        ),
    ] {
        let problem = load_texts(certificate, key).err().expect(start);
        assert!(problem.starts_with(start), "{problem}");
    }
    let long = "#".repeat((1 << 20) + 1);
    let problem = load_texts(&leaf, &long).err().unwrap();
    assert!(
        problem.starts_with("Unable to load keyfile. /k.pem: more than 1 MiB"),
        "{problem}"
    );
}

#[test]
fn certificate_and_key_are_needed_both_or_neither() {
    let path = Some(Path::new("/nonexistent"));
    assert!(matches!(load(None, None), Ok(None)));
    assert!(matches!(load(path, None), Err(TlsError::NoKeyGiven)));
    assert!(matches!(
        load(None, path),
        Err(TlsError::NoCertificateGiven)
    ));
    assert!(matches!(load(path, path), Err(TlsError::Key { .. })));
}
