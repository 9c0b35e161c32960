//! What is demanded of a VNC server, and by what it is known: the operator's word, then the
//! connection's.
//!
//! Parameters tighten. They can raise the policy's minimum. Where the operator has said which servers
//! are trusted, they cannot add to that: a fingerprint that they name has to hold as well, and an
//! authority of their own is refused. Where the operator has said nothing, the connection's word
//! counts alone. A value that cannot be read ends the session: what was to protect it is not ignored.

use guac_policy::{Policy, VncSecurity};
use guac_vnc::{Entropy, SecurityConfig, SecurityLevel, Trust};
use rustls::RootCertStore;
use rustls::crypto::aws_lc_rs;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use zeroize::Zeroizing;

use super::address::Target;
use super::arguments::Values;
use super::failure::Failure;
use super::options::VncOptions;

/// Reads what a connection demands of its server.
pub(super) fn security(
    values: &Values<'_>,
    policy: &Policy,
    options: &VncOptions,
    target: &Target,
) -> Result<SecurityConfig, Failure> {
    let mut security = SecurityConfig {
        minimum: level(minimum(values, policy)?),
        entropy: entropy(),
        ..SecurityConfig::default()
    };
    let fingerprints = fingerprints(values)?;
    let authorities = authorities(values)?;
    let mut trust = Trust::new(UnixTime::now());
    if options.trusts_somebody() {
        if !authorities.is_empty() {
            return Err(Failure::BadParameter {
                name: "vnc-ca-certificate",
                problem: "the operator has said which servers are trusted",
            });
        }
        trust.authorities.clone_from(&options.authorities);
        trust.fingerprints.clone_from(&options.fingerprints);
        security.pins = fingerprints;
    } else {
        trust.authorities = authorities;
        trust.fingerprints = fingerprints;
    }
    trust.server_name = server_name(values, target)?;
    if trust.server_name.is_none() && !trust.authorities.is_empty() {
        tracing::warn!(
            "No certificate authority can stand for the VNC server: it has no name. Set \
             \"vnc-server-name\"."
        );
    }
    if !trust.authorities.is_empty() || !trust.fingerprints.is_empty() {
        security.trust = Some(trust);
    }
    Ok(security)
}

/// The policy's minimum, or what the connection demands beyond it.
fn minimum(values: &Values<'_>, policy: &Policy) -> Result<VncSecurity, Failure> {
    let Some(text) = values.text("vnc-minimum-security") else {
        return Ok(policy.vnc_security());
    };
    let demanded: VncSecurity = text.parse().map_err(|_unknown| Failure::BadParameter {
        name: "vnc-minimum-security",
        problem: "it is none of \"none\", \"password\", \"encrypted\" and \"verified\"",
    })?;
    if demanded < policy.vnc_security() {
        tracing::warn!(
            "Parameter \"vnc-minimum-security\" has no effect: the policy's minimum is \"{}\".",
            policy.vnc_security().name()
        );
    }
    Ok(demanded.max(policy.vnc_security()))
}

const fn level(security: VncSecurity) -> SecurityLevel {
    match security {
        VncSecurity::None => SecurityLevel::None,
        VncSecurity::Password => SecurityLevel::Password,
        VncSecurity::Encrypted => SecurityLevel::Encrypted,
        VncSecurity::Verified => SecurityLevel::Verified,
    }
}

fn fingerprints(values: &Values<'_>) -> Result<Vec<[u8; 32]>, Failure> {
    let text = values.text("vnc-fingerprint").unwrap_or_default();
    parse_fingerprints(text).ok_or(Failure::BadParameter {
        name: "vnc-fingerprint",
        problem: "it is not SHA-256 in hexadecimal",
    })
}

/// Fingerprints with commas or blanks between them. Nothing, if one of them cannot be read.
pub(crate) fn parse_fingerprints(text: &str) -> Option<Vec<[u8; 32]>> {
    text.split(|c: char| c == ',' || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .map(Trust::parse_fingerprint)
        .collect()
}

fn authorities(values: &Values<'_>) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let Some(text) = values.text("vnc-ca-certificate") else {
        return Ok(Vec::new());
    };
    CertificateDer::pem_slice_iter(text.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .ok()
        .filter(|certificates| are_authorities(certificates))
        .ok_or(Failure::BadParameter {
            name: "vnc-ca-certificate",
            problem: "it is no certificate in PEM",
        })
}

/// Whether these are certificates that can stand for others, and at least one.
pub(crate) fn are_authorities(certificates: &[CertificateDer<'static>]) -> bool {
    let mut roots = RootCertStore::empty();
    let usable = |certificate: &CertificateDer<'static>| roots.add(certificate.clone()).is_ok();
    !certificates.is_empty() && certificates.iter().all(usable)
}

/// The name that the server's certificate has to be for: the one that is given, or the one by which
/// the server is reached.
fn server_name(
    values: &Values<'_>,
    target: &Target,
) -> Result<Option<ServerName<'static>>, Failure> {
    if let Some(name) = values.text("vnc-server-name") {
        let name = ServerName::try_from(name.to_owned());
        return name.map(Some).map_err(|_invalid| Failure::BadParameter {
            name: "vnc-server-name",
            problem: "it is neither a DNS name nor an address",
        });
    }
    let reached_by = match target {
        Target::Tcp(at) => Some(at.host.as_str()),
        // The repeater only hands on what the server itself says.
        Target::Repeater { .. } => values.text("dest-host"),
        Target::Reverse { .. } => values.text("hostname"),
        Target::Unix(_) => None,
    };
    Ok(reached_by.and_then(|host| ServerName::try_from(host.to_owned()).ok()))
}

/// Randomness from the system. Without it the types that need some are not used.
fn entropy() -> Option<Entropy> {
    let mut seed = Zeroizing::new([0; 32]);
    let random = aws_lc_rs::default_provider().secure_random;
    match random.fill(&mut *seed) {
        Ok(()) => Some(Entropy::new(*seed)),
        Err(_failed) => {
            tracing::error!("The system gives no randomness.");
            None
        }
    }
}

#[cfg(test)]
mod tests;
