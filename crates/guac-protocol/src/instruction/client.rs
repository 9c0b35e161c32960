//! What a client sends after `ready`.

use crate::index::{Keysym, ObjectIndex, StreamIndex, Timestamp};

/// An instruction from the client of a running session. Text borrows from the receive buffer.
#[derive(Debug, Clone, PartialEq)]
pub enum ClientInstruction<'a> {
    /// Acknowledges the frame that ended with this time.
    Sync {
        /// The time of the frame's `sync`.
        timestamp: Timestamp,
    },
    /// Pointer position and buttons.
    Mouse {
        /// Horizontal position in pixels.
        x: i32,
        /// Vertical position in pixels.
        y: i32,
        /// Bit 0 left, 1 middle, 2 right, 3 scroll up, 4 scroll down.
        buttons: i32,
    },
    /// A key pressed or released.
    Key {
        /// Which key.
        keysym: Keysym,
        /// Whether it went down.
        pressed: bool,
    },
    /// A touch contact.
    Touch {
        /// Which contact.
        id: i32,
        /// Horizontal position in pixels.
        x: i32,
        /// Vertical position in pixels.
        y: i32,
        /// Horizontal radius in pixels.
        radius_x: i32,
        /// Vertical radius in pixels.
        radius_y: i32,
        /// Rotation in degrees.
        angle: f64,
        /// Force from 0 to 1; 0 lifts the contact.
        force: f64,
    },
    /// The browser's display changed its size.
    Size {
        /// Width in pixels.
        width: i32,
        /// Height in pixels.
        height: i32,
    },
    /// Opens a clipboard stream.
    Clipboard {
        /// The new stream.
        stream: StreamIndex,
        /// Its mimetype.
        mimetype: &'a str,
    },
    /// Opens an upload.
    File {
        /// The new stream.
        stream: StreamIndex,
        /// Its mimetype.
        mimetype: &'a str,
        /// The file's name.
        filename: &'a str,
    },
    /// Opens a named pipe.
    Pipe {
        /// The new stream.
        stream: StreamIndex,
        /// Its mimetype.
        mimetype: &'a str,
        /// The pipe's name.
        name: &'a str,
    },
    /// Opens an audio input stream.
    Audio {
        /// The new stream.
        stream: StreamIndex,
        /// Its mimetype.
        mimetype: &'a str,
    },
    /// Opens a stream with a new value for a connection parameter.
    Argv {
        /// The new stream.
        stream: StreamIndex,
        /// Its mimetype.
        mimetype: &'a str,
        /// The parameter's name.
        name: &'a str,
    },
    /// Data of an open stream.
    Blob {
        /// The stream.
        stream: StreamIndex,
        /// The data in base64.
        base64: &'a str,
    },
    /// Ends a stream.
    End {
        /// The stream.
        stream: StreamIndex,
    },
    /// Acknowledges data of a stream that the server opened.
    Ack {
        /// The stream.
        stream: StreamIndex,
        /// Text for humans.
        message: &'a str,
        /// Status code.
        status: i32,
    },
    /// Asks for a stream of an object.
    Get {
        /// The object.
        object: ObjectIndex,
        /// The stream's name.
        name: &'a str,
    },
    /// Opens a stream into an object.
    Put {
        /// The object.
        object: ObjectIndex,
        /// The new stream.
        stream: StreamIndex,
        /// Its mimetype.
        mimetype: &'a str,
        /// The stream's name.
        name: &'a str,
    },
    /// Attaches a USB device.
    UsbConnect {
        /// The device's arguments as sent.
        arguments: Vec<&'a str>,
    },
    /// Data of a USB device.
    UsbData {
        /// The device's arguments as sent.
        arguments: Vec<&'a str>,
    },
    /// Detaches a USB device.
    UsbDisconnect {
        /// The device's arguments as sent.
        arguments: Vec<&'a str>,
    },
    /// Nothing but a sign of life.
    Nop,
    /// The user leaves.
    Disconnect,
    /// An opcode that is not of this protocol, the web application's empty one included.
    Unknown {
        /// The opcode as sent.
        opcode: &'a str,
    },
}
