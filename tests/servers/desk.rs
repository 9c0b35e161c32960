//! The desktop behind a server, seen and touched from its own side.

mod qemu;
mod sway;
mod x;

use anyhow::Result;
use testkit::Picture;

pub(crate) use qemu::Machine;
pub(crate) use sway::Compositor;
pub(crate) use x::Screen;

/// The size of the desktops whose size can be chosen: not a multiple of any tile's.
pub(crate) const SIZE: (u16, u16) = (801, 603);

/// The shape that a pointer has where one can be given to it, and where it points.
pub(crate) const ARROW: [&str; 5] = ["#....", "##...", "###..", "## ..", "#  .."];
pub(crate) const HOTSPOT: (u16, u16) = (3, 2);
pub(crate) const INK: u32 = 0xff_0000;
pub(crate) const PAPER: u32 = 0x00_00ff;

/// A desktop with something on it that notes what is typed and clicked.
pub(crate) trait Desk {
    /// Its size.
    fn size(&mut self) -> Result<(u16, u16)>;

    /// What it shows, without the pointer.
    fn picture(&mut self) -> Result<Picture>;

    /// Changes what it shows.
    fn change(&mut self) -> Result<()>;

    /// Where what is clicked is noted.
    fn target(&self) -> (u16, u16);

    /// What was typed since [`Desk::forget`].
    fn typed(&mut self) -> Result<String>;

    /// The buttons that went down or up since then, 1 for left, 2 for middle, 3 for right.
    fn buttons(&mut self) -> Result<Vec<(u8, bool)>>;

    /// Forgets what was typed and clicked.
    fn forget(&mut self) -> Result<()>;

    /// Gives the pointer the shape [`ARROW`] and says where it has it; nothing where none is told.
    fn shape_pointer(&mut self) -> Result<Option<(u16, u16)>> {
        Ok(None)
    }

    /// Copies a text, if the desktop has a clipboard; it holds it from then on.
    fn copy(&mut self, _text: &str) -> Result<()> {
        Ok(())
    }

    /// The text that somebody else has put on its clipboard, if the desktop has one.
    fn pasted(&mut self) -> Result<Option<String>> {
        Ok(None)
    }

    /// The log of the VNC server, where that is the desktop itself.
    fn log(&self) -> Vec<String> {
        Vec::new()
    }

    /// Changes its size by itself, if it can.
    fn change_size(&mut self) -> Result<bool> {
        Ok(false)
    }
}
