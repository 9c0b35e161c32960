//! Both sides of the handshake, row by row, and against each other.

#![expect(
    clippy::unwrap_used,
    reason = "what cannot be unwrapped here is a failure of the test"
)]

use guac_protocol::handshake::{
    ClientHandshake, ClientHandshakeError, ClientOptions, DisplaySize, HandshakeError,
    HandshakeEvent, HandshakeResult, SelectTarget, ServerHandshake,
};
use guac_protocol::limits::{HANDSHAKE_MAX_BYTES, HANDSHAKE_MAX_INSTRUCTIONS};
use guac_protocol::version::{ProtocolVersion, VersionToken};
use guac_protocol::{InstructionError, InstructionReader, Instructions, ServerInstruction, Status};

const NAMES: [&str; 3] = ["hostname", "port", "password"];

/// `opcode,argument,...;` in the canonical encoding, for each line.
fn wire(lines: &[&str]) -> String {
    let instruction = |line: &&str| {
        let elements: Vec<String> = line
            .split(',')
            .map(|text| format!("{}.{text}", text.chars().count()))
            .collect();
        format!("{};", elements.join(","))
    };
    lines.iter().map(instruction).collect()
}

#[derive(Debug, PartialEq, Eq)]
enum End {
    Connected(HandshakeResult),
    Failed(HandshakeError),
    /// The client has to say more.
    Waiting,
}

/// Plays the server against a client that says `lines`, announcing [`NAMES`].
fn serve(lines: &[&str]) -> End {
    let text = wire(lines);
    let mut server = ServerHandshake::new();
    let mut out = Vec::new();
    for raw in Instructions::new(text.as_bytes()) {
        match server.receive(&raw.unwrap()) {
            Ok(None) => {}
            Ok(Some(HandshakeEvent::Selected(_))) => server.announce(&NAMES, &mut out).unwrap(),
            Ok(Some(HandshakeEvent::Connected(result))) => return End::Connected(*result),
            Err(error) => {
                let nop = Instructions::new(b"3.nop;").next().unwrap().unwrap();
                assert_eq!(server.receive(&nop), Err(HandshakeError::Over));
                return End::Failed(error);
            }
        }
    }
    End::Waiting
}

fn result() -> HandshakeResult {
    HandshakeResult {
        protocol_version: ProtocolVersion::V1_5_0,
        size: DisplaySize::DEFAULT,
        audio: vec![],
        video: vec![],
        image: vec![],
        timezone: None,
        name: None,
        values: ["host", "", "secret"].map(str::to_owned).to_vec(),
    }
}

const CONNECT: &str = "connect,VERSION_1_5_0,host,,secret";

#[test]
fn the_stock_order_is_understood() {
    let end = serve(&[
        "select,vnc",
        "size,1920,1080,192",
        "audio,audio/L8,audio/L16",
        "video",
        "image,image/jpeg,image/png,image/webp",
        "timezone,Europe/Zurich",
        "name,Zoë",
        CONNECT,
    ]);
    let expected = HandshakeResult {
        size: DisplaySize {
            width: 1920,
            height: 1080,
            dpi: 192,
        },
        audio: ["audio/L8", "audio/L16"].map(str::to_owned).to_vec(),
        image: ["image/jpeg", "image/png", "image/webp"]
            .map(str::to_owned)
            .to_vec(),
        timezone: Some("Europe/Zurich".to_owned()),
        name: Some("Zoë".to_owned()),
        ..result()
    };
    assert_eq!(end, End::Connected(expected));
}

#[test]
fn nothing_but_connect_is_needed() {
    assert_eq!(serve(&["select,vnc", CONNECT]), End::Connected(result()));
}

#[test]
fn parts_may_come_in_any_order_and_again() {
    let end = serve(&[
        "select,vnc",
        "name,first",
        "image,image/png",
        "size,800,600",
        "video,",
        "name,",
        "image,image/webp",
        "size,1024,700,",
        "timezone,UTC",
        CONNECT,
    ]);
    let expected = HandshakeResult {
        size: DisplaySize {
            width: 1024,
            height: 700,
            dpi: 96,
        },
        image: vec!["image/webp".to_owned()],
        timezone: Some("UTC".to_owned()),
        ..result()
    };
    assert_eq!(end, End::Connected(expected));
}

