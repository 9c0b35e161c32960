//! What a server sends, and what a recording holds.

use super::{BlobData, CompositeMode, LegacyOpcode};
use crate::index::{Keysym, LayerIndex, ObjectIndex, StreamIndex, Timestamp};
use crate::status::Status;

/// An instruction from the server. Text borrows from its source.
#[derive(Debug, Clone, PartialEq)]
pub enum ServerInstruction<'a> {
    /// Announces the version token and the parameter names.
    Args {
        /// The version token; empty when there is none, as from a server of version 1.0.0.
        version: &'a str,
        /// The parameter names in order.
        names: Vec<&'a str>,
    },
    /// Ends the handshake with the connection's id.
    Ready {
        /// `$` and the connection's id.
        id: &'a str,
    },
    /// The session failed.
    Error {
        /// Text for humans.
        message: &'a str,
        /// Why.
        status: Status,
    },
    /// The server ends the session.
    Disconnect,
    /// A sign of life.
    Nop,
    /// Ends a frame.
    Sync {
        /// The frame's time.
        timestamp: Timestamp,
        /// How many desktop updates the frame merges.
        frames: u32,
    },
    /// Resizes a layer or buffer.
    Size {
        /// The layer.
        layer: LayerIndex,
        /// Width in pixels.
        width: i32,
        /// Height in pixels.
        height: i32,
    },
    /// Opens an image stream.
    Img {
        /// The stream.
        stream: StreamIndex,
        /// How it is combined with what is there.
        mode: CompositeMode,
        /// The layer.
        layer: LayerIndex,
        /// Its mimetype.
        mimetype: &'a str,
        /// Horizontal position in pixels.
        x: i32,
        /// Vertical position in pixels.
        y: i32,
    },
    /// Data of an open stream.
    Blob {
        /// The stream.
        stream: StreamIndex,
        /// At most [`BLOB_MAX_BYTES`](crate::limits::BLOB_MAX_BYTES) of it.
        data: BlobData<'a>,
    },
    /// Ends a stream.
    End {
        /// The stream.
        stream: StreamIndex,
    },
    /// Copies a rectangle within or between layers.
    Copy {
        /// The layer copied from.
        source: LayerIndex,
        /// Left edge of the source.
        source_x: i32,
        /// Top edge of the source.
        source_y: i32,
        /// Width in pixels.
        width: i32,
        /// Height in pixels.
        height: i32,
        /// How it is combined with what is there.
        mode: CompositeMode,
        /// The layer copied to.
        destination: LayerIndex,
        /// Horizontal position in pixels.
        x: i32,
        /// Vertical position in pixels.
        y: i32,
    },
    /// Combines a rectangle of one layer into another by a raster function.
    Transfer {
        /// The layer copied from.
        source: LayerIndex,
        /// Left edge of the source.
        source_x: i32,
        /// Top edge of the source.
        source_y: i32,
        /// Width in pixels.
        width: i32,
        /// Height in pixels.
        height: i32,
        /// The raster function's number.
        function: i32,
        /// The layer copied to.
        destination: LayerIndex,
        /// Horizontal position in pixels.
        x: i32,
        /// Vertical position in pixels.
        y: i32,
    },
    /// Adds a rectangle to the layer's path.
    Rect {
        /// The layer.
        layer: LayerIndex,
        /// Horizontal position in pixels.
        x: i32,
        /// Vertical position in pixels.
        y: i32,
        /// Width in pixels.
        width: i32,
        /// Height in pixels.
        height: i32,
    },
    /// Fills the layer's path with one colour and clears the path.
    CFill {
        /// How it is combined with what is there.
        mode: CompositeMode,
        /// The layer.
        layer: LayerIndex,
        /// Red.
        red: u8,
        /// Green.
        green: u8,
        /// Blue.
        blue: u8,
        /// Opacity.
        alpha: u8,
    },
    /// Sets the cursor to a part of a layer.
    Cursor {
        /// Horizontal position of the hotspot.
        hotspot_x: i32,
        /// Vertical position of the hotspot.
        hotspot_y: i32,
        /// The layer copied from.
        source: LayerIndex,
        /// Left edge of the source.
        source_x: i32,
        /// Top edge of the source.
        source_y: i32,
        /// Width in pixels.
        width: i32,
        /// Height in pixels.
        height: i32,
    },
    /// Where the pointer of another user is.
    Mouse {
        /// Horizontal position in pixels.
        x: i32,
        /// Vertical position in pixels.
        y: i32,
        /// The pressed buttons as a mask.
        buttons: i32,
        /// When it happened.
        timestamp: Timestamp,
    },
    /// A key of a recording.
    Key {
        /// Which key.
        keysym: Keysym,
        /// Whether it went down.
        pressed: bool,
        /// When it happened.
        timestamp: Timestamp,
    },
    /// A touch contact of a recording.
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
        /// Force from 0 to 1.
        force: f64,
        /// When it happened.
        timestamp: Timestamp,
    },
    /// Sets a property of a layer.
    Set {
        /// The layer.
        layer: LayerIndex,
        /// The property.
        name: &'a str,
        /// Its value.
        value: &'a str,
    },
    /// A message about the session.
    Msg {
        /// Which message.
        id: u32,
        /// What it is about.
        arguments: Vec<&'a str>,
    },
    /// Opens a clipboard stream.
    Clipboard {
        /// The stream.
        stream: StreamIndex,
        /// Its mimetype.
        mimetype: &'a str,
    },
    /// Opens an audio stream.
    Audio {
        /// The stream.
        stream: StreamIndex,
        /// Its mimetype.
        mimetype: &'a str,
    },
    /// Opens a video stream.
    Video {
        /// The stream.
        stream: StreamIndex,
        /// The layer.
        layer: LayerIndex,
        /// Its mimetype.
        mimetype: &'a str,
    },
    /// Asks for parameters.
    Required {
        /// Their names.
        names: Vec<&'a str>,
    },
    /// Opens a stream with the value of a parameter.
    Argv {
        /// The stream.
        stream: StreamIndex,
        /// Its mimetype.
        mimetype: &'a str,
        /// The parameter.
        name: &'a str,
    },
    /// Acknowledges or refuses data of a stream that the client opened.
    Ack {
        /// The stream.
        stream: StreamIndex,
        /// Text for humans.
        message: &'a str,
        /// Accepted, or why not.
        status: Status,
    },
    /// Announces a file system object.
    Filesystem {
        /// The object.
        object: ObjectIndex,
        /// Its name.
        name: &'a str,
    },
    /// Withdraws an object.
    Undefine {
        /// The object.
        object: ObjectIndex,
    },
    /// Opens a stream of an object's content.
    Body {
        /// The object.
        object: ObjectIndex,
        /// The stream.
        stream: StreamIndex,
        /// Its mimetype.
        mimetype: &'a str,
        /// The stream's name.
        name: &'a str,
    },
    /// Opens a download.
    File {
        /// The stream.
        stream: StreamIndex,
        /// Its mimetype.
        mimetype: &'a str,
        /// The file's name.
        filename: &'a str,
    },
    /// Opens a named pipe.
    Pipe {
        /// The stream.
        stream: StreamIndex,
        /// Its mimetype.
        mimetype: &'a str,
        /// The pipe's name.
        name: &'a str,
    },
    /// Frees a layer.
    Dispose {
        /// The layer.
        layer: LayerIndex,
    },
    /// Sets a layer's opacity.
    Shade {
        /// The layer.
        layer: LayerIndex,
        /// Opacity.
        opacity: u8,
    },
    /// Moves a layer.
    Move {
        /// The layer.
        layer: LayerIndex,
        /// Its new parent.
        parent: LayerIndex,
        /// Horizontal position in pixels.
        x: i32,
        /// Vertical position in pixels.
        y: i32,
        /// Stacking order.
        z: i32,
    },
    /// The desktop's name.
    Name {
        /// The name.
        name: &'a str,
    },
    /// A message for the client's log.
    Log {
        /// The message.
        message: &'a str,
    },
    /// Part of an instruction stream for a nested client.
    Nest {
        /// The nested client.
        index: i32,
        /// Instruction text.
        data: &'a str,
    },
    /// Data for a USB device, or one of the drawing and legacy opcodes that a VNC session never sends.
    Other {
        /// Which one.
        opcode: LegacyOpcode,
        /// Its arguments as sent.
        arguments: Vec<&'a str>,
    },
    /// An opcode that is not of this protocol.
    Unknown {
        /// The opcode.
        opcode: &'a str,
        /// Its arguments as sent.
        arguments: Vec<&'a str>,
    },
}
