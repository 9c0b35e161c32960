//! A PAM service that knows one user, seen by the server that is started with it and by nobody else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use tempfile::TempDir;

/// The name of the service.
pub(crate) const NAME: &str = "guacd-rs-test";

/// A directory of PAM services with this one in it.
pub struct PamService {
    directory: TempDir,
    user: String,
}

impl PamService {
    /// A service that lets a user in by a password.
    ///
    /// # Errors
    /// When its files cannot be written.
    pub fn new(user: &str, password: &str) -> Result<Self> {
        let directory = TempDir::new()?;
        let check = directory.path().join("check");
        // The password comes with a zero byte at its end.
        let script = format!("[ \"$PAM_USER:$(tr -d '\\0')\" = '{user}:{password}' ]\n");
        fs::write(&check, script)?;
        let services = directory.path().join("services");
        fs::create_dir(&services)?;
        let service = format!(
            "auth required pam_exec.so expose_authtok quiet /bin/sh {}\naccount required pam_permit.so\n",
            check.display()
        );
        fs::write(services.join(NAME), service)?;
        Ok(Self {
            directory,
            user: user.into(),
        })
    }

    /// The user that it knows.
    pub(crate) fn user(&self) -> &str {
        &self.user
    }

    /// The directory that takes the place of the machine's.
    pub(crate) fn services(&self) -> PathBuf {
        self.directory.path().join("services")
    }
}

/// A command for a program to which these are the machine's only services: it runs in a namespace of
/// its own, in which their directory is the machine's. Nothing outside of it changes.
pub(crate) fn command(services: &Path, program: &Path) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c"]);
    command.arg("mount --bind \"$0\" /etc/pam.d && exec \"$@\"");
    command.arg(services).arg(program);
    command
}
