//! Both sides of the handshake.

use guac_protocol::handshake::{ClientHandshake, ClientOptions, HandshakeEvent, ServerHandshake};
use guac_protocol::limits::{HANDSHAKE_MAX_BYTES, HANDSHAKE_MAX_INSTRUCTIONS};
use guac_protocol::wire::{InstructionReader, Instructions};

use super::pieces::Pieces;

/// Parameter names that the server announces here.
const NAMES: [&str; 4] = ["hostname", "port", "password", "read-only"];

/// Whatever a client says, the handshake selects once and connects once, in this order, with one
/// value for each announced name, and what it keeps is bounded.
pub fn server_handshake(bytes: &[u8]) {
    let mut handshake = ServerHandshake::new();
    let mut reader = InstructionReader::new();
    let (mut selected, mut connected, mut failed) = (0, 0, false);
    let mut instructions = 0;
    for piece in Pieces::new(bytes) {
        reader.feed(piece);
        while let Ok(Some(raw)) = reader.next() {
            instructions += 1;
            match handshake.receive(&raw) {
                Ok(event) => {
                    assert!(!failed, "a failed handshake went on");
                    assert!(connected == 0, "a finished handshake went on");
                    assert!(instructions <= HANDSHAKE_MAX_INSTRUCTIONS);
                    match event {
                        Some(HandshakeEvent::Selected(_)) => {
                            selected += 1;
                            assert!(connected == 0 && selected == 1);
                            handshake.announced(NAMES.len());
                        }
                        Some(HandshakeEvent::Connected(result)) => {
                            connected += 1;
                            assert_eq!(selected, 1);
                            assert_eq!(result.values.len(), NAMES.len());
                            assert!(0 < result.size.width && 0 < result.size.height);
                            assert!(0 < result.size.dpi);
                            let lists = [&result.audio, &result.video, &result.image];
                            let listed = lists.into_iter().flatten().chain(&result.values);
                            let bytes: usize = listed.map(String::len).sum();
                            assert!(bytes <= HANDSHAKE_MAX_BYTES);
                        }
                        None => {}
                    }
                }
                Err(_) => failed = true,
            }
        }
    }
}

/// Whatever a server says, the client answers `args` once with well-formed instructions, is
/// established once, and stays failed once it has failed.
pub fn client_handshake(bytes: &[u8]) {
    let mut out = Vec::new();
    let mut handshake = ClientHandshake::start(ClientOptions::new("vnc"), &mut out)
        .expect("the protocol's name fits");
    assert_eq!(out, b"6.select,3.vnc;");
    out.clear();
    let mut reader = InstructionReader::new();
    let (mut over, mut answers) = (false, 0);
    for piece in Pieces::new(bytes) {
        reader.feed(piece);
        while let Ok(Some(raw)) = reader.next() {
            match handshake.receive(&raw, &mut out) {
                Ok(established) => {
                    assert!(!over, "a handshake that was over went on");
                    over = established.is_some();
                }
                Err(_) => over = true,
            }
            answers += check_answer(&out);
            out.clear();
        }
    }
    assert!(answers <= 1, "the client connected {answers} times");
}

/// Counts the `connect` instructions of an answer, all of which must be well-formed.
fn check_answer(out: &[u8]) -> usize {
    let mut instructions = Instructions::new(out);
    let connects = instructions
        .by_ref()
        .map(|raw| raw.expect("the client's own instructions are well-formed"))
        .filter(|raw| raw.opcode() == "connect")
        .count();
    assert!(
        instructions.rest().is_empty(),
        "the client wrote half an instruction"
    );
    connects
}
