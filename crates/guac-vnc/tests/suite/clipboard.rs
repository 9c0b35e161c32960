//! Texts that cross between the clipboards, and those that do not.

use std::io::Read;

use flate2::{Compress, Compression, FlushCompress, read::ZlibDecoder};
use guac_vnc::{ClientConfig, Clipboard, DroppedTexts, Error, Event, ProtocolError, TextEncoding};

use crate::server::{Viewer, in_every_split, request};

const TEXT: u32 = 1;
const CAPS: u32 = 1 << 24;
const REQUEST: u32 = 1 << 25;
const PEEK: u32 = 1 << 26;
const NOTIFY: u32 = 1 << 27;
const PROVIDE: u32 = 1 << 28;

fn config(receive: Option<usize>, send: bool) -> ClientConfig {
    ClientConfig {
        clipboard: Clipboard {
            receive,
            send,
            encoding: TextEncoding::Latin1,
        },
        ..ClientConfig::default()
    }
}

fn viewer(receive: Option<usize>, send: bool) -> Viewer {
    Viewer::connected(config(receive, send), 4, 3)
}

/// A text in the plain form.
fn plain(kind: u8, text: &[u8]) -> Vec<u8> {
    let length = u32::try_from(text.len()).unwrap().to_be_bytes();
    [&[kind, 0, 0, 0][..], &length, text].concat()
}

/// A message in the extended form.
fn extended(kind: u8, flags: u32, data: &[u8]) -> Vec<u8> {
    let length = -i32::try_from(data.len() + 4).unwrap();
    let head = [length.to_be_bytes(), flags.to_be_bytes()].concat();
    [&[kind, 0, 0, 0][..], &head, data].concat()
}

fn from_server(flags: u32, data: &[u8]) -> Vec<u8> {
    extended(3, flags, data)
}

fn from_client(flags: u32, data: &[u8]) -> Vec<u8> {
    extended(6, flags, data)
}

/// A server that takes all of it, but no text that it did not ask for.
fn xvnc_caps() -> Vec<u8> {
    from_server(CAPS | TEXT | REQUEST | PEEK | NOTIFY | PROVIDE, &[0; 4])
}

/// What is provided, in a stored block of a zlib stream that does not end.
fn stored(text: &[u8]) -> Vec<u8> {
    let size = u32::try_from(text.len()).unwrap().to_be_bytes();
    let length = u16::try_from(text.len() + 4).unwrap();
    let block = [length.to_le_bytes(), (!length).to_le_bytes()].concat();
    [&[0x78, 0x01, 0x00][..], &block, &size, text].concat()
}

/// The same, compressed.
fn deflated(text: &[u8]) -> Vec<u8> {
    let size = u32::try_from(text.len()).unwrap().to_be_bytes();
    let data = [&size[..], text].concat();
    let mut out = Vec::with_capacity(data.len() + 1000);
    Compress::new(Compression::best(), true)
        .compress_vec(&data, &mut out, FlushCompress::Sync)
        .unwrap();
    out
}

fn received(text: &str) -> [Event; 1] {
    [Event::Clipboard(text.into())]
}

#[test]
fn a_plain_text_is_decoded_and_cut() {
    let config = config(Some(5), false);
    assert_eq!(
        in_every_split(&config, &plain(3, b"caf\xe9")),
        received("café")
    );
    assert_eq!(
        in_every_split(&config, &plain(3, b"123456789")),
        received("12345")
    );
    assert_eq!(in_every_split(&config, &plain(3, b"")), received(""));
    for (encoding, bytes) in [
        (TextEncoding::Utf8, &b"\xe2\x82\xac"[..]),
        (TextEncoding::Utf16, b"\xac\x20"),
        (TextEncoding::Cp1252, b"\x80"),
        (TextEncoding::MacRoman, b"\xdb"),
    ] {
        let mut config = config.clone();
        config.clipboard.encoding = encoding;
        assert_eq!(in_every_split(&config, &plain(3, bytes)), received("€"));
    }
}

