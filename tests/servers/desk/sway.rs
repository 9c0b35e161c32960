//! The output of a Wayland compositor.

use anyhow::Result;
use testkit::Picture;
use testkit::process::Process;
use testkit::servers::Sway;

use super::{Desk, SIZE};

/// An output with a ground and a window that notes its input.
pub(crate) struct Compositor {
    sway: Sway,
    changes: u32,
    copied: Option<Process>,
}

impl Compositor {
    /// Furnishes an output.
    pub(crate) fn new(sway: Sway) -> Result<Self> {
        let mut compositor = Self {
            sway,
            changes: 0,
            copied: None,
        };
        compositor.change()?;
        Ok(compositor)
    }
}

impl Desk for Compositor {
    fn size(&mut self) -> Result<(u16, u16)> {
        let shown = self.sway.screen()?;
        Ok((shown.width.try_into()?, shown.height.try_into()?))
    }

    fn picture(&mut self) -> Result<Picture> {
        self.sway.screen()
    }

    fn change(&mut self) -> Result<()> {
        self.changes += 1;
        let (width, height) = SIZE;
        let mut ground = Picture::blocks(width.into(), height.into(), self.changes);
        ground.draw(71, 53, &Picture::pattern(301, 257, 100 + self.changes));
        self.sway.paint_background(&ground)
    }

    fn target(&self) -> (u16, u16) {
        (500, 200)
    }

    fn typed(&mut self) -> Result<String> {
        Ok(self.sway.typed())
    }

    fn buttons(&mut self) -> Result<Vec<(u8, bool)>> {
        Ok(self.sway.buttons())
    }

    fn forget(&mut self) -> Result<()> {
        self.sway.clear();
        Ok(())
    }

    fn copy(&mut self, text: &str) -> Result<()> {
        self.copied = Some(self.sway.copy(text)?);
        Ok(())
    }

    fn pasted(&mut self) -> Result<Option<String>> {
        self.sway.paste()
    }

    fn change_size(&mut self) -> Result<bool> {
        self.sway.resize((1001, 701))?;
        Ok(true)
    }
}
