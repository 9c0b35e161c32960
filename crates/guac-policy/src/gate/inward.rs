//! The rules for what a viewer sends.

use std::time::Duration;

use guac_protocol::{Keysym, Status, StreamIndex};
use secrecy::SecretString;

use super::streams::{Body, BodyError, Stream};
use super::{Gate, ReplyBudget, replies};
use crate::decision::{Action, DataKind, Ignored, Refusal, Rule};
use crate::input::{DesktopInput, InputVerdict, ViewerControl};
use crate::limits;
use crate::policy::{Excess, ResizeRule};
use crate::state::Permitted;

impl Gate {
    pub(super) fn key(&mut self, keysym: Keysym, pressed: bool, now: Duration) -> InputVerdict {
        if !self.grants.input {
            return InputVerdict::Ignore(Ignored::ReadOnly(Action::Keyboard));
        }
        let Some(budget) = self.grants.keys else {
            return self.press(keysym, pressed);
        };
        if !pressed {
            // Releases cost nothing, so there is none without its key: it could say as much.
            return if self.held.holds(keysym) {
                self.press(keysym, pressed)
            } else {
                InputVerdict::Ignore(Ignored::Discarded(Action::Keyboard))
            };
        }
        let wait = self
            .typed
            .as_mut()
            .map_or(Duration::ZERO, |meter| meter.wait(now));
        let why = Refusal::inward(Action::Keyboard, Rule::KeyBudget, 0);
        match budget.excess {
            Excess::Refuse if !wait.is_zero() => InputVerdict::Refuse { reply: None, why },
            Excess::End if !wait.is_zero() => InputVerdict::End(Status::ClientForbidden, why),
            Excess::Refuse | Excess::End | Excess::Delay => match self.press(keysym, pressed) {
                InputVerdict::Desktop(input) => {
                    if let Some(meter) = &mut self.typed {
                        meter.spend();
                    }
                    if wait.is_zero() {
                        InputVerdict::Desktop(input)
                    } else {
                        InputVerdict::Delay { input, wait, why }
                    }
                }
                other => other,
            },
        }
    }

    fn press(&mut self, keysym: Keysym, pressed: bool) -> InputVerdict {
        if is_half_a_pair(keysym) || !self.held.key(keysym, pressed) {
            return InputVerdict::Ignore(Ignored::OutOfRange(Action::Keyboard));
        }
        desktop(DesktopInput::Key { keysym, pressed })
    }

    pub(super) fn pointer(&mut self, x: i32, y: i32, buttons: i32) -> InputVerdict {
        if !self.grants.input {
            return InputVerdict::Ignore(Ignored::ReadOnly(Action::Pointer));
        }
        let [buttons, ..] = buttons.to_le_bytes();
        let (x, y) = (saturate(x), saturate(y));
        self.held.pointer(x, y, buttons);
        desktop(DesktopInput::Pointer { x, y, buttons })
    }

    pub(super) fn resize(&self, width: i32, height: i32) -> InputVerdict {
        if !self.grants.input {
            return InputVerdict::Ignore(Ignored::ReadOnly(Action::Resize));
        }
        if !self.grants.is_owner {
            return InputVerdict::Ignore(Ignored::NotOwner(Action::Resize));
        }
        if !self.grants.resize.allow {
            return InputVerdict::Ignore(Ignored::Denied(Action::Resize, Rule::Resize));
        }
        match fit(width, height, self.grants.resize) {
            Some((width, height)) => desktop(DesktopInput::Resize { width, height }),
            None => InputVerdict::Ignore(Ignored::OutOfRange(Action::Resize)),
        }
    }

    pub(super) fn open_clipboard(
        &mut self,
        stream: StreamIndex,
        mimetype: &str,
        now: Duration,
    ) -> InputVerdict {
        let Some(limits) = self.grants.paste.limits() else {
            return self.refuse_stream(stream, Action::Clipboard, mimetype);
        };
        let max_bytes = limits.max_bytes;
        if !limits.takes(mimetype) {
            let why = Refusal::inward(Action::Clipboard, Rule::ClipboardTextOnly, 0);
            return self.refuse_stream_by(stream, why, mimetype);
        }
        if let Err(rule) = self.pasted.check(0, now) {
            let why = Refusal::inward(Action::Clipboard, rule, 0);
            return self.refuse_stream_by(stream, why, mimetype);
        }
        let Some(index) = self.opened(stream) else {
            return unusable(stream, Action::Clipboard);
        };
        self.streams.supersede(Action::Clipboard, None);
        self.streams
            .open(index, Stream::Clipboard(Body::new(max_bytes)));
        InputVerdict::Control(ViewerControl::Collecting)
    }

