//! Whole sessions whose recordings are copied to a store, here a directory.

use std::fs;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use guac_policy::{EvidenceRule, Policy, RecordingMode, RecordingRule};
use guac_recorder::evidence::{Anchors, Report, State, verify};
use guacd::server::{DecisionLog, Records, VncOptions};
use tempfile::TempDir;
use testkit::client::{FakeClient, Handshake};
use testkit::vnc_server::message::raw_update;
use testkit::vnc_server::{FakeVncServer, Script};
use testkit::wait::{PATIENCE, until_true};

use crate::support::{Daemon, await_freed, error_of};

/// Directories of a daemon, and what its policy says of them.
struct Place {
    folder: TempDir,
    rule: RecordingRule,
}

impl Place {
    fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let at = |name| folder.path().join(name);
        for name in ["recordings", "store"] {
            fs::create_dir(at(name))?;
        }
        let rule = RecordingRule {
            mode: RecordingMode::Required,
            paths: Some(vec![at("recordings")]),
            evidence: Some(EvidenceRule::Directory(at("evidence"))),
            store: Some(format!("file://{}", at("store").display())),
            ..RecordingRule::default()
        };
        Ok(Self { folder, rule })
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn daemon(&self) -> Result<Daemon> {
        let records = Records {
            decisions: DecisionLog::open(&[self.at("decisions")])?,
            ..Records::default()
        };
        let policy = Policy::builder().recording(self.rule.clone()).build();
        Daemon::with_records(policy, VncOptions::default(), records)
    }

    /// The store is a plain file now, which takes nothing.
    fn break_store(&self) -> Result<()> {
        fs::rename(self.at("store"), self.at("aside"))?;
        Ok(fs::write(self.at("store"), "")?)
    }

    fn mend_store(&self) -> Result<()> {
        fs::remove_file(self.at("store"))?;
        Ok(fs::rename(self.at("aside"), self.at("store"))?)
    }

    fn was_told(&self, event: &str, reason: &str) -> Result<bool> {
        let log = fs::read_to_string(self.at("decisions"))?;
        let mut lines = log.lines();
        Ok(lines.any(|line| line.contains(event) && line.contains(reason)))
    }

    fn await_told(&self, event: &str, reason: &str) -> Result<()> {
        until_true(event, PATIENCE, || self.was_told(event, reason))
    }
}

/// The objects of one kind, one after the other.
fn together(objects: &Path, kind: &str) -> Result<Vec<u8>> {
    let files: Vec<_> = fs::read_dir(objects)?.collect::<Result<_, _>>()?;
    let mut paths: Vec<_> = files.iter().map(fs::DirEntry::path).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == kind));
    paths.sort();
    let read: Vec<_> = paths.iter().map(fs::read).collect::<Result<_, _>>()?;
    Ok(read.concat())
}

fn stored(objects: &Path) -> Result<(Vec<u8>, Report)> {
    let recording = together(objects, "segment")?;
    let evidence = together(objects, "evidence")?;
    let mut lines = BufReader::new(&evidence[..]);
    let report = verify(&mut &recording[..], &mut lines, &Anchors::default())?;
    Ok((recording, report))
}

/// Shows so many pictures.
fn draw(client: &mut FakeClient, desktop: &FakeVncServer, frames: u32) -> Result<()> {
    for colour in 0..frames {
        desktop.send(&raw_update(0, 0, 64, 64, colour))?;
        let sync = client.expect("sync")?;
        client.send("sync", &[sync.arg(0)])?;
    }
    Ok(())
}

fn objects(place: &Place, client: &FakeClient) -> PathBuf {
    place.at("store").join(client.id.trim_start_matches('$'))
}

/// Waits until the store has an object of that name.
fn await_object(objects: &Path, name: &str) -> Result<()> {
    until_true(name, PATIENCE, || Ok(objects.join(name).exists()))
}

