//! Instructions written as words, and verdicts as text.

use std::sync::Arc;
use std::time::Duration;

use guac_policy::{
    ClipboardRule, Control, DesktopInput, FromViewer, Gate, InputVerdict, Permitted, Policy,
    Restrictions, Role, ViewerControl,
};
use guac_protocol::{ClientInstruction, Instructions};
use secrecy::ExposeSecret as _;

/// An instruction on the wire: elements between spaces, `_` for an empty one.
pub(crate) fn wire(line: &str) -> String {
    let element = |word: &str| {
        let word = if word == "_" { "" } else { word };
        format!("{}.{word}", word.chars().count())
    };
    line.split(' ').map(element).collect::<Vec<_>>().join(",") + ";"
}

/// What the gate decides about an instruction.
pub(crate) fn vet(gate: &mut Gate, line: &str) -> InputVerdict {
    vet_at(gate, line, Duration::ZERO)
}

/// The same, at another time.
pub(crate) fn vet_at(gate: &mut Gate, line: &str, now: Duration) -> InputVerdict {
    let bytes = wire(line);
    let raw = Instructions::new(bytes.as_bytes()).next().unwrap().unwrap();
    let instruction = ClientInstruction::parse(&raw).unwrap();
    gate.vet(FromViewer::new(instruction), now)
}

/// The same, as text.
pub(crate) fn say(gate: &mut Gate, line: &str) -> String {
    describe(&vet(gate, line))
}

pub(crate) fn describe(verdict: &InputVerdict) -> String {
    match verdict {
        InputVerdict::Desktop(input) => describe_input(input.get()),
        InputVerdict::Delay { input, wait, .. } => {
            format!(
                "in {} ms: {}",
                wait.as_millis(),
                describe_input(input.get())
            )
        }
        InputVerdict::Control(control) => match control {
            ViewerControl::Sync(timestamp) => format!("sync {}", timestamp.0),
            ViewerControl::Nop => "nop".to_owned(),
            ViewerControl::Disconnect => "disconnect".to_owned(),
            ViewerControl::Accepted { reply } => format!("accepted: {}", text(reply)),
            ViewerControl::Credential { name, value } => {
                format!("credential {name}={}", value.expose_secret())
            }
            ViewerControl::Collecting => "collecting".to_owned(),
        },
        InputVerdict::Refuse { reply, why } => {
            let reply = reply.as_ref().map_or_else(|| "no reply".to_owned(), text);
            format!("{} / {reply}", why.rule.name())
        }
        InputVerdict::Ignore(why) => why.to_string(),
        InputVerdict::End(status, why) => format!("end {status:?}: {why}"),
    }
}

fn describe_input(input: &DesktopInput) -> String {
    match input {
        DesktopInput::Key { keysym, pressed } => format!("key {} {pressed}", keysym.0),
        DesktopInput::Pointer { x, y, buttons } => format!("pointer {x} {y} {buttons}"),
        DesktopInput::Resize { width, height } => format!("resize {width} {height}"),
        DesktopInput::CutText(text) => format!("paste {text}"),
    }
}

/// Instructions to a viewer as words again.
pub(crate) fn text(message: &Permitted<Control>) -> String {
    let lines = Instructions::new(message.get().bytes()).map(|raw| {
        let raw = raw.unwrap();
        std::iter::once(raw.opcode())
            .chain(raw.args())
            .collect::<Vec<_>>()
            .join(" ")
    });
    lines.collect::<Vec<_>>().join("; ")
}

pub(crate) fn gate(policy: Policy, restrictions: Restrictions, role: Role) -> Gate {
    Gate::new(&Arc::new(policy), restrictions, role)
}

pub(crate) fn owner() -> Gate {
    gate(Policy::builtin(), Restrictions::default(), Role::Owner)
}

/// The clipboard allowed both ways, up to this many bytes.
pub(crate) fn clipboard(max_bytes: usize) -> Policy {
    let rule = ClipboardRule::up_to(max_bytes);
    Policy::builder()
        .clipboard_copy(rule.clone())
        .clipboard_paste(rule)
        .build()
}
