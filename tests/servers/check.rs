//! What each row is looked at for.

use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use testkit::servers::Certificate;
use testkit::wait::PATIENCE;
use testkit::{FakeClient, Guacd, Handshake, Picture, Tap, Viewer};

use crate::desk::{ARROW, Desk, HOTSPOT, INK, PAPER};
use crate::row::{Clipboard, Resize, Row, Security, Trust};
use crate::start::{Address, PASSWORD, Started, USERNAME};
use crate::wire;

/// Typed in every row: with and without Shift, a digit and a sign.
const TEXT: &str = "aZ9!";

/// Copied in every row, on the desktop and by the viewer.
const COPIED: &str = "Kreuzotter-7419";
const PASTED: &str = "Zimtstern-2086";

/// The answer to what the policy denies.
const FORBIDDEN: i64 = 0x0303;

/// Sizes that a viewer asks for.
const OTHER_SIZE: (u16, u16) = (1001, 701);

/// A row with everything running.
pub(crate) struct Check<'a> {
    row: &'a Row,
    started: &'a mut Started,
    daemon: &'a mut Guacd,
    /// The wire to the server, where it is a port.
    tap: Option<Tap>,
    viewer: Viewer,
    /// What has been found right so far.
    pub(crate) done: Vec<&'static str>,
}

impl<'a> Check<'a> {
    /// Starts the daemon that a row needs.
    pub(crate) fn daemon(row: &Row, started: &Started) -> Result<Guacd> {
        if row.is_open {
            return system_tests::policy::open_daemon();
        }
        let mut command = Command::new(testkit::guacd::binary()?);
        if let Address::Socket(path) = &started.address {
            command.arg(format!("--allow=unix:{}", path.display()));
        }
        Guacd::start_command(&mut command)
    }

    /// Connects through the daemon.
    pub(crate) fn connect(
        row: &'a Row,
        started: &'a mut Started,
        daemon: &'a mut Guacd,
    ) -> Result<Self> {
        let (tap, mut handshake) = match &started.address {
            Address::Port(port) => {
                let tap = Tap::start(([127, 0, 0, 1], *port).into())?;
                let handshake = Handshake::vnc(tap.address().port());
                (Some(tap), handshake)
            }
            Address::Socket(path) => {
                let hostname = format!("unix:{}", path.display());
                (None, Handshake::default().with("hostname", &hostname))
            }
        };
        let (width, height) = started.desk.size()?;
        handshake.size = (width.into(), height.into(), 96);
        for (name, value) in parameters(row, started)? {
            handshake = handshake.with(name, &value);
        }
        let client = FakeClient::open(daemon.address(), &handshake)?;
        Ok(Self {
            row,
            started,
            daemon,
            tap,
            viewer: Viewer::new(client),
            done: Vec::new(),
        })
    }

