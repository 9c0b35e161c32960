//! The daemon under the policies of `docs/policies`, as they are shipped.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;
use testkit::Guacd;
use testkit::wait::{PATIENCE, until_true};

/// Under which policy the daemon runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rules {
    /// The one that is built in: there is no policy file.
    BuiltIn,
    /// `strict.toml`: only pixels leave, and all is recorded.
    Strict,
    /// `import-only.toml`: plain text comes in as well.
    ImportOnly,
    /// `stock-compatible.toml`: the clipboard is open both ways.
    StockCompatible,
}

/// Where a daemon writes: a folder that goes away with this.
pub struct Files {
    folder: TempDir,
}

impl Rules {
    /// All of them, the tightest first.
    pub const ALL: [Self; 4] = [
        Self::Strict,
        Self::BuiltIn,
        Self::ImportOnly,
        Self::StockCompatible,
    ];

    /// What reports call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::BuiltIn => "built-in",
            Self::Strict => "strict",
            Self::ImportOnly => "import-only",
            Self::StockCompatible => "stock-compatible",
        }
    }

    /// Starts a daemon, with a decision log. The policy is the shipped one, but for the ports of its
    /// desktops and the folders of its recordings and evidence, which are a test's own.
    ///
    /// # Errors
    /// When the daemon does not take the policy.
    pub fn start(self) -> Result<(Guacd, Files)> {
        let files = Files {
            folder: tempfile::tempdir()?,
        };
        fs::create_dir(files.recordings())?;
        fs::create_dir(files.evidence())?;
        let mut command = Command::new(testkit::guacd::binary()?);
        command.arg("--decision-log").arg(files.log());
        if self != Self::BuiltIn {
            let policy = files.folder.path().join("policy.toml");
            fs::write(&policy, self.document(&files)?)?;
            command.arg("--policy").arg(&policy);
        }
        Ok((Guacd::start_command(&mut command)?, files))
    }

    fn document(self, files: &Files) -> Result<String> {
        let shipped = fs::read_to_string(shipped(self))?;
        if self == Self::StockCompatible {
            return Ok(shipped);
        }
        let mut text = shipped;
        let recordings = format!("{:?}", files.recordings());
        let evidence = format!("{:?}", files.evidence());
        for (there, here) in [
            ("\"127.0.0.1:5900-5999\"", "\"127.0.0.1:*\""),
            ("\"/recordings\"", &recordings),
            ("\"/evidence\"", &evidence),
        ] {
            ensure!(text.contains(there), "{} has no {there}", self.title());
            text = text.replace(there, here);
        }
        Ok(text)
    }
}

impl Files {
    /// Where recordings are.
    pub fn recordings(&self) -> PathBuf {
        self.folder.path().join("recordings")
    }

    /// Where evidence is.
    pub fn evidence(&self) -> PathBuf {
        self.folder.path().join("evidence")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("decisions.jsonl")
    }

    /// The only recording.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub fn recording(&self) -> Result<Vec<u8>> {
        let files: Vec<_> = fs::read_dir(self.recordings())?.collect::<Result<_, _>>()?;
        ensure!(files.len() == 1, "{} recordings", files.len());
        Ok(fs::read(files[0].path())?)
    }

    /// The decision log as far as it is written.
    ///
    /// # Errors
    /// When there is none.
    pub fn decisions_so_far(&self) -> Result<Vec<u8>> {
        Ok(fs::read(self.log())?)
    }

    /// The decision log, once it tells the end of a session.
    ///
    /// # Errors
    /// When it does not in time.
    pub fn decisions(&self) -> Result<Vec<u8>> {
        until_true(
            "the end of the session in the decision log",
            PATIENCE,
            || Ok(fs::read_to_string(self.log())?.contains("\"event\":\"session-end\"")),
        )?;
        self.decisions_so_far()
    }
}

/// How often something was decided, by the lines of a decision log.
///
/// # Errors
/// When a line is not JSON.
pub fn count(log: &[u8], action: &str, direction: &str) -> Result<u64> {
    let mut count = 0;
    for line in log.split(|byte| *byte == b'\n').filter(|l| !l.is_empty()) {
        let line: Value = serde_json::from_slice(line).context("a line of the decision log")?;
        if line["event"] == "decision" && line["action"] == action && line["direction"] == direction
        {
            count += line["count"].as_u64().unwrap_or(0);
        }
    }
    Ok(count)
}

/// A daemon under the stock-compatible policy: the clipboard is open both ways.
///
/// # Errors
/// When it does not start.
pub fn open_daemon() -> Result<Guacd> {
    Guacd::start_command(&mut open_command()?)
}

/// The command that starts such a daemon.
///
/// # Errors
/// When the daemon does not build.
pub fn open_command() -> Result<Command> {
    let mut command = Command::new(testkit::guacd::binary()?);
    command.arg("--policy").arg(shipped(Rules::StockCompatible));
    Ok(command)
}

fn shipped(rules: Rules) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/policies");
    folder.join(rules.title()).with_extension("toml")
}
