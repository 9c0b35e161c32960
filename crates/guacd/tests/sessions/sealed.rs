//! Whole sessions whose recordings are sealed.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use guac_policy::{EvidenceRule, Policy, RecordingMode, RecordingRule};
use guac_recorder::evidence::{Anchors, Report, State, verify_unsealed};
use guacd::server::{Records, VncOptions};
use tempfile::TempDir;
use testkit::auditor;
use testkit::client::Handshake;
use testkit::instruction::Instruction;
use testkit::vnc_server::message::raw_update;
use testkit::vnc_server::{FakeVncServer, Script};
use testkit::wait::PATIENCE;

use crate::support::{Daemon, await_freed};

/// The instructions of a recording.
fn instructions(recording: &[u8]) -> Result<Vec<Instruction>> {
    let (mut all, mut rest) = (Vec::new(), recording);
    while !rest.is_empty() {
        let (next, size) = Instruction::decode(rest)?.context("the last one is whole")?;
        rest = rest.split_at(size).1;
        all.push(next);
    }
    Ok(all)
}

fn proven(sealed: &Path, evidence: &Path) -> Result<Report> {
    Ok(verify_unsealed(
        &mut File::open(sealed)?,
        &mut auditor::open(sealed)?,
        &mut BufReader::new(File::open(evidence)?),
        &Anchors::default(),
    )?)
}

/// The one file of a directory.
fn only_file(directory: &Path) -> Result<std::path::PathBuf> {
    let files: Vec<_> = std::fs::read_dir(directory)?.collect::<Result<_, _>>()?;
    ensure!(files.len() == 1, "{files:?}");
    Ok(files.first().context("one")?.path())
}

/// Runs a session, and looks into its recording.
fn a_session_is_sealed(
    daemon: &Daemon,
    parameters: &[(&str, &str)],
    folder: &TempDir,
) -> Result<()> {
    let desktop = FakeVncServer::start(Script::Serve)?;
    let mut handshake = Handshake::vnc(desktop.port());
    for (name, value) in parameters {
        handshake = handshake.with(name, value);
    }
    let mut client = daemon.open(&handshake)?;
    let mut shown = Vec::new();
    for colour in [0xff, 0xff00, 0xff_0000] {
        let sync = client.read_until(PATIENCE, |i| i.is("sync"))?;
        shown.push(sync.arg(0).to_owned());
        client.send("sync", &[sync.arg(0)])?;
        client.send("mouse", &["1", "1", "0"])?;
        desktop.send(&raw_update(0, 0, 64, 64, colour))?;
    }
    let session = client.id.trim_start_matches('$').to_owned();
    drop(client);
    // The session leaves the desktop when it has closed the recording.
    await_freed(&desktop, PATIENCE)?;

    let sealed = only_file(&folder.path().join("recordings"))?;
    assert!(sealed.display().to_string().ends_with(".sealed"));
    let bytes = std::fs::read(&sealed)?;
    assert!(!bytes.windows(6).any(|part| part == b"4.sync"));
    let (plain, cut) = auditor::unseal(&sealed)?;
    assert_eq!(cut, None);
    let recorded = instructions(&plain)?;
    assert!(recorded.first().is_some_and(|first| first.is("guacd-rs")));
    for time in shown {
        let is_there = recorded.iter().any(|i| i.is("sync") && i.arg(0) == time);
        assert!(is_there, "the frame of {time} was shown");
    }
    assert!(recorded.iter().any(|i| i.is("mouse")));

    let evidence = folder.path().join("evidence");
    let evidence = evidence.join(format!("{session}.evidence.jsonl"));
    let report = proven(&sealed, &evidence)?;
    assert!(matches!(report.state, State::Closed(_)), "{report:?}");
    assert!(report.begin.is_some_and(|begin| begin.sealed));
    Ok(())
}

fn folder() -> Result<TempDir> {
    let folder = tempfile::tempdir()?;
    std::fs::create_dir(folder.path().join("recordings"))?;
    Ok(folder)
}

#[test]
fn a_policy_seals_every_session() -> Result<()> {
    let folder = folder()?;
    let rule = RecordingRule {
        mode: RecordingMode::Required,
        paths: Some(vec![folder.path().join("recordings")]),
        evidence: Some(EvidenceRule::Directory(folder.path().join("evidence"))),
        recipients: vec![auditor::public_key().to_owned()],
        ..RecordingRule::default()
    };
    let daemon = Daemon::with_policy(Policy::builder().recording(rule).build())?;
    a_session_is_sealed(&daemon, &[], &folder)
}

#[test]
fn an_option_seals_what_connections_ask_to_be_recorded() -> Result<()> {
    let folder = folder()?;
    let records = Records {
        evidence: Some(folder.path().join("evidence").into()),
        recipients: Some(auditor::recipients()?),
        ..Records::default()
    };
    let daemon = Daemon::with_records(Policy::builtin(), VncOptions::default(), records)?;
    let recordings = folder.path().join("recordings").display().to_string();
    a_session_is_sealed(&daemon, &[("recording-path", &recordings)], &folder)
}
