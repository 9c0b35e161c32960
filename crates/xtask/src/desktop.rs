//! The demo's desktop: a TigerVNC server with a window manager, a terminal and a browser.

use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::part::Parts;
use crate::run::{command, output, root, run};

const GEOMETRY: &str = "1280x800";
const START_LIMIT: Duration = Duration::from_secs(20);
/// A browser's first start on a slow machine.
const BROWSER_LIMIT: Duration = Duration::from_secs(60);
/// VNC passwords have no more than this.
const PASSWORD_LENGTH: usize = 8;
const WINDOW_TITLES: [&str; 2] = ["Demo terminal", "Welcome to the demo desktop"];

/// Where the desktop is, on loopback, and how to sign in to it.
pub(crate) struct Desktop {
    pub(crate) port: u16,
    pub(crate) password: String,
}

/// The X display of the desktop, for the programs that run in it.
struct Display {
    name: String,
    authority: PathBuf,
}

impl Display {
    fn command<'a>(&self, program: &str, args: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = command(program, args);
        command
            .env("DISPLAY", &self.name)
            .env("XAUTHORITY", &self.authority);
        // Programs must not talk to the desktop of the person who starts the demo.
        for variable in [
            "WAYLAND_DISPLAY",
            "DBUS_SESSION_BUS_ADDRESS",
            "SESSION_MANAGER",
        ] {
            command.env_remove(variable);
        }
        command
    }
}

impl Desktop {
    /// Chooses a free port and a password for a desktop that is not running yet.
    pub(crate) fn choose() -> Result<Self> {
        Ok(Self {
            port: free_port()?,
            password: random_text(PASSWORD_LENGTH)?,
        })
    }

    /// Starts the desktop, with its files in `folder` and a browser that shows `address`,
    /// and waits until its windows are there.
    pub(crate) fn start(&self, parts: &mut Parts, folder: &Path, address: &str) -> Result<()> {
        let display = start_server(parts, folder, self.port, &self.password)?;
        start_windows(parts, folder, &display, address)
    }
}

fn start_server(parts: &mut Parts, folder: &Path, port: u16, password: &str) -> Result<Display> {
    let password_file = folder.join("vnc-password");
    write_private(&password_file, &obfuscated(password)?)?;
    let authority = folder.join("xauthority");
    let _ = fs::remove_file(&authority);
    // Display numbers of the server's own file are not looked at, only its keys.
    let key = random_key()?;
    add_key(&authority, ":0", &key)?;

    let log = parts.start(
        "VNC server",
        command(
            "Xtigervnc",
            [
                "-displayfd",
                "1",
                "-geometry",
                GEOMETRY,
                "-depth",
                "24",
                "-localhost",
            ],
        )
        .args([
            "-SecurityTypes",
            "VncAuth",
            "-AcceptSetDesktopSize",
            "-desktop",
            "demo",
        ])
        .args(["-rfbport", &port.to_string()])
        .arg("-PasswordFile")
        .arg(&password_file)
        .arg("-auth")
        .arg(&authority),
    )?;
    let name = parts.wait_for("the VNC server's display", START_LIMIT, || {
        // It prints its display's number alone on a line once it answers there.
        let text = fs::read_to_string(&log).ok()?;
        let number = text
            .lines()
            .find_map(|line| line.trim().parse::<u16>().ok())?;
        Some(format!(":{number}"))
    })?;
    parts.wait_for("the VNC server", START_LIMIT, || connect(port))?;
    add_key(&authority, &name, &key)?;
    Ok(Display { name, authority })
}

