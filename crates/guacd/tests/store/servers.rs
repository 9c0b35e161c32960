//! Whole sessions, with S3 under Object Lock and with Azure Blob.

use std::fs;

use anyhow::{Result, ensure};
use testkit::client::FakeClient;
use testkit::stores::{Azure, S3};
use testkit::{Guacd, ObjectServer, auditor};

use crate::stage::{Stage, session};

/// A store is soon missed.
const IMPATIENT: &str = "store-within = \"1s\"";

/// Ends a session and its daemon, which waits for the store.
fn end<S: ObjectServer>(stage: &Stage<S>, client: FakeClient, daemon: Guacd) -> Result<()> {
    drop(client);
    stage.await_told("session-end")?;
    daemon.terminate()
}

/// Names the session, whose files the auditor fetches, and gives its recording.
fn fetched<S: ObjectServer>(stage: &Stage<S>, id: &str) -> Result<Vec<u8>> {
    let url = stage.url(id);
    let said = stage.audit(&["fetch", &url, "fetched"])?;
    ensure!(said.code == Some(0), "{said:?}");
    Ok(fs::read(stage.at("fetched").join(session(id)))?)
}

/// The store has the session while it runs, and all of it at its end. Gives its name.
fn is_stored<S: ObjectServer>(stage: &Stage<S>) -> Result<String> {
    let daemon = stage.daemon()?;
    let mut client = stage.watch(&daemon)?;
    let id = client.id.clone();
    stage.draw(&mut client, 3)?;
    stage.await_segments(&id, 1)?;
    stage.draw(&mut client, 3)?;
    end(stage, client, daemon)?;
    stage.assert_whole(&id)?;
    ensure!(stage.told("recording-unstored")?.is_empty());
    Ok(id)
}

/// The server stops in the middle of a session, which stands still, and goes on when it has been started
/// again in this way. Names the session, which is over.
fn interrupted<S: ObjectServer>(
    stage: &mut Stage<S>,
    start_again: impl FnOnce(&mut S) -> Result<()>,
) -> Result<String> {
    let (daemon, mut client, id) = stage.lose_store()?;
    stage.draw(&mut client, 3)?;
    stage.await_told("recording-frozen")?;
    start_again(&mut stage.server)?;
    stage.await_told("recording-resumed")?;
    stage.draw(&mut client, 3)?;
    end(stage, client, daemon)?;
    Ok(id)
}

fn outlives_its_store<S: ObjectServer>(server: S) -> Result<()> {
    let mut stage = Stage::new(server, IMPATIENT)?;
    let id = interrupted(&mut stage, S::start_again)?;
    let frozen = stage.told("recording-frozen")?;
    let reason = frozen.first().and_then(|line| line.get("reason"));
    ensure!(reason.is_some_and(|reason| reason == "store"), "{frozen:?}");
    stage.assert_whole(&id)?;
    ensure!(fetched(&stage, &id)? == stage.recording()?);
    Ok(())
}

#[test]
#[ignore = "needs the servers of tests/stores: see its README"]
fn s3_has_a_whole_session_under_lock() -> Result<()> {
    let stage = Stage::new(S3::start()?, "")?;
    let id = is_stored(&stage)?;
    for object in ["000000.evidence", "000001.segment", "000001.evidence"] {
        let object = format!("{}/{object}", session(&id));
        ensure!(stage.server.is_locked(&object)?, "{object}");
    }
    Ok(())
}

#[test]
#[ignore = "needs the servers of tests/stores: see its README"]
fn azure_has_a_whole_session() -> Result<()> {
    is_stored(&Stage::new(Azure::start()?, "")?).map(drop)
}

#[test]
#[ignore = "needs the servers of tests/stores: see its README"]
fn a_session_outlives_an_s3_server_that_is_killed_in_its_middle() -> Result<()> {
    outlives_its_store(S3::start()?)
}

#[test]
#[ignore = "needs the servers of tests/stores: see its README"]
fn a_session_outlives_an_azure_server_that_is_stopped_in_its_middle() -> Result<()> {
    outlives_its_store(Azure::start()?)
}

#[test]
#[ignore = "needs the servers of tests/stores: see its README"]
fn what_a_store_forgets_is_found_and_the_session_goes_on() -> Result<()> {
    let mut stage = Stage::new(S3::start()?, IMPATIENT)?;
    let id = interrupted(&mut stage, S3::start_forgetful)?;
    let said = stage.audit(&["verify", &stage.url(&id)])?;
    ensure!(said.code == Some(3), "{said:?}");
    ensure!(
        said.complaint.contains("lacks the evidence of segment 0"),
        "{said:?}"
    );
    // The files have all of it.
    let files = [
        "verify",
        "recordings",
        "--evidence",
        "evidence",
        "--decision-log",
        "decisions",
    ];
    let said = stage.audit(&files)?;
    ensure!(said.code == Some(0), "{said:?}");
    Ok(())
}

#[test]
#[ignore = "needs the servers of tests/stores: see its README"]
fn a_sealed_session_is_stored_sealed_and_opened_by_the_auditor() -> Result<()> {
    let seal = format!("seal-to = [\"{}\"]", auditor::public_key());
    let stage = Stage::new(Azure::start()?, &seal)?;
    let id = is_stored(&stage)?;
    let sealed = fetched(&stage, &id)?;
    ensure!(sealed == stage.recording()?);
    let file = format!("fetched/{}", session(&id));
    let closed = stage.audit(&["verify", &file])?;
    ensure!(
        closed.code == Some(0) && closed.out.contains("seal      closed"),
        "{closed:?}"
    );
    for whole in [&file, &stage.url(&id)] {
        let opened = stage.audit(&["verify", whole, "--identity", "auditor.key"])?;
        ensure!(opened.code == Some(0), "{opened:?}");
        ensure!(
            opened
                .out
                .contains("seal      opened: what is in it was checked"),
            "{opened:?}"
        );
    }
    let said = stage.audit(&["unseal", &file, "plain", "--identity", "auditor.key"])?;
    ensure!(said.code == Some(0), "{said:?}");
    let plain = fs::read_to_string(stage.at("plain"))?;
    ensure!(plain.contains("4.sync,") && plain.contains(session(&id)));
    Ok(())
}
