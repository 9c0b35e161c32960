//! Bytes read as choices: every sequence of bytes is a session.

use std::fmt::Write as _;
use std::time::Duration;

/// What happens next.
pub(super) enum Step {
    Wait(Duration),
    Ask(Vec<&'static str>),
    Viewer(Vec<Line>),
    Copy(String),
    Say(Line),
    Show(Vec<Line>),
}

/// One instruction.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) opcode: &'static str,
    pub(super) args: Vec<String>,
    /// What a blob holds; `None` where it is not base64.
    pub(super) data: Option<Vec<u8>>,
}

/// The streams that a client can open, and which argument is their index.
const OPENS: [(&str, usize); 6] = [
    ("clipboard", 0),
    ("file", 0),
    ("pipe", 0),
    ("audio", 0),
    ("argv", 0),
    ("put", 1),
];

const NAMES: [&str; 4] = ["password", "username", "hostname", "Password"];

const TYPES: [&str; 6] = [
    "text/plain",
    "text/plain;charset=utf-8",
    "text/html",
    "image/png",
    "TEXT/plain",
    "",
];

/// Instructions of a client that do nothing, known, unknown or misspelled.
const IDLE: [&str; 14] = [
    "get 0 /",
    "usbconnect a b c",
    "usbdata a b c",
    "usbdisconnect a",
    "touch 0 1 1 1 1 0 1",
    "ack 0 OK 0",
    "clipbaord 0 text/plain",
    "Clipboard 0 text/plain",
    "img 0 14 0 image/png 0 0",
    "name x",
    "select vnc",
    "connect a",
    "keys 97 1",
    "_ ping 1",
];

/// Instructions of a server, in frames or beside them.
const SERVER: [&str; 54] = [
    "nop",
    "sync 5 1",
    "mouse 1 2 0 5",
    "size 0 10 10",
    "size -4096 32767 0",
    "size -4097 1 1",
    "size 1 1 1",
    "size 0 32768 1",
    "size 0 1 -1",
    "rect 0 0 0 1 1",
    "rect 1 0 0 1 1",
    "cfill 14 -1 1 2 3 255",
    "cfill 14 2 1 2 3 255",
    "copy 0 0 0 1 1 14 -1 0 0",
    "copy 1 0 0 1 1 14 0 0 0",
    "copy 0 0 0 1 1 14 -4097 0 0",
    "cursor 0 0 -2 0 0 1 1",
    "cursor 0 0 3 0 0 1 1",
    "dispose -1",
    "dispose 0",
    "dispose 1",
    "name desktop",
    "name ab",
    "args VERSION_1_5_0 a b",
    "ready $id",
    "error text 519",
    "disconnect",
    "ack 0 OK 0",
    "msg 1 @id name",
    "msg 2 @id name",
    "msg 3 x",
    "required password",
    "required username password",
    "required hostname",
    "transfer 0 0 0 1 1 3 0 0 0",
    "set 0 multi-touch 1",
    "shade 1 0",
    "move 1 0 0 0 0",
    "log text",
    "key 97 1 5",
    "touch 0 0 0 0 0 0 0 5",
    "clipboard 1 text/plain",
    "audio 1 audio/L16",
    "video 1 0 video/mp4",
    "argv 1 text/plain a",
    "filesystem 0 fs",
    "undefine 0",
    "body 0 1 text/plain /",
    "file 1 text/plain f",
    "pipe 1 text/plain p",
    "nest 0 3.nop;",
    "arc 0 0 0 1 0 1 0",
    "usbdata a b",
    "unheard of",
];

/// Pieces of texts: one, two, three and four bytes a character, halves of a character as the stock
/// client sends them, and what is no text.
const PIECES: [&[u8]; 14] = [
    b"abc",
    b"defg",
    b"hi",
    b"j",
    b"klm\n",
    b"\xed\xa0\xbd\xed\xb8\x80",
    "\u{e9}".as_bytes(),
    "\u{20ac}".as_bytes(),
    "\u{1f600}".as_bytes(),
    b"\xed\xa0\xbd",
    b"\xed\xb8\x80",
    b"\xff",
    b"\xc0\xaf",
    b"",
];

/// The bytes that are left.
pub(super) struct Script<'a>(&'a [u8]);

