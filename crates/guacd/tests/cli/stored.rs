//! What a killed daemon leaves in the object store.

use std::fs;
use std::io::BufReader;
use std::path::Path;

use anyhow::{Context as _, Result};
use guac_recorder::evidence::{Anchors, State, verify};
use rustix::process::Signal;
use testkit::client::{FakeClient, Handshake};
use testkit::vnc_server::message::raw_update;
use testkit::vnc_server::{FakeVncServer, Script};
use testkit::wait::{PATIENCE, until_true};

use crate::support::{Daemon, command};

/// A policy that records everything below a directory, and copies it to its `store`.
fn policy(folder: &Path, port: u16) -> Result<()> {
    for name in ["recordings", "store"] {
        fs::create_dir(folder.join(name))?;
    }
    let at = folder.display();
    let document = format!(
        "version = 1\ntargets.allow = [\"127.0.0.1:{port}\"]\n[recording]\nmode = \"required\"\n\
         paths = [\"{at}/recordings\"]\nevidence = \"{at}/evidence\"\nstore = \"file://{at}/store\"\n"
    );
    Ok(fs::write(folder.join("policy.toml"), document)?)
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

#[test]
fn a_killed_daemon_has_lost_no_closed_segment() -> Result<()> {
    let desktop = FakeVncServer::start(Script::Serve)?;
    let folder = tempfile::tempdir()?;
    policy(folder.path(), desktop.port())?;
    let policy = folder.path().join("policy.toml");
    let mut daemon = Daemon::start_command(
        command(["-f", "-l", "0", "-b", "127.0.0.1", "--policy"]).arg(policy),
    )?;
    let handshake = Handshake::vnc(desktop.port());
    let mut client = FakeClient::open(daemon.address("127.0.0.1")?, &handshake)?;
    client.expect("sync")?;
    let session = client.id.trim_start_matches('$').to_owned();
    let objects = folder.path().join("store").join(session);
    until_true("a closed segment in the store", PATIENCE, || {
        Ok(objects.join("000001.evidence").exists())
    })?;
    // The next segment is open.
    desktop.send(&raw_update(0, 0, 64, 64, 0xff))?;
    client.expect("sync")?;
    daemon.process.signal(Signal::KILL)?;
    daemon.process.await_end(PATIENCE)?;

    let stored = together(&objects, "segment")?;
    let evidence = together(&objects, "evidence")?;
    let mut lines = BufReader::new(&evidence[..]);
    let report = verify(&mut &stored[..], &mut lines, &Anchors::default())?;
    assert_eq!(report.state, State::EndedUnexpectedly);
    assert_eq!((report.intact.segments, report.uncovered), (1, 0));
    let mut files = fs::read_dir(folder.path().join("recordings"))?;
    let file = fs::read(files.next().context("a recording")??.path())?;
    assert!(file.starts_with(&stored) && stored.len() < file.len());
    Ok(())
}