    pub(super) fn open_parameter(
        &mut self,
        stream: StreamIndex,
        mimetype: &str,
        name: &str,
    ) -> InputVerdict {
        let Some(name) = self
            .expected
            .iter()
            .copied()
            .find(|expected| *expected == name)
        else {
            return self.refuse_stream(stream, Action::Parameter, mimetype);
        };
        let Some(index) = self.opened(stream) else {
            return unusable(stream, Action::Parameter);
        };
        self.streams.supersede(Action::Parameter, Some(name));
        let body = Body::new(limits::CREDENTIAL_MAX_BYTES);
        self.streams.open(index, Stream::Parameter { name, body });
        InputVerdict::Control(ViewerControl::Accepted {
            reply: replies::parameter_accepted(stream),
        })
    }

    /// Refuses a stream by the rule that stands for its action.
    pub(super) fn refuse_stream(
        &mut self,
        stream: StreamIndex,
        action: Action,
        mimetype: &str,
    ) -> InputVerdict {
        let rule = match action {
            Action::Clipboard => self.grants.no_paste,
            Action::Parameter => Rule::ParameterNotAsked,
            _ => Rule::DefaultDeny,
        };
        self.refuse_stream_by(stream, Refusal::inward(action, rule, 0), mimetype)
    }

    fn refuse_stream_by(
        &mut self,
        stream: StreamIndex,
        why: Refusal,
        mimetype: &str,
    ) -> InputVerdict {
        let Refusal { action, rule, .. } = why;
        let Some(index) = self.opened(stream) else {
            return unusable(stream, action);
        };
        let replies = ReplyBudget::new(limits::REPLIES_PER_REFUSED_STREAM);
        self.streams.open(
            index,
            Stream::Refused {
                action,
                rule,
                replies,
            },
        );
        InputVerdict::Refuse {
            reply: Some(replies::refused(stream, action, rule)),
            why: why.of_kind(Some(DataKind::of(mimetype))),
        }
    }

    pub(super) fn blob(&mut self, stream: StreamIndex, base64: &str) -> InputVerdict {
        let size = base64.len() / 4 * 3;
        let Some(open) = self.streams.get_mut(stream) else {
            return self.not_open(stream, size);
        };
        let (action, result) = match open {
            Stream::Clipboard(body) => (Action::Clipboard, body.append(base64)),
            Stream::Parameter { body, .. } => (Action::Parameter, body.append(base64)),
            Stream::Superseded(action) => return InputVerdict::Ignore(Ignored::Discarded(*action)),
            Stream::Refused {
                action,
                rule,
                replies,
            } => {
                let reply = replies
                    .take()
                    .then(|| replies::refused(stream, *action, *rule));
                return InputVerdict::Refuse {
                    reply,
                    why: Refusal::inward(*action, *rule, size),
                };
            }
        };
        match result {
            Ok(()) => InputVerdict::Control(ViewerControl::Collecting),
            Err(error) => {
                // The body is dropped here, and what still comes is refused without being kept.
                let (rule, status, text) = explain(action, error);
                let replies = ReplyBudget::new(limits::REPLIES_PER_REFUSED_STREAM);
                *open = Stream::Refused {
                    action,
                    rule,
                    replies,
                };
                InputVerdict::Refuse {
                    reply: Some(replies::ack(stream, text, status)),
                    why: Refusal::inward(action, rule, size),
                }
            }
        }
    }

    pub(super) fn end(&mut self, stream: StreamIndex, now: Duration) -> InputVerdict {
        match self.streams.close(stream) {
            None => self.not_open(stream, 0),
            Some(Stream::Refused { action, .. } | Stream::Superseded(action)) => {
                InputVerdict::Ignore(Ignored::Discarded(action))
            }
            Some(Stream::Clipboard(body)) => match body.into_text() {
                Ok(text) => self.paste(stream, text, now),
                Err(size) => malformed(stream, Action::Clipboard, size),
            },
            Some(Stream::Parameter { name, body }) => match body.into_text() {
                Ok(text) => {
                    self.expected.retain(|expected| *expected != name);
                    let value = SecretString::from(text);
                    InputVerdict::Control(ViewerControl::Credential { name, value })
                }
                Err(size) => malformed(stream, Action::Parameter, size),
            },
        }
    }

