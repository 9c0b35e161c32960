//! The screen of a machine without a system.

use anyhow::Result;
use testkit::Picture;
use testkit::servers::{Qemu, VncServer};

use super::Desk;

/// The machine, which is the VNC server too.
pub(crate) struct Machine(pub(crate) Qemu);

impl Desk for Machine {
    fn size(&mut self) -> Result<(u16, u16)> {
        let shown = self.0.screen()?;
        Ok((shown.width.try_into()?, shown.height.try_into()?))
    }

    fn picture(&mut self) -> Result<Picture> {
        self.0.screen()
    }

    fn change(&mut self) -> Result<()> {
        self.0.press_f5()
    }

    fn target(&self) -> (u16, u16) {
        (200, 150)
    }

    fn typed(&mut self) -> Result<String> {
        self.0.typed()
    }

    fn buttons(&mut self) -> Result<Vec<(u8, bool)>> {
        self.0.buttons()
    }

    fn log(&self) -> Vec<String> {
        self.0.log()
    }

    fn forget(&mut self) -> Result<()> {
        self.0.clear()
    }
}
