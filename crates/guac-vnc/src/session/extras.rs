//! Messages of other families of servers: UltraVNC's, PalmVNC's, the general input interface's,
//! QEMU's, and xvp (community specification, "Message Types", "gii", "QEMU Server Message", "xvp").
//!
//! Nobody asks for them but for xvp. Some servers send them all the same, so what can be passed
//! over is passed over, and a new size is taken for what it is.

use super::{Context, Session, State};
use crate::{Error, Event, ProtocolError, collect::Collect, input::Input, message};

/// Lengths above this are no lengths: UltraVNC's chat is opened, closed or finished.
const CHAT_SIGNALS: u32 = 0xffff_fffc;

const XVP_FAILED: u8 = 0;
const XVP_INIT: u8 = 1;

/// What to do with the machine that a desktop runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum XvpAction {
    /// Shut it down in order.
    ShutDown,
    /// Shut it down in order and start it again.
    Reboot,
    /// Start it again at once, as its button would.
    Reset,
}

impl XvpAction {
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::ShutDown => 2,
            Self::Reboot => 3,
            Self::Reset => 4,
        }
    }
}

/// A message that is arriving.
#[derive(Debug)]
pub(super) enum Extra {
    /// UltraVNC's change of size.
    Size,
    /// PalmVNC's change of size: of the desktop, then of the framebuffer.
    PalmSize,
    /// UltraVNC's chat.
    Chat,
    /// The general input interface's, with a length in the order that its first byte says.
    Gii,
    Qemu,
    /// Sound of QEMU's, of which the length comes next.
    QemuSound,
    Xvp,
    /// What nobody wants.
    Rest(Collect),
}

/// What a message says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Nothing,
    Size(u16, u16),
    Xvp { version: u8, code: u8 },
}

impl Extra {
    /// The message of this type, if it is one of these.
    pub(super) fn of(kind: u8) -> Option<Self> {
        match kind {
            4 => Some(Self::Size),
            11 => Some(Self::Chat),
            // A sign of life, which says nothing more.
            13 => Some(Self::Rest(Collect::new(0, 0))),
            15 => Some(Self::PalmSize),
            // A number of some state of the server and its value.
            173 => Some(Self::Rest(Collect::new(11, 0))),
            250 => Some(Self::Xvp),
            253 => Some(Self::Gii),
            255 => Some(Self::Qemu),
            _ => None,
        }
    }

    /// Takes the message after its type. `None` waits for more.
    fn feed(&mut self, input: &mut Input<'_>) -> Result<Option<Said>, ProtocolError> {
        let rest = |length: u32| Self::Rest(Collect::new(length.into(), 0));
        Ok(match self {
            Self::Size => input.whole(|input| {
                input.u8()?;
                Some(Said::Size(input.u16()?, input.u16()?))
            }),
            Self::PalmSize => input
                .array()
                .map(|[_, _, _, _, _, size @ .., _, _]: [u8; 11]| {
                    let [w0, w1, h0, h1] = size;
                    Said::Size(u16::from_be_bytes([w0, w1]), u16::from_be_bytes([h0, h1]))
                }),
            Self::Chat => match input.array::<7>() {
                None => None,
                Some([_, _, _, length @ ..]) => {
                    *self = rest(match u32::from_be_bytes(length) {
                        signal if CHAT_SIGNALS < signal => 0,
                        length => length,
                    });
                    return self.feed(input);
                }
            },
            Self::Gii => match input.array::<3>() {
                None => None,
                Some([kind, length @ ..]) => {
                    *self = rest(u32::from(if kind & 0x80 == 0 {
                        u16::from_le_bytes(length)
                    } else {
                        u16::from_be_bytes(length)
                    }));
                    return self.feed(input);
                }
            },
            Self::Qemu => match input.array::<3>() {
                None => None,
                // Sound ends, or begins.
                Some([1, 0, 0 | 1]) => Some(Said::Nothing),
                Some([1, 0, 2]) => {
                    *self = Self::QemuSound;
                    return self.feed(input);
                }
                Some(_) => return Err(ProtocolError::UnknownMessage(255)),
            },
            Self::QemuSound => match input.u32() {
                None => None,
                Some(length) => {
                    *self = rest(length);
                    return self.feed(input);
                }
            },
            Self::Xvp => input
                .array()
                .map(|[_, version, code]: [u8; 3]| Said::Xvp { version, code }),
            Self::Rest(rest) => rest.feed(input).then_some(Said::Nothing),
        })
    }
}

