//! `qemu-system-x86_64 -vnc`: a machine without a disk that runs [`guest`]'s 512 bytes.

mod guest;
mod keyboard;
mod monitor;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use self::monitor::Monitor;
use super::{Certificate, VncServer, start_listening};
use crate::picture::Picture;
use crate::process::{Process, find_program};
use crate::wait::{PATIENCE, until_true};

/// The port of its display 0.
const FIRST_PORT: u16 = 5900;

/// How it lets its clients in.
#[derive(Clone, Copy)]
pub enum Security<'a> {
    /// Everybody, in the clear.
    None,
    /// By a password, in the clear.
    Password(&'a str),
    /// Everybody, over TLS with a certificate.
    X509(&'a Certificate),
    /// By a password, over TLS with a certificate.
    X509Password(&'a Certificate, &'a str),
    /// Everybody, over TLS without any certificate.
    Anonymous,
}

/// A running machine.
pub struct Qemu {
    process: Process,
    port: u16,
    monitor: Monitor,
    directory: TempDir,
    /// How many bytes of the guest's notes are forgotten.
    skipped: usize,
}

impl Qemu {
    /// Starts a machine and waits until its guest listens to keyboard and mouse.
    ///
    /// # Errors
    /// When it is not installed or does not start.
    pub fn start(security: Security<'_>) -> Result<Self> {
        Self::start_with(security, "")
    }

    /// Starts a machine that sends JPEG to those who ask for it, however seldom its screen changes.
    ///
    /// # Errors
    /// As [`Qemu::start`].
    pub fn start_lossy() -> Result<Self> {
        Self::start_with(Security::None, ",lossy=on,non-adaptive=on")
    }

    fn start_with(security: Security<'_>, options: &str) -> Result<Self> {
        let program = find_program(&["qemu-system-x86_64"])?;
        let directory = TempDir::new()?;
        let file = |name: &str| directory.path().join(name).display().to_string();
        fs::write(directory.path().join("disk"), guest::boot_sector())?;
        let (process, port) = start_listening(|port| {
            let mut command = Command::new(&program);
            command.args(["-machine", "pc,accel=tcg", "-m", "16", "-nodefaults"]);
            command.args(["-vga", "std", "-display", "none"]);
            let disk = format!("file={},format=raw,if=ide,snapshot=on", file("disk"));
            command.args(["-drive", &disk]);
            let monitor = format!("unix:{},server=on,wait=off", file("monitor"));
            command.args(["-qmp", &monitor]);
            command.args(["-debugcon", &format!("file:{}", file("notes"))]);
            let display = port
                .checked_sub(FIRST_PORT)
                .context("free ports are high")?;
            let vnc = format!("127.0.0.1:{display},share=force-shared{options}");
            security.describe(&mut command, vnc);
            Ok(command)
        })?;
        let monitor = Monitor::connect(&directory.path().join("monitor"))?;
        let mut machine = Self {
            process,
            port,
            monitor,
            directory,
            skipped: 0,
        };
        until_true("the guest's start", PATIENCE, || {
            Ok(machine.notes()?.ends_with(&guest::READY))
        })?;
        machine.clear()?;
        Ok(machine)
    }

    /// What the machine's screen shows.
    ///
    /// # Errors
    /// When the machine is gone.
    pub fn screen(&mut self) -> Result<Picture> {
        let file = self.directory.path().join("screen.ppm");
        let path = file.display();
        let arguments = format!("{{\"filename\":\"{path}\"}}");
        self.monitor.execute("screendump", &arguments)?;
        Picture::from_ppm(&fs::read(file)?)
    }

    /// Presses and releases a function key at the machine itself; its guest then paints two lines.
    ///
    /// # Errors
    /// When the machine is gone.
    pub fn press_f5(&mut self) -> Result<()> {
        let keys = "{\"keys\":[{\"type\":\"qcode\",\"data\":\"f5\"}]}";
        self.monitor.execute("send-key", keys)
    }

    /// What was typed: the characters of the keys that went down, on a US keyboard.
    ///
    /// # Errors
    /// When the machine is gone.
    pub fn typed(&self) -> Result<String> {
        Ok(keyboard::typed(&guest::keys(&self.notes()?)))
    }

    /// The buttons that went down or up, 1 for left, 2 for middle, 3 for right, and whether down.
    ///
    /// # Errors
    /// When the machine is gone.
    pub fn buttons(&self) -> Result<Vec<(u8, bool)>> {
        Ok(guest::buttons(&self.notes()?))
    }

    /// Forgets what was typed and clicked.
    ///
    /// # Errors
    /// When the machine is gone.
    pub fn clear(&mut self) -> Result<()> {
        self.skipped += self.notes()?.len();
        Ok(())
    }

    /// What the guest wrote down since the last [`Qemu::clear`].
    fn notes(&self) -> Result<Vec<u8>> {
        let file: PathBuf = self.directory.path().join("notes");
        let mut notes = fs::read(file)?;
        ensure!(self.skipped <= notes.len(), "notes were lost");
        notes.drain(..self.skipped);
        // A note is two bytes; the second may still be on its way.
        notes.truncate(notes.len() / 2 * 2);
        Ok(notes)
    }
}

impl VncServer for Qemu {
    fn port(&self) -> u16 {
        self.port
    }

    fn log(&self) -> Vec<String> {
        self.process.lines()
    }
}

impl Security<'_> {
    fn describe(self, command: &mut Command, mut vnc: String) {
        let certificate = match self {
            Self::X509(certificate) | Self::X509Password(certificate, _) => Some(certificate),
            Self::None | Self::Password(_) | Self::Anonymous => None,
        };
        let password = match self {
            Self::Password(password) | Self::X509Password(_, password) => Some(password),
            Self::None | Self::X509(_) | Self::Anonymous => None,
        };
        if let Some(certificate) = certificate {
            let directory = certificate.directory().display();
            let object =
                format!("tls-creds-x509,id=tls,endpoint=server,verify-peer=no,dir={directory}");
            command.args(["-object", &object]);
            vnc.push_str(",tls-creds=tls");
        } else if matches!(self, Self::Anonymous) {
            command.args(["-object", "tls-creds-anon,id=tls,endpoint=server"]);
            vnc.push_str(",tls-creds=tls");
        }
        if let Some(password) = password {
            command.args(["-object", &format!("secret,id=password,data={password}")]);
            vnc.push_str(",password-secret=password");
        }
        command.args(["-vnc", &vnc]);
    }
}
