//! A wire between a client and the daemon that remembers every byte.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use anyhow::Result;

use crate::process::held;

/// A listener that passes every connection on, until it is dropped.
pub struct Tap {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    stopped: AtomicBool,
    from_daemon: Mutex<Vec<u8>>,
    from_client: Mutex<Vec<u8>>,
}

impl Tap {
    /// Listens on a free port and passes everything on to `daemon`.
    ///
    /// # Errors
    /// When no port is free.
    pub fn start(daemon: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::<Shared>::default();
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if accepting.stopped.load(Ordering::SeqCst) {
                    return;
                }
                // A daemon that is gone shows as a connection that ends at once.
                let _ = connect(&client, daemon, &accepting);
            }
        });
        Ok(Self { address, shared })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Everything the daemon has sent so far.
    pub fn from_daemon(&self) -> Vec<u8> {
        held(&self.shared.from_daemon).clone()
    }

    /// Everything its clients have sent so far.
    pub fn from_client(&self) -> Vec<u8> {
        held(&self.shared.from_client).clone()
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // Wakes the listener's thread so that it sees the end.
        let _ = TcpStream::connect(self.address);
    }
}

fn connect(client: &TcpStream, daemon: SocketAddr, shared: &Arc<Shared>) -> Result<()> {
    let server = TcpStream::connect(daemon)?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (client_copy, server_copy) = (client.try_clone()?, server.try_clone()?);
    let (client, shared, up) = (client.try_clone()?, Arc::clone(shared), Arc::clone(shared));
    thread::spawn(move || pass(&client, &server, &up.from_client));
    thread::spawn(move || pass(&server_copy, &client_copy, &shared.from_daemon));
    Ok(())
}

fn pass(mut from: &TcpStream, mut to: &TcpStream, record: &Mutex<Vec<u8>>) {
    let mut chunk = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut chunk) {
        held(record).extend_from_slice(&chunk[..count]);
        if to.write_all(&chunk[..count]).is_err() {
            break;
        }
    }
    // The end of one direction is passed on as such; the other may go on.
    let _ = to.shutdown(Shutdown::Write);
    let _ = from.shutdown(Shutdown::Read);
}