impl Session {
    /// Takes what is there of such a message. `None` waits for more.
    pub(super) fn extra_step(
        &mut self,
        input: &mut Input<'_>,
        context: &mut Context<'_>,
    ) -> Result<Option<State>, Error> {
        let said = match &mut self.state {
            State::Extra(extra) => extra.feed(input)?,
            _ => Some(Said::Nothing),
        };
        match said {
            None => return Ok(None),
            Some(Said::Nothing) => {}
            Some(Said::Size(width, height)) => self.resize(width, height, context)?,
            Some(Said::Xvp { version, code }) if context.config.xvp => match code {
                XVP_INIT => {
                    self.xvp = Some(version);
                    context.outbox.event(Event::XvpAvailable);
                }
                XVP_FAILED => context.outbox.event(Event::XvpFailed),
                _ => {}
            },
            Some(Said::Xvp { .. }) => {}
        }
        Ok(Some(State::MessageType))
    }

    /// Tells the server what to do with its machine, if it said that it takes such orders.
    pub(crate) fn xvp(&self, action: XvpAction, outbox: &mut crate::outbox::Outbox) -> bool {
        if let Some(version) = self.xvp {
            outbox.send(&message::xvp(version, action.code()));
        }
        self.xvp.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds a message after its type, whole and cut at every byte.
    fn said(kind: u8, bytes: &[u8]) -> Said {
        for cut in 0..bytes.len() {
            let (start, end) = bytes.split_at(cut);
            let mut extra = Extra::of(kind).unwrap();
            let mut waiting = Input::new(start);
            assert_eq!(extra.feed(&mut waiting), Ok(None), "cut at {cut}");
            let rest = [waiting.rest(), end].concat();
            let said = extra.feed(&mut Input::new(&rest)).unwrap();
            assert!(said.is_some(), "cut at {cut}");
        }
        let with_more = [bytes, &[9]].concat();
        let mut input = Input::new(&with_more);
        let said = Extra::of(kind).unwrap().feed(&mut input);
        assert_eq!(input.rest(), [9], "nothing behind it is taken");
        said.unwrap().unwrap()
    }

    #[test]
    fn each_message_has_its_length() {
        assert_eq!(said(4, &[0, 1, 2, 3, 4]), Said::Size(0x102, 0x304));
        let palm = [0, 9, 9, 9, 9, 1, 2, 3, 4, 0, 0];
        assert_eq!(said(15, &palm), Said::Size(0x102, 0x304));
        assert_eq!(said(13, &[]), Said::Nothing);
        assert_eq!(said(173, &[7; 11]), Said::Nothing);
        assert_eq!(said(11, b"\0\0\0\0\0\0\x05hello"), Said::Nothing);
        for signal in 0xfd..=0xff {
            let chat = [0, 0, 0, 0xff, 0xff, 0xff, signal];
            assert_eq!(said(11, &chat), Said::Nothing);
        }
        for gii in [[0x81, 0, 4, 0, 1, 0, 1], [0x01, 4, 0, 1, 0, 1, 0]] {
            assert_eq!(said(253, &gii), Said::Nothing, "in either order");
        }
        for sound in [&[1, 0, 0][..], &[1, 0, 1], b"\x01\0\x02\0\0\0\x03hum"] {
            assert_eq!(said(255, sound), Said::Nothing);
        }
        let xvp = Said::Xvp {
            version: 1,
            code: 1,
        };
        assert_eq!(said(250, &[0, 1, 1]), xvp);
        assert!(Extra::of(7).is_none(), "files have no length of their own");
    }
}
