//! A framebuffer that gets another size, whoever wished for it.

use super::{Context, Session};
use crate::{Event, ProtocolError, Rect, ResizeOutcome, input::Input, message::Screen};

impl Session {
    /// Takes the answer to a resize, or a change by the server or another client: which one, is
    /// in the rectangle's x; the result, in its y.
    pub(super) fn extended_size(
        &mut self,
        rect: Rect,
        first: Option<Screen>,
        context: &mut Context<'_>,
    ) -> Result<(), ProtocolError> {
        const BY_THIS_CLIENT: u16 = 1;
        let answer = rect.x == BY_THIS_CLIENT;
        if answer && rect.y != 0 {
            self.screens.settled();
            let refused = ResizeOutcome::Refused { code: rect.y };
            context.outbox.event(Event::ResizeAnswered(refused));
            return Ok(());
        }
        self.resize(rect.width, rect.height, context)?;
        if answer {
            self.screens.settled();
            context
                .outbox
                .event(Event::ResizeAnswered(ResizeOutcome::Accepted));
        }
        if let Some(first) = first {
            self.screens.layout(first, self.size(), context.outbox);
        }
        Ok(())
    }

    /// Follows the server to another size, and asks for everything that is seen there.
    pub(super) fn resize(
        &mut self,
        width: u16,
        height: u16,
        context: &mut Context<'_>,
    ) -> Result<(), ProtocolError> {
        if (width, height) == self.size() {
            return Ok(());
        }
        if !context.config.limits.allow(width, height) {
            return Err(ProtocolError::BadFramebufferSize { width, height });
        }
        (self.width, self.height) = (width, height);
        self.refinement.resized(width, height);
        self.refresh();
        self.screens.settled();
        context.sink.resize(width, height);
        context.outbox.event(Event::Resized { width, height });
        Ok(())
    }
}

impl Screen {
    /// A screen of a layout, whose place is not looked at.
    pub(super) fn take(input: &mut Input<'_>) -> Option<Self> {
        input.whole(|input| {
            let id = input.u32()?;
            let _place: [u8; 8] = input.array()?;
            Some(Self {
                id,
                flags: input.u32()?,
            })
        })
    }
}
