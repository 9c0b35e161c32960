//! Typed instructions: what is on the wire, and what is not accepted.

use guac_protocol::index::{Keysym, LayerIndex, ObjectIndex, StreamIndex, Timestamp};
use guac_protocol::instruction::LegacyOpcode;
use guac_protocol::{
    BlobData, ClientInstruction, CompositeMode, HandshakeInstruction, InstructionError,
    Instructions, RawInstruction, ServerInstruction, Status,
};

#[expect(
    clippy::expect_used,
    reason = "a row that is no instruction is a fault of the test"
)]
fn raw(text: &str) -> RawInstruction<'_> {
    let mut instructions = Instructions::new(text.as_bytes());
    let raw = instructions.next().expect("complete").expect("framed");
    assert_eq!(instructions.rest(), b"", "one instruction");
    raw
}

/// `opcode,argument,...` in the canonical encoding.
fn wire(plain: &str) -> String {
    let elements: Vec<String> = plain
        .split(',')
        .map(|element| format!("{}.{element}", element.chars().count()))
        .collect();
    format!("{};", elements.join(","))
}

#[test]
fn client_instructions_are_what_is_on_the_wire() {
    use ClientInstruction as I;
    let stream = StreamIndex(3);
    let object = ObjectIndex(1);
    for (plain, expected) in [
        (
            "sync,12345678901",
            I::Sync {
                timestamp: Timestamp(12_345_678_901),
            },
        ),
        (
            "mouse,10,-20,5",
            I::Mouse {
                x: 10,
                y: -20,
                buttons: 5,
            },
        ),
        (
            "key,65293,1",
            I::Key {
                keysym: Keysym(65293),
                pressed: true,
            },
        ),
        (
            "key,16777217,0",
            I::Key {
                keysym: Keysym(0x0100_0001),
                pressed: false,
            },
        ),
        (
            "touch,1,2,3,4,5,0.5,1",
            I::Touch {
                id: 1,
                x: 2,
                y: 3,
                radius_x: 4,
                radius_y: 5,
                angle: 0.5,
                force: 1.0,
            },
        ),
        (
            "size,1024,768",
            I::Size {
                width: 1024,
                height: 768,
            },
        ),
        (
            "clipboard,3,text/plain",
            I::Clipboard {
                stream,
                mimetype: "text/plain",
            },
        ),
        (
            "file,3,a/b,ß.txt",
            I::File {
                stream,
                mimetype: "a/b",
                filename: "ß.txt",
            },
        ),
        (
            "pipe,3,a/b,p",
            I::Pipe {
                stream,
                mimetype: "a/b",
                name: "p",
            },
        ),
        (
            "audio,3,audio/L8",
            I::Audio {
                stream,
                mimetype: "audio/L8",
            },
        ),
        (
            "argv,3,text/plain,password",
            I::Argv {
                stream,
                mimetype: "text/plain",
                name: "password",
            },
        ),
        (
            "blob,3,AAAA",
            I::Blob {
                stream,
                base64: "AAAA",
            },
        ),
        ("end,3", I::End { stream }),
        (
            "ack,3,OK,0",
            I::Ack {
                stream,
                message: "OK",
                status: 0,
            },
        ),
        ("get,1,/", I::Get { object, name: "/" }),
        (
            "put,1,3,a/b,/x",
            I::Put {
                object,
                stream,
                mimetype: "a/b",
                name: "/x",
            },
        ),
        (
            "usbconnect,a,b",
            I::UsbConnect {
                arguments: vec!["a", "b"],
            },
        ),
        (
            "usbdata,a",
            I::UsbData {
                arguments: vec!["a"],
            },
        ),
        (
            "usbdisconnect,a",
            I::UsbDisconnect {
                arguments: vec!["a"],
            },
        ),
        ("nop", I::Nop),
        ("disconnect", I::Disconnect),
        ("sing", I::Unknown { opcode: "sing" }),
        ("", I::Unknown { opcode: "" }),
    ] {
        let text = wire(plain);
        assert_eq!(I::parse(&raw(&text)).as_ref(), Ok(&expected), "{plain}");
        let mut out = Vec::new();
        expected.write_to(&mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), text);
    }
}

