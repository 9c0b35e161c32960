//! What is written stays within what the stock parsers take, and reads back as what was written.

use guac_protocol::instruction::LegacyOpcode;
use guac_protocol::limits::{
    BLOB_MAX_BASE64, BLOB_MAX_BYTES, ELEMENT_MAX_CHARACTERS, INSTRUCTION_MAX_INPUT_BYTES,
    INSTRUCTION_MAX_OUTPUT_CHARACTERS,
};
use guac_protocol::{
    BlobData, ClientInstruction, HandshakeInstruction, Instructions, ServerInstruction,
    StreamIndex, WriteError,
};
use proptest::prelude::*;

/// What `write` appends to a buffer that is in use, having made sure that a failure leaves no trace.
fn written(write: impl Fn(&mut Vec<u8>) -> Result<(), WriteError>) -> Result<Vec<u8>, WriteError> {
    let mut out = b"3.nop;".to_vec();
    let result = write(&mut out);
    let appended = out.split_off(6);
    assert_eq!(out, b"3.nop;");
    assert!(result.is_ok() || appended.is_empty());
    result.map(|()| appended)
}

#[test]
fn a_full_blob_fits() {
    let data: Vec<u8> = (0..=u8::MAX).cycle().take(BLOB_MAX_BYTES).collect();
    for stream in [0, 1, i32::MAX, i32::MIN].map(StreamIndex) {
        let blob = ServerInstruction::Blob {
            stream,
            data: BlobData::Raw(&data),
        };
        let bytes = written(|out| blob.write_to(out)).unwrap();
        assert!(bytes.len() <= INSTRUCTION_MAX_OUTPUT_CHARACTERS);
        let raw = Instructions::new(&bytes).next().unwrap().unwrap();
        assert_eq!(raw.args().nth(1).unwrap().len(), BLOB_MAX_BASE64);
        let Ok(ServerInstruction::Blob { data: received, .. }) = ServerInstruction::parse(&raw)
        else {
            panic!("not a blob")
        };
        let mut decoded = Vec::new();
        received.decode(&mut decoded).unwrap();
        assert_eq!(decoded, data);
    }
}

#[test]
fn a_larger_blob_is_refused() {
    let data = vec![0; BLOB_MAX_BYTES + 1];
    let blob = ServerInstruction::Blob {
        stream: StreamIndex(1),
        data: BlobData::Raw(&data),
    };
    let refused = Err(WriteError::BlobTooLarge { bytes: 6049 });
    assert_eq!(written(|out| blob.write_to(out)), refused);
}

#[test]
fn odd_base64_is_refused() {
    for text in [
        "A", "AA", "AAA", "AA=A", "AAAA=", "AA==AA==", "A-_A", "AAAA\n", "ßß",
    ] {
        let mut out = vec![7];
        assert!(BlobData::Base64(text).decode(&mut out).is_err(), "{text:?}");
        assert_eq!(out, [7]);
    }
    for (text, expected) in [
        ("", &b""[..]),
        ("AA==", b"\0"),
        ("AAA=", b"\0\0"),
        ("AAAA", b"\0\0\0"),
    ] {
        let mut out = Vec::new();
        BlobData::Base64(text).decode(&mut out).unwrap();
        assert_eq!(out, expected);
    }
}

#[test]
fn output_is_bounded_in_utf16_units() {
    // "3.log," + "8180." + text + ";"
    let room = INSTRUCTION_MAX_OUTPUT_CHARACTERS - "3.log,8180.;".len();
    for (text, units) in [("a", 1), ("ß", 1), ("漢", 1), ("😀", 2)] {
        let fits = text.repeat(room / units);
        let log = ServerInstruction::Log { message: &fits };
        let bytes = written(|out| log.write_to(out)).unwrap();
        let raw = Instructions::new(&bytes).next().unwrap().unwrap();
        assert_eq!(ServerInstruction::parse(&raw), Ok(log));

        let message = &format!("{fits}{text}");
        let log = ServerInstruction::Log { message };
        assert_eq!(
            written(|out| log.write_to(out)),
            Err(WriteError::InstructionTooLong)
        );
    }
}

#[test]
fn no_more_elements_are_written_than_are_read() {
    let names = vec!["a"; 128];
    let most = ServerInstruction::Required {
        names: names[..127].to_vec(),
    };
    let bytes = written(|out| most.write_to(out)).unwrap();
    assert!(Instructions::new(&bytes).next().unwrap().is_ok());
    let more = ServerInstruction::Required { names };
    assert_eq!(
        written(|out| more.write_to(out)),
        Err(WriteError::TooManyElements)
    );
}