#[test]
fn a_text_that_nobody_may_have_is_dropped_as_it_arrives() {
    for mut viewer in [viewer(None, false), viewer(None, true)] {
        let before = viewer.client.held_bytes();
        for message in [
            plain(3, &[b'x'; 5 << 20]),
            from_server(PROVIDE | TEXT, &[b'x'; 1 << 20]),
        ] {
            for piece in message.chunks(100_000) {
                viewer.feed(piece);
                assert!(viewer.client.held_bytes() <= before);
            }
        }
        let dropped = viewer.client.take_dropped_texts();
        assert_eq!(dropped.texts, 2);
        assert!((6 << 20) <= dropped.bytes && dropped.bytes <= (6 << 20) + 4);
        assert_eq!(viewer.client.take_dropped_texts(), DroppedTexts::default());
        viewer.feed(&from_server(NOTIFY | TEXT, &[]));
        viewer.feed(&[2]);
        assert_eq!(viewer.events(), [Event::Bell]);
        assert_eq!(viewer.output(), b"", "nothing is asked for");
    }
}

#[test]
fn what_is_taken_is_told_as_the_configuration_has_it() {
    let both = NOTIFY | PROVIDE | REQUEST | PEEK;
    for (receive, send, actions) in [
        (Some(9), true, both),
        (Some(9), false, NOTIFY | PROVIDE),
        (None, true, REQUEST | PEEK),
    ] {
        let mut viewer = viewer(receive, send);
        viewer.feed(&xvnc_caps());
        let expected = from_client(CAPS | TEXT | actions, &[0; 4]);
        assert_eq!(viewer.output(), expected, "{receive:?} {send}");
    }
}

#[test]
fn a_text_that_the_server_has_is_requested_and_received() {
    let mut viewer = viewer(Some(100), false);
    viewer.feed(&xvnc_caps());
    viewer.output();
    viewer.feed(&from_server(NOTIFY | TEXT, &[]));
    assert_eq!(viewer.output(), from_client(REQUEST | TEXT, &[]));
    viewer.feed(&from_server(NOTIFY, &[]));
    assert_eq!(viewer.output(), b"", "it has none any more");

    let config = config(Some(100), false);
    let text = "ß€漢😀\r\nnext".as_bytes();
    let text = [text, b"\0"].concat();
    for data in [stored(&text), deflated(&text)] {
        let events = in_every_split(&config, &from_server(PROVIDE | TEXT, &data));
        assert_eq!(events, received("ß€漢😀\nnext"));
    }
}

#[test]
fn line_ends_nulls_and_other_formats_are_taken_for_what_they_are() {
    let config = config(Some(100), false);
    let rows: [(u32, &[u8], &str); 8] = [
        (TEXT, b"a\r\nb\r\n\0", "a\nb\n"),
        (TEXT, b"a\rb\nc\r\r\n\0", "a\nb\nc\n\n"),
        (TEXT, b"a\0b\0", "a"),
        (TEXT, b"without", "without"),
        (TEXT, b"\0", ""),
        (TEXT, b"", ""),
        (TEXT, b"\xff\0", "\u{fffd}"),
        // Rich text follows, in the same stream.
        (TEXT | 2, b"a\0\0\0\0\x01b", "a"),
    ];
    for (formats, text, expected) in rows {
        let mut data = stored(text);
        if formats != TEXT {
            data[7..11].copy_from_slice(&[0, 0, 0, 2]);
        }
        let events = in_every_split(&config, &from_server(PROVIDE | formats, &data));
        assert_eq!(events, received(expected), "{text:x?}");
    }
    for (flags, data) in [
        (PROVIDE | 2, stored(b"rtf")),
        (PROVIDE, vec![]),
        (PROVIDE | NOTIFY | TEXT, stored(b"two actions")),
        (1 << 29 | TEXT, vec![7; 9]),
        (0, vec![]),
    ] {
        let message = [from_server(flags, &data), vec![2]].concat();
        assert_eq!(
            in_every_split(&config, &message),
            [Event::Bell],
            "{flags:x}"
        );
    }
}