#[test]
fn what_is_unknown_or_senseless_is_skipped() {
    let end = serve(&[
        "select,vnc",
        "nop",
        ",ping,12345",
        "sing,along",
        "select,again",
        "timezone",
        "name",
        "size,wide,high",
        "mouse,1,2,3",
        CONNECT,
    ]);
    assert_eq!(end, End::Connected(result()));
}

#[test]
fn sizes_that_are_none_take_their_default() {
    for (line, width, height, dpi) in [
        ("size,0,0,0", 1024, 768, 96),
        ("size,-1,700,-96", 1024, 700, 96),
        ("size,100000,1,72.5", u16::MAX, 1, 72),
        ("size,640.9,480.1", 640, 480, 96),
    ] {
        let size = DisplaySize { width, height, dpi };
        let expected = HandshakeResult { size, ..result() };
        assert_eq!(
            serve(&["select,vnc", line, CONNECT]),
            End::Connected(expected),
            "{line}"
        );
    }
}

#[test]
fn the_answered_version_is_what_counts() {
    for (version, expected) in [
        ("", ProtocolVersion::V1_0_0),
        ("VERSION_1_0_0", ProtocolVersion::V1_0_0),
        ("VERSION_1_1_0", ProtocolVersion::V1_1_0),
        ("VERSION_1_3_0", ProtocolVersion::V1_3_0),
        ("VERSION_1_5_0", ProtocolVersion::V1_5_0),
        ("VERSION_1_6_0", ProtocolVersion::Unknown),
        ("hello", ProtocolVersion::Unknown),
    ] {
        let connect = format!("connect,{version},host,,secret");
        let expected = HandshakeResult {
            protocol_version: expected,
            ..result()
        };
        assert_eq!(
            serve(&["select,vnc", &connect]),
            End::Connected(expected),
            "{version}"
        );
    }
}

#[test]
fn failures_end_the_handshake() {
    let count = |received| HandshakeError::ArgumentCount {
        expected: 4,
        received,
    };
    for (lines, expected) in [
        (&["size,1,1"][..], HandshakeError::NotSelect),
        (&[""], HandshakeError::NotSelect),
        (&["nop", "select,vnc"], HandshakeError::NotSelect),
        (&["select"], HandshakeError::SelectArguments { received: 0 }),
        (
            &["select,vnc,vnc"],
            HandshakeError::SelectArguments { received: 2 },
        ),
        (&["select,"], HandshakeError::ProtocolName),
        (&["select,../../etc/x"], HandshakeError::ProtocolName),
        (&["select,vnc\n"], HandshakeError::ProtocolName),
        (&["select,vńc"], HandshakeError::ProtocolName),
        (
            &["select,abcdefghijklmnopqrstuvwxyzabcdefg"],
            HandshakeError::ProtocolName,
        ),
        (&["select,$a/b"], HandshakeError::ConnectionId),
        (&["select,$a b"], HandshakeError::ConnectionId),
        (&["select,vnc", "size"], HandshakeError::SizeIncomplete),
        (&["select,vnc", "size,1024"], HandshakeError::SizeIncomplete),
        (&["select,vnc", "connect"], count(0)),
        (&["select,vnc", "connect,VERSION_1_5_0"], count(1)),
        (&["select,vnc", "connect,VERSION_1_5_0,a,b"], count(3)),
        (&["select,vnc", "connect,VERSION_1_5_0,a,b,c,d"], count(5)),
    ] {
        assert_eq!(serve(lines), End::Failed(expected), "{lines:?}");
        let counted = matches!(expected, HandshakeError::ArgumentCount { .. });
        assert_eq!(expected.follows_ready(), counted);
        assert!(expected.status().is_error());
    }
    assert_eq!(
        HandshakeError::ConnectionId.status(),
        Status::ResourceNotFound
    );
}

