//! The stock player in a page, and the recording that it plays.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use testkit::Picture;
use testkit::wait::{PATIENCE, until, until_true};

use crate::recording::KeyEvent;
use crate::session::Session;
use crate::stage::WebServer;

/// How what is shown came to be.
#[derive(Clone, Copy)]
pub enum Decoder {
    /// From images without loss, which all decoders read alike.
    Exact,
    /// In part from JPEGs. Two decoders round differently on the way from their frequencies and spread
    /// their halved colours differently: a few levels everywhere, up to fifty at an edge.
    Rounding,
}

impl Decoder {
    fn agrees(self, shown: &Picture, wanted: &Picture) -> Result<bool> {
        match self {
            Self::Exact => Ok(shown.difference(wanted)?.is_none()),
            // A window of the size of an icon that is a row off has a thousand such pixels.
            Self::Rounding => Ok(shown.pixels_apart(wanted, 64)? < 100),
        }
    }
}

/// A page with a loaded recording.
pub struct Player {
    session: Session,
    _web: WebServer,
}

impl Player {
    /// Loads a recording in the player of this stock client's version.
    ///
    /// # Errors
    /// When the player does not take the recording.
    pub fn load(client: &str, recording: &Path) -> Result<Self> {
        let folder = recording.parent().context("a recording has a folder")?;
        let name = recording.file_name().context("a recording has a name")?;
        let web = WebServer::of_recordings(folder)?;
        let address = web.player(client, &name.to_string_lossy());
        let mut player = Self {
            session: Session::open(&address)?,
            _web: web,
        };
        let loaded = until_true("the recording in the player", PATIENCE, || {
            Ok(player.session.page.evaluate("guac.player.loaded")? == true)
        });
        player.ensure_no_errors()?;
        loaded?;
        Ok(player)
    }

    /// Milliseconds from the first frame to the last.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn duration(&mut self) -> Result<u64> {
        self.session.number("guac.player.recording.getDuration()")
    }

    /// The keys that the player lists; nothing from a player that knows of none.
    ///
    /// # Errors
    /// When they are no keys.
    pub fn keys(&mut self) -> Result<Option<Vec<KeyEvent>>> {
        let keys = self.session.page.evaluate("guac.player.keys")?;
        let Some(keys) = keys.as_array() else {
            return Ok(None);
        };
        let event = |key: &Value| {
            Some(KeyEvent {
                keysym: u32::try_from(key[0].as_u64()?).ok()?,
                pressed: key[1].as_bool()?,
                time: key[2].as_i64()?,
            })
        };
        let keys = keys.iter().map(event).collect::<Option<_>>();
        Ok(Some(
            keys.context("a key has a keysym, a state and a time")?,
        ))
    }

    /// Goes to a time, in milliseconds from the first frame.
    ///
    /// # Errors
    /// When the player throws on the way.
    pub fn seek(&mut self, time: u64) -> Result<()> {
        self.session
            .page
            .evaluate(&format!("guac.player.seek({time}).then(() => true)"))?;
        self.ensure_no_errors()
    }

    /// Plays to the last frame, in real time.
    ///
    /// # Errors
    /// When the player throws on the way.
    pub fn play(&mut self) -> Result<()> {
        self.session
            .page
            .evaluate("guac.player.play().then(() => true)")?;
        self.ensure_no_errors()
    }

    /// Waits until the player shows this picture: images are decoded after a frame is said to be shown.
    ///
    /// # Errors
    /// When it does not in time; both pictures are then under `target/pictures`.
    #[track_caller]
    pub fn await_picture(&mut self, name: &str, wanted: &Picture, by: Decoder) -> Result<()> {
        let waited = until("the picture in the player", PATIENCE, || {
            if self.session.number("guac.display.getWidth()")? == 0 {
                return Ok(None);
            }
            let shown = self.session.picture()?;
            let same_size = (shown.width, shown.height) == (wanted.width, wanted.height);
            Ok((same_size && by.agrees(&shown, wanted)?).then_some(()))
        });
        if waited.is_err() {
            self.session.picture()?.save(&format!("{name}-player"))?;
            wanted.save(&format!("{name}-wanted"))?;
        }
        waited.with_context(|| format!("{name}: see target/pictures"))
    }

    fn ensure_no_errors(&mut self) -> Result<()> {
        let errors = self.session.page.evaluate("guac.player.errors")?;
        let is_none = errors.as_array().is_some_and(Vec::is_empty);
        ensure!(is_none, "the player says {errors}");
        Ok(())
    }
}
