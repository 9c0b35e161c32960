//! The stock player plays the daemon's recordings: to the end, forth and back, and down to the pixel.
//!
//! Three draw the same: the viewer who was there, the stock player, and `guac-canvas`.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use system_tests::keyboard::type_ascii;
use system_tests::policy::open_daemon;
use system_tests::stage::{CLIENTS, SIZE};
use system_tests::{Decoder, Player, Recorded, Session, Stage};
use tempfile::TempDir;
use testkit::vnc_server::message::raw_update;
use testkit::vnc_server::{ClientMessage, FakeVncServer, Script};
use testkit::wait::{PATIENCE, until, until_true};
use testkit::x11::{Recorder, Selection, SelectionOwner, Window, await_selection};
use testkit::{FakeClient, Guacd, Handshake, Picture, Viewer};

const TYPED: &str = "typed";
const PASTED: &str = "pasted ß€漢";
const COPIED: &str = "copied é漢";

/// What a viewer saw last, and what has to stay on the desktop for that.
struct Worked {
    live: Picture,
    _left_open: (Window, Recorder, SelectionOwner),
}

/// A desktop under a daemon that records it, and a browser that looks at it.
struct Scene {
    stage: Stage,
    session: Session,
    folder: TempDir,
}

impl Scene {
    fn open() -> Result<Self> {
        let folder = TempDir::new()?;
        let stage = Stage::with(
            &testkit::Xvnc::options().geometry(SIZE.0, SIZE.1),
            open_daemon()?,
        )?;
        let path = folder.path().display().to_string();
        let session = stage.open(
            "1.6.0",
            &[
                ("recording-path", &path),
                ("recording-name", "session"),
                ("recording-include-keys", "true"),
                ("recording-include-clipboard", "true"),
            ],
        )?;
        Ok(Self {
            stage,
            session,
            folder,
        })
    }

    fn recording(&self) -> PathBuf {
        self.folder.path().join("session")
    }

    /// A person works for a while; what the browser shows in the end, for as long as this lives.
    fn work(&mut self) -> Result<Worked> {
        let (session, desktop) = (&mut self.session, &self.stage.desktop);
        desktop.paint_root(&Picture::pattern(SIZE.0.into(), SIZE.1.into(), 1))?;
        let window = desktop.window(71, 53, &Picture::pattern(301, 257, 2))?;
        let mut typed = desktop.recorder(500, 50, 200, 100)?;
        session.page.move_mouse(550, 100, &[])?;
        type_ascii(&mut session.page, TYPED)?;
        typed.await_typed(TYPED, PATIENCE)?;
        session.paste(PASTED)?;
        await_selection(desktop, Selection::Clipboard, PASTED)?;
        let owner = desktop.own(&[Selection::Clipboard], COPIED)?;
        until_true("the text in the browser", PATIENCE, || {
            Ok(session.clipboard()?.iter().any(|text| text == COPIED))
        })?;
        for (step, (x, y)) in (100..).zip([(80, 60), (300, 200), (479, 333), (5, 340)]) {
            window.scroll_up(17, &Picture::pattern(301, 17, step))?;
            window.move_to(x, y)?;
            let frames = session.frames()?;
            until_true("a frame", PATIENCE, || Ok(frames < session.frames()?))?;
        }
        session.ask_for_size(901, 701)?;
        until_true("the new size", PATIENCE, || {
            Ok(desktop.size()? == (901, 701))
        })?;
        session.park_pointer(desktop)?;
        session.await_picture("playback-live", desktop)?;
        let live = session.picture()?;
        Ok(Worked {
            live,
            _left_open: (window, typed, owner),
        })
    }

    /// Scrolls until the recording is so long that the player keeps more than one state of its own.
    fn go_on(&mut self) -> Result<Window> {
        let window = (self.stage.desktop).window(40, 40, &Picture::pattern(120, 90, 3))?;
        let (path, mut seed) = (self.recording(), 1_000);
        until_true("a recording of six seconds", PATIENCE, || {
            seed += 1;
            window.scroll_up(5, &Picture::pattern(120, 5, seed))?;
            Ok(6_000 < Recorded::read(&path)?.duration())
        })?;
        Ok(window)
    }
}

/// Plays a recording in a stock player to the end, back and forth.
fn play(client: &str, path: &Path, name: &str) -> Result<()> {
    let recorded = Recorded::read(path)?;
    let mut player = Player::load(client, path)?;
    ensure!(player.duration()? == recorded.duration(), "the duration");
    if let Some(keys) = player.keys()? {
        ensure!(
            keys == recorded.keys,
            "{keys:?} are not {:?}",
            recorded.keys
        );
    } else {
        ensure!(client == "1.5.0", "the player lists no keys");
    }
    let name = format!("{name}-{client}");
    player.play()?;
    player.await_picture(&name, &recorded.last_picture()?, Decoder::Exact)?;
    let last = recorded.frames.len() - 1;
    for frame in [0, last / 2, last / 3, last * 3 / 4, 0, last] {
        // A player that is asked for a time goes to any of the frames that have it.
        let time = recorded.time_of(frame);
        let same = recorded
            .frames
            .iter()
            .filter(|f| f.time == recorded.frames[frame].time);
        if same.count() == 1 {
            player.seek(time)?;
            let wanted = recorded.picture_of(frame)?;
            // What comes to rest is sent again without loss.
            let by = if frame == last {
                Decoder::Exact
            } else {
                Decoder::Rounding
            };
            player.await_picture(&format!("{name}-frame-{frame}"), &wanted, by)?;
        }
    }
    Ok(())
}

