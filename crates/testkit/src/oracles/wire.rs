//! The wire parser and the typed instructions.

use guac_protocol::limits::INSTRUCTION_MAX_INPUT_BYTES;
use guac_protocol::wire::{InstructionReader, Instructions, ParseError, RawInstruction};
use guac_protocol::{ClientInstruction, HandshakeInstruction, ServerInstruction};

use super::pieces::Pieces;

/// An instruction as it was parsed.
type Parsed = Vec<String>;

/// How bytes are cut into pieces changes nothing; what is held is bounded; and an instruction that
/// makes sense means the same after it was written and read again.
pub fn wire_parser(bytes: &[u8]) {
    let (whole, whole_error) = parse_whole(bytes);
    let (pieces, pieces_error) = parse_in_pieces(bytes);
    assert_eq!(whole, pieces, "the cuts changed the instructions");
    assert_eq!(whole_error, pieces_error, "the cuts changed the error");
    for raw in Instructions::new(bytes).map_while(Result::ok) {
        round_trips(&raw);
    }
}

fn parsed(raw: &RawInstruction<'_>) -> Parsed {
    std::iter::once(raw.opcode())
        .chain(raw.args())
        .map(str::to_owned)
        .collect()
}

fn parse_whole(bytes: &[u8]) -> (Vec<Parsed>, Option<ParseError>) {
    let mut instructions = Vec::new();
    for next in Instructions::new(bytes) {
        match next {
            Ok(raw) => instructions.push(parsed(&raw)),
            Err(error) => return (instructions, Some(error)),
        }
    }
    (instructions, None)
}

fn parse_in_pieces(bytes: &[u8]) -> (Vec<Parsed>, Option<ParseError>) {
    let mut instructions = Vec::new();
    let mut reader = InstructionReader::new();
    for piece in Pieces::new(bytes) {
        reader.feed(piece);
        loop {
            match reader.next() {
                Ok(Some(raw)) => instructions.push(parsed(&raw)),
                Ok(None) => break,
                Err(error) => return (instructions, Some(error)),
            }
        }
        let held = reader.pending();
        assert!(
            held <= INSTRUCTION_MAX_INPUT_BYTES,
            "{held} bytes of an unfinished instruction"
        );
    }
    (instructions, None)
}

/// The one instruction that was just written.
fn reread(written: &[u8]) -> RawInstruction<'_> {
    let mut instructions = Instructions::new(written);
    let raw = instructions
        .next()
        .expect("what was written is complete")
        .expect("and well-formed");
    assert!(
        instructions.rest().is_empty(),
        "more than one instruction was written"
    );
    raw
}

/// Writes what makes sense, reads it again, and expects the same. Fractions are written with 16
/// digits, as stock guacd does, and may lose their last bit, but only the first time: of the
/// instructions that have some, only what is written is compared.
macro_rules! round_trip {
    ($raw:expr, $kind:ident, fractions: $($fractions:pat)?) => {
        if let Ok(instruction) = $kind::parse($raw) {
            let mut written = Vec::new();
            if instruction.write_to(&mut written).is_ok() {
                let again = $kind::parse(&reread(&written)).expect("it made sense before");
                let mut rewritten = Vec::new();
                again.write_to(&mut rewritten).expect("it was written before");
                assert_eq!(written, rewritten);
                if true $(&& !matches!(again, $fractions))? {
                    assert_eq!(instruction, again);
                }
            }
        }
    };
}

fn round_trips(raw: &RawInstruction<'_>) {
    round_trip!(raw, ClientInstruction, fractions: ClientInstruction::Touch { .. });
    round_trip!(raw, ServerInstruction, fractions: ServerInstruction::Touch { .. });
    round_trip!(raw, HandshakeInstruction, fractions:);
}