impl<'a> Script<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next byte; 0 where there is none.
    pub(super) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    pub(super) fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    /// True for one byte in three.
    pub(super) fn often(&mut self) -> bool {
        self.byte() % 3 == 2
    }

    /// True for one byte in eight.
    pub(super) fn rarely(&mut self) -> bool {
        self.byte() % 8 == 7
    }

    pub(super) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::from(self.byte()) % choices.len()]
    }

    /// What happens next; nothing at the end.
    pub(super) fn step(&mut self) -> Option<Step> {
        if self.0.is_empty() {
            return None;
        }
        Some(match self.byte() % 16 {
            0 => Step::Viewer(vec![self.key()]),
            1 => Step::Viewer(self.keys()),
            2 => Step::Viewer(vec![self.numbers("mouse", 3)]),
            3 => Step::Viewer(vec![self.numbers("size", 2)]),
            4 => Step::Viewer(vec![self.open()]),
            5 | 6 => Step::Viewer(self.whole()),
            7 | 8 => Step::Viewer(vec![self.blob(STREAMS)]),
            9 => Step::Viewer(vec![Line::new("end", [self.pick(STREAMS).to_string()])]),
            10 => Step::Viewer(vec![self.idle()]),
            11 => Step::Wait(Duration::from_millis(
                u64::from(self.byte()) * self.pick(&[0, 1, 10, 500]),
            )),
            12 => {
                let count = self.byte() % 3;
                Step::Ask((0..count).map(|_| self.pick(&NAMES[..3])).collect())
            }
            13 => Step::Copy("€".repeat(usize::from(self.byte()) * self.pick(&[0, 1, 1, 30]))),
            14 => Step::Say(Line::of(self.pick(&SERVER))),
            _ => Step::Show(self.frame()),
        })
    }

    fn idle(&mut self) -> Line {
        match self.byte() % 4 {
            0 => Line::new("sync", [self.byte().to_string()]),
            1 => Line::new("nop", []),
            2 if self.rarely() => Line::new("disconnect", []),
            _ => Line::of(self.pick(&IDLE)),
        }
    }

    /// A stream from its beginning to its end.
    fn whole(&mut self) -> Vec<Line> {
        let open = self.open();
        let streams = [open.opened_stream().unwrap_or(0)];
        let count = self.byte() % 3;
        let blobs: Vec<_> = (0..count).map(|_| self.blob(&streams)).collect();
        let end = Line::new("end", [streams[0].to_string()]);
        [open].into_iter().chain(blobs).chain([end]).collect()
    }

    fn key(&mut self) -> Line {
        let keysym = match self.byte() {
            // A whole keyboard at once, and half a character now and then.
            255 => self.pick(&[0x0100_d7ff, 0x0100_d800, 0x0100_dfff, 0x0100_e000, u32::MAX]),
            byte => u32::from(byte) << 8 | u32::from(self.byte()),
        };
        let pressed = self.byte() % 4 != 3;
        Line::new("key", [keysym.to_string(), u8::from(pressed).to_string()])
    }

    /// Many keys at once, as no hand presses them.
    fn keys(&mut self) -> Vec<Line> {
        let count = u32::from(self.byte()) + self.pick(&[0, 100]);
        let pressed = if self.byte() % 4 == 3 { "0" } else { "1" };
        (0..count)
            .map(|key| Line::new("key", [(256 + key).to_string(), pressed.to_owned()]))
            .collect()
    }

    fn numbers(&mut self, opcode: &'static str, count: usize) -> Line {
        let choices = [
            0,
            1,
            4,
            -1,
            257,
            640,
            801,
            8192,
            8193,
            65_536,
            i32::MAX,
            i32::MIN,
        ];
        let numbers = (0..count).map(|_| self.pick(&choices).to_string());
        let args = numbers.collect();
        Line {
            opcode,
            args,
            data: None,
        }
    }

    fn open(&mut self) -> Line {
        // Those that may be allowed are tried more often.
        let opcodes = [
            "clipboard",
            "clipboard",
            "clipboard",
            "argv",
            "argv",
            "file",
            "pipe",
            "audio",
            "put",
        ];
        let opcode = self.pick(&opcodes);
        let mut args = vec![self.pick(STREAMS).to_string(), self.pick(&TYPES).to_owned()];
        if opcode == "put" {
            args.insert(0, "0".to_owned());
        }
        if !["clipboard", "audio"].contains(&opcode) {
            args.push(self.pick(&NAMES).to_owned());
        }
        Line {
            opcode,
            args,
            data: None,
        }
    }

    fn blob(&mut self, streams: &[i32]) -> Line {
        let stream = self.pick(streams).to_string();
        let data = if self.rarely() {
            None
        } else {
            let count = usize::from(self.byte() % 8);
            let pieces: Vec<u8> = (0..count)
                .flat_map(|_| self.pick(&PIECES))
                .copied()
                .collect();
            Some(pieces.repeat(self.pick(&[1, 1, 1, 100])))
        };
        // Longer elements than that are no instruction.
        let data = data.map(|mut data| {
            data.truncate(6048);
            data
        });
        let bad = ["A", "AAA", "AA==AAAA", "A-_=", "====", "AAA A"];
        let text = data
            .as_deref()
            .map_or_else(|| self.pick(&bad).to_owned(), base64);
        Line {
            opcode: "blob",
            args: vec![stream, text],
            data,
        }
    }

    fn frame(&mut self) -> Vec<Line> {
        let count = self.byte() % 12;
        (0..count).flat_map(|_| self.drawing()).collect()
    }

    fn drawing(&mut self) -> Vec<Line> {
        let streams = &[1, 1, 1, 3, 0, 1023, 1024, -1];
        let types = ["image/png", "image/jpeg", "image/webp", "image/svg+xml"];
        let blob = |script: &mut Self| {
            let length = script.pick(&[4, 8064, 8068]);
            let stream = script.pick(streams).to_string();
            Line::new("blob", [stream, "A".repeat(length)])
        };
        match self.byte() % 8 {
            0..=2 => {
                let stream = self.pick(streams).to_string();
                let layer = self.pick(&["0", "0", "-1", "1"]).to_owned();
                let kind = self.pick(&types).to_owned();
                let [mode, x, y] = ["14", "0", "0"].map(str::to_owned);
                let end = Line::new("end", [stream.clone()]);
                let data = Line::new("blob", [stream.clone(), "AAAA".to_owned()]);
                vec![
                    Line::new("img", [stream, mode, layer, kind, x, y]),
                    data,
                    end,
                ]
            }
            3 => vec![blob(self)],
            4 => vec![Line::new("end", [self.pick(streams).to_string()])],
            5 => vec![Line::new("name", [self.name()])],
            // What may be drawn is more often tried than what may not.
            6 => vec![Line::of(self.pick(&SERVER[..22]))],
            _ => vec![Line::of(self.pick(&SERVER))],
        }
    }

    fn name(&mut self) -> String {
        self.pick(&["a", "~ ", "\u{e9}", "\u{7f}"])
            .repeat(self.pick(&[1, 32, 64, 65]))
    }
}