#[test]
fn the_store_has_the_whole_session_and_its_evidence() -> Result<()> {
    let place = Place::new()?;
    let daemon = place.daemon()?;
    let desktop = FakeVncServer::start(Script::Serve)?;
    let mut client = daemon.watch(&Handshake::vnc(desktop.port()))?;
    draw(&mut client, &desktop, 5)?;
    let objects = objects(&place, &client);
    // While the session runs, its closed segments are there.
    await_object(&objects, "000001.evidence")?;
    draw(&mut client, &desktop, 5)?;
    drop(client);
    await_freed(&desktop, PATIENCE)?;
    let (recording, report) = stored(&objects)?;
    assert!(matches!(report.state, State::Closed(_)), "{report:?}");
    let file = fs::read_dir(place.at("recordings"))?
        .next()
        .context("one")??;
    assert!(recording == fs::read(file.path())?);
    assert!(!place.was_told("recording-unstored", "")?);
    Ok(())
}

#[test]
fn a_session_without_its_store_is_refused() -> Result<()> {
    let mut place = Place::new()?;
    let desktop = FakeVncServer::start(Script::Serve)?;
    let missing = place.at("missing");
    place.rule.store = Some(format!("file://{}", missing.display()));
    let daemon = place.daemon()?;
    let mut client = daemon.open(&Handshake::vnc(desktop.port()))?;
    assert_eq!(error_of(&mut client)?, 0x303);
    Ok(())
}

#[test]
fn nothing_is_shown_before_the_store_has_taken_something() -> Result<()> {
    let place = Place::new()?;
    let daemon = place.daemon()?;
    place.break_store()?;
    let desktop = FakeVncServer::start(Script::Serve)?;
    let mut client = daemon.open(&Handshake::vnc(desktop.port()))?;
    let told = client.read_to_end(PATIENCE)?;
    assert!(!told.iter().any(|instruction| instruction.is("sync")));
    let error = told.iter().find(|instruction| instruction.is("error"));
    assert_eq!(error.context("an error")?.number(1)?, 0x303);
    Ok(())
}

#[test]
fn a_session_stands_still_while_its_store_is_away_and_goes_on_with_it() -> Result<()> {
    let mut place = Place::new()?;
    place.rule.limits.store_within = Duration::from_millis(300);
    let daemon = place.daemon()?;
    let desktop = FakeVncServer::start(Script::Serve)?;
    let mut client = daemon.watch(&Handshake::vnc(desktop.port()))?;
    draw(&mut client, &desktop, 3)?;
    place.break_store()?;
    place.await_told("recording-frozen", "\"store\"")?;
    place.mend_store()?;
    place.await_told("recording-resumed", "")?;
    draw(&mut client, &desktop, 3)?;
    let objects = objects(&place, &client);
    drop(client);
    await_freed(&desktop, PATIENCE)?;
    let (_, report) = stored(&objects)?;
    assert!(matches!(report.state, State::Closed(_)), "{report:?}");
    Ok(())
}

#[test]
fn a_session_whose_store_stays_away_ends() -> Result<()> {
    let mut place = Place::new()?;
    place.rule.limits.store_backlog_bytes = 1;
    place.rule.limits.end_after = Duration::from_millis(500);
    let daemon = place.daemon()?;
    let desktop = FakeVncServer::start(Script::Serve)?;
    let mut client = daemon.watch(&Handshake::vnc(desktop.port()))?;
    draw(&mut client, &desktop, 3)?;
    place.break_store()?;
    assert_eq!(error_of(&mut client)?, 0x20A);
    place.await_told("recording-unstored", "bytes")?;
    place.await_told("session-end", "\"recording\"")?;
    Ok(())
}

#[test]
fn a_session_that_may_break_glass_goes_on_without_its_store() -> Result<()> {
    let mut place = Place::new()?;
    place.rule.limits.store_backlog_bytes = 1;
    place.rule.limits.end_after = Duration::from_millis(500);
    place.rule.break_glass = true;
    let daemon = place.daemon()?;
    let desktop = FakeVncServer::start(Script::Serve)?;
    let mut client = daemon.watch(&Handshake::vnc(desktop.port()))?;
    draw(&mut client, &desktop, 3)?;
    place.break_store()?;
    place.await_told("recording-unstored", "bytes")?;
    place.await_told("recording-resumed", "")?;
    draw(&mut client, &desktop, 3)?;
    Ok(())
}
