//! A Wayland compositor without a screen: `sway`, with a window of `wev` that notes its input.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

use crate::picture::Picture;
use crate::process::{Process, find_program};
use crate::wait::{PATIENCE, until_true};
use crate::x11::character;

/// The user of whom Debian says that nothing is his. sway does not run as root.
const NOBODY: u32 = 65534;

/// How it calls an output without hardware.
const OUTPUT: &str = "HEADLESS-1";

/// Where the window is, and its size.
const WINDOW: (i32, i32, u32, u32) = (400, 100, 300, 200);

/// A running compositor.
pub struct Sway {
    process: Process,
    events: Process,
    directory: TempDir,
    /// How many lines of events are forgotten.
    skipped: usize,
}

impl Sway {
    /// An output of this size without any hardware behind it.
    ///
    /// # Errors
    /// When something of it is not installed or does not start.
    pub fn start((width, height): (u16, u16)) -> Result<Self> {
        let directory = TempDir::new()?;
        if rustix::process::geteuid().is_root() {
            chown(directory.path(), Some(NOBODY), Some(NOBODY))?;
        }
        let (x, y, w, h) = WINDOW;
        let settings = format!(
            "output {OUTPUT} resolution {width}x{height} position 0 0\n\
             output {OUTPUT} background #203040 solid_color\n\
             xwayland disable\n\
             focus_follows_mouse no\n\
             for_window [app_id=wev] floating enable, border none, resize set {w} {h}, \
             move absolute position {x} {y}\n"
        );
        let path = directory.path().join("config");
        write_readable(&path, settings.as_bytes())?;
        let mut command = user_command(&directory, "sway")?;
        command.arg("--config").arg(&path).arg("--verbose");
        let mut process = Process::start(&mut command)?;
        process.await_line("the compositor", 0, PATIENCE, |line| {
            line.contains("Running compositor on wayland display")
                .then_some(())
        })?;
        // Its output comes through a pipe, for which it would be held back.
        let mut command = user_command(&directory, "stdbuf")?;
        command.arg("--output=L").arg(find_program(&["wev"])?);
        let events = Process::start(&mut command)?;
        let mut sway = Self {
            process,
            events,
            directory,
            skipped: 0,
        };
        sway.events.await_line("the window", 0, PATIENCE, |line| {
            line.contains("activated").then_some(())
        })?;
        Ok(sway)
    }

    /// A command whose program is a client of this compositor.
    ///
    /// # Errors
    /// When the program is not installed.
    pub fn command(&self, program: &str) -> Result<Command> {
        user_command(&self.directory, program)
    }

