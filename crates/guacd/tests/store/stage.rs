//! A daemon whose recordings go into a store, and an auditor who looks into it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;
use testkit::client::{FakeClient, Handshake};
use testkit::guacd::profile_directory;
use testkit::vnc_server::message::raw_update;
use testkit::vnc_server::{FakeVncServer, Script};
use testkit::wait::{PATIENCE, until_true};
use testkit::{Guacd, ObjectServer, auditor};

/// Directories of a daemon, a desktop, and a server of objects.
pub(crate) struct Stage<S> {
    folder: TempDir,
    pub(crate) desktop: FakeVncServer,
    pub(crate) server: S,
}

/// What `guac-audit` said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) complaint: String,
}

impl<S: ObjectServer> Stage<S> {
    /// With a policy that records every session; `rules` are further lines of its `recording`.
    pub(crate) fn new(server: S, rules: &str) -> Result<Self> {
        let stage = Self {
            folder: tempfile::tempdir()?,
            desktop: FakeVncServer::start(Script::Serve)?,
            server,
        };
        fs::create_dir(stage.at("recordings"))?;
        fs::write(stage.at("auditor.key"), auditor::IDENTITY)?;
        let (at, port) = (stage.folder.path().display(), stage.desktop.port());
        let document = format!(
            "version = 1\ntargets.allow = [\"127.0.0.1:{port}\"]\n[recording]\nmode = \"required\"\n\
             paths = [\"{at}/recordings\"]\nevidence = \"{at}/evidence\"\nstore = \"{}\"\n{rules}\n",
            stage.server.url()
        );
        fs::write(stage.at("policy.toml"), document)?;
        Ok(stage)
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts a daemon with nothing of this process's environment.
    pub(crate) fn daemon(&self) -> Result<Guacd> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guacd"));
        command
            .env_clear()
            .envs(self.server.variables())
            .args(["--config", "/dev/null", "--policy"])
            .arg(self.at("policy.toml"))
            .arg("--decision-log")
            .arg(self.at("decisions"));
        Guacd::start_command(&mut command)
    }

    /// Starts a session that shows something.
    pub(crate) fn watch(&self, daemon: &Guacd) -> Result<FakeClient> {
        let handshake = Handshake::vnc(self.desktop.port());
        let mut client = FakeClient::open(daemon.address(), &handshake)?;
        client.expect("sync")?;
        Ok(client)
    }

    /// Starts a session that shows pictures, and stops the store once that has a segment of it. Names the session.
    pub(crate) fn lose_store(&mut self) -> Result<(Guacd, FakeClient, String)> {
        let daemon = self.daemon()?;
        let mut client = self.watch(&daemon)?;
        let id = client.id.clone();
        self.draw(&mut client, 3)?;
        self.await_segments(&id, 1)?;
        self.server.stop()?;
        Ok((daemon, client, id))
    }

    /// Shows so many pictures.
    pub(crate) fn draw(&self, client: &mut FakeClient, frames: u32) -> Result<()> {
        for colour in 0..frames {
            self.desktop.send(&raw_update(0, 0, 64, 64, colour))?;
            let sync = client.expect("sync")?;
            client.send("sync", &[sync.arg(0)])?;
        }
        Ok(())
    }

    /// What the decision log tells of this event.
    pub(crate) fn told(&self, event: &str) -> Result<Vec<Value>> {
        let log = fs::read_to_string(self.at("decisions"))?;
        // The last line may be on its way.
        let lines = log
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        Ok(lines
            .filter(|line: &Value| line["event"] == event)
            .collect())
    }

    pub(crate) fn await_told(&self, event: &str) -> Result<()> {
        until_true(event, PATIENCE, || Ok(!self.told(event)?.is_empty()))
    }

    /// Runs the auditor's tool in the daemon's environment.
    pub(crate) fn audit(&self, arguments: &[&str]) -> Result<Said> {
        let program = profile_directory()?.join("guac-audit");
        let output = Command::new(&program)
            .env_clear()
            .envs(self.server.variables())
            .current_dir(self.folder.path())
            .args(arguments)
            .output()
            .with_context(|| format!("{} is to be built before", program.display()))?;
        Ok(Said {
            code: output.status.code(),
            out: String::from_utf8(output.stdout)?,
            complaint: String::from_utf8(output.stderr)?,
        })
    }

    /// The session in the store, as the auditor names it.
    pub(crate) fn url(&self, id: &str) -> String {
        format!("{}/{}", self.server.url(), session(id))
    }

    /// Waits until the store has so many segments, from the first.
    pub(crate) fn await_segments(&self, id: &str, segments: u64) -> Result<()> {
        let url = self.url(id);
        until_true("closed segments in the store", PATIENCE, || {
            let said = self.audit(&["verify", "--json", &url])?;
            let found: Value = serde_json::from_str(&said.out).unwrap_or_default();
            Ok(Some(segments) <= found.pointer("/proven/segments").and_then(Value::as_u64))
        })
    }

    /// Checks that the store has the session from beginning to end, as the decision log vouches.
    pub(crate) fn assert_whole(&self, id: &str) -> Result<()> {
        let log = ["--decision-log", "decisions"];
        let url = self.url(id);
        let said = self.audit(&[&["verify", url.as_str()][..], &log[..]].concat())?;
        ensure!(said.code == Some(0), "{said:?}");
        ensure!(
            said.out.contains("whole and unaltered, complete"),
            "{said:?}"
        );
        ensure!(said.out.contains("up to its line"), "{said:?}");
        Ok(())
    }

    /// The one recording in the spool.
    pub(crate) fn recording(&self) -> Result<Vec<u8>> {
        let mut files = fs::read_dir(self.at("recordings"))?;
        Ok(fs::read(files.next().context("a recording")??.path())?)
    }
}

/// What a session of this id is called in the store.
pub(crate) fn session(id: &str) -> &str {
    id.trim_start_matches('$')
}
