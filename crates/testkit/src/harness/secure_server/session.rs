//! One client of the server, from the greeting to its end.

use std::io::Write;
use std::net::TcpStream;

use anyhow::{Result, ensure};
use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng;

use super::{Login, Scheme, Shared, Wire, exchange, rsa_aes};
use crate::process::held;
use crate::vnc_server::ClientMessage;
use crate::vnc_server::connection::take;
use crate::vnc_server::message;

/// A user name, if one was asked for, and a password.
pub(super) type Credentials = (Option<String>, String);

/// The format of a client that does not ask for one.
const OWN_FORMAT: [u8; 16] = [32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0];

pub(super) fn serve(mut stream: &TcpStream, number: usize, shared: &Shared) -> Result<()> {
    stream.set_nodelay(true)?;
    stream.write_all(b"RFB 003.008\n")?;
    let version: [u8; 12] = take(&mut stream)?;
    ensure!(&version == b"RFB 003.008\n", "3.8 was offered");
    let scheme = shared.options.scheme;
    stream.write_all(&[1, scheme.number()])?;
    let [chosen] = take(&mut stream)?;
    ensure!(chosen == scheme.number(), "type {chosen} was not offered");

    // Other numbers for each connection, the same in each run.
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&number.to_be_bytes());
    let mut random = ChaCha20Rng::from_seed(seed);
    let (mut wire, credentials): (Box<dyn Wire + '_>, Credentials) = match scheme {
        Scheme::RsaAes128 { .. } | Scheme::RsaAes256 { .. } => {
            rsa_aes::login(stream, &shared.options, &mut random)?
        }
        Scheme::Apple => (Box::new(stream), exchange::apple(stream, &mut random)?),
        Scheme::MsLogon => (Box::new(stream), exchange::ms_logon(stream, &mut random)?),
    };
    if !admit(&mut *wire, &credentials, shared)? {
        return Ok(());
    }
    show(&mut *wire, shared)
}

/// The verdict on a login.
fn admit(wire: &mut dyn Wire, credentials: &Credentials, shared: &Shared) -> Result<bool> {
    let (username, password) = credentials;
    let expected = &shared.options;
    let is_user =
        username.is_none() || expected.username.is_none() || *username == expected.username;
    let is_right = is_user && *password == expected.password;
    let login = if is_right {
        Login::Accepted
    } else {
        Login::Refused
    };
    // Before the client can know it.
    held(&shared.notes).logins.push(login);
    wire.write_all(&u32::from(!is_right).to_be_bytes())?;
    if !is_right {
        wire.write_all(&with_length("Authentication failed"))?;
    }
    wire.flush()?;
    Ok(is_right)
}

/// Shows the picture whenever a client asks for all of it, until the client leaves.
fn show(mut wire: &mut dyn Wire, shared: &Shared) -> Result<()> {
    let [_shared] = take(&mut wire)?;
    wire.write_all(&server_init(shared)?)?;
    wire.flush()?;
    let mut format = OWN_FORMAT;
    while let Some(message) = message::read(&mut wire)? {
        match &message {
            ClientMessage::PixelFormat(wanted) => format = *wanted,
            ClientMessage::Request {
                incremental: false, ..
            } => {
                wire.write_all(&update(shared, &format)?)?;
                wire.flush()?;
            }
            _ => {}
        }
        held(&shared.notes).messages.push(message);
    }
    Ok(())
}

fn server_init(shared: &Shared) -> Result<Vec<u8>> {
    let picture = &shared.picture;
    let mut bytes = Vec::new();
    bytes.extend(u16::try_from(picture.width)?.to_be_bytes());
    bytes.extend(u16::try_from(picture.height)?.to_be_bytes());
    bytes.extend(OWN_FORMAT);
    bytes.extend(with_length("scripted"));
    Ok(bytes)
}

/// The whole picture, raw.
fn update(shared: &Shared, format: &[u8; 16]) -> Result<Vec<u8>> {
    let picture = &shared.picture;
    let [32, 24, 0, 1, 0, 255, 0, 255, 0, 255, red, green, blue, ..] = format else {
        anyhow::bail!("{format:?} is no true colour of 24 bits, little-endian");
    };
    let mut bytes = vec![0, 0, 0, 1, 0, 0, 0, 0];
    bytes.extend(u16::try_from(picture.width)?.to_be_bytes());
    bytes.extend(u16::try_from(picture.height)?.to_be_bytes());
    bytes.extend(0i32.to_be_bytes());
    for pixel in &picture.pixels {
        let [_, r, g, b] = pixel.to_be_bytes().map(u32::from);
        bytes.extend((r << red | g << green | b << blue).to_le_bytes());
    }
    Ok(bytes)
}

fn with_length(text: &str) -> Vec<u8> {
    let length = u32::try_from(text.len()).unwrap_or(0);
    [&length.to_be_bytes(), text.as_bytes()].concat()
}
