//! A recording lies where the policy allows, and a link on the way leads nowhere.

use std::fs;
use std::os::unix::fs::symlink;

use anyhow::Result;
use guac_policy::{Policy, RecordingRule};
use testkit::client::Handshake;
use testkit::vnc_server::{FakeVncServer, Script};

use crate::support::{Daemon, error_of};

#[test]
fn a_link_in_an_allowed_directory_does_not_lead_out_of_it() -> Result<()> {
    let desktop = FakeVncServer::start(Script::Serve)?;
    let [allowed, outside] = [tempfile::tempdir()?, tempfile::tempdir()?];
    symlink(outside.path(), allowed.path().join("link"))?;
    let daemon = Daemon::with_policy(
        Policy::builder()
            .recording(RecordingRule {
                paths: Some(vec![allowed.path().to_owned()]),
                ..RecordingRule::default()
            })
            .build(),
    )?;
    let at = |way: &str| {
        Handshake::vnc(desktop.port())
            .with(
                "recording-path",
                &allowed.path().join(way).display().to_string(),
            )
            .with("create-recording-path", "true")
    };
    for way in ["link", "link/a"] {
        assert_eq!(error_of(&mut daemon.open(&at(way))?)?, 0x0303, "{way}");
    }
    assert_eq!(fs::read_dir(outside.path())?.count(), 0);
    daemon.watch(&at("a/b"))?;
    assert!(allowed.path().join("a/b/recording").is_file());

    // Without a policy a path means what it says, as with stock guacd.
    Daemon::start()?.watch(&at("link"))?;
    assert!(outside.path().join("recording").is_file());
    Ok(())
}
