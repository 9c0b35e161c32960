//! The desktop's name: text chosen inside the desktop.

use anyhow::Result;
use guac_policy::Policy;
use testkit::client::{FakeClient, Handshake};
use testkit::vnc_server::message::raw_update;
use testkit::vnc_server::{FakeVncServer, Script};

use crate::support::Daemon;

/// An update that renames the desktop.
fn renamed(name: &str) -> Vec<u8> {
    let mut bytes = vec![0, 0, 0, 1];
    bytes.extend([0; 8]);
    bytes.extend((-307i32).to_be_bytes());
    bytes.extend(u32::try_from(name.len()).unwrap_or(0).to_be_bytes());
    bytes.extend(name.as_bytes());
    bytes
}

/// The names that come up to and with a frame that the desktop draws now.
fn names(client: &mut FakeClient, desktop: &FakeVncServer, colour: u32) -> Result<Vec<String>> {
    desktop.send(&raw_update(0, 0, 320, 200, colour))?;
    let mut names = Vec::new();
    client.read_until(testkit::wait::PATIENCE, |instruction| {
        if instruction.is("name") {
            names.push(instruction.arg(0).to_owned());
        }
        instruction.is("cfill") && instruction.number(4).ok() == Some((colour & 0xff).into())
    })?;
    Ok(names)
}

#[test]
fn no_name_is_told_unless_the_policy_says_so() -> Result<()> {
    let desktop = FakeVncServer::start(Script::Serve)?;
    let daemon = Daemon::start()?;
    let mut owner = daemon.open(&Handshake::vnc(desktop.port()))?;
    owner.expect("sync")?;
    desktop.send(&renamed("exfiltrated"))?;
    assert_eq!(names(&mut owner, &desktop, 0x11)?, [""; 0]);
    Ok(())
}

#[test]
fn where_it_is_told_it_is_plain_short_and_seldom() -> Result<()> {
    let desktop = FakeVncServer::start(Script::Serve)?;
    let named = Policy::builder().desktop_name(true).build();
    let daemon = Daemon::with_policy(named)?;
    let mut owner = daemon.open(&Handshake::vnc(desktop.port()))?;
    assert_eq!(owner.expect("name")?.arg(0), "scripted");
    owner.expect("sync")?;
    for name in ["one", "two", "three"] {
        desktop.send(&renamed(name))?;
    }
    assert_eq!(names(&mut owner, &desktop, 0x22)?, [""; 0]);
    // Whoever comes later knows as much as the others.
    let mut guest = daemon.open(&Handshake::join(&owner.id))?;
    assert_eq!(guest.expect("name")?.arg(0), "scripted");
    Ok(())
}
