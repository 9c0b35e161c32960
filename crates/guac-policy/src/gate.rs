//! The gate of one viewer: what its instructions may do, and what it may be told beside frames.

mod held;
mod inward;
mod meters;
mod outward;
mod replies;
mod streams;

use std::sync::Arc;
use std::time::Duration;

use guac_protocol::{ClientInstruction, Status};

use crate::decision::{Action, Ignored, Refusal, Rule};
use crate::input::{DesktopInput, InputVerdict, ViewerControl};
use crate::limits;
use crate::policy::{Grants, Policy, Restrictions, Role};
use crate::state::{FromViewer, Permitted};
use held::Held;
use meters::{ClipboardMeter, KeyMeter};
use replies::ReplyBudget;
use streams::InputStreams;

/// Decides for one viewer. It holds the viewer's input streams, bounded in number and bytes.
#[derive(Debug)]
pub struct Gate {
    grants: Grants,
    expected: Vec<&'static str>,
    streams: InputStreams,
    held: Held,
    pasted: ClipboardMeter,
    copied: ClipboardMeter,
    typed: Option<KeyMeter>,
    unopened_replies: ReplyBudget,
    next_clipboard_stream: i32,
    counters: Counters,
}

/// How often a viewer's gate decided what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Instructions that went to the desktop or the session.
    pub passed: u64,
    /// Instructions that were refused.
    pub refused: u64,
    /// Instructions without effect, unknown ones included.
    pub ignored: u64,
    /// Instructions whose opcode is not of the protocol.
    pub unknown: u64,
}

impl Gate {
    /// A gate for one viewer. `restrictions` are the viewer's own and, for a joiner, the owner's too
    /// (see [`Restrictions::and`]).
    #[must_use]
    pub fn new(policy: &Arc<Policy>, restrictions: Restrictions, role: Role) -> Self {
        let grants = policy.grants(restrictions, role);
        Self {
            pasted: ClipboardMeter::new(&grants.paste),
            copied: ClipboardMeter::new(&grants.copy),
            typed: grants.keys.as_ref().map(KeyMeter::new),
            grants,
            expected: Vec::new(),
            streams: InputStreams::default(),
            held: Held::default(),
            unopened_replies: ReplyBudget::new(limits::REPLIES_TO_UNOPENED_STREAMS),
            next_clipboard_stream: 0,
            counters: Counters::default(),
        }
    }

    /// Lets the viewer answer these parameters, once each, and no others. An empty list revokes what
    /// was asked before. Without effect for a joiner; only the first
    /// [`limits::EXPECTED_CREDENTIALS`] names count.
    pub fn expect_credentials(&mut self, names: &[&'static str]) {
        self.expected.clear();
        if self.grants.is_owner {
            self.expected
                .extend(names.iter().take(limits::EXPECTED_CREDENTIALS));
        }
    }

    /// Whether clipboard text of the desktop may go to this viewer at all. Where it may go to none,
    /// it need not even be received.
    #[must_use]
    pub const fn may_copy(&self) -> bool {
        self.grants.copy.max_bytes().is_some()
    }

    /// Whether clipboard text of this viewer may go to the desktop at all.
    #[must_use]
    pub const fn may_paste(&self) -> bool {
        self.grants.paste.max_bytes().is_some()
    }

    /// Lets go of every key and button that this viewer holds down, for when it leaves.
    #[must_use]
    pub fn release_all(&mut self) -> Vec<Permitted<DesktopInput>> {
        self.held.release()
    }

    /// How often this gate decided what so far.
    #[must_use]
    pub const fn counters(&self) -> Counters {
        self.counters
    }

    /// Decides about one instruction of the viewer. `now` is the time since any fixed moment; it
    /// never goes back.
    pub fn vet(
        &mut self,
        instruction: FromViewer<ClientInstruction<'_>>,
        now: Duration,
    ) -> InputVerdict {
        let verdict = self.decide(&instruction.0, now);
        match &verdict {
            InputVerdict::Desktop(_) | InputVerdict::Delay { .. } | InputVerdict::Control(_) => {
                self.counters.passed += 1;
            }
            InputVerdict::Ignore(why) => {
                self.counters.ignored += 1;
                self.counters.unknown += u64::from(*why == Ignored::UnknownOpcode);
            }
            InputVerdict::Refuse { why, .. } => {
                self.counters.refused += 1;
                if limits::REFUSALS_PER_VIEWER < self.counters.refused {
                    let why = Refusal {
                        rule: Rule::TooManyRefusals,
                        ..*why
                    };
                    return InputVerdict::End(Status::ClientTooMany, why);
                }
            }
            InputVerdict::End(..) => self.counters.refused += 1,
        }
        verdict
    }

    /// The rule for each instruction. There is no wildcard arm: a new one must get a rule of its own.
    fn decide(&mut self, instruction: &ClientInstruction<'_>, now: Duration) -> InputVerdict {
        match *instruction {
            ClientInstruction::Sync { timestamp } => {
                InputVerdict::Control(ViewerControl::Sync(timestamp))
            }
            ClientInstruction::Nop => InputVerdict::Control(ViewerControl::Nop),
            ClientInstruction::Disconnect => InputVerdict::Control(ViewerControl::Disconnect),
            ClientInstruction::Key { keysym, pressed } => self.key(keysym, pressed, now),
            ClientInstruction::Mouse { x, y, buttons } => self.pointer(x, y, buttons),
            ClientInstruction::Size { width, height } => self.resize(width, height),
            ClientInstruction::Touch { .. } => {
                InputVerdict::Ignore(Ignored::NotSupported(Action::Touch))
            }
            ClientInstruction::Clipboard { stream, mimetype } => {
                self.open_clipboard(stream, mimetype, now)
            }
            ClientInstruction::Argv {
                stream,
                mimetype,
                name,
            } => self.open_parameter(stream, mimetype, name),
            ClientInstruction::File {
                stream, mimetype, ..
            } => self.refuse_stream(stream, Action::File, mimetype),
            ClientInstruction::Pipe {
                stream, mimetype, ..
            } => self.refuse_stream(stream, Action::Pipe, mimetype),
            ClientInstruction::Audio { stream, mimetype } => {
                self.refuse_stream(stream, Action::Audio, mimetype)
            }
            ClientInstruction::Put {
                stream, mimetype, ..
            } => self.refuse_stream(stream, Action::Object, mimetype),
            ClientInstruction::Get { .. } => refuse_silently(Action::Object, 0),
            ClientInstruction::UsbConnect { ref arguments }
            | ClientInstruction::UsbData { ref arguments }
            | ClientInstruction::UsbDisconnect { ref arguments } => {
                refuse_silently(Action::Usb, arguments.iter().map(|text| text.len()).sum())
            }
            ClientInstruction::Blob { stream, base64 } => self.blob(stream, base64),
            ClientInstruction::End { stream } => self.end(stream, now),
            ClientInstruction::Ack { .. } => InputVerdict::Ignore(Ignored::Acknowledgement),
            ClientInstruction::Unknown { opcode, .. } => {
                InputVerdict::Ignore(if opcode.is_empty() {
                    Ignored::Tunnel
                } else {
                    Ignored::UnknownOpcode
                })
            }
        }
    }
}

/// Refuses what has no stream to answer on.
fn refuse_silently(action: Action, size: usize) -> InputVerdict {
    InputVerdict::Refuse {
        reply: None,
        why: Refusal::inward(action, Rule::DefaultDeny, size),
    }
}