    /// Goes through all there is to look at.
    pub(crate) fn run(&mut self) -> Result<()> {
        if self.row.is_refused() {
            self.refusal().context("refusal")?;
            self.done.push("refusal");
            return Ok(());
        }
        type Step<'a> = (&'static str, fn(&mut Check<'a>) -> Result<()>);
        let steps: [Step<'a>; 10] = [
            ("connection", Self::connection),
            ("security", Self::security),
            ("picture", Self::picture),
            ("encoding", Self::encoding),
            ("change", Self::change),
            ("cursor", Self::cursor),
            ("keys", Self::keys),
            ("buttons", Self::buttons),
            ("clipboard", Self::clipboard),
            ("resize", Self::resize),
        ];
        for (name, step) in steps {
            step(self).context(name)?;
            self.done.push(name);
        }
        Ok(())
    }

    /// The viewer is told that it is over before it is shown anything, and the daemon's log why.
    fn refusal(&mut self) -> Result<()> {
        let shown = self.viewer.await_shown("the first frame", |viewer| {
            Ok((viewer.frames() != 0).then_some(()))
        });
        let Err(error) = shown else {
            bail!("a server that nobody vouches for was shown");
        };
        ensure!(
            format!("{error:#}").contains("the session ended"),
            "{error:#}"
        );
        ensure!(self.viewer.frames() == 0, "something was shown first");
        let reason = self.row.reason();
        self.daemon.await_log(reason, 0, PATIENCE).map(drop)
    }

    /// The session comes up.
    fn connection(&mut self) -> Result<()> {
        self.viewer.await_shown("the first frame", |viewer| {
            Ok((viewer.frames() != 0).then_some(()))
        })
    }

    /// The daemon says by which security type it was let in.
    fn security(&mut self) -> Result<()> {
        let wanted = self.row.security.logged();
        let wanted = wanted.context("a type that is never used")?;
        // The daemon with the open policy is one that keeps no log.
        if !self.row.is_open {
            let wanted = format!("security: {wanted}.");
            self.daemon.await_log(&wanted, 0, PATIENCE)?;
        }
        Ok(())
    }

    /// The viewer shows what the server has on its screen.
    fn picture(&mut self) -> Result<()> {
        // Some servers draw the pointer into the picture until it has been moved.
        let (width, height) = self.started.desk.size()?;
        self.viewer.point(width - 40, height - 40, 0)?;
        self.viewer.point(width - 1, height - 1, 0)?;
        self.await_same("the same picture")
    }

    /// The server has sent the encoding that was asked for, and can be asked for another size or not
    /// as expected, where its bytes can be read.
    fn encoding(&mut self) -> Result<()> {
        let wanted = match self.row.encoding {
            "" => "raw",
            encoding => encoding,
        };
        let pixel = match self.row.depth {
            "8" => 1,
            "16" => 2,
            _ => 4,
        };
        if let (Some(tap), true) = (&self.tap, self.row.security.is_clear()) {
            let sent = wire::opening(&tap.from_daemon(), pixel)?;
            let wanted = wire::Opening {
                encoding: wire::number(wanted)?,
                takes_sizes: self.row.server.resize() != Resize::Unknown,
            };
            ensure!(sent == Some(wanted), "{sent:?} and not {wanted:?}");
        }
        Ok(())
    }

    /// What changes on the screen changes for the viewer.
    fn change(&mut self) -> Result<()> {
        let before = self.started.desk.picture()?;
        self.started.desk.change()?;
        self.await_desk("a change on the desktop itself", |desk| {
            Ok(desk.picture()?.difference(&before)?.is_some())
        })?;
        self.await_same("the changed picture")
    }

    /// The pointer's shape is the desktop's, where the server tells it.
    fn cursor(&mut self) -> Result<()> {
        let place = self.started.desk.shape_pointer()?;
        ensure!(place.is_some() == self.row.server.tells_cursor());
        let Some((x, y)) = place else {
            return Ok(());
        };
        self.viewer.point(x, y, 0)?;
        let waited = self.viewer.await_shown("the pointer's shape", |viewer| {
            let Some(cursor) = viewer.cursor() else {
                return Ok(None);
            };
            let at = (cursor.hotspot_x, cursor.hotspot_y);
            let is_there = at == (HOTSPOT.0.into(), HOTSPOT.1.into());
            Ok((is_there && cursor.picture.to_pixels() == arrow()).then_some(()))
        });
        waited.with_context(|| match self.viewer.cursor() {
            Some(cursor) => format!("{cursor:?}: {:08x?}", cursor.picture.to_pixels()),
            None => "no shape has come".into(),
        })
    }

    /// What is typed reaches the desktop as the characters it means.
    fn keys(&mut self) -> Result<()> {
        let (x, y) = self.started.desk.target();
        self.viewer.point(x, y, 0)?;
        self.viewer.type_text(TEXT)?;
        let waited = self.await_desk("the typed text", |desk| Ok(desk.typed()? == TEXT));
        let typed = self.started.desk.typed()?;
        waited.with_context(|| format!("{typed:?} was typed"))
    }

    /// Three buttons go down and up in order, and nothing else does.
    fn buttons(&mut self) -> Result<()> {
        self.started.desk.forget()?;
        let (x, y) = self.started.desk.target();
        let changes = [
            (1, true),
            (1, false),
            (2, true),
            (2, false),
            (3, true),
            (3, false),
        ];
        for (index, mask) in [1, 0, 2, 0, 4, 0].into_iter().enumerate() {
            // One after the other, as a hand does it: a PS/2 mouse forgets what comes at once.
            self.viewer.point(x, y, mask)?;
            let wanted = &changes[..=index];
            let waited = self.await_desk("a button", |desk| Ok(desk.buttons()? == wanted));
            let pressed = self.started.desk.buttons()?;
            waited.with_context(|| format!("{pressed:?} were pressed"))?;
        }
        Ok(())
    }

    /// Copied text crosses in neither direction, or in both where the policy lets it.
    fn clipboard(&mut self) -> Result<()> {
        let crosses = self.row.is_open && self.row.server.clipboard() == Clipboard::Crosses;
        self.viewer.paste(&STANDARD.encode(PASTED))?;
        if !self.row.is_open {
            self.viewer
                .await_shown("the answer to the paste", |viewer| {
                    Ok(viewer.answers().contains(&FORBIDDEN).then_some(()))
                })?;
        }
        if crosses {
            self.await_desk("the pasted text", |desk| {
                Ok(desk.pasted()?.as_deref() == Some(PASTED))
            })?;
        }
        self.started.desk.copy(COPIED)?;
        if crosses {
            self.viewer.await_shown("the copied text", |viewer| {
                Ok(viewer.streams().contains(&"clipboard".into()).then_some(()))
            })?;
        }
        // The way there and back, and one more picture: whatever was to come has come.
        self.started.desk.forget()?;
        self.keys()?;
        self.change()?;
        if !crosses {
            let streams = self.viewer.streams();
            ensure!(streams.is_empty(), "{streams:?} reached the viewer");
            let pasted = self.started.desk.pasted()?;
            ensure!(pasted.as_deref() != Some(PASTED), "the paste has crossed");
        }
        Ok(())
    }

    /// The desktop takes the size that is asked for, or the wish does no harm.
    fn resize(&mut self) -> Result<()> {
        let before = self.started.desk.size()?;
        self.viewer.ask_for_size(OTHER_SIZE.0, OTHER_SIZE.1)?;
        let wanted = match self.row.server.resize() {
            Resize::Follows => OTHER_SIZE,
            Resize::Refuses | Resize::Unknown => before,
        };
        self.await_desk("the size", |desk| Ok(desk.size()? == wanted))?;
        self.change()?;
        ensure!(self.started.desk.size()? == wanted, "the size has changed");
        if self.started.desk.change_size()? {
            self.await_desk("another size", |desk| Ok(desk.size()? != wanted))?;
            self.await_same("the picture of a size that the server has chosen")?;
        }
        Ok(())
    }

    /// Waits for something on the desktop, while the viewer goes on.
    fn await_desk(
        &mut self,
        what: &str,
        mut condition: impl FnMut(&mut dyn Desk) -> Result<bool>,
    ) -> Result<()> {
        let desk = &mut self.started.desk;
        self.viewer
            .await_shown(what, |_| Ok(condition(desk.as_mut())?.then_some(())))
    }

    /// Waits until the viewer shows what the server shows, as this row's pixels have it.
    fn await_same(&mut self, what: &str) -> Result<()> {
        let (row, desk) = (self.row, &mut self.started.desk);
        let waited = self.viewer.await_shown(what, |viewer| {
            // Both are taken anew each time: the desktop may still be drawing.
            let (shown, wanted) = (viewer.picture()?, expected(row, desk.as_mut())?);
            let same_size = (shown.width, shown.height) == (wanted.width, wanted.height);
            Ok((same_size && shown.difference(&wanted)?.is_none()).then_some(()))
        });
        let Err(error) = waited else { return Ok(()) };
        let (shown, wanted) = (self.viewer.picture()?, expected(row, desk.as_mut())?);
        let name: String = row
            .to_string()
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        let path = shown.save(&format!("{name}-viewer"))?;
        wanted.save(&format!("{name}-server"))?;
        let difference = shown.difference(&wanted);
        Err(error.context(format!("{difference:?}, see {}", path.display())))
    }
}

/// The parameters of the connection, beside where the server is.
fn parameters(row: &Row, started: &Started) -> Result<Vec<(&'static str, String)>> {
    let mut parameters = vec![
        ("encodings", row.encoding.to_owned()),
        ("color-depth", row.depth.to_owned()),
        ("quality-level", row.quality.to_owned()),
    ];
    if row.security.has_password() {
        parameters.push(("password", PASSWORD.to_owned()));
    }
    if row.security == Security::X509Plain {
        parameters.push(("username", USERNAME.to_owned()));
    }
    let certificate = || started.certificate.as_ref().context("a certificate");
    match row.trust {
        Trust::Nothing => {}
        Trust::Authority => {
            let authority = std::fs::read_to_string(certificate()?.authority())?;
            parameters.push(("vnc-ca-certificate", authority));
        }
        Trust::Fingerprint => {
            parameters.push(("vnc-fingerprint", certificate()?.fingerprint().to_owned()));
        }
        Trust::OtherFingerprint => {
            let other = Certificate::generate()?;
            parameters.push(("vnc-fingerprint", other.fingerprint().to_owned()));
        }
    }
    Ok(parameters)
}

fn expected(row: &Row, desk: &mut dyn Desk) -> Result<Picture> {
    Ok(row
        .server
        .rules()
        .apply(&desk.picture()?, row.screen, row.depth))
}

/// The pixels of the pointer's shape with their opacity.
fn arrow() -> Vec<u32> {
    let pixel = |c: char| match c {
        '#' => 0xff00_0000 | INK,
        '.' => 0xff00_0000 | PAPER,
        _ => 0,
    };
    ARROW
        .iter()
        .flat_map(|row| row.chars().map(pixel))
        .collect()
}
