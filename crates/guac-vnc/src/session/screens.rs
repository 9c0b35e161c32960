//! Sizes: what the server's screens are, and what this client wants them to be (community
//! specification, "ExtendedDesktopSize Pseudo-encoding" and "SetDesktopSize").

use crate::{
    Limits,
    message::{self, Screen},
    outbox::Outbox,
};

/// What became of a wish for another framebuffer size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResizeRequest {
    /// The server was asked. Its answer, if it ever comes, is
    /// [`Event::ResizeAnswered`](crate::Event::ResizeAnswered).
    Sent {
        /// The width asked for, after clamping.
        width: u16,
        /// The height asked for, after clamping.
        height: u16,
    },
    /// The server has not said yet that it can be resized. The newest wish is kept, and sent
    /// once it says so.
    Deferred,
    /// The framebuffer has this size, or was asked to have it.
    Unchanged,
    /// A width or height of 0 means nothing.
    Ignored,
}

/// What is known of the server's screens.
#[derive(Debug, Default)]
pub(crate) struct Screens {
    /// The first of the server's screens, once it said that it can be resized.
    first: Option<Screen>,
    /// The size asked for and not answered yet.
    asked: Option<(u16, u16)>,
    /// The size wanted since before the server said that it can be resized.
    wanted: Option<(u16, u16)>,
}

impl Screens {
    pub(crate) fn request(
        &mut self,
        width: u16,
        height: u16,
        current: (u16, u16),
        outbox: &mut Outbox,
    ) -> ResizeRequest {
        if width == 0 || height == 0 {
            return ResizeRequest::Ignored;
        }
        let Some(screen) = self.first else {
            self.wanted = Some((width, height));
            return ResizeRequest::Deferred;
        };
        if self.asked.unwrap_or(current) == (width, height) {
            return ResizeRequest::Unchanged;
        }
        self.asked = Some((width, height));
        outbox.send(&message::set_desktop_size(width, height, screen));
        ResizeRequest::Sent { width, height }
    }

    /// The server told its layout: it can be resized. Sends the wish that waited for this.
    pub(crate) fn layout(&mut self, first: Screen, current: (u16, u16), outbox: &mut Outbox) {
        self.first = Some(first);
        if let Some((width, height)) = self.wanted.take() {
            self.request(width, height, current, outbox);
        }
    }

    /// The server answered a request, or changed its size by itself: the next wish is sent
    /// whatever it is.
    pub(crate) const fn settled(&mut self) {
        self.asked = None;
    }
}

impl Limits {
    /// Whether a server's framebuffer may have this size.
    pub(crate) const fn allow(&self, width: u16, height: u16) -> bool {
        0 < width && 0 < height && width <= self.max_width && height <= self.max_height
    }

    /// The largest size within the limits that has nearly the same proportions. A side of 0
    /// stays what it is.
    pub(crate) fn clamp(&self, width: u16, height: u16) -> (u16, u16) {
        if width == 0 || height == 0 {
            return (width, height);
        }
        let scaled = |side: u16, limit: u16, other: u16| {
            let scaled = u32::from(side) * u32::from(limit) / u32::from(other.max(1));
            u16::try_from(scaled.max(1)).unwrap_or(u16::MAX)
        };
        let (mut width, mut height) = (width, height);
        if self.max_width < width {
            (width, height) = (self.max_width, scaled(height, self.max_width, width));
        }
        if self.max_height < height {
            (width, height) = (scaled(width, self.max_height, height), self.max_height);
        }
        (width, height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CURRENT: (u16, u16) = (800, 600);
    const SCREEN: Screen = Screen {
        id: 0xfeed,
        flags: 3,
    };

    #[test]
    fn sizes_above_the_limit_keep_their_proportions() {
        let limits = Limits::default();
        assert_eq!(limits.clamp(20000, 10000), (8192, 4096));
        assert_eq!(limits.clamp(10000, 20000), (4096, 8192));
        assert_eq!(limits.clamp(65535, 65535), (8192, 8192));
        assert_eq!(limits.clamp(65535, 1), (8192, 1));
        assert_eq!(limits.clamp(1024, 768), (1024, 768));
        assert_eq!(limits.clamp(0, 20000), (0, 20000));
    }

    #[test]
    fn a_wish_waits_until_the_server_can_be_resized() {
        let (mut screens, mut outbox) = (Screens::default(), Outbox::default());
        assert_eq!(
            screens.request(0, 5, CURRENT, &mut outbox),
            ResizeRequest::Ignored
        );
        assert_eq!(
            screens.request(640, 480, CURRENT, &mut outbox),
            ResizeRequest::Deferred
        );
        assert_eq!(
            screens.request(1024, 768, CURRENT, &mut outbox),
            ResizeRequest::Deferred
        );
        assert_eq!(outbox.take_bytes(), None);
        screens.layout(SCREEN, CURRENT, &mut outbox);
        assert_eq!(
            outbox.take_bytes(),
            Some(message::set_desktop_size(1024, 768, SCREEN))
        );
        screens.layout(SCREEN, CURRENT, &mut outbox);
        assert_eq!(outbox.take_bytes(), None);
    }

    #[test]
    fn nothing_is_sent_for_a_size_that_is_there_or_asked_for() {
        let (mut screens, mut outbox) = (Screens::default(), Outbox::default());
        screens.layout(SCREEN, CURRENT, &mut outbox);
        assert_eq!(
            screens.request(800, 600, CURRENT, &mut outbox),
            ResizeRequest::Unchanged
        );
        let sent = ResizeRequest::Sent {
            width: 640,
            height: 480,
        };
        assert_eq!(screens.request(640, 480, CURRENT, &mut outbox), sent);
        assert_eq!(
            screens.request(640, 480, CURRENT, &mut outbox),
            ResizeRequest::Unchanged
        );
        // Back to what is there still: the server will have changed by then.
        let back = ResizeRequest::Sent {
            width: 800,
            height: 600,
        };
        assert_eq!(screens.request(800, 600, CURRENT, &mut outbox), back);
        screens.settled();
        assert_eq!(
            screens.request(800, 600, CURRENT, &mut outbox),
            ResizeRequest::Unchanged
        );
    }
}
