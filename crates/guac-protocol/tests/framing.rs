//! Framing, row by row, and that the cuts between pieces never matter.

use guac_protocol::limits::{
    ELEMENT_MAX_CHARACTERS, INSTRUCTION_MAX_ELEMENTS, INSTRUCTION_MAX_INPUT_BYTES,
};
use guac_protocol::{InstructionReader, Instructions, ParseError};
use proptest::prelude::*;

/// Opcode and arguments of each instruction, and how the bytes ended.
type Outcome = (Vec<Vec<String>>, Result<usize, ParseError>);

fn elements(raw: guac_protocol::RawInstruction<'_>) -> Vec<String> {
    assert_eq!(raw.args().len(), raw.args().count());
    std::iter::once(raw.opcode())
        .chain(raw.args())
        .map(str::to_owned)
        .collect()
}

/// Reads `pieces` as they would arrive; the number of an `Ok` is what is left over.
fn read(pieces: &[&[u8]]) -> Outcome {
    let mut reader = InstructionReader::new();
    let mut instructions = Vec::new();
    for piece in pieces {
        reader.feed(piece);
        loop {
            match reader.next() {
                Ok(Some(raw)) => instructions.push(elements(raw)),
                Ok(None) => break,
                Err(error) => {
                    assert!(
                        matches!(reader.next(), Err(again) if again == error),
                        "an error is final"
                    );
                    return (instructions, Err(error));
                }
            }
        }
    }
    let pending = reader.pending();
    (instructions, Ok(pending))
}

fn read_slice(bytes: &[u8]) -> Outcome {
    let mut instructions = Vec::new();
    let mut slice = Instructions::new(bytes);
    for next in &mut slice {
        match next {
            Ok(raw) => instructions.push(elements(raw)),
            Err(error) => return (instructions, Err(error)),
        }
    }
    (instructions, Ok(slice.rest().len()))
}

/// What `bytes` are, having made sure that every way to read them agrees.
fn outcome(bytes: &[u8]) -> Outcome {
    let whole = read(&[bytes]);
    assert_eq!(read_slice(bytes), whole, "as a slice");
    assert_eq!(
        read(&bytes.chunks(1).collect::<Vec<_>>()),
        whole,
        "byte by byte"
    );
    whole
}

fn instruction(elements: &[&str]) -> Vec<String> {
    elements
        .iter()
        .map(|element| (*element).to_owned())
        .collect()
}

#[test]
fn legal_instructions_are_read() {
    let cases: &[(&str, &[&[&str]])] = &[
        ("3.nop;", &[&["nop"]]),
        ("5.mouse,3.100,3.200,1.0;", &[&["mouse", "100", "200", "0"]]),
        ("3.nop;4.sync,1.5;", &[&["nop"], &["sync", "5"]]),
        // Characters are code points, whatever their size.
        ("4.name,1.ß;", &[&["name", "ß"]]),
        ("4.name,2.漢字,1.😀;", &[&["name", "漢字", "😀"]]),
        ("4.name,3.a😀b;", &[&["name", "a😀b"]]),
        ("2.ßx,1.y;", &[&["ßx", "y"]]),
        // What separates elsewhere is text inside a value.
        ("4.name,6.1.a,;;;", &[&["name", "1.a,;;"]]),
        ("4.name,3.\0\n\u{7f};", &[&["name", "\0\n\u{7f}"]]),
        // Odd, and legal in stock guacd.
        ("0003.nop;", &[&["nop"]]),
        ("0000000000000003.nop;", &[&["nop"]]),
        ("0.;", &[&[""]]),
        ("0.,4.ping,1.7;", &[&["", "ping", "7"]]),
        (".;", &[&[""]]),
        ("4.size,.,0.;", &[&["size", "", ""]]),
        ("5.video;", &[&["video"]]),
    ];
    for (bytes, expected) in cases {
        let expected: Vec<_> = expected
            .iter()
            .map(|elements| instruction(elements))
            .collect();
        assert_eq!(outcome(bytes.as_bytes()), (expected, Ok(0)), "{bytes:?}");
    }
}