/// Indices of streams: some that are used again, and those at the edges.
const STREAMS: &[i32] = &[0, 0, 0, 1, 1, 2, 511, 512, -1, 65_536, i32::MAX];

impl Line {
    fn new<const N: usize>(opcode: &'static str, args: [String; N]) -> Self {
        Self {
            opcode,
            args: args.into(),
            data: None,
        }
    }

    /// An instruction whose elements stand between spaces, `_` for an empty one.
    fn of(text: &'static str) -> Self {
        let mut words = text
            .split(' ')
            .map(|word| if word == "_" { "" } else { word });
        let opcode = words.next().unwrap_or_default();
        Self {
            opcode,
            args: words.map(str::to_owned).collect(),
            data: None,
        }
    }

    pub(super) fn wire(&self) -> String {
        let mut text = format!("{}.{}", self.opcode.chars().count(), self.opcode);
        for arg in &self.args {
            // Text in memory takes everything.
            let _ = write!(text, ",{}.{arg}", arg.chars().count());
        }
        text + ";"
    }

    /// The index of the stream that this would open, if it is of those that open one.
    pub(super) fn opened_stream(&self) -> Option<i32> {
        let (_, at) = OPENS.iter().find(|(opcode, _)| *opcode == self.opcode)?;
        Some(self.int(*at))
    }

    pub(super) fn int(&self, at: usize) -> i32 {
        self.args[at].parse().expect("a number")
    }

    pub(super) fn unsigned(&self, at: usize) -> u32 {
        self.args[at].parse().expect("a number")
    }
}

/// Base64 by the book, so that the one under test is not what it is tested with.
pub(super) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let at = |index: usize| u32::from(*group.get(index).unwrap_or(&0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for digit in 0..4 {
            let value = bits >> (18 - 6 * digit) & 63;
            let is_padding = group.len() < digit;
            text.push(if is_padding {
                '='
            } else {
                char::from(DIGITS[value as usize])
            });
        }
    }
    text
}
