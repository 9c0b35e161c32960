//! Every bound this crate puts on what a peer sends and on what we send to a peer.
//!
//! Input is bounded as stock guacd bounds it; output is bounded by the strictest stock reader,
//! the web application's Java parser.

/// Most Unicode code points in one element of an instruction.
pub const ELEMENT_MAX_CHARACTERS: usize = 8192;

/// Most bytes of one received instruction, from the first digit to the `;`.
pub const INSTRUCTION_MAX_INPUT_BYTES: usize = 32_768;

/// Most elements of one instruction, the opcode included.
pub const INSTRUCTION_MAX_ELEMENTS: usize = 128;

/// Most digits of one element's length. Leading zeros are legal, so this is more than the four
/// digits that the largest legal length needs, yet a run of zeros is not worth waiting for.
pub const LENGTH_MAX_DIGITS: usize = 16;

/// Most UTF-16 units of one instruction that is sent to a client, from the first digit to the `;`.
/// The Java parser copies an instruction into an array of this many `char`s.
pub const INSTRUCTION_MAX_OUTPUT_CHARACTERS: usize = 8192;

/// Most raw bytes in one `blob`: their 8064 base64 characters leave room for the rest of the
/// instruction.
pub const BLOB_MAX_BYTES: usize = 6048;

/// Most base64 characters in one `blob` that is sent.
pub const BLOB_MAX_BASE64: usize = 8064;

/// Most instructions of one handshake, those that are skipped included.
pub const HANDSHAKE_MAX_INSTRUCTIONS: usize = 256;

/// Most bytes of all instructions of one handshake, and so of all that a handshake keeps.
pub const HANDSHAKE_MAX_BYTES: usize = 262_144;

/// Most characters of a protocol name in `select`.
pub const PROTOCOL_NAME_MAX: usize = 32;

/// Most characters of a connection id in `select`, the `$` included. A stock id has 37.
pub const CONNECTION_ID_MAX: usize = 64;
