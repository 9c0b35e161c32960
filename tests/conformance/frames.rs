//! What a picture is sent as: streams and paths as strict readers of it expect them.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use testkit::vnc_server::message::raw_update;
use testkit::vnc_server::{FakeVncServer, Script};
use testkit::{FakeClient, Guacd, Handshake, Instruction, Picture};

use super::SOON;

/// Looks at instructions in their order.
#[derive(Debug, Default)]
pub(crate) struct Strict {
    open: BTreeSet<i64>,
    path: Option<i64>,
    /// Images and filled rectangles so far.
    pub(crate) drawn: (usize, usize),
}

impl Strict {
    /// Takes the next instruction.
    pub(crate) fn accept(&mut self, next: &Instruction) -> Result<()> {
        // §11.10: nothing may come between a rectangle and its colour.
        if let Some(layer) = self.path.take() {
            ensure!(
                next.is("cfill") && next.number(1)? == layer,
                "{next:?} follows a rect of layer {layer}"
            );
            self.drawn.1 += 1;
        } else {
            ensure!(!next.is("cfill"), "{next:?} has no rect before it");
        }
        match next.opcode.as_str() {
            "rect" => self.path = Some(next.number(0)?),
            // §11.9: guacenc knows the odd ones below 64 only.
            "img" => {
                let stream = next.number(0)?;
                ensure!(
                    stream % 2 == 1 && (1..64).contains(&stream),
                    "stream {stream}"
                );
                ensure!(self.open.insert(stream), "stream {stream} is open still");
                self.drawn.0 += 1;
            }
            "blob" => ensure!(
                self.open.contains(&next.number(0)?),
                "{next:?} is of no stream"
            ),
            "end" => ensure!(
                self.open.remove(&next.number(0)?),
                "{next:?} is of no stream"
            ),
            // A frame is shown whole.
            "sync" => ensure!(self.open.is_empty(), "{:?} are open at a sync", self.open),
            _ => {}
        }
        Ok(())
    }
}

/// Everything up to the next frame's end, each of it looked at.
fn watch_frame(client: &mut FakeClient, strict: &mut Strict) -> Result<()> {
    let mut faults = Vec::new();
    client.read_until(SOON, |next| {
        faults.extend(strict.accept(next).err());
        next.is("sync") || next.is("error")
    })?;
    faults.into_iter().next().map_or(Ok(()), Err)
}

#[test]
fn streams_and_paths_are_in_order() -> Result<()> {
    let daemon = Guacd::start()?;
    let server = FakeVncServer::with_size(Script::Serve, 800, 600)?;
    let mut owner = FakeClient::open(daemon.address(), &Handshake::vnc(server.port()))?;
    let mut strict = Strict::default();
    watch_frame(&mut owner, &mut strict)?;
    for round in 0..40u16 {
        let mut updates = raw_update(round * 5, 17, 90, 70, u32::from(round) << 8);
        let noise = Picture::pattern(500, 300, round.into());
        let mut picture = raw_update(round, round, 500, 300, 0);
        picture.truncate(picture.len() - noise.pixels.len() * 4);
        picture.extend(noise.pixels.iter().flat_map(|pixel| pixel.to_le_bytes()));
        if round % 2 == 0 {
            updates.extend(picture);
        }
        server.send(&updates)?;
        watch_frame(&mut owner, &mut strict)?;
    }
    ensure!(
        20 <= strict.drawn.0 && 10 <= strict.drawn.1,
        "too little was drawn: {:?}",
        strict.drawn
    );
    // Who comes late is sent all at once.
    let mut guest = FakeClient::open(daemon.address(), &Handshake::join(&owner.id))?;
    let mut strict = Strict::default();
    watch_frame(&mut guest, &mut strict)?;
    ensure!(strict.drawn != (0, 0), "nothing was drawn");
    Ok(())
}
