//! What the operator says about VNC servers: which ways lead to them, how large a desktop may be, and
//! which servers are trusted. The configuration file's section `[vnc]` has the same settings as the flags.

use std::num::ParseIntError;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use guac_display::limits::DESKTOP_MAX_SIDE;
use guac_policy::{Door, Policy, VncSecurity};
use rustls_pki_types::CertificateDer;

use crate::desktop::{are_authorities, parse_fingerprints};
use crate::listener::{FileError, read_certificates};
use crate::server::VncOptions;

/// The settings of one source: those of the flags win over those of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub(crate) struct VncSettings {
    /// Let connections reach desktops this way too: "unix:/path" (that very socket),
    /// "reverse-connect", "repeater" or "wake-on-lan"; may be repeated
    #[arg(long, value_name = "DOOR", allow_hyphen_values = true)]
    pub(crate) allow: Vec<Door>,

    /// Take no desktop that is larger, and ask for none [default: 8192x8192]
    #[arg(long, value_name = "WIDTHxHEIGHT")]
    pub(crate) max_desktop: Option<DesktopSize>,

    /// Wait here for VNC servers that connect by themselves [default: the listen address]
    #[arg(long, value_name = "HOST", allow_hyphen_values = true)]
    pub(crate) vnc_listen_host: Option<String>,

    /// Connect to VNC servers that are secured at least so: "none", "password", "encrypted" or
    /// "verified" [default: none]
    #[arg(long, value_name = "LEVEL")]
    pub(crate) vnc_minimum_security: Option<VncSecurity>,

    /// Trust VNC servers whose certificate one of these signed (PEM)
    #[arg(long, value_name = "FILE", allow_hyphen_values = true)]
    pub(crate) vnc_ca: Option<PathBuf>,

    /// Trust VNC servers whose certificate, or key for RSA-AES, has one of these SHA-256
    #[arg(long, value_name = "HEX,...")]
    pub(crate) vnc_fingerprint: Option<Fingerprints>,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VncError {
    #[error("Unable to load certificate authorities. {}: {source}", path.display())]
    Authorities { path: PathBuf, source: FileError },
    #[error("{}: not certificates that can stand for others", path.display())]
    NoAuthority { path: PathBuf },
}

impl VncSettings {
    /// These settings, and another source's where there are none.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            allow: if self.allow.is_empty() {
                other.allow
            } else {
                self.allow
            },
            max_desktop: self.max_desktop.or(other.max_desktop),
            vnc_listen_host: self.vnc_listen_host.or(other.vnc_listen_host),
            vnc_minimum_security: self.vnc_minimum_security.or(other.vnc_minimum_security),
            vnc_ca: self.vnc_ca.or(other.vnc_ca),
            vnc_fingerprint: self.vnc_fingerprint.or(other.vnc_fingerprint),
        }
    }

    /// The policy with what these settings open and demand.
    pub(crate) fn apply(&self, policy: Policy) -> Policy {
        let minimum = policy
            .vnc_security()
            .max(self.vnc_minimum_security.unwrap_or_default());
        let doors = self.allow.iter().cloned();
        let opened = doors.fold(policy.into_builder(), |policy, door| policy.open(door));
        opened.vnc_security(minimum).build()
    }

    /// The settings for connections to VNC servers, of a daemon that listens on `bind_host`.
    ///
    /// # Errors
    /// When the file with the authorities cannot be used.
    pub(crate) fn options(&self, bind_host: &str) -> Result<VncOptions, VncError> {
        let listen_host = self.vnc_listen_host.as_deref().unwrap_or(bind_host);
        let defaults = VncOptions::default();
        let max_desktop = self.max_desktop.map(|size| (size.0, size.1));
        let authorities = self.vnc_ca.as_deref().map(load_authorities).transpose()?;
        let fingerprints = self.vnc_fingerprint.clone();
        Ok(VncOptions {
            max_desktop: max_desktop.unwrap_or(defaults.max_desktop),
            listen_host: listen_host.to_owned(),
            authorities: authorities.unwrap_or_default(),
            fingerprints: fingerprints.map_or_else(Vec::new, |Fingerprints(list)| list),
        })
    }
}

fn load_authorities(path: &Path) -> Result<Vec<CertificateDer<'static>>, VncError> {
    let certificates = read_certificates(path).map_err(|source| VncError::Authorities {
        path: path.to_owned(),
        source,
    })?;
    if are_authorities(&certificates) {
        Ok(certificates)
    } else {
        Err(VncError::NoAuthority {
            path: path.to_owned(),
        })
    }
}

