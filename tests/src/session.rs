//! The stock client in a page, as the person in front of it has it.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use testkit::wait::{PATIENCE, until, until_true};
use testkit::{Desktop, Picture};

use crate::browser::Page;

/// The stock client's states.
const CONNECTED: u64 = 3;
const DISCONNECTED: u64 = 5;

/// The display's layers in one canvas, as width, height and base64 of its bytes.
const PICTURE: &str = "(async () => {
    const { display } = window.guac;
    const canvas = display.flatten();
    const { width, height } = canvas;
    if (!width || !height) return null;
    const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
    const address = await new Promise(resolve => {
        const reader = new FileReader();
        reader.onload = () => resolve(reader.result);
        reader.readAsDataURL(new Blob([data]));
    });
    return { width, height, data: address.slice(address.indexOf(',') + 1) };
})()";

/// The bytes of the cursor's canvas.
const CURSOR: &str = "(() => {
    const canvas = window.guac.display.getCursorLayer().toCanvas();
    const { width, height } = canvas;
    if (!width || !height) return null;
    return Array.from(canvas.getContext('2d').getImageData(0, 0, width, height).data);
})()";

/// A page with the stock client.
pub struct Session {
    /// The page it runs in.
    pub page: Page,
}

impl Session {
    /// Opens the page; the client connects by itself.
    ///
    /// # Errors
    /// When the browser does not start.
    pub fn open(address: &str) -> Result<Self> {
        let mut page = Page::open(address)?;
        until_true("the client", PATIENCE, || {
            Ok(page.evaluate("!!window.guac")? == true)
        })?;
        Ok(Self { page })
    }

    /// Waits until the client is connected and has drawn a frame.
    ///
    /// # Errors
    /// When it is not in time, with the errors it was told.
    pub fn await_connected(&mut self) -> Result<()> {
        let waited = until_true("the connection", PATIENCE, || {
            let state = self.state()?;
            if state == DISCONNECTED {
                bail!("the client was disconnected: {:?}", self.errors()?);
            }
            Ok(state == CONNECTED && self.frames()? != 0)
        });
        let shown = self.page.evaluate("document.body.innerText")?;
        waited.with_context(|| format!("the page says {shown}"))
    }

    /// Waits until the client is disconnected.
    ///
    /// # Errors
    /// When it is not in time.
    pub fn await_disconnected(&mut self, limit: Duration) -> Result<()> {
        until_true("the end of the session", limit, || {
            Ok(self.state()? == DISCONNECTED)
        })
    }

