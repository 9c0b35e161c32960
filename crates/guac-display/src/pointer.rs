//! The pointer of whoever moved last, as the others are shown it.

use crate::clock::Clock;
use crate::frame::Op;
use crate::viewer::ViewerId;
use guac_protocol::Timestamp;

/// Where the pointer is; only the newest place is kept.
#[derive(Debug, Default)]
pub(crate) struct Pointer {
    place: Option<Place>,
    pub(crate) clock: Clock,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    by: ViewerId,
    x: u16,
    y: u16,
    buttons: u8,
}

impl Pointer {
    /// Takes the newest place and says whether it is news.
    pub(crate) fn moved(&mut self, by: ViewerId, x: u16, y: u16, buttons: u8) -> bool {
        let place = Some(Place { by, x, y, buttons });
        let news = self.place != place;
        self.place = place;
        news
    }

    /// Whether somebody else than this viewer has moved it.
    pub(crate) fn is_news_to(&self, viewer: ViewerId) -> bool {
        self.place.is_some_and(|place| place.by != viewer)
    }

    /// What the others are told; `None` if nobody has moved it yet.
    pub(crate) fn mouse(&self, timestamp: Timestamp) -> Option<Op> {
        self.place.map(|place| Op::Mouse {
            x: place.x,
            y: place.y,
            buttons: place.buttons,
            timestamp,
        })
    }
}