#[test]
fn illegal_bytes_are_errors() {
    let cases: &[(&[u8], ParseError)] = &[
        (b"x.nop;", ParseError::LengthNotANumber),
        (b"-3.nop;", ParseError::LengthNotANumber),
        (b" 3.nop;", ParseError::LengthNotANumber),
        (b"3nop;", ParseError::LengthNotANumber),
        (b"3,nop;", ParseError::LengthNotANumber),
        (b";", ParseError::LengthNotANumber),
        (b"\xef\xbb\xbf3.nop;", ParseError::LengthNotANumber),
        (b"GET / HTTP/1.1\r\n", ParseError::LengthNotANumber),
        (b"\x16\x03\x01\x02\x00", ParseError::LengthNotANumber),
        (b"00000000000000003.nop;", ParseError::LengthTooLong),
        (b"99999999999999999999.nop;", ParseError::LengthTooLong),
        (b"8193.a", ParseError::ElementTooLong { characters: 8193 }),
        (
            b"4294967299.nop;",
            ParseError::ElementTooLong {
                characters: 4_294_967_299,
            },
        ),
        (
            b"9999999999999999.a",
            ParseError::ElementTooLong {
                characters: 9_999_999_999_999_999,
            },
        ),
        (b"2.nop;", ParseError::WrongTerminator),
        (b"4.nop;x", ParseError::WrongTerminator),
        (b"3.nop.", ParseError::WrongTerminator),
        (b"3.nop\n", ParseError::WrongTerminator),
        (b"0.x", ParseError::WrongTerminator),
        // Lengths in UTF-16 units, as release 1.5.0 of the JavaScript client counts them.
        (
            "4.file,1.0,2.😀;3.nop;".as_bytes(),
            ParseError::WrongTerminator,
        ),
        // Stray continuation, overlong, surrogate, past the last plane, cut character.
        (b"4.name,1.\x80;", ParseError::InvalidUtf8),
        (b"4.name,1.\xc0\x80;", ParseError::InvalidUtf8),
        (b"4.name,1.\xed\xa0\x80;", ParseError::InvalidUtf8),
        (b"4.name,1.\xf4\x90\x80\x80;", ParseError::InvalidUtf8),
        (b"4.name,1.\xff;", ParseError::InvalidUtf8),
        (b"4.name,1.\xe6\xbc;", ParseError::InvalidUtf8),
        (b"4.name,2.a\xe6;", ParseError::InvalidUtf8),
        (b"4.name,8.abc\xe6defgh;", ParseError::InvalidUtf8),
    ];
    for (bytes, expected) in cases {
        assert_eq!(
            outcome(bytes),
            (vec![], Err(*expected)),
            "{}",
            bytes.escape_ascii()
        );
    }
}

#[test]
fn instructions_before_an_error_are_given() {
    let (instructions, end) = outcome(b"3.nop;\n3.nop;");
    assert_eq!(instructions, [instruction(&["nop"])]);
    assert_eq!(end, Err(ParseError::LengthNotANumber));
}

#[test]
fn an_element_may_have_the_most_characters() {
    for text in [
        "a".repeat(ELEMENT_MAX_CHARACTERS),
        "ß".repeat(ELEMENT_MAX_CHARACTERS),
    ] {
        let bytes = format!("4.name,8192.{text};");
        let whole = read(&[bytes.as_bytes()]);
        assert_eq!(whole, (vec![instruction(&["name", &text])], Ok(0)));
        assert_eq!(read(&bytes.as_bytes().chunks(7).collect::<Vec<_>>()), whole);
    }
}

#[test]
fn an_instruction_may_have_the_most_bytes() {
    // Three full elements, and one that fills what is left.
    let full = format!(",8192.{}", "a".repeat(8192)).repeat(3);
    let rest = INSTRUCTION_MAX_INPUT_BYTES - "3.put;".len() - full.len() - ",1234.".len();
    let longest = format!("3.put{full},{rest}.{};", "b".repeat(rest));
    assert_eq!(longest.len(), INSTRUCTION_MAX_INPUT_BYTES);
    let (instructions, end) = outcome(longest.as_bytes());
    assert_eq!((instructions.len(), end), (1, Ok(0)));

    let longer = format!("3.put{full},{}.{};", rest + 1, "b".repeat(rest + 1));
    assert_eq!(
        outcome(longer.as_bytes()),
        (vec![], Err(ParseError::InstructionTooLong))
    );
    let wide = format!(
        "4.name,8192.{},8192.{};",
        "😀".repeat(8192),
        "😀".repeat(8192)
    );
    assert_eq!(
        outcome(wide.as_bytes()),
        (vec![], Err(ParseError::InstructionTooLong))
    );
}

