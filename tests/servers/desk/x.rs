//! The screen of an X server.

use anyhow::Result;
use testkit::x11::{Input, Recorder, Selection, SelectionOwner, Window, read_selection};
use testkit::{Desktop, Picture};

use super::{ARROW, Desk, HOTSPOT, INK, PAPER};

/// Where the windows are.
const PICTURE: (i16, i16) = (71, 53);
const RECORDER: (i16, i16, u16, u16) = (450, 100, 300, 200);

/// A screen with a ground, a window with a picture and one that notes its input.
pub(crate) struct Screen {
    desktop: Desktop,
    window: Window,
    recorder: Recorder,
    owner: Option<SelectionOwner>,
    changes: u32,
    can_change_size: bool,
    /// Keeps the server alive whose screen it is, if the VNC server is another one.
    _behind: Option<Box<dyn std::any::Any + Send>>,
}

impl Screen {
    /// Furnishes a screen.
    pub(crate) fn new(desktop: Desktop) -> Result<Self> {
        let (width, height) = desktop.size()?;
        desktop.paint_root(&Picture::blocks(width.into(), height.into(), 1))?;
        let window = desktop.window(PICTURE.0, PICTURE.1, &Picture::pattern(301, 257, 2))?;
        let (x, y, w, h) = RECORDER;
        let recorder = desktop.recorder(x, y, w, h)?;
        Ok(Self {
            desktop,
            window,
            recorder,
            owner: None,
            changes: 0,
            can_change_size: false,
            _behind: None,
        })
    }

    /// The display itself, when the VNC server only shows it.
    pub(crate) fn on(mut self, display: impl std::any::Any + Send) -> Self {
        self._behind = Some(Box::new(display));
        self
    }

    /// Says that the X server can change its size by itself.
    pub(crate) fn resizable(mut self) -> Self {
        self.can_change_size = true;
        self
    }
}

impl Desk for Screen {
    fn size(&mut self) -> Result<(u16, u16)> {
        self.desktop.size()
    }

    fn picture(&mut self) -> Result<Picture> {
        self.desktop.grab()
    }

    fn change(&mut self) -> Result<()> {
        self.changes += 1;
        let coming = Picture::pattern(301, 17, 100 + self.changes);
        self.window.scroll_up(17, &coming)?;
        let step = i16::try_from(self.changes)? * 5;
        self.window.move_to(PICTURE.0 + step, PICTURE.1 + step)
    }

    fn target(&self) -> (u16, u16) {
        (RECORDER.0 as u16 + 100, RECORDER.1 as u16 + 100)
    }

    fn typed(&mut self) -> Result<String> {
        self.recorder.typed()
    }

    fn buttons(&mut self) -> Result<Vec<(u8, bool)>> {
        let button = |input: &Input| match *input {
            Input::Button {
                button, pressed, ..
            } => Some((button, pressed)),
            _ => None,
        };
        Ok(self.recorder.inputs()?.iter().filter_map(button).collect())
    }

    fn forget(&mut self) -> Result<()> {
        self.recorder.clear()
    }

    fn shape_pointer(&mut self) -> Result<Option<(u16, u16)>> {
        self.window.set_cursor(&ARROW, HOTSPOT, INK, PAPER)?;
        Ok(Some((PICTURE.0 as u16 + 100, PICTURE.1 as u16 + 100)))
    }

    fn copy(&mut self, text: &str) -> Result<()> {
        let both = [Selection::Primary, Selection::Clipboard];
        self.owner = Some(self.desktop.own(&both, text)?);
        Ok(())
    }

    fn pasted(&mut self) -> Result<Option<String>> {
        read_selection(&self.desktop, Selection::Clipboard)
    }

    fn change_size(&mut self) -> Result<bool> {
        if self.can_change_size {
            self.desktop.change_size()?;
        }
        Ok(self.can_change_size)
    }
}
