//! A VNC server that does what a test's script says, and tells what its clients did.

pub(crate) mod connection;
pub mod message;

use std::io::Write;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::process::held;
use crate::wait::until;

pub use message::ClientMessage;

/// How far a server goes with a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Script {
    /// Takes the connection and says nothing.
    Mute,
    /// Closes each connection at once.
    Close,
    /// Closes so many connections at once, then serves.
    CloseFirst(usize),
    /// Greets with these bytes and waits for the client to go.
    Greet(Vec<u8>),
    /// Offers no security type, for this reason.
    Refuse(String),
    /// Offers these security types, none of which a client should know.
    Offer(Vec<u8>),
    /// Asks for a VncAuth answer and says that it was wrong, whatever it is.
    WrongPassword,
    /// Says of the VncAuth answers of so many connections that they were wrong, then takes any.
    WrongPasswords(usize),
    /// Takes a VncAuth answer and closes without a word about it.
    CloseAtPassword,
    /// Takes any VncAuth answer as right, then serves.
    AnyPassword,
    /// Serves anyone.
    Serve,
    /// Serves until the first update was asked for, then closes.
    CloseAtRequest,
    /// Serves, but answers no request: there is a picture when the test sends one.
    Withhold,
}

/// The server. Its listener and connections end with it.
pub struct FakeVncServer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// What the connections' threads and the test have in common.
pub(crate) struct Shared {
    script: Script,
    size: (u16, u16),
    accepted: AtomicUsize,
    stopped: AtomicBool,
    messages: Mutex<Vec<ClientMessage>>,
    open: Mutex<Vec<(usize, TcpStream)>>,
}

impl FakeVncServer {
    /// Starts a server with a screen of 320x200.
    ///
    /// # Errors
    /// When no port is free.
    pub fn start(script: Script) -> Result<Self> {
        Self::with_size(script, 320, 200)
    }

    /// Starts a server with a screen of this size.
    ///
    /// # Errors
    /// When no port is free.
    pub fn with_size(script: Script, width: u16, height: u16) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            script,
            size: (width, height),
            accepted: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
            messages: Mutex::default(),
            open: Mutex::default(),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || accept(&listener, &accepting));
        Ok(Self { address, shared })
    }

    /// Its port on loopback.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// How many connections it took so far.
    pub fn accepted(&self) -> usize {
        self.shared.accepted.load(Ordering::SeqCst)
    }

    /// How many of them are still open.
    pub fn connections(&self) -> usize {
        held(&self.shared.open).len()
    }

    /// What its clients said after the handshake, in order.
    pub fn messages(&self) -> Vec<ClientMessage> {
        held(&self.shared.messages).clone()
    }

    /// Waits until what the clients said gives a value.
    ///
    /// # Errors
    /// When it does not in time, with what they said.
    #[track_caller]
    pub fn await_messages<T>(
        &self,
        what: &str,
        limit: Duration,
        mut wanted: impl FnMut(&[ClientMessage]) -> Option<T>,
    ) -> Result<T> {
        let found = until(what, limit, || Ok(wanted(&held(&self.shared.messages))));
        found.with_context(|| format!("the client said {:?}", held(&self.shared.messages)))
    }

    /// Sends bytes to every client that is connected.
    ///
    /// # Errors
    /// When one of them has gone.
    pub fn send(&self, bytes: &[u8]) -> Result<()> {
        for (_, stream) in held(&self.shared.open).iter() {
            (&*stream).write_all(bytes)?;
        }
        Ok(())
    }

    /// Closes every connection, as a server that is ended does.
    pub fn hang_up(&self) {
        for (_, stream) in held(&self.shared.open).iter() {
            // A client that has gone already is as good.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for FakeVncServer {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        self.hang_up();
        // Wakes the listener's thread so that it sees the end.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn note(&self, message: ClientMessage) {
        held(&self.messages).push(message);
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming().map_while(Result::ok) {
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        let number = shared.accepted.fetch_add(1, Ordering::SeqCst);
        let Ok(copy) = stream.try_clone() else { return };
        held(&shared.open).push((number, copy));
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            // A client that leaves in the middle is one of the things tests do.
            let _ = connection::serve(&stream, number, &shared);
            let _ = stream.shutdown(Shutdown::Both);
            held(&shared.open).retain(|(other, _)| *other != number);
        });
    }
}