#[test]
fn a_handshake_is_bounded() {
    let mut lines = vec!["select,vnc"];
    lines.resize(HANDSHAKE_MAX_INSTRUCTIONS - 1, "nop");
    lines.push(CONNECT);
    assert_eq!(serve(&lines), End::Connected(result()));
    lines.insert(1, "nop");
    assert_eq!(
        serve(&lines),
        End::Failed(HandshakeError::TooManyInstructions)
    );

    let name = format!("name,{}", "a".repeat(8192));
    let mut lines = vec!["select,vnc"];
    lines.resize(HANDSHAKE_MAX_BYTES / 8192 + 2, &name);
    assert_eq!(serve(&lines), End::Failed(HandshakeError::TooManyBytes));
}

#[test]
fn a_target_is_a_protocol_or_a_connection() {
    let id = "$123e4567-e89b-42d3-a456-426614174000";
    for (line, expected) in [
        ("select,vnc", SelectTarget::Protocol("vnc".to_owned())),
        (
            "select,my-own_2",
            SelectTarget::Protocol("my-own_2".to_owned()),
        ),
        (
            &format!("select,{id}"),
            SelectTarget::Connection(id.to_owned()),
        ),
        ("select,$", SelectTarget::Connection("$".to_owned())),
    ] {
        let text = wire(&[line]);
        let raw = Instructions::new(text.as_bytes()).next().unwrap().unwrap();
        let event = ServerHandshake::new().receive(&raw);
        assert_eq!(event, Ok(Some(HandshakeEvent::Selected(expected))));
    }
}

#[test]
fn nothing_connects_before_the_names_are_announced() {
    let mut server = ServerHandshake::new();
    let text = wire(&["select,vnc", "connect,VERSION_1_5_0"]);
    let mut instructions = Instructions::new(text.as_bytes()).map(Result::unwrap);
    assert!(matches!(
        server.receive(&instructions.next().unwrap()),
        Ok(Some(_))
    ));
    let connect = instructions.next().unwrap();
    assert_eq!(
        server.receive(&connect),
        Err(HandshakeError::ConnectTooEarly)
    );
}

#[test]
fn announcing_writes_the_newest_version() {
    let mut server = ServerHandshake::new();
    let mut out = Vec::new();
    server.announce(&NAMES, &mut out).unwrap();
    let expected = wire(&["args,VERSION_1_5_0,hostname,port,password"]);
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}

#[test]
fn debug_output_has_no_passwords() {
    let mut options = ClientOptions::new("vnc");
    options
        .parameters
        .insert("password".to_owned(), "secret".to_owned());
    let mut server = ServerHandshake::new();
    let text = wire(&["select,vnc", CONNECT]);
    for raw in Instructions::new(text.as_bytes()) {
        let event = server.receive(&raw.unwrap()).unwrap();
        server.announce(&NAMES, &mut Vec::new()).unwrap();
        let shown = format!("{options:?} {event:?} {server:?}");
        assert!(!shown.contains("secret"), "{shown}");
    }
}

/// What a client of these options answers to `args`.
fn answer(options: ClientOptions, args: &str) -> String {
    let mut out = Vec::new();
    let mut client = ClientHandshake::start(options, &mut out).unwrap();
    out.clear();
    let text = wire(&[args]);
    let raw = Instructions::new(text.as_bytes()).next().unwrap().unwrap();
    assert_eq!(client.receive(&raw, &mut out), Ok(None));
    String::from_utf8(out).unwrap()
}

#[test]
fn a_client_answers_what_the_server_understands() {
    let options = |latest| {
        let mut options = ClientOptions::new("vnc");
        options.latest = latest;
        options.timezone = Some("UTC".to_owned());
        options.name = Some("ann".to_owned());
        options
            .parameters
            .insert("port".to_owned(), "5900".to_owned());
        options
    };
    let common = [
        "size,1024,768,96",
        "audio",
        "video",
        "image,image/jpeg,image/png",
    ];
    let newest = VersionToken::LATEST;
    for (latest, args, more) in [
        (
            newest,
            "args,VERSION_1_5_0,hostname,port",
            &["timezone,UTC", "name,ann", "connect,VERSION_1_5_0,,5900"][..],
        ),
        (
            newest,
            "args,VERSION_1_6_0,hostname,port",
            &["timezone,UTC", "name,ann", "connect,VERSION_1_5_0,,5900"],
        ),
        (
            newest,
            "args,VERSION_1_3_0,port",
            &["timezone,UTC", "connect,VERSION_1_3_0,5900"],
        ),
        (
            newest,
            "args,VERSION_1_2_0,port",
            &["timezone,UTC", "connect,VERSION_1_2_0,5900"],
        ),
        (
            VersionToken::V1_1_0,
            "args,VERSION_1_5_0,port",
            &["timezone,UTC", "connect,VERSION_1_1_0,5900"],
        ),
        (
            newest,
            "args,VERSION_1_0_0,port",
            &["connect,VERSION_1_0_0,5900"],
        ),
        (newest, "args,hostname,port", &["connect,,5900"]),
        (newest, "args,port", &["connect,5900"]),
        (newest, "args", &["connect"]),
    ] {
        let expected = wire(&[&common[..], more].concat());
        assert_eq!(answer(options(latest), args), expected, "{args}");
    }
}

