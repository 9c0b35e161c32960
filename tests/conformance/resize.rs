//! §11.17: a wish for another size names the server's own screen.

use anyhow::{Result, ensure};
use testkit::vnc_server::message::screen_layout;
use testkit::vnc_server::{ClientMessage, FakeVncServer, Script};
use testkit::wait::PATIENCE;
use testkit::{FakeClient, Guacd, Handshake};

#[test]
fn the_servers_own_screen_is_resized() -> Result<()> {
    let daemon = Guacd::start()?;
    // The last is what a client that swaps the bytes of its own first screen would send.
    for screen in [0, 1, 0xdead_beef, 0x0100_0000] {
        let server = FakeVncServer::start(Script::Serve)?;
        let mut client = FakeClient::open(daemon.address(), &Handshake::vnc(server.port()))?;
        client.expect("sync")?;
        server.send(&screen_layout(320, 200, screen))?;
        // First the size of the browser when it connected, then what it asks for later.
        asked(&server, (1024, 768), screen)?;
        server.send(&screen_layout(1024, 768, screen))?;
        client.read_until(PATIENCE, |i| i.is("size") && i.args == ["0", "1024", "768"])?;
        client.send("size", &["640", "480"])?;
        asked(&server, (640, 480), screen)?;
    }
    Ok(())
}

fn asked(server: &FakeVncServer, size: (u16, u16), screen: u32) -> Result<()> {
    let screens = server.await_messages("a wish for a size", PATIENCE, |said| {
        said.iter().find_map(|message| match message {
            ClientMessage::Resize {
                width,
                height,
                screens,
            } if (*width, *height) == size => Some(screens.clone()),
            _ => None,
        })
    })?;
    ensure!(screens == [screen], "{screens:x?} instead of {screen:x}");
    Ok(())
}