#[test]
fn a_text_longer_than_is_kept_is_cut_after_a_whole_character() {
    let config = config(Some(4), false);
    let rows = [
        ("abcdef", "abcd"),
        ("abc€def", "abc€"),
        ("ab\r\n\r\nc", "ab\n\n"),
        ("😀😀", "😀"),
    ];
    for (text, expected) in rows {
        let message = [
            from_server(PROVIDE | TEXT, &stored(text.as_bytes())),
            vec![2],
        ]
        .concat();
        let events = in_every_split(&config, &message);
        assert_eq!(events, [Event::Clipboard(expected.into()), Event::Bell]);
    }
}

#[test]
fn a_bomb_is_inflated_as_far_as_it_is_kept() {
    let max = 100_000;
    let bomb = deflated(&vec![b'x'; 256 << 20]);
    assert!(bomb.len() < 1 << 20);
    let message = from_server(PROVIDE | TEXT, &bomb);
    let mut viewer = viewer(Some(max), false);
    for piece in message.chunks(1000) {
        viewer.feed(piece);
        assert!(viewer.client.held_bytes() < max * 2 + 100_000);
    }
    assert_eq!(viewer.events(), received(&"x".repeat(max)));
    viewer.feed(&[2]);
    assert_eq!(viewer.events(), [Event::Bell]);
}

#[test]
fn what_makes_no_sense_is_an_error() {
    let short = |length: i32| [&[3, 0, 0, 0][..], &length.to_be_bytes()].concat();
    let damaged = ProtocolError::ClipboardData;
    let mut cut = stored(b"text\0");
    cut.pop();
    let mut ended = stored(b"text");
    (ended[2], ended[10]) = (1, 9); // the last block, of a text that should be longer
    let rows = [
        (short(-1), ProtocolError::ClipboardLength(-1)),
        (short(-3), ProtocolError::ClipboardLength(-3)),
        (from_server(PROVIDE | TEXT, b"no zlib"), damaged),
        (from_server(PROVIDE | TEXT, &cut), damaged),
        (from_server(PROVIDE | TEXT, &ended), damaged),
        (from_server(PROVIDE | TEXT, &[]), damaged),
    ];
    for (message, error) in rows {
        for size in [1, message.len()] {
            let mut viewer = viewer(Some(100), false);
            let outcome = message
                .chunks(size)
                .try_for_each(|piece| viewer.try_feed(piece));
            assert_eq!(outcome, Err(Error::Protocol(error)), "{message:x?}");
        }
    }
}

#[test]
fn a_claimed_length_takes_no_memory() {
    for head in [
        &[3, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff][..],
        &[3, 0, 0, 0, 0x80, 0, 0, 0, 0x10, 0, 0, 1, 0x78],
        &[3, 0, 0, 0, 0x80, 0, 0, 0, 0x01, 0, 0, 1],
    ] {
        let mut viewer = viewer(Some(usize::MAX), true);
        viewer.feed(head);
        assert!(viewer.client.held_bytes() < 100_000);
    }
}

#[test]
fn a_text_is_sent_plainly_to_a_server_without_the_extension() {
    for (encoding, expected) in [
        (TextEncoding::Latin1, &b"a\xdf?\n"[..]),
        (TextEncoding::Utf8, "aß€\n".as_bytes()),
        (TextEncoding::Utf16, b"a\0\xdf\0\xac\x20\n\0"),
        (TextEncoding::Cp1252, b"a\xdf\x80\n"),
        (TextEncoding::MacRoman, b"a\xa7\xdb\n"),
    ] {
        let mut config = config(None, true);
        config.clipboard.encoding = encoding;
        let mut viewer = Viewer::connected(config, 4, 3);
        viewer.client.cut_text("aß€\r\n");
        assert_eq!(viewer.output(), plain(6, expected), "{encoding:?}");
    }
    let mut viewer = viewer(Some(9), false);
    viewer.client.cut_text("secret");
    assert_eq!(viewer.output(), b"", "it may not cross");
}

