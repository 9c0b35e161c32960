//! Clients that skip the stock JavaScript: nothing of what they send crosses, they are told so at
//! once, and their session and everybody else's go on.
//!
//! Every text is a canary: new in each run, and looked for in every byte that the daemon writes to
//! the VNC server, to the viewers, into the recording and into its logs.

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use system_tests::canary::{Search, fresh};
use system_tests::policy::{Files, Rules};
use testkit::instruction::encode;
use testkit::vnc_server::message::{cut_text, raw_update};
use testkit::vnc_server::{ClientMessage, FakeVncServer, Script};
use testkit::wait::PATIENCE;
use testkit::{FakeClient, Guacd, Handshake, Instruction, Tap};

/// The text of a refused stream.
const FORBIDDEN: &str = "771";

/// A daemon between two recorded wires, with an owner and a guest in one recorded session.
struct Scene {
    daemon: Guacd,
    desktop: FakeVncServer,
    viewers: Tap,
    server: Tap,
    files: Files,
    owner: FakeClient,
    guest: FakeClient,
    canary: String,
    /// The key that was pressed last to see whether the session goes on.
    key: u32,
}

impl Scene {
    fn new(rules: Rules) -> Result<Self> {
        let (daemon, files) = rules.start()?;
        let desktop = FakeVncServer::start(Script::Serve)?;
        let server = Tap::start(([127, 0, 0, 1], desktop.port()).into())?;
        let viewers = Tap::start(daemon.address())?;
        let asked = Handshake::vnc(server.address().port())
            .with("recording-path", &files.recordings().display().to_string())
            .with("recording-name", "session")
            .with("recording-include-keys", "true");
        let mut owner = FakeClient::open(viewers.address(), &asked)?;
        owner.expect("sync")?;
        let mut guest = FakeClient::open(viewers.address(), &Handshake::join(&owner.id))?;
        guest.expect("sync")?;
        Ok(Self {
            daemon,
            desktop,
            viewers,
            server,
            files,
            owner,
            guest,
            canary: fresh()?,
            key: 0x100,
        })
    }

    fn strict() -> Result<Self> {
        Self::new(Rules::BuiltIn)
    }

    /// A key of each viewer arrives, and both see the next picture.
    fn goes_on(&mut self) -> Result<()> {
        for of_owner in [true, false] {
            self.types(of_owner)?;
        }
        self.desktop.send(&raw_update(3, 3, 50, 50, self.key))?;
        for viewer in [&mut self.owner, &mut self.guest] {
            viewer.read_until(PATIENCE, |i| i.is("rect") || i.is("img"))?;
            viewer.expect("sync")?;
        }
        Ok(())
    }

    /// A viewer presses a key that nobody has pressed yet, and it arrives.
    fn types(&mut self, of_owner: bool) -> Result<()> {
        self.key += 1;
        let keysym = self.key;
        let viewer = if of_owner {
            &mut self.owner
        } else {
            &mut self.guest
        };
        viewer.send("key", &[&keysym.to_string(), "1"])?;
        viewer.send("key", &[&keysym.to_string(), "0"])?;
        let up = ClientMessage::Key {
            keysym,
            pressed: false,
        };
        self.desktop
            .await_messages("a key", PATIENCE, |said| said.contains(&up).then_some(()))
    }

    /// Where the canary is, of everything that the daemon wrote.
    fn leaks(&self) -> Result<Vec<String>> {
        let places = [
            ("the VNC server's socket", self.server.from_client()),
            ("the viewers' sockets", self.viewers.from_daemon()),
            ("the recording", self.files.recording()?),
            ("the log", self.daemon.log().join("\n").into_bytes()),
            ("the decision log", self.files.decisions_so_far()?),
        ];
        let search = Search::new([self.canary.as_str()]);
        let leaks = places.into_iter().filter_map(|(place, bytes)| {
            let (_, form) = search.first(&bytes)?;
            Some(format!("{place}, in {form}"))
        });
        Ok(leaks.collect())
    }

