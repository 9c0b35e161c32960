//! What is kept of a session in which nothing happens: nothing.

use std::path::Path;

use anyhow::Result;
use guac_policy::{EvidenceRule, Policy, RecordingMode, RecordingRule};
use tempfile::TempDir;
use testkit::auditor;
use testkit::client::Handshake;
use testkit::vnc_server::{FakeVncServer, Script};
use testkit::wait::{PATIENCE, until_true};

use crate::support::Daemon;

/// Signs of life that are awaited: one comes after four seconds of silence.
const SIGNS: usize = 2;

/// The lines of the evidence, and the bytes of all files.
fn kept(folder: &Path) -> Result<(usize, u64)> {
    let (mut lines, mut bytes) = (0, 0);
    for name in ["recordings", "evidence"] {
        for file in std::fs::read_dir(folder.join(name))? {
            let content = std::fs::read(file?.path())?;
            bytes += u64::try_from(content.len())?;
            if name == "evidence" {
                lines += content.iter().filter(|&&byte| byte == b'\n').count();
            }
        }
    }
    Ok((lines, bytes))
}

#[test]
fn a_session_in_which_nothing_happens_writes_nothing() -> Result<()> {
    let mut sessions = Vec::new();
    for recipients in [vec![], vec![auditor::public_key().to_owned()]] {
        let folder = TempDir::new()?;
        std::fs::create_dir(folder.path().join("recordings"))?;
        let rule = RecordingRule {
            mode: RecordingMode::Required,
            paths: Some(vec![folder.path().join("recordings")]),
            evidence: Some(EvidenceRule::Directory(folder.path().join("evidence"))),
            recipients,
            ..RecordingRule::default()
        };
        let daemon = Daemon::with_policy(Policy::builder().recording(rule).build())?;
        let desktop = FakeVncServer::start(Script::Serve)?;
        let client = daemon.watch(&Handshake::vnc(desktop.port()))?;
        sessions.push((client, folder, desktop, daemon));
    }
    for (client, folder, ..) in &mut sessions {
        // The first picture is written, and its segment closed: after the line that the evidence begins with there is another.
        until_true("the first segment's end", PATIENCE, || {
            Ok(kept(folder.path())?.0 == 2)
        })?;
        let before = kept(folder.path())?;
        for _ in 0..SIGNS {
            client.expect("nop")?;
        }
        assert_eq!(kept(folder.path())?, before);
    }
    Ok(())
}
