//! One client of the scripted server, from the greeting to its end.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

use anyhow::{Result, ensure};

use super::message::{self, ClientMessage, raw_update};
use super::{Script, Shared};
use crate::process::held;

const NO_SECURITY: u8 = 1;
const VNC_AUTH: u8 = 2;
/// The grey that the screen is filled with at first.
const GREY: u32 = 0x80_8080;

pub(super) fn serve(mut stream: &TcpStream, number: usize, shared: &Shared) -> Result<()> {
    stream.set_nodelay(true)?;
    match &shared.script {
        Script::Close => return Ok(()),
        Script::CloseFirst(count) if number < *count => return Ok(()),
        Script::Mute => return wait_for_end(stream),
        Script::Greet(bytes) => {
            stream.write_all(bytes)?;
            return wait_for_end(stream);
        }
        _ => {}
    }
    stream.write_all(b"RFB 003.008\n")?;
    let version: [u8; 12] = take(&mut stream)?;
    ensure!(&version == b"RFB 003.008\n", "3.8 was offered");
    if !admit(stream, number, &shared.script)? {
        return wait_for_end(stream);
    }
    let [_shared] = take(&mut stream)?;
    stream.write_all(&server_init(shared.size))?;
    while let Some(message) = message::read(&mut stream)? {
        let is_first_request = matches!(
            message,
            ClientMessage::Request {
                incremental: false,
                ..
            }
        );
        shared.note(message);
        if is_first_request && shared.script != Script::Withhold {
            if shared.script == Script::CloseAtRequest {
                return Ok(());
            }
            let (width, height) = shared.size;
            // Nothing that the test sends may come in between.
            let _alone = held(&shared.open);
            stream.write_all(&raw_update(0, 0, width, height, GREY))?;
        }
    }
    Ok(())
}

/// The security part; `false` when the script ends the session there.
fn admit(mut stream: &TcpStream, number: usize, script: &Script) -> Result<bool> {
    match script {
        Script::Refuse(reason) => {
            stream.write_all(&[0])?;
            stream.write_all(&with_length(reason))?;
            return Ok(false);
        }
        Script::Offer(types) => {
            stream.write_all(&[u8::try_from(types.len())?])?;
            stream.write_all(types)?;
            return Ok(false);
        }
        Script::WrongPassword
        | Script::WrongPasswords(_)
        | Script::CloseAtPassword
        | Script::AnyPassword => {
            stream.write_all(&[1, VNC_AUTH])?;
            let [_chosen] = take(&mut stream)?;
            stream.write_all(b"sixteen bytes...")?;
            let _response: [u8; 16] = take(&mut stream)?;
            if *script == Script::CloseAtPassword {
                stream.shutdown(Shutdown::Both)?;
                return Ok(false);
            }
            let is_wrong = match script {
                Script::WrongPasswords(count) => number < *count,
                _ => *script == Script::WrongPassword,
            };
            if is_wrong {
                stream.write_all(&1u32.to_be_bytes())?;
                stream.write_all(&with_length("Authentication failed"))?;
                return Ok(false);
            }
        }
        _ => {
            stream.write_all(&[1, NO_SECURITY])?;
            let [_chosen] = take(&mut stream)?;
        }
    }
    stream.write_all(&0u32.to_be_bytes())?;
    Ok(true)
}

fn server_init((width, height): (u16, u16)) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    // 32 bits per pixel, depth 24, little-endian, true colour, 255 each, red at bit 16.
    bytes.extend([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0]);
    bytes.extend(with_length("scripted"));
    bytes
}

fn with_length(text: &str) -> Vec<u8> {
    let length = u32::try_from(text.len()).unwrap_or(0);
    [&length.to_be_bytes(), text.as_bytes()].concat()
}

/// Exactly so many bytes.
pub(crate) fn take<const N: usize>(stream: &mut dyn Read) -> Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn wait_for_end(mut stream: &TcpStream) -> Result<()> {
    let mut scrap = [0; 256];
    while stream.read(&mut scrap)? != 0 {}
    Ok(())
}