    /// The session goes on, and the canary went nowhere.
    fn is_tight(&mut self) -> Result<()> {
        self.goes_on()?;
        assert_eq!(self.leaks()?, Vec::<String>::new());
        Ok(())
    }

    fn encoded(&self) -> String {
        STANDARD.encode(&self.canary)
    }

    /// Every way to open a stream, with the canary in every place that takes text.
    fn streams(&self, stream: &str) -> Vec<(&'static str, Vec<String>)> {
        let canary = &self.canary;
        let typed = format!("text/{canary}");
        let args = |args: &[&str]| args.iter().map(|&arg| arg.to_owned()).collect();
        vec![
            ("clipboard", args(&[stream, "text/plain"])),
            ("clipboard", args(&[stream, &typed])),
            ("file", args(&[stream, &typed, canary])),
            ("pipe", args(&[stream, &typed, canary])),
            ("audio", args(&[stream, &typed])),
            ("argv", args(&[stream, "text/plain", "password"])),
            ("argv", args(&[stream, &typed, canary])),
            ("put", args(&["0", stream, &typed, canary])),
        ]
    }

    /// What opens no stream: known, unknown, misspelled, of the other side, and of the handshake.
    fn others(&self) -> Vec<String> {
        let canary = self.canary.as_str();
        let opcodes = [
            "get",
            "usbconnect",
            "usbdata",
            "usbdisconnect",
            "ack",
            "touch",
            "clipbaord",
            "Clipboard",
            "clipboard ",
            "files",
            "agrv",
            "img",
            "log",
            "name",
            "msg",
            "nest",
            "filesystem",
            "body",
            "video",
            "required",
            "select",
            "connect",
            "image",
            "timezone",
            "",
            canary,
        ];
        let mut all: Vec<_> = opcodes
            .iter()
            .map(|opcode| encode(opcode, ["0", canary, &self.encoded()]))
            .collect();
        all.push(encode("key", [canary, canary]));
        all.push(encode("mouse", [canary, canary, canary]));
        all.push(encode("size", [canary, canary]));
        all.push(encode("sync", [canary]));
        all.push(encode("blob", ["7", &self.encoded()]));
        all
    }
}

/// Opens a stream, is refused at once and in plain words, and sends the data nevertheless.
fn is_refused(client: &mut FakeClient, opcode: &str, args: &[String], data: &str) -> Result<()> {
    let stream = if opcode == "put" { &args[1] } else { &args[0] };
    client.send(opcode, &args.iter().map(String::as_str).collect::<Vec<_>>())?;
    let ack = client.expect("ack")?;
    ensure!(
        ack.arg(0) == stream && ack.arg(2) == FORBIDDEN,
        "{opcode}: {ack:?}"
    );
    let words = ack.arg(1);
    ensure!(!words.is_empty() && words.is_ascii(), "{opcode}: {ack:?}");
    client.send("blob", &[stream, data])?;
    client.send("end", &[stream])
}

#[test]
fn every_stream_is_refused_at_once_and_nothing_of_it_goes_anywhere() -> Result<()> {
    let mut scene = Scene::strict()?;
    let data = scene.encoded();
    for (opcode, args) in scene.streams("3") {
        is_refused(&mut scene.owner, opcode, &args, &data)?;
        is_refused(&mut scene.guest, opcode, &args, &data)?;
        scene.goes_on().context(opcode)?;
    }
    scene.is_tight()
}

#[test]
fn what_opens_no_stream_does_nothing() -> Result<()> {
    let mut scene = Scene::strict()?;
    let before = scene.desktop.messages();
    for words in scene.others() {
        scene.owner.send_raw(words.as_bytes())?;
        scene.guest.send_raw(words.as_bytes())?;
    }
    scene.is_tight()?;
    let typed = |message: &&ClientMessage| !matches!(message, ClientMessage::Request { .. });
    let new = scene.desktop.messages().split_off(before.len());
    // A size or a place that is no number is none; the two keys went down and up.
    assert_eq!(new.iter().filter(typed).count(), 4, "{new:?}");
    Ok(())
}

