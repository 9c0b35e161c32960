//! Password files, as the VNC servers of the X world read them.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::process::find_program;

/// A password as it stands in such a file.
fn obscured(password: &str) -> Result<Vec<u8>> {
    let program = find_program(&["tigervncpasswd", "vncpasswd"])?;
    let mut child = Command::new(program)
        .arg("-f")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("vncpasswd starts")?;
    child
        .stdin
        .take()
        .context("a pipe was asked for")?
        .write_all(password.as_bytes())?;
    let output = child.wait_with_output()?;
    ensure!(
        output.status.success(),
        "vncpasswd ended with {}",
        output.status
    );
    Ok(output.stdout)
}

/// Writes a password's file into a directory.
pub(crate) fn write_file(directory: &Path, password: &str) -> Result<PathBuf> {
    let file = directory.join("password");
    fs::write(&file, obscured(password)?)?;
    Ok(file)
}
