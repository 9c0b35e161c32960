//! The daemon under a policy that lets the clipboard through both ways.
//!
//! The clipboard tests run against it too, so that it is seen that they can fail. It understands
//! those of the daemon's flags that the tests give: the address and the port.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use guac_policy::{ClipboardRule, Policy};
use guacd::server::Server;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let after = |flag: &str| arguments.iter().skip_while(|a| *a != flag).nth(1);
    let (host, port) = (
        after("-b").context("-b HOST")?,
        after("-l").context("-l PORT")?,
    );
    let listener = TcpListener::bind(format!("{host}:{port}")).await?;
    let bound: SocketAddr = listener.local_addr()?;
    println!("Listening on host {}, port {}", bound.ip(), bound.port());

    let allowed = ClipboardRule::up_to(65_536);
    let server = Server::new(
        Policy::builder()
            .clipboard_copy(allowed.clone())
            .clipboard_paste(allowed)
            .build(),
    );
    loop {
        let (stream, peer) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let server = server.clone();
        tokio::spawn(async move { server.serve_connection(stream, peer).await });
    }
}