#[test]
fn handshake_instructions_are_what_is_on_the_wire() {
    use HandshakeInstruction as I;
    for (plain, expected) in [
        ("select,vnc", I::Select { target: "vnc" }),
        (
            "size,1024,768,96",
            I::Size {
                width: 1024,
                height: 768,
                dpi: Some(96),
            },
        ),
        (
            "size,1024,768",
            I::Size {
                width: 1024,
                height: 768,
                dpi: None,
            },
        ),
        (
            "audio,audio/L8,audio/L16",
            I::Audio(vec!["audio/L8", "audio/L16"]),
        ),
        ("video", I::Video(vec![])),
        ("image,image/png", I::Image(vec!["image/png"])),
        ("timezone,Europe/Zurich", I::Timezone("Europe/Zurich")),
        ("name,Zoë", I::Name("Zoë")),
        (
            "connect,VERSION_1_5_0,host,,5900",
            I::Connect {
                version: "VERSION_1_5_0",
                values: vec!["host", "", "5900"],
            },
        ),
        (
            "connect,",
            I::Connect {
                version: "",
                values: vec![],
            },
        ),
        ("nop", I::Unknown { opcode: "nop" }),
    ] {
        let text = wire(plain);
        assert_eq!(I::parse(&raw(&text)).as_ref(), Ok(&expected), "{plain}");
        let mut out = Vec::new();
        expected.write_to(&mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), text);
    }
}

#[test]
fn a_password_is_not_in_the_debug_output() {
    let connect = HandshakeInstruction::Connect {
        version: "",
        values: vec!["secret"],
    };
    assert!(!format!("{connect:?}").contains("secret"));
}

