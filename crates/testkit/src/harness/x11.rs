//! X clients for tests: what a person's programs do on the desktop, and what they see of it.

mod keymap;
mod pixels;
mod recorder;
mod selection;
mod sizes;
mod window;

use anyhow::{Context, Result};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat, Screen};
use x11rb::rust_connection::RustConnection;

use crate::picture::Picture;

pub(crate) use keymap::character;
pub use recorder::{Input, Recorder};
pub use selection::{Selection, SelectionOwner, await_selection, read_selection};
pub use window::Window;

/// An X client's connection to a display.
pub struct Desktop {
    connection: RustConnection,
    screen: usize,
    display: String,
}

/// What the server says of the pointer and the keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Pointer position.
    pub position: (i16, i16),
    /// The pressed buttons, 1 for left.
    pub buttons: Vec<u8>,
    /// The key codes that are down.
    pub keys: Vec<u8>,
}

impl Desktop {
    /// Connects to a display.
    ///
    /// # Errors
    /// When nobody serves it.
    pub fn open(display: &str) -> Result<Self> {
        let (connection, screen) =
            x11rb::connect(Some(display)).with_context(|| format!("connect to {display}"))?;
        Ok(Self {
            connection,
            screen,
            display: display.into(),
        })
    }

    /// The size of the screen as it is now.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn size(&self) -> Result<(u16, u16)> {
        let geometry = self.connection.get_geometry(self.root())?.reply()?;
        Ok((geometry.width, geometry.height))
    }

    /// What is on the screen, without the pointer.
    ///
    /// # Errors
    /// When the screen has neither 24 nor 16 bits of colour, or changed its size meanwhile.
    pub fn grab(&self) -> Result<Picture> {
        let (width, height) = self.size()?;
        let all = !0;
        let format = ImageFormat::Z_PIXMAP;
        let image = self
            .connection
            .get_image(format, self.root(), 0, 0, width, height, all)?;
        let image = image.reply()?;
        pixels::picture(&image.data, (width, height), image.depth)
    }

    /// What is pressed and where the pointer is.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn held(&self) -> Result<Held> {
        let pointer = self.connection.query_pointer(self.root())?.reply()?;
        let keymap = self.connection.query_keymap()?.reply()?;
        let mask = u16::from(pointer.mask) >> 8;
        let is_down = |code: &u8| keymap.keys[usize::from(code / 8)] >> (code % 8) & 1 == 1;
        Ok(Held {
            position: (pointer.root_x, pointer.root_y),
            buttons: (1..=5)
                .filter(|button| mask >> (button - 1) & 1 == 1)
                .collect(),
            keys: (8..=255).filter(is_down).collect(),
        })
    }

    /// Waits until the server has carried out everything asked of it so far.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn settle(&self) -> Result<()> {
        self.connection.get_input_focus()?.reply()?;
        Ok(())
    }

    /// Paints the root window with a picture; it stays what windows uncover.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn paint_root(&self, picture: &Picture) -> Result<()> {
        window::paint_background(self, picture)?;
        self.settle()
    }

    /// Puts a window with a picture in it on the screen, without any window manager's say.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn window(&self, x: i16, y: i16, picture: &Picture) -> Result<Window> {
        Window::show(Self::open(&self.display)?, x, y, picture)
    }

    /// Puts a window on the screen that takes the keyboard and notes what happens to it.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn recorder(&self, x: i16, y: i16, width: u16, height: u16) -> Result<Recorder> {
        Recorder::show(Self::open(&self.display)?, x, y, width, height)
    }

    /// Owns selections with a text, until it is dropped.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn own(&self, selections: &[Selection], text: &str) -> Result<SelectionOwner> {
        let text = text.as_bytes();
        self.offer(selections, &[("UTF8_STRING", text), ("STRING", text)])
    }

    /// Owns selections with data of several types, each by the name of its target.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn offer(
        &self,
        selections: &[Selection],
        offers: &[(&str, &[u8])],
    ) -> Result<SelectionOwner> {
        SelectionOwner::start(Self::open(&self.display)?, selections, offers)
    }

    fn depth(&self) -> u8 {
        self.screen().root_depth
    }

    fn screen(&self) -> &Screen {
        &self.connection.setup().roots[self.screen]
    }

    fn root(&self) -> u32 {
        self.screen().root
    }
}
