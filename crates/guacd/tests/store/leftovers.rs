//! What a killed daemon did not get into the store is put there by the next one.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use testkit::stores::{Azure, Directory, S3};
use testkit::wait::{PATIENCE, until_true};
use testkit::{Guacd, ObjectServer, auditor};

use crate::stage::{Stage, session};

/// How many whole lines the evidence in the files has.
fn lines<S: ObjectServer>(stage: &Stage<S>, id: &str) -> Result<usize> {
    let name = format!("evidence/{}.evidence.jsonl", session(id));
    let text = fs::read(stage.at(&name))?;
    Ok(text.iter().filter(|byte| **byte == b'\n').count())
}

/// Kills a daemon while its store is away, with segments that the store lacks; names the session.
fn killed_without_its_store<S: ObjectServer>(stage: &mut Stage<S>) -> Result<String> {
    let (mut daemon, mut client, id) = stage.lose_store()?;
    stage.draw(&mut client, 3)?;
    until_true("a segment that the store lacks", PATIENCE, || {
        Ok(3 <= lines(stage, &id)?)
    })?;
    // The next one is open.
    stage.draw(&mut client, 3)?;
    daemon.kill()?;
    Ok(id)
}

/// What the auditor finds of the session in the store, with what opens it and what vouches for it.
fn verified<S: ObjectServer>(stage: &Stage<S>, id: &str) -> Result<Value> {
    let url = stage.url(id);
    let arguments = ["verify", "--json", &url, "--decision-log", "decisions"];
    let said = stage.audit(&[&arguments[..], &["--identity", "auditor.key"]].concat())?;
    ensure!(said.code == Some(3), "{said:?}");
    Ok(serde_json::from_str(&said.out)?)
}

/// Waits until a daemon has looked through what earlier ones left.
fn await_search(daemon: &mut Guacd, found: u64) -> Result<()> {
    let text = format!("Earlier runs left {found} recordings that the object store lacked");
    daemon.await_log(&text, 0, PATIENCE).map(drop)
}

fn the_next_daemon_brings_what_is_closed<S: ObjectServer>(server: S, rules: &str) -> Result<()> {
    let mut stage = Stage::new(server, rules)?;
    let id = killed_without_its_store(&mut stage)?;
    // It starts all the same, and waits for the store.
    let mut next = stage.daemon()?;
    next.await_log("waits for the object store", 0, PATIENCE)?;
    stage.server.start_again()?;
    await_search(&mut next, 1)?;
    stage.await_told("recording-recovered")?;
    let lines = lines(&stage, &id)? as u64;
    let told = stage.told("recording-recovered")?;
    let told = told.first().context("one")?;
    let schema = include_str!("../../../../docs/decision-log.schema.json");
    ensure!(
        jsonschema::is_valid(&serde_json::from_str(schema)?, told),
        "{told}"
    );
    ensure!(told.get("session") == Some(&id.as_str().into()), "{told}");
    ensure!(
        told.get("evidence_line") == Some(&(lines - 1).into()),
        "{told}"
    );

    let found = verified(&stage, &id)?;
    ensure!(
        found.pointer("/state") == Some(&"ended-unexpectedly".into()),
        "{found}"
    );
    ensure!(
        found.pointer("/proven/segments") == Some(&(lines - 1).into()),
        "{found}"
    );
    ensure!(
        found.pointer("/unproven_bytes") == Some(&0.into()),
        "{found}"
    );
    let said = stage.audit(&["fetch", &stage.url(&id), "fetched"])?;
    ensure!(said.code == Some(0), "{said:?}");
    let fetched = fs::read(stage.at("fetched").join(session(&id)))?;
    let recording = stage.recording()?;
    ensure!(recording.starts_with(&fetched) && fetched.len() < recording.len());

    // Nothing is left to do, and the next session is as any other.
    next.terminate()?;
    let mut last = stage.daemon()?;
    await_search(&mut last, 0)?;
    let client = stage.watch(&last)?;
    stage.await_segments(&client.id, 1)?;
    ensure!(stage.told("recording-recovered")?.len() == 1);
    Ok(())
}

#[test]
fn a_directory_gets_what_a_killed_daemon_left() -> Result<()> {
    the_next_daemon_brings_what_is_closed(Directory::start()?, "")
}

#[test]
#[ignore = "needs the servers of tests/stores: see its README"]
fn s3_gets_what_a_killed_daemon_left() -> Result<()> {
    the_next_daemon_brings_what_is_closed(S3::start()?, "")
}

#[test]
#[ignore = "needs the servers of tests/stores: see its README"]
fn azure_gets_what_a_killed_daemon_left_sealed() -> Result<()> {
    let seal = format!("seal-to = [\"{}\"]", auditor::public_key());
    the_next_daemon_brings_what_is_closed(Azure::start()?, &seal)
}

#[test]
fn a_session_that_ended_without_its_store_is_whole_after_the_next_start() -> Result<()> {
    let mut stage = Stage::new(Directory::start()?, "")?;
    let (daemon, mut client, id) = stage.lose_store()?;
    stage.draw(&mut client, 3)?;
    drop(client);
    stage.await_told("recording-unstored")?;
    daemon.terminate()?;
    stage.server.start_again()?;
    let mut next = stage.daemon()?;
    await_search(&mut next, 1)?;
    stage.assert_whole(&id)
}

#[test]
fn what_another_daemon_is_recording_is_left_to_it() -> Result<()> {
    let mut stage = Stage::new(Directory::start()?, "")?;
    let (recording, mut client, id) = stage.lose_store()?;
    stage.draw(&mut client, 1)?;
    let before = lines(&stage, &id)?;
    until_true("another segment", PATIENCE, || {
        Ok(before < lines(&stage, &id)?)
    })?;
    let mut other = stage.daemon()?;
    await_search(&mut other, 0)?;
    stage.server.start_again()?;
    drop(client);
    stage.await_told("session-end")?;
    recording.terminate()?;
    stage.assert_whole(&id)?;
    ensure!(stage.told("recording-recovered")?.is_empty());
    Ok(())
}