#[test]
fn a_client_notices_what_goes_wrong() {
    let missing = ClientHandshakeError::Instruction(InstructionError::MissingArgument { index: 0 });
    for (lines, expected) in [
        (
            &["error,No such connection.,516"][..],
            ClientHandshakeError::Refused(Status::ResourceNotFound),
        ),
        (
            &["args,port", "error,Aborted.,519"],
            ClientHandshakeError::Refused(Status::UpstreamNotFound),
        ),
        (&["disconnect"], ClientHandshakeError::Disconnected),
        (&["ready,$id"], ClientHandshakeError::Unexpected),
        (
            &["args,port", "args,port"],
            ClientHandshakeError::Unexpected,
        ),
        (&["args,port", "nop"], ClientHandshakeError::Unexpected),
        (&["args,port", "ready"], missing),
        (
            &["args,port", "ready,$id", "nop"],
            ClientHandshakeError::Over,
        ),
    ] {
        let mut out = Vec::new();
        let mut client = ClientHandshake::start(ClientOptions::new("vnc"), &mut out).unwrap();
        let text = wire(lines);
        let last = Instructions::new(text.as_bytes())
            .map(|raw| client.receive(&raw.unwrap(), &mut out))
            .last()
            .unwrap();
        assert_eq!(last, Err(expected), "{lines:?}");
    }
}

#[test]
fn both_sides_understand_each_other_however_the_bytes_are_cut() {
    for cut in [1, 2, 7, 4096] {
        let mut options = ClientOptions::new("vnc");
        options.name = Some("Zoë 😀".to_owned());
        options
            .parameters
            .insert("password".to_owned(), "pässword".to_owned());
        let mut to_server = Vec::new();
        let mut to_client = Vec::new();
        let mut client = ClientHandshake::start(options, &mut to_server).unwrap();
        let mut server = ServerHandshake::new();
        let (mut server_reader, mut client_reader) = Default::default();
        let (mut connected, mut established) = (None, None);
        while !to_server.is_empty() || !to_client.is_empty() {
            transfer(&mut to_server, &mut server_reader, cut);
            while let Some(raw) = server_reader.next().unwrap() {
                match server.receive(&raw).unwrap() {
                    Some(HandshakeEvent::Selected(_)) => {
                        server.announce(&NAMES, &mut to_client).unwrap();
                    }
                    Some(HandshakeEvent::Connected(result)) => {
                        ServerInstruction::Ready { id: "$id" }
                            .write_to(&mut to_client)
                            .unwrap();
                        connected = Some(result);
                    }
                    None => {}
                }
            }
            transfer(&mut to_client, &mut client_reader, cut);
            while let Some(raw) = client_reader.next().unwrap() {
                established = client.receive(&raw, &mut to_server).unwrap();
            }
        }
        let connected = connected.unwrap();
        assert_eq!(connected.name.as_deref(), Some("Zoë 😀"));
        assert_eq!(connected.values, ["", "", "pässword"]);
        assert_eq!(connected.protocol_version, ProtocolVersion::V1_5_0);
        let established = established.unwrap();
        assert_eq!(
            (established.id.as_str(), established.version),
            ("$id", ProtocolVersion::V1_5_0)
        );
        assert_eq!(established.names, NAMES);
    }
}

fn transfer(from: &mut Vec<u8>, to: &mut InstructionReader, most: usize) {
    let piece: Vec<u8> = from.drain(..most.min(from.len())).collect();
    to.feed(&piece);
}