    /// What the output shows, without the pointer.
    ///
    /// # Errors
    /// When the compositor is gone.
    pub fn screen(&self) -> Result<Picture> {
        let output = self.command("grim")?.args(["-t", "ppm", "-"]).output()?;
        ensure!(
            output.status.success(),
            "grim: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Picture::from_ppm(&output.stdout)
    }

    /// Shows a picture behind the windows.
    ///
    /// # Errors
    /// When the compositor is gone.
    pub fn paint_background(&self, picture: &Picture) -> Result<()> {
        let path = self.directory.path().join("background.png");
        picture.write(&path)?;
        readable(&path)?;
        let path = path.display();
        self.message(&format!("output {OUTPUT} background {path} stretch"))
    }

    /// Changes the size of the output.
    ///
    /// # Errors
    /// When the compositor is gone.
    pub fn resize(&self, (width, height): (u16, u16)) -> Result<()> {
        self.message(&format!("output {OUTPUT} resolution {width}x{height}"))
    }

    fn message(&self, message: &str) -> Result<()> {
        let output = self.command("swaymsg")?.arg(message).output()?;
        ensure!(
            output.status.success(),
            "{message}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    }

    /// What was typed: the characters of the keys that went down.
    pub fn typed(&self) -> String {
        let lines = self.events();
        let pairs = lines.iter().zip(lines.iter().skip(1));
        let is_down = |line: &str| line.contains("wl_keyboard] key:") && line.contains("state: 1");
        // The line after a key's names its symbol.
        pairs
            .filter(|(line, _)| is_down(line))
            .filter_map(|(_, next)| character(symbol(next)?))
            .collect()
    }

    /// The buttons that went down or up, 1 for left, 2 for middle, 3 for right, and whether down.
    pub fn buttons(&self) -> Vec<(u8, bool)> {
        let lines = self.events();
        let change = |line: &String| {
            let rest = line.split_once("wl_pointer] button:")?.1;
            let buttons = [("(left)", 1), ("(middle)", 2), ("(right)", 3)];
            let (_, button) = buttons.iter().find(|(name, _)| rest.contains(name))?;
            Some((*button, rest.contains("state: 1")))
        };
        lines.iter().filter_map(change).collect()
    }

    /// Copies a text, as a program does that is then left open.
    ///
    /// # Errors
    /// When `wl-copy` is not installed, or the text is not there in time.
    pub fn copy(&self, text: &str) -> Result<Process> {
        let mut command = self.command("wl-copy")?;
        let mut process = Process::start(command.args(["--foreground", text]))?;
        until_true("the copied text", PATIENCE, || {
            if let Some(status) = process.ended()? {
                bail!("wl-copy ended with {status}");
            }
            Ok(self.paste()?.as_deref() == Some(text))
        })?;
        Ok(process)
    }

    /// The text that was copied last; nothing when there is none.
    ///
    /// # Errors
    /// When `wl-paste` is not installed.
    pub fn paste(&self) -> Result<Option<String>> {
        let output = self.command("wl-paste")?.arg("--no-newline").output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(output.status.success().then_some(text))
    }

    /// Forgets what was typed and clicked.
    pub fn clear(&mut self) {
        self.skipped = self.events.lines().len();
    }

    /// The compositor's log.
    pub fn log(&self) -> Vec<String> {
        self.process.lines()
    }

    /// The window's events since the last [`Sway::clear`], each once: a client that was there before
    /// the keyboard was is told of it a second time, and then of each key by both.
    fn events(&self) -> Vec<String> {
        let lines = self.events.lines();
        let keyboard = |line: &&String| line.contains("wl_keyboard] key:");
        let id = |line: &str| Some(line.split_once(':')?.0.to_owned());
        let lines = lines.get(self.skipped..).unwrap_or_default();
        let first = lines.iter().find(keyboard).and_then(|line| id(line));
        let is_second = |line: &&String| !keyboard(line) || id(line) == first;
        lines.iter().filter(is_second).cloned().collect()
    }
}

/// The number of the symbol in a line such as `sym: exclam       (33), utf8: '!'`.
fn symbol(line: &str) -> Option<u32> {
    let (_, rest) = line.split_once("sym: ")?;
    let (_, rest) = rest.split_once('(')?;
    rest.split_once(')')?.0.parse().ok()
}

/// A command for the compositor's user.
fn user_command(directory: &TempDir, program: &str) -> Result<Command> {
    let mut command = Command::new(find_program(&[program])?);
    command
        .current_dir(directory.path())
        .env("HOME", directory.path())
        .env("XDG_RUNTIME_DIR", directory.path())
        .env("XDG_CONFIG_HOME", directory.path())
        .env("SWAYSOCK", directory.path().join("sway"))
        .env("WAYLAND_DISPLAY", "wayland-1")
        .env("WLR_BACKENDS", "headless")
        .env("WLR_LIBINPUT_NO_DEVICES", "1")
        .env("WLR_RENDERER", "pixman");
    if rustix::process::geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    Ok(command)
}

/// Writes a file that the compositor's user can read.
fn write_readable(path: &Path, content: &[u8]) -> Result<()> {
    fs::write(path, content).with_context(|| format!("write {}", path.display()))?;
    readable(path)
}

fn readable(path: &Path) -> Result<()> {
    Ok(fs::set_permissions(
        path,
        fs::Permissions::from_mode(0o644),
    )?)
}
