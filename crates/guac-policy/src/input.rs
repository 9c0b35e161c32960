//! What becomes of a viewer's instruction.

use std::fmt;
use std::time::Duration;

use guac_protocol::{Keysym, Status, Timestamp};
use secrecy::SecretString;

use crate::decision::{Ignored, Refusal};
use crate::state::{Control, Permitted};

/// The gate's decision about one instruction of a viewer.
#[derive(Debug)]
pub enum InputVerdict {
    /// It goes to the desktop.
    Desktop(Permitted<DesktopInput>),
    /// It goes to the desktop, but not yet, and before whatever comes after it.
    Delay {
        /// What goes there.
        input: Permitted<DesktopInput>,
        /// In how long.
        wait: Duration,
        /// What to log.
        why: Refusal,
    },
    /// It is for the session, not for the desktop.
    Control(ViewerControl),
    /// It is refused, and the viewer is answered if an answer is due.
    Refuse {
        /// The answer to send at once.
        reply: Option<Permitted<Control>>,
        /// What to log.
        why: Refusal,
    },
    /// It has no effect.
    Ignore(Ignored),
    /// The viewer's session ends with this status.
    End(Status, Refusal),
}

/// Input that may reach the desktop.
#[derive(Clone, PartialEq, Eq)]
pub enum DesktopInput {
    /// A key.
    Key {
        /// Which key.
        keysym: Keysym,
        /// Whether it went down.
        pressed: bool,
    },
    /// The pointer. Positions below 0 or above 65535 arrive as 0 and 65535.
    Pointer {
        /// Horizontal position in pixels.
        x: u16,
        /// Vertical position in pixels.
        y: u16,
        /// Bit 0 left, 1 middle, 2 right, 3 scroll up, 4 scroll down.
        buttons: u8,
    },
    /// The size that the viewer would like: at least 1x1, at most
    /// [`crate::limits::RESIZE_MAX`] each way with the asked proportions kept.
    Resize {
        /// Width in pixels.
        width: u16,
        /// Height in pixels.
        height: u16,
    },
    /// Text for the desktop's clipboard.
    CutText(String),
}

/// Says which kind of input it is and nothing of what was typed.
impl fmt::Debug for DesktopInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key { .. } => f.write_str("Key(..)"),
            Self::Pointer { .. } => f.write_str("Pointer(..)"),
            Self::Resize { width, height } => write!(f, "Resize({width}x{height})"),
            Self::CutText(text) => write!(f, "CutText({} bytes)", text.len()),
        }
    }
}

/// What a viewer tells the session.
#[derive(Debug)]
pub enum ViewerControl {
    /// It has shown the frame of this time.
    Sync(Timestamp),
    /// It is alive.
    Nop,
    /// It leaves.
    Disconnect,
    /// It accepts what it was asked for: the answer to its `argv`. The value follows.
    Accepted {
        /// The answer to send at once.
        reply: Permitted<Control>,
    },
    /// A parameter that the daemon had asked for has arrived whole.
    Credential {
        /// Its name, as it was asked for.
        name: &'static str,
        /// Its value.
        value: SecretString,
    },
    /// Data of an allowed stream has been taken in; more follows.
    Collecting,
}