#[test]
#[expect(clippy::too_many_lines, reason = "one row for each opcode")]
fn server_instructions_are_what_is_on_the_wire() {
    use ServerInstruction as I;
    let stream = StreamIndex(1);
    let layer = LayerIndex(-2);
    let object = ObjectIndex(0);
    let (x, y, width, height) = (1, 2, 3, 4);
    let timestamp = Timestamp(99);
    let (source, source_x, source_y, destination) = (LayerIndex::DESKTOP, 5, 6, LayerIndex(-1));
    for (plain, expected) in [
        (
            "args,VERSION_1_5_0,hostname,port",
            I::Args {
                version: "VERSION_1_5_0",
                names: vec!["hostname", "port"],
            },
        ),
        (
            "args,hostname",
            I::Args {
                version: "",
                names: vec!["hostname"],
            },
        ),
        ("ready,$id", I::Ready { id: "$id" }),
        (
            "error,No such connection.,516",
            I::Error {
                message: "No such connection.",
                status: Status::ResourceNotFound,
            },
        ),
        ("disconnect", I::Disconnect),
        ("nop", I::Nop),
        (
            "sync,99,7",
            I::Sync {
                timestamp,
                frames: 7,
            },
        ),
        (
            "size,-2,3,4",
            I::Size {
                layer,
                width,
                height,
            },
        ),
        (
            "img,1,14,-2,image/png,1,2",
            I::Img {
                stream,
                mode: CompositeMode::Over,
                layer,
                mimetype: "image/png",
                x,
                y,
            },
        ),
        (
            "blob,1,AAAA",
            I::Blob {
                stream,
                data: BlobData::Base64("AAAA"),
            },
        ),
        ("end,1", I::End { stream }),
        (
            "copy,0,5,6,3,4,12,-1,1,2",
            I::Copy {
                source,
                source_x,
                source_y,
                width,
                height,
                mode: CompositeMode::Src,
                destination,
                x,
                y,
            },
        ),
        (
            "transfer,0,5,6,3,4,3,-1,1,2",
            I::Transfer {
                source,
                source_x,
                source_y,
                width,
                height,
                function: 3,
                destination,
                x,
                y,
            },
        ),
        (
            "rect,-2,1,2,3,4",
            I::Rect {
                layer,
                x,
                y,
                width,
                height,
            },
        ),
        (
            "cfill,2,-2,0,128,254,255",
            I::CFill {
                mode: CompositeMode::ROut,
                layer,
                red: 0,
                green: 128,
                blue: 254,
                alpha: 255,
            },
        ),
        (
            "cursor,7,8,0,5,6,3,4",
            I::Cursor {
                hotspot_x: 7,
                hotspot_y: 8,
                source,
                source_x,
                source_y,
                width,
                height,
            },
        ),
        (
            "mouse,1,2,5,99",
            I::Mouse {
                x,
                y,
                buttons: 5,
                timestamp,
            },
        ),
        (
            "key,97,1,99",
            I::Key {
                keysym: Keysym(97),
                pressed: true,
                timestamp,
            },
        ),
        (
            "touch,1,1,2,3,4,0.25,0,99",
            I::Touch {
                id: 1,
                x,
                y,
                radius_x: 3,
                radius_y: 4,
                angle: 0.25,
                force: 0.0,
                timestamp,
            },
        ),
        (
            "set,-2,multi-touch,0",
            I::Set {
                layer,
                name: "multi-touch",
                value: "0",
            },
        ),
        (
            "msg,1,@id,Zoë",
            I::Msg {
                id: 1,
                arguments: vec!["@id", "Zoë"],
            },
        ),
        (
            "clipboard,1,text/plain",
            I::Clipboard {
                stream,
                mimetype: "text/plain",
            },
        ),
        (
            "audio,1,audio/L16",
            I::Audio {
                stream,
                mimetype: "audio/L16",
            },
        ),
        (
            "video,1,-2,video/x",
            I::Video {
                stream,
                layer,
                mimetype: "video/x",
            },
        ),
        (
            "required,username,password",
            I::Required {
                names: vec!["username", "password"],
            },
        ),
        (
            "argv,1,text/plain,n",
            I::Argv {
                stream,
                mimetype: "text/plain",
                name: "n",
            },
        ),
        (
            "ack,1,Not allowed.,771",
            I::Ack {
                stream,
                message: "Not allowed.",
                status: Status::ClientForbidden,
            },
        ),
        (
            "filesystem,0,Files",
            I::Filesystem {
                object,
                name: "Files",
            },
        ),
        ("undefine,0", I::Undefine { object }),
        (
            "body,0,1,a/b,/",
            I::Body {
                object,
                stream,
                mimetype: "a/b",
                name: "/",
            },
        ),
        (
            "file,1,a/b,f",
            I::File {
                stream,
                mimetype: "a/b",
                filename: "f",
            },
        ),
        (
            "pipe,1,a/b,p",
            I::Pipe {
                stream,
                mimetype: "a/b",
                name: "p",
            },
        ),
        ("dispose,-2", I::Dispose { layer }),
        (
            "shade,-2,128",
            I::Shade {
                layer,
                opacity: 128,
            },
        ),
        (
            "move,-2,0,1,2,9",
            I::Move {
                layer,
                parent: LayerIndex::DESKTOP,
                x,
                y,
                z: 9,
            },
        ),
        ("name,Desktop", I::Name { name: "Desktop" }),
        ("log,text", I::Log { message: "text" }),
        (
            "nest,4,3.nop;",
            I::Nest {
                index: 4,
                data: "3.nop;",
            },
        ),
        (
            "sing,a,",
            I::Unknown {
                opcode: "sing",
                arguments: vec!["a", ""],
            },
        ),
    ] {
        let text = wire(plain);
        assert_eq!(I::parse(&raw(&text)).as_ref(), Ok(&expected), "{plain}");
        let mut out = Vec::new();
        expected.write_to(&mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), text);
    }
}