#[test]
fn instructions_may_come_in_any_pieces() -> Result<()> {
    let mut scene = Scene::strict()?;
    let data = scene.encoded();
    let mut words = scene.others().concat();
    for (opcode, args) in scene.streams("3") {
        words += &encode(opcode, args.iter().map(String::as_str));
        words += &encode("blob", ["3", &data]);
        words += &encode("end", ["3"]);
    }
    for byte in words.as_bytes() {
        scene.owner.send_raw(&[*byte])?;
    }
    scene.is_tight()?;
    // Two pieces, cut at each place, with something else of the daemon's in between.
    let words = encode("clipboard", ["3", "text/plain"]) + &encode("blob", ["3", &data]);
    for cut in 0..words.len() {
        let (first, second) = words.as_bytes().split_at(cut);
        scene.owner.send_raw(first)?;
        scene.types(false)?;
        scene.owner.send_raw(second)?;
        for _ in ["the stream", "the blob"] {
            let ack = scene.owner.expect("ack")?;
            assert_eq!(ack.arg(2), FORBIDDEN, "cut at {cut}");
        }
    }
    scene.owner.send("end", &["3"])?;
    scene.is_tight()
}

#[test]
fn data_on_a_refused_stream_is_answered_a_few_times_and_dropped() -> Result<()> {
    let mut scene = Scene::strict()?;
    let data = scene.encoded();
    scene.owner.send("file", &["3", "text/plain", "name"])?;
    for _ in 0..2_000 {
        scene.owner.send("blob", &["3", &data])?;
        scene.owner.send("blob", &["4", &data])?;
    }
    scene.owner.send("pipe", &["9", "text/plain", "name"])?;
    let mut answers = 0;
    scene.owner.read_until(PATIENCE, |i| {
        answers += usize::from(i.is("ack"));
        i.is("ack") && i.arg(0) == "9"
    })?;
    assert!((3..=40).contains(&answers), "{answers} answers");
    scene.is_tight()
}

#[test]
fn thousands_of_streams_are_refused_one_by_one() -> Result<()> {
    let mut scene = Scene::strict()?;
    let data = scene.encoded();
    for stream in 0..4_000 {
        let (stream, code) = (stream.to_string(), if stream < 512 { "771" } else { "768" });
        scene.owner.send("pipe", &[&stream, "text/plain", "name"])?;
        scene.owner.send("blob", &[&stream, &data])?;
        // Those before may have been answered twice: for the stream and for its data.
        let answer = |i: &Instruction| i.is("ack") && i.arg(0) == stream;
        let ack = scene.owner.read_until(PATIENCE, answer)?;
        assert_eq!(ack.arg(2), code, "{ack:?}");
    }
    scene.is_tight()
}

#[test]
fn a_stream_that_is_opened_anew_carries_nothing_over() -> Result<()> {
    let mut scene = Scene::new(Rules::StockCompatible)?;
    let data = scene.encoded();
    for (opcode, args) in scene.streams("3") {
        if opcode == "clipboard" {
            continue;
        }
        scene.owner.send("clipboard", &["3", "text/plain"])?;
        scene.owner.send("blob", &["3", &data])?;
        is_refused(&mut scene.owner, opcode, &args, &data)?;
        // The other way round: what a refused stream was sent is not in the text.
        let args: Vec<_> = args.iter().map(String::as_str).collect();
        scene.owner.send(opcode, &args)?;
        scene.owner.send("blob", &["3", &data])?;
        scene.owner.send("clipboard", &["3", "text/plain"])?;
        scene.owner.send("blob", &["3", &STANDARD.encode(opcode)])?;
        scene.owner.send("end", &["3"])?;
        let pasted = ClientMessage::CutText(opcode.into());
        scene.desktop.await_messages(opcode, PATIENCE, |said| {
            said.contains(&pasted).then_some(())
        })?;
    }
    // Nor is a stream one of another viewer's.
    scene.owner.send("clipboard", &["3", "text/plain"])?;
    scene.guest.send("blob", &["3", &data])?;
    scene.guest.send("end", &["3"])?;
    scene.guest.expect("ack")?;
    scene.owner.send("end", &["3"])?;
    scene.is_tight()
}

