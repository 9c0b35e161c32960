//! `wayvnc`, which shows the output of a Wayland compositor.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::Result;
use tempfile::TempDir;

use super::{Certificate, Sway, VncServer, start_listening};
use crate::process::Process;

/// How it lets its clients in: it has no password without encryption.
#[derive(Clone, Copy)]
pub enum Security<'a> {
    /// Everybody, in the clear.
    None,
    /// By a user name and a password, over TLS with a certificate.
    X509Plain(&'a Certificate, &'a str, &'a str),
}

/// A running server.
pub struct Wayvnc {
    process: Process,
    port: u16,
    _directory: TempDir,
}

impl Wayvnc {
    /// Shows a compositor's output.
    ///
    /// # Errors
    /// When it is not installed or does not start.
    pub fn start(sway: &Sway, security: Security<'_>) -> Result<Self> {
        let directory = TempDir::new()?;
        let settings = directory.path().join("settings");
        fs::write(&settings, security.describe())?;
        // The compositor's user is another one, where one is root.
        readable(directory.path(), 0o755)?;
        readable(&settings, 0o644)?;
        if let Security::X509Plain(certificate, ..) = security {
            readable(certificate.directory(), 0o755)?;
            readable(&certificate.certificate(), 0o644)?;
            readable(&certificate.key(), 0o644)?;
        }
        let (process, port) = start_listening(|port| {
            let mut command = sway.command("wayvnc")?;
            command.arg("--config").arg(&settings);
            command.args(["--log-level", "debug", "127.0.0.1", &port.to_string()]);
            Ok(command)
        })?;
        Ok(Self {
            process,
            port,
            _directory: directory,
        })
    }
}

impl VncServer for Wayvnc {
    fn port(&self) -> u16 {
        self.port
    }

    fn log(&self) -> Vec<String> {
        self.process.lines()
    }
}

impl Security<'_> {
    fn describe(self) -> String {
        match self {
            Self::None => String::new(),
            Self::X509Plain(certificate, username, password) => format!(
                "enable_auth=true\nusername={username}\npassword={password}\n\
                 certificate_file={}\nprivate_key_file={}\n",
                certificate.certificate().display(),
                certificate.key().display()
            ),
        }
    }
}

fn readable(path: &Path, mode: u32) -> Result<()> {
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(mode))?)
}
