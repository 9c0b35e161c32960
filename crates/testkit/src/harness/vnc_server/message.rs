//! RFB messages, both ways.

use std::io::Read;

use anyhow::{Result, bail};

use super::connection::take;
use crate::picture::Picture;

/// What a client said after the handshake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientMessage {
    /// The pixel format it wants, as sent.
    PixelFormat([u8; 16]),
    /// The encodings it can decode.
    Encodings(Vec<i32>),
    /// It asks for an update.
    Request {
        /// Of what changed only.
        incremental: bool,
        /// Left, top, width and height.
        area: [u16; 4],
    },
    /// A key.
    Key {
        /// Its X11 symbol.
        keysym: u32,
        /// Whether it went down.
        pressed: bool,
    },
    /// The pointer.
    Pointer {
        /// Horizontal position.
        x: u16,
        /// Vertical position.
        y: u16,
        /// The pressed buttons, the left one in bit 0.
        buttons: u8,
    },
    /// Text for the clipboard, as sent.
    CutText(Vec<u8>),
    /// Whether those who sit before the desktop are to be kept from it (UltraVNC's).
    ServerInput {
        /// They are.
        disabled: bool,
    },
    /// It asks for another size of the screen.
    Resize {
        /// Width in pixels.
        width: u16,
        /// Height in pixels.
        height: u16,
        /// The ids of the screens it wants, in order.
        screens: Vec<u32>,
    },
}

/// Reads one message; nothing at the end of the stream.
pub(crate) fn read(stream: &mut dyn Read) -> Result<Option<ClientMessage>> {
    let mut kind = [0];
    if stream.read(&mut kind)? == 0 {
        return Ok(None);
    }
    Ok(Some(match kind[0] {
        0 => {
            let [_, _, _, format @ ..]: [u8; 19] = take(stream)?;
            ClientMessage::PixelFormat(format)
        }
        2 => {
            let [_, high, low] = take(stream)?;
            let count = usize::from(u16::from_be_bytes([high, low]));
            let encodings: Result<Vec<i32>> = (0..count)
                .map(|_| Ok(i32::from_be_bytes(take(stream)?)))
                .collect();
            ClientMessage::Encodings(encodings?)
        }
        3 => {
            let [incremental] = take(stream)?;
            let area = [
                number(stream)?,
                number(stream)?,
                number(stream)?,
                number(stream)?,
            ];
            ClientMessage::Request {
                incremental: incremental != 0,
                area,
            }
        }
        4 => {
            let [pressed, _, _] = take(stream)?;
            ClientMessage::Key {
                keysym: u32::from_be_bytes(take(stream)?),
                pressed: pressed != 0,
            }
        }
        5 => {
            let [buttons] = take(stream)?;
            ClientMessage::Pointer {
                x: number(stream)?,
                y: number(stream)?,
                buttons,
            }
        }
        6 => {
            let [_, _, _] = take(stream)?;
            // A negative length marks the extended form; its body has the absolute length.
            let length = i32::from_be_bytes(take(stream)?).unsigned_abs();
            let mut text = vec![0; usize::try_from(length)?];
            stream.read_exact(&mut text)?;
            ClientMessage::CutText(text)
        }
        9 => {
            let [status, _, _] = take(stream)?;
            ClientMessage::ServerInput {
                disabled: status == 1,
            }
        }
        251 => {
            let [_] = take(stream)?;
            let (width, height) = (number(stream)?, number(stream)?);
            let [count, _] = take(stream)?;
            let mut screens = Vec::new();
            for _ in 0..count {
                let [a, b, c, d, _place @ ..]: [u8; 16] = take(stream)?;
                screens.push(u32::from_be_bytes([a, b, c, d]));
            }
            ClientMessage::Resize {
                width,
                height,
                screens,
            }
        }
        other => bail!("message type {other} was not offered"),
    }))
}

/// An update of one rectangle in one colour, raw, 32 bits per pixel, little-endian, red at bit 16.
pub fn raw_update(x: u16, y: u16, width: u16, height: u16, colour: u32) -> Vec<u8> {
    let mut bytes = vec![0, 0, 0, 1];
    for value in [x, y, width, height] {
        bytes.extend(value.to_be_bytes());
    }
    bytes.extend(0i32.to_be_bytes());
    let pixels = usize::from(width) * usize::from(height);
    bytes.extend(colour.to_le_bytes().repeat(pixels));
    bytes
}

/// An update of one rectangle with a picture, as [`raw_update`].
pub fn raw_pixels(x: u16, y: u16, picture: &Picture) -> Vec<u8> {
    let side = |side| u16::try_from(side).unwrap_or(u16::MAX);
    let mut bytes = vec![0, 0, 0, 1];
    for value in [x, y, side(picture.width), side(picture.height)] {
        bytes.extend(value.to_be_bytes());
    }
    bytes.extend(0i32.to_be_bytes());
    bytes.extend(picture.pixels.iter().flat_map(|pixel| pixel.to_le_bytes()));
    bytes
}

/// An update that tells of a desktop of this size with one screen over all of it, under this id: so
/// a server says that its clients may resize it.
pub fn screen_layout(width: u16, height: u16, screen: u32) -> Vec<u8> {
    let mut bytes = vec![0, 0, 0, 1, 0, 0, 0, 0];
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    bytes.extend(&size);
    bytes.extend((-308i32).to_be_bytes());
    bytes.extend([1, 0, 0, 0]);
    bytes.extend(screen.to_be_bytes());
    bytes.extend([0; 4]);
    bytes.extend(&size);
    bytes.extend([0; 4]);
    bytes
}

/// Text that was copied on the desktop.
pub fn cut_text(text: &[u8]) -> Vec<u8> {
    let length = u32::try_from(text.len()).unwrap_or(0);
    [&[3, 0, 0, 0][..], &length.to_be_bytes(), text].concat()
}

fn number(stream: &mut dyn Read) -> Result<u16> {
    Ok(u16::from_be_bytes(take(stream)?))
}