fn start_windows(parts: &mut Parts, folder: &Path, display: &Display, address: &str) -> Result<()> {
    let settings = folder.join("icewm");
    fs::create_dir_all(&settings)?;
    let assets = root().join("crates/xtask/assets");
    fs::copy(
        assets.join("icewm-preferences"),
        settings.join("preferences"),
    )?;
    parts.start(
        "window manager",
        display
            .command("icewm-session", [])
            .env("ICEWM_PRIVCFG", &settings),
    )?;

    // The prompt is bare: neither the machine's name nor a path belongs into a picture.
    let greeting = "PS1='\\[\\e[1;32m\\]demo\\[\\e[0m\\] $ '; ls --color=auto";
    fs::write(folder.join("bashrc"), greeting)?;
    let shell = folder.join("bashrc");
    parts.start(
        "terminal",
        display
            .command(
                "xterm",
                ["-title", "Demo terminal", "-geometry", "76x20+24+40"],
            )
            .args([
                "-fa",
                "DejaVu Sans Mono",
                "-fs",
                "11",
                "-bg",
                "#1b1f24",
                "-fg",
                "#d7dce2",
            ])
            .args(["-e", "bash", "--rcfile"])
            .arg(shell),
    )?;
    parts.start("browser", &mut browser(display, folder, address))?;

    let mut seen = String::new();
    parts.wait_for("the desktop's windows", BROWSER_LIMIT, || {
        let mut list = display.command("xwininfo", ["-root", "-tree"]);
        let listed = list.stderr(Stdio::null()).output().ok()?;
        seen = String::from_utf8_lossy(&listed.stdout).into_owned();
        WINDOW_TITLES
            .iter()
            .all(|title| seen.contains(title))
            .then_some(())
    })
}

fn browser(display: &Display, folder: &Path, address: &str) -> Command {
    let mut browser = display.command(
        "chromium",
        [
            "--no-first-run",
            "--no-default-browser-check",
            "--disable-gpu",
            "--disable-breakpad",
            "--disable-sync",
            "--disable-background-networking",
            "--disable-component-update",
            "--password-store=basic",
            "--window-position=330,150",
            "--window-size=880,580",
        ],
    );
    let profile = folder.join("browser");
    browser.arg(format!("--user-data-dir={}", profile.display()));
    if rustix::process::geteuid().is_root() {
        // Chromium's sandbox refuses to work for root; the second flag hides the warning bar.
        browser.args(["--no-sandbox", "--test-type"]);
    }
    browser.arg(address);
    browser
}

/// A password as TigerVNC keeps it in a file.
fn obfuscated(password: &str) -> Result<Vec<u8>> {
    let mut child = command("tigervncpasswd", ["-f"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("tigervncpasswd cannot be run")?;
    let mut input = child.stdin.take().context("the pipe was asked for")?;
    writeln!(input, "{password}")?;
    drop(input);
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("tigervncpasswd failed ({})", output.status);
    }
    Ok(output.stdout)
}

fn add_key(authority: &Path, display: &str, key: &str) -> Result<()> {
    let mut xauth = command("xauth", ["-q", "-f"]);
    xauth
        .arg(authority)
        .args(["add", display, ".", key])
        .stderr(Stdio::null());
    run(&mut xauth)
}

fn random_key() -> Result<String> {
    Ok(output(&mut command::<&str>("mcookie", []))?
        .trim()
        .to_owned())
}

fn random_text(length: usize) -> Result<String> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = vec![0_u8; length];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
        .collect())
}

/// Writes a file that only its owner can read.
pub(crate) fn write_private(file: &Path, content: &[u8]) -> Result<()> {
    let _ = fs::remove_file(file);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)?;
    Ok(file.write_all(content)?)
}

/// A TCP port of loopback that was free just now.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}

/// Whether something answers at a port of loopback.
pub(crate) fn connect(port: u16) -> Option<()> {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port))
        .ok()
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_differ_and_fit_vnc() {
        let (one, other) = (random_text(8).unwrap(), random_text(8).unwrap());
        assert_eq!(one.len(), 8);
        assert_ne!(one, other);
    }

    #[test]
    fn a_private_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let file = std::env::temp_dir().join(format!("xtask-private-{}", std::process::id()));
        write_private(&file, b"one").unwrap();
        write_private(&file, b"other").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"other");
        assert_eq!(
            fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
        fs::remove_file(file).unwrap();
    }
}
