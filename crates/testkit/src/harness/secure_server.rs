//! A VNC server with the security types that no packaged server has: RSA-AES (RA2), Apple's and
//! MS-Logon II.
//!
//! It is written from the community's specification of RFB, knows nothing of the client that it is
//! to test, and shares only the crates of the ciphers with it (and not the one that computes with
//! large numbers). That it is right is shown by a client that is somebody else's: noVNC.
//!
//! After the login it shows one picture, in whatever true colour the client asks for, and notes
//! what the client says.

mod exchange;
mod rsa_aes;
mod session;

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::picture::Picture;
use crate::process::held;
use crate::vnc_server::ClientMessage;
use crate::wait::until;

/// A security type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// RA2 (5) or RA2ne (6): RSA, AES with 128 bits.
    RsaAes128 {
        /// Whether everything after the login is encrypted too (RA2).
        whole_session: bool,
    },
    /// RA2_256 (129) or RA2ne_256 (130): RSA, AES with 256 bits.
    RsaAes256 {
        /// Whether everything after the login is encrypted too (RA2_256).
        whole_session: bool,
    },
    /// Apple Remote Desktop (30).
    Apple,
    /// UltraVNC's MS-Logon II (113).
    MsLogon,
}

/// What the server is like.
#[derive(Debug, Clone)]
pub struct Options {
    /// The only type that it offers.
    pub scheme: Scheme,
    /// The user's name. Without one, the RSA-AES types ask for a password only, and the others
    /// take any name.
    pub username: Option<String>,
    /// The user's password.
    pub password: String,
    /// The length of its RSA key, for the types that have one.
    pub key_bits: usize,
}

/// How a login ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    /// It was right.
    Accepted,
    /// The name or the password was wrong.
    Refused,
}

/// The server. Its listener and connections end with it.
pub struct SecureServer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// What the connections' threads and the test have in common.
struct Shared {
    options: Options,
    picture: Picture,
    stopped: AtomicBool,
    notes: Mutex<Notes>,
    open: Mutex<Vec<TcpStream>>,
}

#[derive(Debug, Default)]
struct Notes {
    logins: Vec<Login>,
    messages: Vec<ClientMessage>,
    /// Why connections ended before their time.
    failures: Vec<String>,
}

/// A connection, encrypted or not.
trait Wire: Read + Write {}

impl<T: Read + Write> Wire for T {}

impl Scheme {
    /// Every type, in the order of their numbers.
    pub const ALL: [Self; 6] = [
        Self::RsaAes128 {
            whole_session: true,
        },
        Self::RsaAes128 {
            whole_session: false,
        },
        Self::Apple,
        Self::MsLogon,
        Self::RsaAes256 {
            whole_session: true,
        },
        Self::RsaAes256 {
            whole_session: false,
        },
    ];

    /// The number on the wire.
    pub const fn number(self) -> u8 {
        match self {
            Self::RsaAes128 {
                whole_session: true,
            } => 5,
            Self::RsaAes128 {
                whole_session: false,
            } => 6,
            Self::Apple => 30,
            Self::MsLogon => 113,
            Self::RsaAes256 {
                whole_session: true,
            } => 129,
            Self::RsaAes256 {
                whole_session: false,
            } => 130,
        }
    }

    /// Whether the server has an RSA key.
    pub const fn has_key(self) -> bool {
        matches!(self, Self::RsaAes128 { .. } | Self::RsaAes256 { .. })
    }
}

impl Options {
    /// A server with this type and these credentials, and a key of 2048 bits.
    pub fn new(scheme: Scheme, username: Option<&str>, password: &str) -> Self {
        Self {
            scheme,
            username: username.map(str::to_owned),
            password: password.to_owned(),
            key_bits: 2048,
        }
    }
}

impl SecureServer {
    /// Starts a server.
    ///
    /// # Errors
    /// When no port is free.
    pub fn start(options: Options) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            options,
            picture: Picture::pattern(61, 43, 7),
            stopped: AtomicBool::new(false),
            notes: Mutex::default(),
            open: Mutex::default(),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || accept(&listener, &accepting));
        Ok(Self { address, shared })
    }

    /// Its address on loopback.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it shows.
    pub fn picture(&self) -> &Picture {
        &self.shared.picture
    }

    /// SHA-256 of its RSA key, as the key is sent.
    pub fn fingerprint(&self) -> [u8; 32] {
        rsa_aes::ServerKey::of_bits(self.shared.options.key_bits).fingerprint()
    }

    /// How the logins ended, in order.
    pub fn logins(&self) -> Vec<Login> {
        held(&self.shared.notes).logins.clone()
    }

    /// Waits until a client has said something after its login.
    ///
    /// # Errors
    /// When it does not in time, with what it said.
    #[track_caller]
    pub fn await_message(
        &self,
        what: &str,
        limit: Duration,
        message: &ClientMessage,
    ) -> Result<()> {
        let found = until(what, limit, || {
            let notes = held(&self.shared.notes);
            Ok(notes.messages.contains(message).then_some(()))
        });
        found.with_context(|| format!("{:?}", held(&self.shared.notes)))
    }
}

impl Drop for SecureServer {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        for stream in held(&self.shared.open).drain(..) {
            // A client that has gone already is as good.
            let _ = stream.shutdown(Shutdown::Both);
        }
        // Wakes the listener's thread so that it sees the end.
        let _ = TcpStream::connect(self.address);
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for (number, stream) in listener.incoming().map_while(Result::ok).enumerate() {
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        let Ok(copy) = stream.try_clone() else { return };
        held(&shared.open).push(copy);
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            // A client that leaves in the middle is one of the things tests do.
            if let Err(error) = session::serve(&stream, number, &shared) {
                held(&shared.notes).failures.push(format!("{error:#}"));
            }
            let _ = stream.shutdown(Shutdown::Both);
        });
    }
}