/// Fingerprints, at least one, with commas or blanks between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fingerprints(pub(crate) Vec<[u8; 32]>);

/// Not a list of fingerprints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint is SHA-256: 64 hexadecimal digits, with or without colons")]
pub(crate) struct FingerprintError;

impl FromStr for Fingerprints {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        parse_fingerprints(text)
            .filter(|list| !list.is_empty())
            .map(Self)
            .ok_or(FingerprintError)
    }
}

/// Width and height of a desktop in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DesktopSize(pub(crate) u16, pub(crate) u16);

/// Not a size that a desktop can be limited to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a size is two numbers from 1 to {DESKTOP_MAX_SIDE}, such as 1920x1080")]
pub(crate) struct DesktopSizeError;

impl From<ParseIntError> for DesktopSizeError {
    fn from(_: ParseIntError) -> Self {
        Self
    }
}

impl FromStr for DesktopSize {
    type Err = DesktopSizeError;

    fn from_str(text: &str) -> Result<Self, DesktopSizeError> {
        let (width, height) = text.split_once('x').ok_or(DesktopSizeError)?;
        let side = |text: &str| match text.parse()? {
            side @ 1..=DESKTOP_MAX_SIDE => Ok(side),
            _ => Err(DesktopSizeError),
        };
        Ok(Self(side(width)?, side(height)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_two_numbers() {
        for (text, size) in [
            ("1920x1080", Ok(DesktopSize(1920, 1080))),
            ("1x8192", Ok(DesktopSize(1, 8192))),
            ("8193x1", Err(DesktopSizeError)),
            ("0x100", Err(DesktopSizeError)),
            ("100", Err(DesktopSizeError)),
            ("100X100", Err(DesktopSizeError)),
            ("100x", Err(DesktopSizeError)),
            ("99999x1", Err(DesktopSizeError)),
            ("", Err(DesktopSizeError)),
        ] {
            assert_eq!(text.parse(), size, "{text}");
        }
    }

    #[test]
    fn doors_of_one_source_are_all_there_are() {
        let source = |doors: &[&str]| VncSettings {
            allow: doors.iter().map(|door| door.parse().unwrap()).collect(),
            ..VncSettings::default()
        };
        let opens = |settings: &VncSettings, door: &str| {
            let policy = settings.apply(Policy::builtin());
            policy.opens(&door.parse().unwrap())
        };
        let flags = source(&["repeater", "wake-on-lan"]);
        let both = flags.or(source(&["reverse-connect"]));
        assert!(opens(&both, "repeater") && opens(&both, "wake-on-lan"));
        assert!(!opens(&both, "reverse-connect"));
        let file = source(&[]).or(source(&["reverse-connect"]));
        assert!(opens(&file, "reverse-connect"));
    }

    #[test]
    fn the_least_security_is_only_raised() {
        let minimum = |policy, flag: Option<VncSecurity>| {
            let settings = VncSettings {
                vnc_minimum_security: flag,
                ..VncSettings::default()
            };
            let policy = Policy::builder().vnc_security(policy).build();
            settings.apply(policy).vnc_security()
        };
        use VncSecurity::{Encrypted, None as Anything, Verified};
        assert_eq!(minimum(Encrypted, None), Encrypted);
        assert_eq!(minimum(Encrypted, Some(Anything)), Encrypted);
        assert_eq!(minimum(Encrypted, Some(Verified)), Verified);
    }

    #[test]
    fn fingerprints_are_a_list() {
        let hex = "0a".repeat(32);
        let list = Fingerprints(vec![[10; 32], [10; 32]]);
        for text in [format!("{hex},{hex}"), format!(" {hex} , {hex}\n")] {
            assert_eq!(text.parse(), Ok(list.clone()));
        }
        for text in ["", ",", "0a", &format!("{hex};{hex}"), &format!("{hex},0a")] {
            assert_eq!(
                text.parse::<Fingerprints>(),
                Err(FingerprintError),
                "{text}"
            );
        }
    }

    #[test]
    fn servers_are_waited_for_where_clients_are() {
        let mut settings = VncSettings::default();
        let options = settings.options("0.0.0.0").unwrap();
        assert_eq!(options.listen_host, "0.0.0.0");
        assert_eq!(options.max_desktop, (8192, 8192));
        settings.vnc_listen_host = Some("10.0.0.1".into());
        settings.max_desktop = Some(DesktopSize(640, 480));
        let options = settings.options("0.0.0.0").unwrap();
        assert_eq!(options.listen_host, "10.0.0.1");
        assert_eq!(options.max_desktop, (640, 480));
    }
}
