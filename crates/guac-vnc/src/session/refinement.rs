//! Asking again, lossless, for what is shown lossy.
//!
//! What has been still for some moments is asked for in pieces, one at a time, with encodings that
//! have no loss; between pieces and when much that is new comes, the configured ones are back. How
//! long a moment is, the caller decides, who has a clock.

use super::losses::Losses;
use crate::{ClientConfig, Rect, encoding::Loss, message, outbox::Outbox};

/// Pixels beside a piece in one update, or lossy ones between two moments, that mean that much is
/// new: no further piece follows at once.
const MUCH_IS_NEW: usize = 256 * 256;

/// Moments that pass before a piece is asked for though much is new in all of them.
const BUSY_MOMENTS: u8 = 5;

/// Updates after which a piece that has not come is not waited for any longer.
const UPDATES_WITHOUT_ANSWER: u8 = 8;

/// What is lossy, and what is done about it.
#[derive(Debug, Default)]
pub(super) struct Refinement {
    losses: Losses,
    /// What the server was told last.
    told: Loss,
    /// The piece to ask for next.
    due: Option<Rect>,
    /// The one piece that was asked for and has not come yet.
    asked: Option<Asked>,
    /// Whether the server answered with JPEG when no quality was asked for.
    ignores_quality: bool,
    /// Lossy pixels since the last moment.
    new: usize,
    busy_moments: u8,
}

#[derive(Debug)]
struct Asked {
    area: Rect,
    /// Pixels that have not come.
    left: usize,
    /// Whether some that came are lossy.
    in_vain: bool,
    /// Updates that have ended since.
    updates: u8,
    /// Other pixels of the update that is coming.
    beside: usize,
}

impl Refinement {
    /// The picture has this size from now on, and is sent anew.
    pub(super) fn resized(&mut self, width: u16, height: u16) {
        self.losses = Losses::new(width, height);
        self.asked = None;
        self.due = None;
    }

    /// A rectangle of pixels came.
    pub(super) fn drawn(&mut self, rect: Rect, lossy: bool) {
        self.losses.drawn(rect, lossy);
        if lossy {
            self.new = self.new.saturating_add(rect.area());
        }
        if let Some(asked) = &mut self.asked {
            let inside = asked.area.common_area(rect);
            asked.left = asked.left.saturating_sub(inside);
            asked.beside = asked.beside.saturating_add(rect.area() - inside);
            asked.in_vain |= lossy && inside != 0;
        }
    }

    /// A rectangle was copied from elsewhere in the picture.
    pub(super) fn copied(&mut self, source: Rect, x: u16, y: u16) {
        self.losses.copied(source, x, y);
    }

    /// An update is complete. If it answers for a piece, the next one is due at once, unless there
    /// are better things to do.
    pub(super) fn update_ended(&mut self) {
        let Some(asked) = &mut self.asked else {
            return;
        };
        asked.updates += 1;
        let beside = std::mem::take(&mut asked.beside);
        let has_come = asked.in_vain || asked.left == 0;
        if !has_come && asked.updates < UPDATES_WITHOUT_ANSWER {
            return;
        }
        self.ignores_quality |= asked.in_vain;
        self.asked = None;
        if has_come && beside < MUCH_IS_NEW {
            self.due = self.losses.piece();
        }
    }

    /// Whether [`moment_passed`](Self::moment_passed) is to be called.
    pub(super) fn is_wanted(&self) -> bool {
        let is_asking = self.asked.is_some() || self.due.is_some();
        self.losses.are_moving() || !is_asking && self.losses.are_wanted()
    }

    /// A moment has passed.
    pub(super) fn moment_passed(&mut self) {
        self.losses.moment_passed();
        let is_busy = MUCH_IS_NEW <= std::mem::take(&mut self.new);
        if is_busy && self.busy_moments < BUSY_MOMENTS {
            self.busy_moments += 1;
        } else {
            self.busy_moments = 0;
            if self.asked.is_none() {
                self.due = self.losses.piece();
            }
        }
    }

    /// Asks for the piece that is due, or goes back to what is configured once nothing is.
    pub(super) fn catch_up(&mut self, config: &ClientConfig, outbox: &mut Outbox) {
        let Some(area) = self.due.take() else {
            if self.asked.is_none() {
                self.tell(Loss::AsConfigured, config, outbox);
            }
            return;
        };
        let is_asked_for_jpeg = config.quality_level.is_some();
        self.tell(
            if is_asked_for_jpeg && !self.ignores_quality {
                Loss::None
            } else {
                Loss::Impossible
            },
            config,
            outbox,
        );
        outbox.send(&message::update_request(false, area));
        self.losses.asked(area);
        self.asked = Some(Asked {
            area,
            left: area.area(),
            in_vain: false,
            updates: 0,
            beside: 0,
        });
    }

    fn tell(&mut self, loss: Loss, config: &ClientConfig, outbox: &mut Outbox) {
        if self.told != loss {
            outbox.send(&message::set_encodings(config, loss));
            self.told = loss;
        }
    }

    /// Bytes of memory held.
    pub(super) fn held_bytes(&self) -> usize {
        self.losses.held_bytes()
    }
}