    /// Lets a whole text through, if it does not come too soon or is too much in too short a time.
    fn paste(&mut self, stream: StreamIndex, text: String, now: Duration) -> InputVerdict {
        match self.pasted.check(text.len(), now) {
            Ok(()) => {
                self.pasted.spend(text.len());
                desktop(DesktopInput::CutText(text))
            }
            Err(rule) => InputVerdict::Refuse {
                reply: Some(replies::too_often(stream)),
                why: Refusal::inward(Action::Clipboard, rule, text.len())
                    .of_kind(Some(DataKind::Text)),
            },
        }
    }

    /// The slot of a stream that is about to be opened; whatever was open there is closed.
    fn opened(&mut self, stream: StreamIndex) -> Option<u16> {
        let index = u16::try_from(stream.0)
            .ok()
            .filter(|index| *index < limits::INPUT_STREAMS)?;
        drop(self.streams.close(stream));
        self.unopened_replies = ReplyBudget::new(limits::REPLIES_TO_UNOPENED_STREAMS);
        Some(index)
    }

    /// Answers data of a stream that is not open, unless that has been answered often enough.
    fn not_open(&mut self, stream: StreamIndex, size: usize) -> InputVerdict {
        let reply = self
            .unopened_replies
            .take()
            .then(|| replies::invalid_stream(stream));
        let why = Refusal::inward(Action::Stream, Rule::StreamIndex, size);
        InputVerdict::Refuse { reply, why }
    }
}

const fn desktop(input: DesktopInput) -> InputVerdict {
    InputVerdict::Desktop(Permitted::new(input))
}

/// Refuses to open a stream whose index is out of range.
fn unusable(stream: StreamIndex, action: Action) -> InputVerdict {
    InputVerdict::Refuse {
        reply: Some(replies::invalid_stream(stream)),
        why: Refusal::inward(action, Rule::StreamIndex, 0),
    }
}

/// Refuses a body that is not text once it is whole.
fn malformed(stream: StreamIndex, action: Action, size: usize) -> InputVerdict {
    let (rule, status, text) = explain(action, BodyError::Malformed);
    InputVerdict::Refuse {
        reply: Some(replies::ack(stream, text, status)),
        why: Refusal::inward(action, rule, size),
    }
}

const fn explain(action: Action, error: BodyError) -> (Rule, Status, &'static str) {
    match error {
        BodyError::Malformed => (
            Rule::MalformedData,
            Status::ClientBadType,
            "Malformed data.",
        ),
        BodyError::TooLong => {
            let rule = match action {
                Action::Clipboard => Rule::ClipboardMaxBytes,
                _ => Rule::ParameterMaxBytes,
            };
            (rule, Status::ClientOverrun, "Too much data.")
        }
    }
}

fn saturate(position: i32) -> u16 {
    u16::try_from(position.max(0)).unwrap_or(u16::MAX)
}

/// Brings a size into range with its proportions kept, as stock guacd does. `None` where a side is
/// zero or negative.
fn fit(width: i32, height: i32, rule: ResizeRule) -> Option<(u16, u16)> {
    let (width, height) = (i64::from(width), i64::from(height));
    if width <= 0 || height <= 0 {
        return None;
    }
    let (widest, highest) = (i64::from(rule.max_width), i64::from(rule.max_height));
    let (width, height) = if width <= widest && height <= highest {
        (width, height)
    } else if highest * width <= widest * height {
        (width * highest / height, highest)
    } else {
        (widest, height * widest / width)
    };
    Some((
        u16::try_from(width.max(1)).ok()?,
        u16::try_from(height.max(1)).ok()?,
    ))
}

/// Whether a key symbol stands for one half of a surrogate pair, which is no character. The stock
/// client types the second half after each character beyond the first plane.
fn is_half_a_pair(keysym: Keysym) -> bool {
    (0x0100_d800..0x0100_e000).contains(&keysym.0)
}
