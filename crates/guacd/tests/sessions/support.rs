//! The library's server on a port of its own.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use guac_policy::Policy;
use guacd::server::{Records, Server, VncOptions};
use testkit::client::{FakeClient, Handshake};
use testkit::instruction::Instruction;
use testkit::vnc_server::{ClientMessage, FakeVncServer};
use testkit::wait::{PATIENCE, until_true};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// A server in this process. Its sessions end with it.
pub(crate) struct Daemon {
    pub(crate) address: SocketAddr,
    pub(crate) server: Server,
    pub(crate) runtime: Runtime,
}

impl Daemon {
    pub(crate) fn start() -> Result<Self> {
        Self::with_policy(Policy::builtin())
    }

    pub(crate) fn with_policy(policy: Policy) -> Result<Self> {
        Self::with_options(policy, VncOptions::default())
    }

    /// A server that takes no desktop above this size.
    pub(crate) fn with_largest(policy: Policy, max_desktop: (u16, u16)) -> Result<Self> {
        let mut options = VncOptions::default();
        options.max_desktop = max_desktop;
        Self::with_options(policy, options)
    }

    pub(crate) fn with_options(policy: Policy, options: VncOptions) -> Result<Self> {
        Self::with_records(policy, options, Records::default())
    }

    pub(crate) fn with_records(
        policy: Policy,
        options: VncOptions,
        records: Records,
    ) -> Result<Self> {
        let runtime = Runtime::new()?;
        let server = Server::with_records(policy, options, records);
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0)))?;
        let address = listener.local_addr()?;
        let accepting = server.clone();
        runtime.spawn(async move {
            while let Ok((stream, peer)) = listener.accept().await {
                let server = accepting.clone();
                tokio::spawn(async move { server.serve_connection(stream, peer).await });
            }
        });
        Ok(Self {
            address,
            server,
            runtime,
        })
    }

    pub(crate) fn open(&self, handshake: &Handshake) -> Result<FakeClient> {
        FakeClient::open(self.address, handshake)
    }

    /// Opens a session and waits for its first picture.
    pub(crate) fn watch(&self, handshake: &Handshake) -> Result<FakeClient> {
        let mut client = self.open(handshake)?;
        client.expect("sync")?;
        Ok(client)
    }
}

/// The status of the `error` that a client is told before its connection is closed.
pub(crate) fn error_of(client: &mut FakeClient) -> Result<i64> {
    let told = client.read_to_end(PATIENCE)?;
    let error = told.iter().find(|instruction| instruction.is("error"));
    error.map_or(Ok(0), |error| error.number(1))
}

/// Waits until the VNC server has no client.
pub(crate) fn await_freed(desktop: &FakeVncServer, limit: Duration) -> Result<()> {
    until_true("the VNC server has no client", limit, || {
        Ok(desktop.connections() == 0)
    })
}

/// Waits until the desktop was told of a key.
pub(crate) fn await_key(desktop: &FakeVncServer, keysym: u32, pressed: bool) -> Result<()> {
    let wanted = ClientMessage::Key { keysym, pressed };
    desktop.await_messages("a key", PATIENCE, |messages| {
        messages.contains(&wanted).then_some(())
    })
}

/// Whether an instruction is a notice that a user has joined (1) or left (2).
pub(crate) fn is_notice(instruction: &Instruction, code: &str) -> bool {
    instruction.is("msg") && instruction.arg(0) == code
}