    /// The client's state.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn state(&mut self) -> Result<u64> {
        self.number("guac.state")
    }

    /// Whether the client is connected.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn is_connected(&mut self) -> Result<bool> {
        Ok(self.state()? == CONNECTED)
    }

    /// The status codes of the errors the client was told.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn errors(&mut self) -> Result<Vec<u64>> {
        let codes = self.page.evaluate("guac.errors.map(error => error.code)")?;
        let codes = codes.as_array().context("errors are a list")?;
        Ok(codes.iter().filter_map(Value::as_u64).collect())
    }

    /// The connection's id, which others join by.
    ///
    /// # Errors
    /// When there is none yet.
    pub fn connection_id(&mut self) -> Result<String> {
        let id = self.page.evaluate("guac.connectionId")?;
        let id = id.as_str().context("a connection has an id")?;
        Ok(if id.starts_with('$') {
            id.to_owned()
        } else {
            format!("${id}")
        })
    }

    /// The frames drawn so far.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn frames(&mut self) -> Result<u64> {
        self.number("guac.syncs")
    }

    /// A number in the page.
    ///
    /// # Errors
    /// When the expression is none.
    pub fn number(&mut self, expression: &str) -> Result<u64> {
        let value = self.page.evaluate(expression)?;
        value
            .as_u64()
            .with_context(|| format!("{expression} is {value}"))
    }

    /// What the client shows of the desktop, without the pointer.
    ///
    /// # Errors
    /// When it shows nothing yet.
    pub fn picture(&mut self) -> Result<Picture> {
        let answer = self.page.evaluate(PICTURE)?;
        let side = |name: &str| {
            answer[name]
                .as_u64()
                .and_then(|side| usize::try_from(side).ok())
        };
        let (width, height) = (side("width"), side("height"));
        let data = answer["data"]
            .as_str()
            .context("the client shows no picture yet")?;
        let bytes = STANDARD.decode(data)?;
        Picture::from_rgba(
            width.context("a width")?,
            height.context("a height")?,
            &bytes,
        )
    }

    /// Waits until the client shows exactly what is on the screen.
    ///
    /// # Errors
    /// When it does not in time, with where it differs; both pictures are then under
    /// `target/pictures`.
    #[track_caller]
    pub fn await_picture(&mut self, name: &str, desktop: &Desktop) -> Result<()> {
        let waited = until("the same picture", PATIENCE, || {
            // Both are taken anew each time: the desktop may still be drawing.
            if self.frames()? == 0 || self.number("guac.display.getWidth()")? == 0 {
                return Ok(None);
            }
            let (shown, wanted) = (self.picture()?, desktop.grab()?);
            let same_size = (shown.width, shown.height) == (wanted.width, wanted.height);
            Ok((same_size && shown.difference(&wanted)?.is_none()).then_some(()))
        });
        let Err(error) = waited else { return Ok(()) };
        let (shown, wanted) = (self.picture()?, desktop.grab()?);
        let path = shown.save(&format!("{name}-browser"))?;
        wanted.save(&format!("{name}-desktop"))?;
        let difference = shown.difference(&wanted)?;
        bail!(
            "{name}: {error}; {difference:?}, see {} and its fellow",
            path.display()
        )
    }

    /// Moves the pointer to the last corner and waits until X has it there: a VNC server draws
    /// the pointer into the picture until its client has moved it.
    ///
    /// # Errors
    /// When the pointer does not get there.
    pub fn park_pointer(&mut self, desktop: &Desktop) -> Result<()> {
        let (width, height) = desktop.size()?;
        let corner = (width - 1, height - 1);
        // Only what lies on the display is its mouse event.
        self.await_size(width, height)?;
        self.page
            .move_mouse(u32::from(width) - 40, u32::from(height) - 40, &[])?;
        self.page
            .move_mouse(corner.0.into(), corner.1.into(), &[])?;
        until_true("the pointer in the corner", PATIENCE, || {
            let (x, y) = desktop.held()?.position;
            Ok((u16::try_from(x)?, u16::try_from(y)?) == corner)
        })
    }

    /// The shape of the cursor, row by row: a colour where it is opaque, nothing where it is clear.
    /// Nothing at all before one has come.
    ///
    /// # Errors
    /// When it is anything in between.
    pub fn cursor(&mut self) -> Result<Option<Vec<Option<u32>>>> {
        let bytes = self.page.evaluate(CURSOR)?;
        let Some(bytes) = bytes.as_array() else {
            return Ok(None);
        };
        let pixel = |b: &[Value]| -> Result<Option<u32>> {
            let part = |index: usize| b[index].as_u64().unwrap_or(0) as u32;
            match part(3) {
                0 => Ok(None),
                255 => Ok(Some(part(0) << 16 | part(1) << 8 | part(2))),
                other => bail!("a pixel of the cursor has opacity {other}"),
            }
        };
        bytes
            .chunks_exact(4)
            .map(pixel)
            .collect::<Result<_>>()
            .map(Some)
    }

    /// Where the cursor's shape points.
    ///
    /// # Errors
    /// When no shape has come.
    pub fn cursor_hotspot(&mut self) -> Result<(u64, u64)> {
        Ok((
            self.number("guac.cursors.at(-1).x")?,
            self.number("guac.cursors.at(-1).y")?,
        ))
    }

    /// Waits until the client's display has this size.
    ///
    /// # Errors
    /// When it does not in time.
    pub fn await_size(&mut self, width: u16, height: u16) -> Result<()> {
        until_true("the display's size", PATIENCE, || {
            let size = (
                self.number("guac.display.getWidth()")?,
                self.number("guac.display.getHeight()")?,
            );
            Ok(size == (width.into(), height.into()))
        })
    }

    /// Asks for another size of the desktop, as a client whose window changed does.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn ask_for_size(&mut self, width: u16, height: u16) -> Result<()> {
        self.page
            .evaluate(&format!("guac.client.sendSize({width}, {height})"))
            .map(drop)
    }

    /// Opens a stream that the daemon refuses, and waits for its answer: all that the page sent
    /// before has then been judged.
    ///
    /// # Errors
    /// When the page is gone, or the stream is not refused.
    pub fn await_refusal(&mut self) -> Result<()> {
        let code = self.page.evaluate(
            "new Promise(resolve => {
                const stream = guac.client.createPipeStream('text/plain', 'barrier');
                stream.onack = status => resolve(status.code);
            })",
        )?;
        ensure!(code == 0x0303, "a pipe is answered with {code}");
        Ok(())
    }

    /// Has the desktop's clipboard set to a text, as a paste does.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn paste(&mut self, text: &str) -> Result<()> {
        let text = Value::from(text).to_string();
        self.page
            .evaluate(&format!("guac.sendClipboard({text})"))
            .map(drop)
    }

    /// The texts of the desktop's clipboard that the client was given.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn clipboard(&mut self) -> Result<Vec<String>> {
        let texts = self.page.evaluate("guac.clipboard")?;
        let texts = texts.as_array().context("texts are a list")?;
        Ok(texts
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect())
    }

    /// Ends the session as a person does who leaves the page for another.
    ///
    /// # Errors
    /// When the client does not get to the end.
    pub fn disconnect(&mut self) -> Result<()> {
        self.page.evaluate("guac.client.disconnect()")?;
        self.await_disconnected(PATIENCE)?;
        ensure!(
            self.errors()?.is_empty(),
            "the end of a session is no error"
        );
        Ok(())
    }
}
