//! Installing what the demo and the tests need, from Debian and npm, saying what and why.
//! Only what is missing is installed, so a second call does nothing.

use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Result, bail};

use crate::run::{command, find_program, line, root, run};

/// Who needs something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum For {
    Demo,
    Tests,
    /// The full matrix of VNC servers.
    Servers,
    Fuzzing,
    Benches,
}

struct Need {
    /// Debian's package.
    package: &'static str,
    /// The program or file that shows that it is there, whoever installed it.
    shown_by: &'static str,
    why: &'static str,
    by: &'static [For],
}

// A table, with a row for each package.
#[rustfmt::skip]
const NEEDS: &[Need] = &[
    need("cmake", "cmake", "builds the JPEG encoder", BUILDERS),
    need("nasm", "nasm", "builds the JPEG encoder's fast parts", BUILDERS),
    need("tigervnc-standalone-server", "Xtigervnc", "the VNC desktop", &[For::Demo, For::Tests, For::Servers, For::Benches]),
    need("tigervnc-tools", "tigervncpasswd", "the desktop's password", &[For::Demo, For::Tests, For::Servers]),
    need("icewm", "icewm", "the desktop's window manager", &[For::Demo]),
    need("xterm", "xterm", "the desktop's terminal", &[For::Demo]),
    need("chromium", "chromium", "the desktop's browser, and the tests' one", &[For::Demo, For::Tests]),
    need("chromium-sandbox", SANDBOX, "the browser's sandbox, where one is not root", &[For::Demo]),
    need("xauth", "xauth", "keeps the desktop to the one who started it", &[For::Demo]),
    need("x11-utils", "xwininfo", "sees which windows the desktop shows", &[For::Demo]),
    need("nodejs", "node", "runs the page's server", &[For::Demo, For::Tests]),
    need("npm", "npm", "installs the stock Guacamole client", &[For::Demo, For::Tests]),
    need("fonts-dejavu-core", DEJAVU, "text in the desktop", &[For::Demo, For::Tests]),
    need("fonts-droid-fallback", CJK, "Chinese, Japanese and Korean text", &[For::Demo]),
    need("xvfb", "Xvfb", "a display for VNC servers that show one", &[For::Tests, For::Servers]),
    need("x11vnc", "x11vnc", "a VNC server", &[For::Tests, For::Servers]),
    need("qemu-system-x86", "qemu-system-x86_64", "a machine with a VNC server", &[For::Tests, For::Servers]),
    need("libfaketime", "/usr/share/doc/libfaketime/copyright", "another time of day for the daemon", &[For::Tests]),
    need("tigervnc-scraping-server", "X0tigervnc", "a VNC server", &[For::Servers]),
    need("tightvncserver", "Xtightvnc", "a VNC server", &[For::Servers]),
    need("xfonts-base", FIXED, "the font without which Xtightvnc does not start", &[For::Servers]),
    need("socat", "socat", "a Unix socket in front of a VNC server", &[For::Tests, For::Servers]),
    need("wayvnc", "wayvnc", "a VNC server", &[For::Servers]),
    need("sway", "sway", "the compositor that wayvnc shows", &[For::Servers]),
    need("swaybg", "swaybg", "a picture in the compositor", &[For::Servers]),
    need("wev", "wev", "sees what is typed in the compositor", &[For::Servers]),
    need("grim", "grim", "sees what the compositor shows", &[For::Servers]),
    need("wl-clipboard", "wl-copy", "copies and pastes in the compositor", &[For::Servers]),
    need("python3-cryptography", CRYPTOGRAPHY, "the second verifier of evidence, in docs/", &[For::Tests]),
    need("python3-venv", VENV, "an S3 server for the tests, in an environment of its own", &[For::Tests]),
    need("ffmpeg", "ffmpeg", "makes videos of recordings", &[For::Tests]),
    need("valgrind", "valgrind", "counts the instructions of the benches", &[For::Tests, For::Benches]),
    need("gcc", "cc", "builds the benches' replay into libvncclient", &[For::Benches]),
    need("libvncserver-dev", LIBVNCCLIENT, "the client library that benches compare with", &[For::Benches]),
    need("g++", "g++", "builds libFuzzer", &[For::Fuzzing]),
];

/// Whoever builds the daemon.
const BUILDERS: &[For] = &[For::Demo, For::Tests, For::Servers, For::Benches];

const DEJAVU: &str = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf";
const FIXED: &str = "/usr/share/fonts/X11/misc/6x13-ISO8859-1.pcf.gz";
const LIBVNCCLIENT: &str = "/usr/include/rfb/rfbclient.h";
const CRYPTOGRAPHY: &str = "/usr/lib/python3/dist-packages/cryptography/__init__.py";
const VENV: &str = "/usr/share/doc/python3-venv/copyright";
const SANDBOX: &str = "/usr/lib/chromium/chrome-sandbox";
const CJK: &str = "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf";