#[test]
fn a_connect_may_be_as_long_as_a_daemon_takes() {
    let value = "a".repeat(ELEMENT_MAX_CHARACTERS);
    let rest = INSTRUCTION_MAX_INPUT_BYTES
        - "7.connect,0.;".len()
        - 3 * (ELEMENT_MAX_CHARACTERS + ",8192.".len())
        - ",1234.".len();
    let (last, longer) = ("b".repeat(rest), "b".repeat(rest + 1));
    let values = vec![value.as_str(), &value, &value, &last];
    let connect = HandshakeInstruction::Connect {
        version: "",
        values,
    };
    let bytes = written(|out| connect.write_to(out)).unwrap();
    assert_eq!(bytes.len(), INSTRUCTION_MAX_INPUT_BYTES);
    assert!(Instructions::new(&bytes).next().unwrap().is_ok());

    let values = vec![value.as_str(), &value, &value, &longer];
    let connect = HandshakeInstruction::Connect {
        version: "",
        values,
    };
    assert_eq!(
        written(|out| connect.write_to(out)),
        Err(WriteError::InstructionTooLong)
    );

    let value = "a".repeat(ELEMENT_MAX_CHARACTERS + 1);
    let connect = HandshakeInstruction::Connect {
        version: "",
        values: vec![&value],
    };
    let refused = Err(WriteError::ElementTooLong { characters: 8193 });
    assert_eq!(written(|out| connect.write_to(out)), refused);
}

#[test]
fn numbers_that_are_not_finite_are_refused() {
    let touch = ClientInstruction::Touch {
        id: 0,
        x: 0,
        y: 0,
        radius_x: 0,
        radius_y: 0,
        angle: f64::NAN,
        force: 0.0,
    };
    assert_eq!(
        written(|out| touch.write_to(out)),
        Err(WriteError::NotFinite)
    );
}

/// Opcodes of both directions and made-up ones, so that arguments meet every `parse`.
fn opcode() -> impl Strategy<Value = String> {
    const OPCODES: &[&str] = &[
        "ack",
        "args",
        "argv",
        "audio",
        "blob",
        "body",
        "cfill",
        "clipboard",
        "connect",
        "copy",
        "cursor",
        "disconnect",
        "dispose",
        "end",
        "error",
        "file",
        "filesystem",
        "get",
        "image",
        "img",
        "key",
        "log",
        "mouse",
        "move",
        "msg",
        "name",
        "nest",
        "nop",
        "pipe",
        "put",
        "ready",
        "rect",
        "required",
        "select",
        "set",
        "shade",
        "size",
        "sync",
        "timezone",
        "touch",
        "transfer",
        "undefine",
        "usbconnect",
        "usbdata",
        "usbdisconnect",
        "video",
    ];
    let legacy = LegacyOpcode::ALL
        .map(|legacy| legacy.opcode().to_owned())
        .to_vec();
    prop_oneof![
        8 => prop::sample::select(OPCODES).prop_map(str::to_owned),
        1 => prop::sample::select(legacy),
        1 => "[a-z]{0,6}",
    ]
}

fn argument() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => any::<i32>().prop_map(|value| value.to_string()),
        4 => (0..20_i32).prop_map(|value| value.to_string()),
        1 => any::<i64>().prop_map(|value| value.to_string()),
        2 => any::<f64>().prop_map(|value| value.to_string()),
        1 => prop::sample::select(vec![256, 516, 771]).prop_map(|status| status.to_string()),
        1 => Just("VERSION_1_5_0".to_owned()),
        3 => "\\PC{0,12}",
    ]
}

/// Writing what was read and reading that again gives the same value and the same bytes.
macro_rules! assert_settles {
    ($instruction:ident, $raw:expr) => {
        if let Ok(first) = $instruction::parse(&$raw) {
            let bytes = written(|out| first.write_to(out)).unwrap();
            let raw = Instructions::new(&bytes).next().unwrap().unwrap();
            let second = $instruction::parse(&raw).unwrap();
            prop_assert_eq!(written(|out| second.write_to(out)).unwrap(), bytes.clone());
            // Numbers printed with 16 digits may lose the last bit, but only once.
            let raw = Instructions::new(&bytes).next().unwrap().unwrap();
            prop_assert_eq!($instruction::parse(&raw).unwrap(), second);
        }
    };
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_is_read_can_be_written(
        opcode in opcode(),
        arguments in prop::collection::vec(argument(), 0..12),
    ) {
        let elements: Vec<String> = std::iter::once(&opcode)
            .chain(&arguments)
            .map(|text| format!("{}.{text}", text.chars().count()))
            .collect();
        let bytes = format!("{};", elements.join(",")).into_bytes();
        let raw = Instructions::new(&bytes).next().unwrap().unwrap();
        assert_settles!(ClientInstruction, raw);
        assert_settles!(HandshakeInstruction, raw);
        assert_settles!(ServerInstruction, raw);
    }

    #[test]
    fn blobs_survive_the_wire(data in prop::collection::vec(any::<u8>(), 0..=BLOB_MAX_BYTES)) {
        let blob = ServerInstruction::Blob { stream: StreamIndex(1), data: BlobData::Raw(&data) };
        let bytes = written(|out| blob.write_to(out)).unwrap();
        let raw = Instructions::new(&bytes).next().unwrap().unwrap();
        let ServerInstruction::Blob { data: received, .. } = ServerInstruction::parse(&raw).unwrap()
        else {
            panic!("not a blob")
        };
        let mut decoded = Vec::new();
        received.decode(&mut decoded).unwrap();
        prop_assert_eq!(decoded, data);
    }
}