#[test]
fn legacy_opcodes_keep_their_arguments() {
    for opcode in LegacyOpcode::ALL {
        let text = wire(&format!("{},1,ß,", opcode.opcode()));
        let expected = ServerInstruction::Other {
            opcode,
            arguments: vec!["1", "ß", ""],
        };
        assert_eq!(
            ServerInstruction::parse(&raw(&text)).as_ref(),
            Ok(&expected)
        );
        let mut out = Vec::new();
        expected.write_to(&mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), text);
    }
}

#[test]
fn numbers_are_read_as_stock_reads_them() {
    use ClientInstruction as I;
    for (plain, expected) in [
        (
            "mouse,12.5,-0.5,1.0",
            I::Mouse {
                x: 12,
                y: 0,
                buttons: 1,
            },
        ),
        (
            "mouse,99999999999,-99999999999,0",
            I::Mouse {
                x: i32::MAX,
                y: i32::MIN,
                buttons: 0,
            },
        ),
        (
            "size,-1,0",
            I::Size {
                width: -1,
                height: 0,
            },
        ),
        (
            "size,100000,1e3,ignored",
            I::Size {
                width: 100_000,
                height: 1000,
            },
        ),
        (
            "key,97,7",
            I::Key {
                keysym: Keysym(97),
                pressed: true,
            },
        ),
    ] {
        assert_eq!(I::parse(&raw(&wire(plain))), Ok(expected), "{plain}");
    }
}

#[test]
fn what_is_missing_or_senseless_is_an_error_of_that_instruction() {
    use InstructionError::{MissingArgument, NotANumber, OutOfRange};
    for (plain, expected) in [
        ("sync", MissingArgument { index: 0 }),
        ("sync,", NotANumber { index: 0 }),
        ("mouse,1,2", MissingArgument { index: 2 }),
        ("mouse,1,two,3", NotANumber { index: 1 }),
        ("key,97", MissingArgument { index: 1 }),
        ("key,-1,1", OutOfRange { index: 0 }),
        ("key,4294967296,1", OutOfRange { index: 0 }),
        ("touch,1,2,3,4,5,nan,0", NotANumber { index: 5 }),
        ("blob,1", MissingArgument { index: 1 }),
        ("clipboard", MissingArgument { index: 0 }),
        ("put,1,2,a/b", MissingArgument { index: 3 }),
    ] {
        assert_eq!(
            ClientInstruction::parse(&raw(&wire(plain))),
            Err(expected),
            "{plain}"
        );
    }
    for (plain, expected) in [
        ("select", MissingArgument { index: 0 }),
        ("size,1", MissingArgument { index: 1 }),
        ("connect", MissingArgument { index: 0 }),
    ] {
        assert_eq!(
            HandshakeInstruction::parse(&raw(&wire(plain))),
            Err(expected),
            "{plain}"
        );
    }
    for (plain, expected) in [
        ("img,1,3,0,image/png,0,0", OutOfRange { index: 1 }),
        ("error,text,1", OutOfRange { index: 1 }),
        ("error,text,NaN", NotANumber { index: 1 }),
        ("ack,1,OK,-1", OutOfRange { index: 2 }),
        ("mouse,1,2,3", MissingArgument { index: 3 }),
    ] {
        assert_eq!(
            ServerInstruction::parse(&raw(&wire(plain))),
            Err(expected),
            "{plain}"
        );
    }
}

#[test]
fn servers_before_1_6_count_no_frames() {
    let sync = ServerInstruction::Sync {
        timestamp: Timestamp(5),
        frames: 0,
    };
    assert_eq!(ServerInstruction::parse(&raw("4.sync,1.5;")), Ok(sync));
}