/// The text in a message that provides one.
fn provided(message: &[u8]) -> String {
    assert_eq!(message[..4], [6, 0, 0, 0]);
    let length = i32::from_be_bytes(message[4..8].try_into().unwrap());
    assert_eq!(usize::try_from(-length).unwrap(), message.len() - 8);
    assert_eq!(message[8..12], (PROVIDE | TEXT).to_be_bytes());
    let mut data = Vec::new();
    // The stream does not end, which this reader takes for an error once it has everything.
    let _ = ZlibDecoder::new(&message[12..]).read_to_end(&mut data);
    let size = u32::from_be_bytes(data[..4].try_into().unwrap());
    assert_eq!(usize::try_from(size).unwrap(), data.len() - 4);
    String::from_utf8(data[4..].to_vec()).unwrap()
}

#[test]
fn a_text_is_offered_and_provided_when_it_is_asked_for() {
    let mut viewer = viewer(None, true);
    viewer.feed(&xvnc_caps());
    viewer.output();
    viewer.feed(&from_server(PEEK, &[]));
    assert_eq!(viewer.output(), from_client(NOTIFY, &[]), "there is none");
    viewer.feed(&from_server(REQUEST | TEXT, &[]));
    assert_eq!(viewer.output(), b"", "nor is any provided");

    viewer.client.cut_text("ß€漢😀\nb\r\nc");
    assert_eq!(viewer.output(), from_client(NOTIFY | TEXT, &[]));
    for _ in 0..2 {
        viewer.feed(&from_server(REQUEST | TEXT, &[]).repeat(1000));
        let answer = viewer.output();
        assert_eq!(
            provided(&answer),
            "ß€漢😀\r\nb\r\nc\0",
            "once for all requests"
        );
    }
    viewer.feed(&from_server(REQUEST | 2, &[]));
    assert_eq!(viewer.output(), b"", "there is no rich text");
    viewer.feed(&from_server(PEEK, &[]));
    assert_eq!(viewer.output(), from_client(NOTIFY | TEXT, &[]));
}

#[test]
fn a_text_is_provided_unasked_to_a_server_that_cannot_be_notified() {
    // As libvncserver has it: it takes no notification, but texts up to a size.
    let caps = from_server(CAPS | TEXT | REQUEST | PEEK | PROVIDE, &9_u32.to_be_bytes());
    let mut viewer = viewer(None, true);
    viewer.feed(&caps);
    viewer.output();
    // What it does with them depends on the program around it: x11vnc drops what is provided and
    // takes plain texts alone.
    viewer.client.cut_text("a\n345678");
    assert_eq!(
        viewer.output(),
        plain(6, b"a\n345678"),
        "with its line end and null, it is too long to be provided"
    );
    viewer.client.cut_text("a\n34567");
    let sent = viewer.output();
    let first = plain(6, b"a\n34567");
    assert_eq!(sent[..first.len()], first);
    assert_eq!(provided(&sent[first.len()..]), "a\r\n34567\0");
    viewer.feed(&from_server(PEEK, &[]));
    assert_eq!(viewer.output(), b"");
}

#[test]
fn a_server_that_takes_no_texts_is_sent_them_plainly() {
    for flags in [CAPS | 2 | NOTIFY, CAPS | TEXT | REQUEST, CAPS] {
        let mut viewer = viewer(None, true);
        viewer.feed(&from_server(flags, &[]));
        viewer.output();
        viewer.client.cut_text("a");
        assert_eq!(viewer.output(), plain(6, b"a"));
    }
}

#[test]
fn a_large_text_is_provided_whole() {
    let text: String = (0..200_000_u32)
        .map(|i| char::from_u32(0x4e00 + i.wrapping_mul(0x9e37) % 0x5000).unwrap())
        .collect();
    let mut viewer = viewer(None, true);
    viewer.feed(&xvnc_caps());
    viewer.client.cut_text(&text);
    viewer.output();
    viewer.feed(&from_server(REQUEST | TEXT, &[]));
    assert_eq!(provided(&viewer.output()).trim_end_matches('\0'), text);
    // Requests for updates go on beside it.
    viewer.feed(&[0, 0, 0, 0]);
    assert_eq!(viewer.output(), request(true, 4, 3));
}