const fn need(
    package: &'static str,
    shown_by: &'static str,
    why: &'static str,
    by: &'static [For],
) -> Need {
    Need {
        package,
        shown_by,
        why,
        by,
    }
}

impl Need {
    fn is_met(&self) -> bool {
        Path::new(self.shown_by).is_file() || find_program(self.shown_by).is_some()
    }
}

/// Installs what is missing for `purposes`.
///
/// Without root it installs nothing from Debian: it prints the one command that does, and fails.
pub(crate) fn install(purposes: &[For]) -> Result<()> {
    install_packages(&missing(purposes, Need::is_met))?;
    if purposes.contains(&For::Demo) || purposes.contains(&For::Tests) {
        install_node_modules(
            "tests/web",
            "the stock Guacamole client and its tunnel (for the page), and noVNC (for the tests)",
        )?;
    }
    if purposes.contains(&For::Tests) {
        install_node_modules("tests/stores", "azurite, an Azure Blob server")?;
        install_python_packages()?;
    }
    Ok(())
}

fn missing(purposes: &[For], is_met: impl Fn(&Need) -> bool) -> Vec<&'static Need> {
    let wanted = |need: &&Need| need.by.iter().any(|by| purposes.contains(by));
    NEEDS
        .iter()
        .filter(wanted)
        .filter(|need| !is_met(need))
        .collect()
}

fn install_packages(missing: &[&Need]) -> Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    println!("Missing on this machine:");
    for need in missing {
        println!("  {:<28} {}", need.package, need.why);
    }
    let packages: Vec<_> = missing.iter().map(|need| need.package).collect();
    if find_program("apt-get").is_none() {
        bail!("this machine has no apt-get: please install the above with its own tools");
    }
    let update = ["update", "--quiet"];
    let mut install = vec!["install", "--yes", "--quiet", "--no-install-recommends"];
    install.extend(packages);
    if !rustix::process::geteuid().is_root() {
        bail!(
            "installing needs root. Please run this one command, then try again:\n\n  \
             sudo sh -c 'apt-get update && apt-get {}'\n",
            install.join(" ")
        );
    }
    println!("Installing from Debian …");
    run(&mut apt_get(&update))?;
    run(&mut apt_get(&install))
}

fn apt_get(args: &[&str]) -> Command {
    let mut command = command("apt-get", args);
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// Installs the npm packages of a folder exactly as its lock file says.
fn install_node_modules(folder: &str, what: &str) -> Result<()> {
    let path = root().join(folder);
    let installed = modified(&path.join("node_modules/.package-lock.json"));
    if modified(&path.join("package-lock.json")) <= installed {
        return Ok(());
    }
    println!("Installing from npm {what} …");
    let mut npm = command(
        "npm",
        ["ci", "--no-audit", "--no-fund", "--no-update-notifier"],
    );
    npm.current_dir(&path);
    run(&mut npm).map_err(|error| error.context(format!("in {folder}: {}", line(&npm))))
}

/// Installs moto, an S3 server with Object Lock, into an environment of its own.
fn install_python_packages() -> Result<()> {
    let folder = root().join("tests/stores");
    let (wanted, environment) = (folder.join("requirements.txt"), folder.join(".venv"));
    // Its time is that of the last installation that came to its end.
    let installed = environment.join("requirements.txt");
    if modified(&wanted) <= modified(&installed) {
        return Ok(());
    }
    println!("Installing from PyPI moto, an S3 server …");
    run(command("python3", ["-m", "venv"]).arg(&environment))?;
    let mut pip = Command::new(environment.join("bin/pip"));
    run(pip
        .args(["install", "--quiet", "--requirement"])
        .arg(&wanted))?;
    std::fs::copy(&wanted, &installed)?;
    Ok(())
}

fn modified(file: &Path) -> Option<SystemTime> {
    file.metadata().ok()?.modified().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_not_installed_again() {
        let all = [
            For::Demo,
            For::Tests,
            For::Servers,
            For::Fuzzing,
            For::Benches,
        ];
        assert!(missing(&all, |_| true).is_empty());
    }

    #[test]
    fn each_purpose_gets_only_what_it_needs() {
        let packages = |purpose| -> Vec<_> {
            missing(&[purpose], |_| false)
                .iter()
                .map(|need| need.package)
                .collect()
        };
        assert!(!packages(For::Demo).contains(&"valgrind"));
        assert!(packages(For::Tests).contains(&"valgrind"));
        assert!(!packages(For::Tests).contains(&"wayvnc"));
        assert!(packages(For::Servers).contains(&"wayvnc"));
        assert!(packages(For::Demo).contains(&"cmake"));
        assert_eq!(packages(For::Fuzzing), ["g++"]);
        assert!(!packages(For::Tests).contains(&"libvncserver-dev"));
        assert!(packages(For::Benches).contains(&"libvncserver-dev"));
    }
}