#[test]
fn a_recording_plays_to_the_end_and_back() -> Result<()> {
    let mut scene = Scene::open()?;
    let _worked = scene.work()?;
    let _window = scene.go_on()?;
    scene.session.park_pointer(&scene.stage.desktop)?;
    scene
        .session
        .await_picture("playback", &scene.stage.desktop)?;
    let live = scene.session.picture()?;
    let log = scene.stage.guacd.log().len();
    scene.session.disconnect()?;
    scene.stage.guacd.await_log("\" removed.", log, PATIENCE)?;

    let recorded = Recorded::read(&scene.recording())?;
    ensure!(recorded.cut == 0, "the end of the file is cut");
    let typed: String = (recorded.keys.iter().filter(|key| key.pressed))
        .filter_map(|key| char::from_u32(key.keysym))
        .collect();
    assert_eq!(typed, TYPED);
    let texts = [(63, PASTED.to_owned()), (62, COPIED.to_owned())];
    assert_eq!(recorded.texts, texts);
    assert_eq!(live.difference(&recorded.last_picture()?)?, None);
    for client in CLIENTS {
        play(client, &scene.recording(), "playback")?;
    }
    Ok(())
}

#[test]
fn a_recording_of_a_killed_daemon_plays_to_the_last_picture() -> Result<()> {
    let mut scene = Scene::open()?;
    let worked = scene.work()?;
    scene.stage.guacd.kill()?;
    let path = scene.recording();
    let recorded = Recorded::read(&path)?;
    assert_eq!(worked.live.difference(&recorded.last_picture()?)?, None);
    for client in CLIENTS {
        play(client, &path, "killed")?;
    }
    // Killed in the middle of a write.
    OpenOptions::new()
        .append(true)
        .open(&path)?
        .write_all(b"3.img,1.1,2.14,1.0,9.image/png,1.0,1.0;4.blob,1.1,8064.iVBORw0KGgo")?;
    ensure!(0 < Recorded::read(&path)?.cut, "the end of the file is cut");
    for client in CLIENTS {
        play(client, &path, "cut")?;
    }
    Ok(())
}

#[test]
fn a_recording_in_progress_plays_as_far_as_it_is() -> Result<()> {
    let mut scene = Scene::open()?;
    let worked = scene.work()?;
    for client in CLIENTS {
        let recorded = Recorded::read(&scene.recording())?;
        assert_eq!(worked.live.difference(&recorded.last_picture()?)?, None);
        play(client, &scene.recording(), "in-progress")?;
    }
    ensure!(scene.session.is_connected()?, "the session went on");
    Ok(())
}

/// A user types into a desktop that has shown nothing yet.
fn typing_early(folder: &Path, has_picture: bool) -> Result<Option<Picture>> {
    let daemon = Guacd::start()?;
    let server = FakeVncServer::start(Script::Withhold)?;
    let handshake = Handshake::vnc(server.port())
        .with("recording-path", &folder.display().to_string())
        .with("recording-name", "session")
        .with("recording-include-keys", "true");
    let mut owner = FakeClient::open(daemon.address(), &handshake)?;
    // Keys before there is a desktop go nowhere: this one waits until it is connected.
    let asked = |said: &[ClientMessage]| {
        let request = |m: &ClientMessage| matches!(m, ClientMessage::Request { .. });
        said.iter().any(request).then_some(())
    };
    server.await_messages("a request", PATIENCE, asked)?;
    for pressed in ["1", "0"] {
        owner.send("key", &["97", pressed])?;
    }
    let released = ClientMessage::Key {
        keysym: 97,
        pressed: false,
    };
    server.await_messages("the key", PATIENCE, |said| {
        said.contains(&released).then_some(())
    })?;
    let mut viewer = Viewer::new(owner);
    let mut shown = None;
    if has_picture {
        server.send(&raw_update(0, 0, 320, 200, 0x12_3456))?;
        shown = Some(viewer.await_shown("the picture", |viewer| {
            let picture = viewer.picture()?;
            let wanted = Picture::filled(320, 200, 0x12_3456);
            Ok((picture == wanted).then_some(picture))
        })?);
    }
    drop(viewer);
    until_true("the end of the session", PATIENCE, || {
        Ok(server.connections() == 0)
    })?;
    Ok(shown)
}

#[test]
fn keys_before_the_first_frame_do_not_keep_the_player_from_loading() -> Result<()> {
    let folder = TempDir::new()?;
    let path = folder.path().join("session");
    let live = typing_early(folder.path(), true)?.context("a picture")?;
    let recorded = Recorded::read(&path)?;
    let keys: Vec<_> = recorded
        .keys
        .iter()
        .map(|k| (k.keysym, k.pressed))
        .collect();
    assert_eq!(keys, [(97, true), (97, false)]);
    assert_eq!(live.difference(&recorded.last_picture()?)?, None);
    for client in CLIENTS {
        play(client, &path, "early-keys")?;
    }
    Ok(())
}

#[test]
fn keys_of_a_session_that_never_showed_anything_are_kept() -> Result<()> {
    let folder = TempDir::new()?;
    let path = folder.path().join("session");
    typing_early(folder.path(), false)?;
    let text = until("the recording", PATIENCE, || {
        Ok(Some(fs::read_to_string(&path)?).filter(|text| !text.is_empty()))
    })?;
    ensure!(text.matches("3.key,2.97").count() == 2, "{text}");
    for client in CLIENTS {
        let mut player = Player::load(client, &path)?;
        assert_eq!(player.duration()?, 0);
        if let Some(keys) = player.keys()? {
            assert_eq!(keys.len(), 2);
        }
    }
    Ok(())
}