#[test]
fn an_instruction_may_have_the_most_elements() {
    let most = format!("3.put{};", ",1.a".repeat(INSTRUCTION_MAX_ELEMENTS - 1));
    let (instructions, end) = outcome(most.as_bytes());
    assert_eq!(
        (instructions[0].len(), end),
        (INSTRUCTION_MAX_ELEMENTS, Ok(0))
    );
    let more = format!("3.put{};", ",1.a".repeat(INSTRUCTION_MAX_ELEMENTS));
    assert_eq!(
        outcome(more.as_bytes()),
        (vec![], Err(ParseError::TooManyElements))
    );
}

#[test]
fn what_is_cut_off_is_pending() {
    let bytes = "4.name,3.a😀b;".as_bytes();
    for cut in 0..bytes.len() {
        assert_eq!(outcome(&bytes[..cut]), (vec![], Ok(cut)), "cut at {cut}");
    }
}

#[test]
fn every_cut_gives_the_same() {
    let bytes =
        "6.select,3.vnc;4.name,4.ß漢😀!;0.,4.ping;004.blob,1.0,4.AAAA;3.nop;2.x;3".as_bytes();
    let whole = outcome(bytes);
    assert_eq!(whole.0.len(), 5);
    assert_eq!(whole.1, Err(ParseError::WrongTerminator));
    for first in 0..bytes.len() {
        for second in first..bytes.len() {
            let pieces = [&bytes[..first], &bytes[first..second], &bytes[second..]];
            assert_eq!(read(&pieces), whole, "cut at {first} and {second}");
        }
    }
}

#[test]
fn its_debug_output_has_no_text() {
    let raw = Instructions::new(b"7.connect,6.secret;")
        .next()
        .unwrap()
        .unwrap();
    let mut reader = InstructionReader::new();
    reader.feed(b"7.connect,6.secr");
    let shown = format!("{raw:?} {:?} {reader:?}", raw.args());
    assert!(!shown.contains("secr"), "{shown}");
}

/// Bytes that are often nearly legal.
fn almost_instructions() -> impl Strategy<Value = Vec<u8>> {
    let element = prop_oneof![
        8 => "[a-zß漢😀,;.0-9]{0,20}".prop_map(|text| {
            format!("{}.{text}", text.chars().count()).into_bytes()
        }),
        1 => (0..30_u32, "[a-zß😀]{0,20}").prop_map(|(length, text)| format!("{length}.{text}").into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ];
    let separator = prop_oneof![4 => Just(&b","[..]), 2 => Just(&b";"[..]), 1 => Just(&b""[..])];
    prop::collection::vec((element, separator), 0..30).prop_map(|parts| {
        parts
            .into_iter()
            .flat_map(|(element, end)| [element, end.to_vec()])
            .flatten()
            .collect()
    })
}

proptest! {
    #[test]
    fn chunking_never_changes_the_result(
        bytes in almost_instructions(),
        sizes in prop::collection::vec(1..40_usize, 1..20),
    ) {
        let whole = outcome(&bytes);
        let mut pieces = Vec::new();
        let mut rest = &bytes[..];
        for size in sizes.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, after) = rest.split_at((*size).min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        prop_assert_eq!(read(&pieces), whole);
    }

    #[test]
    fn any_elements_survive_the_wire(
        elements in prop::collection::vec("\\PC{0,40}", 1..INSTRUCTION_MAX_ELEMENTS),
    ) {
        let bytes: Vec<String> =
            elements.iter().map(|text| format!("{}.{text}", text.chars().count())).collect();
        let bytes = format!("{};", bytes.join(","));
        prop_assert_eq!(outcome(bytes.as_bytes()), (vec![elements], Ok(0)));
    }
}