#[test]
fn nothing_gets_through_during_the_handshake() -> Result<()> {
    let mut scene = Scene::strict()?;
    let data = scene.encoded();
    let mut words = scene.others();
    for (opcode, args) in scene.streams("3") {
        words.push(encode(opcode, args.iter().map(String::as_str)));
        words.push(encode("blob", ["3", &data]));
        words.push(encode("end", ["3"]));
    }
    let join = Handshake::join(&scene.owner.id);
    for word in words {
        // Before anything else: the daemon may hang up, and must not do more.
        let mut first = FakeClient::connect(scene.viewers.address())?;
        first.send_raw(word.as_bytes())?;
        // Between `select` and `connect`, and before `ready`.
        let mut client = FakeClient::connect(scene.viewers.address())?;
        let names = client.select(&join.target)?;
        let _ = client.send_raw(word.as_bytes());
        for instruction in join.instructions(&names) {
            let _ = client.send_raw(instruction.encode().as_bytes());
        }
        let _ = client.send_raw(word.as_bytes());
        let _ = client.read_until(PATIENCE, |i| i.is("sync") || i.is("error"));
    }
    scene.is_tight()
}

#[test]
fn two_viewers_at_once_get_no_further_than_one() -> Result<()> {
    let mut scene = Scene::strict()?;
    let data = scene.encoded();
    for (opcode, args) in scene.streams("3") {
        let args: Vec<_> = args.iter().map(String::as_str).collect();
        scene.owner.send(opcode, &args)?;
        scene.guest.send(opcode, &args)?;
        scene.guest.send("blob", &["3", &data])?;
        scene.owner.send("blob", &["3", &data])?;
        for viewer in [&mut scene.owner, &mut scene.guest] {
            for _ in ["the stream", "the blob"] {
                let ack = viewer.expect("ack")?;
                assert_eq!(ack.arg(2), FORBIDDEN, "{ack:?}");
            }
            viewer.send("end", &["3"])?;
        }
    }
    scene.is_tight()
}

#[test]
fn what_the_desktop_copies_is_not_even_hinted_at() -> Result<()> {
    let mut scene = Scene::strict()?;
    let text: Vec<u8> = scene.canary.chars().map(|c| c as u8).collect();
    scene.desktop.send(&cut_text(&text))?;
    scene.is_tight()?;
    let told = scene.viewers.from_daemon();
    let hint = b"9.clipboard";
    assert!(!told.windows(hint.len()).any(|window| window == hint));
    Ok(())
}

/// What makes the other tests mean something: where the clipboard is open, the canary is found.
#[test]
fn where_the_policy_opens_the_clipboard_the_canary_crosses() -> Result<()> {
    let mut scene = Scene::new(Rules::StockCompatible)?;
    let data = scene.encoded();
    scene.guest.send("clipboard", &["3", "text/plain"])?;
    scene.guest.send("blob", &["3", &data])?;
    scene.guest.send("end", &["3"])?;
    let text: Vec<u8> = scene.canary.chars().map(|c| c as u8).collect();
    let pasted = ClientMessage::CutText(text.clone());
    scene.desktop.await_messages("the text", PATIENCE, |said| {
        said.contains(&pasted).then_some(())
    })?;
    let leaks = scene.leaks()?;
    assert_eq!(leaks.len(), 1, "{leaks:?}");
    assert!(leaks[0].starts_with("the VNC server's socket"), "{leaks:?}");

    scene.desktop.send(&cut_text(&text))?;
    for viewer in [&mut scene.owner, &mut scene.guest] {
        viewer.expect("clipboard")?;
        assert_eq!(viewer.expect("blob")?.arg(1), data);
    }
    let leaks = scene.leaks()?;
    assert_eq!(leaks.len(), 2, "{leaks:?}");
    assert!(leaks[1].starts_with("the viewers' sockets"), "{leaks:?}");
    // What VNC cannot carry stays refused under any policy.
    for (opcode, args) in scene.streams("5") {
        if opcode != "clipboard" {
            is_refused(&mut scene.owner, opcode, &args, &data)?;
        }
    }
    scene.goes_on()
}
