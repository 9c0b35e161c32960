//! The policy's gates against a tiny model of the policy.
//!
//! Bytes become a policy, a viewer's restrictions and role, and a sequence of what viewers send,
//! what desktops copy, what the daemon would say and show, and of time that passes. What passes the
//! real gates has to be what the model allows: no more, and no less.

mod model;
mod outward;
mod script;
mod site;

use std::sync::Arc;
use std::time::Duration;

use guac_policy::{DesktopInput, FrameGate, FromDesktop, FromViewer, Gate};
use guac_policy::{InputVerdict, ViewerControl};
use guac_protocol::{ClientInstruction, Instructions, RawInstruction, ServerInstruction};
use secrecy::ExposeSecret as _;

use model::{Effect, Viewer};
use script::{Line, Script, Step};
use site::Site;

/// What passes the gates is what the model of the policy allows.
pub fn policy_gate(bytes: &[u8]) {
    let mut script = Script::new(bytes);
    let site = Site::choose(&mut script);
    let policy = Arc::new(site.policy());
    let mut gate = Gate::new(&policy, site.restrictions(), site.role());
    let mut frames = FrameGate::new(policy);
    assert_eq!(gate.may_paste(), site.pastes().is_some());
    assert_eq!(gate.may_copy(), site.copies().is_some());
    let mut model = Viewer::new(&site);
    let mut now = Duration::ZERO;
    while let Some(step) = script.step() {
        match step {
            Step::Wait(time) => now += time,
            Step::Ask(names) => {
                gate.expect_credentials(&names);
                model.ask(&names);
            }
            Step::Viewer(lines) => {
                let mut lines = lines.iter();
                if lines.any(|line| viewer(&mut gate, &mut model, line, now)) {
                    break;
                }
            }
            Step::Copy(text) => copy(&mut gate, &mut model, &text, now),
            Step::Say(line) => {
                let bytes = line.wire();
                let said = gate.vet_control(&server(&raw(&bytes)));
                assert_eq!(said.is_ok(), model.says(&line), "{line:?}");
                if let Ok(said) = said {
                    assert_eq!(said.get().bytes(), bytes.as_bytes());
                }
            }
            Step::Show(lines) => show(&mut frames, &site, &lines),
        }
    }
    // Whatever happened, what is held down comes up, and nothing else moves.
    let let_go = gate.release_all();
    let let_go: Vec<_> = let_go.iter().map(|input| effect(input.get())).collect();
    model.release(let_go);
}

/// Puts one instruction of a viewer to both; whether the session has ended.
fn viewer(gate: &mut Gate, model: &mut Viewer<'_>, line: &Line, now: Duration) -> bool {
    let bytes = line.wire();
    let raw = raw(&bytes);
    let instruction = ClientInstruction::parse(&raw).expect("lines make sense");
    let verdict = gate.vet(FromViewer::new(instruction), now);
    let allowed = model.vet(line, now);
    assert_eq!(seen(&verdict), allowed, "{line:?} at {now:?}");
    if let InputVerdict::Refuse { reply, .. } = &verdict {
        let reply = reply
            .as_ref()
            .map(|reply| String::from_utf8_lossy(reply.get().bytes()).into_owned());
        answer(line, reply.as_deref());
    }
    allowed == Effect::End
}

/// A refusal to open a stream is answered at once, on that stream; whatever is answered is a
/// refusal too.
fn answer(line: &Line, reply: Option<&str>) {
    let stream = line.opened_stream();
    assert!(stream.is_none() || reply.is_some(), "no answer to {line:?}");
    let Some(reply) = reply else { return };
    let raw = raw(reply);
    assert_eq!(raw.opcode(), "ack", "{line:?}");
    let told: Vec<&str> = raw.args().collect();
    let forbidden = told[2] == "771";
    match stream {
        Some(stream) => {
            assert_eq!(told[0], stream.to_string(), "{line:?}");
            assert_eq!(forbidden, (0..512).contains(&stream), "{line:?}");
        }
        None => assert_eq!(told[0], line.args[0], "{line:?}"),
    }
    assert_ne!(told[2], "0", "{line:?}");
}

fn copy(gate: &mut Gate, model: &mut Viewer<'_>, text: &str, now: Duration) {
    let copied = gate.vet_clipboard(FromDesktop::new(text), now);
    assert_eq!(
        copied.is_ok(),
        model.copy(text, now),
        "{} bytes",
        text.len()
    );
    let Ok(copied) = copied else { return };
    let lines: Vec<_> = Instructions::new(copied.get().bytes())
        .map(|raw| raw.expect("what is written is well-formed"))
        .collect();
    let pieces: Vec<_> = text.as_bytes().chunks(6048).map(script::base64).collect();
    assert_eq!(lines.len(), pieces.len() + 2);
    let stream = lines[0].args().next().expect("a stream has an index");
    for (at, line) in lines.iter().enumerate() {
        let args: Vec<_> = line.args().collect();
        match (line.opcode(), at) {
            ("clipboard", 0) => assert_eq!(args, [stream, "text/plain"]),
            ("end", at) if at == pieces.len() + 1 => assert_eq!(args, [stream]),
            ("blob", at) => assert_eq!(args, [stream, &pieces[at - 1]]),
            other => panic!("{other:?} stands in a text"),
        }
    }
}

fn show(gate: &mut FrameGate, site: &Site, lines: &[Line]) {
    let bytes: String = lines.iter().map(Line::wire).collect();
    let raws: Vec<_> = Instructions::new(bytes.as_bytes())
        .map(|raw| raw.expect("lines are well-formed"))
        .collect();
    let shown = gate.vet_frame(raws.iter().map(server));
    assert_eq!(shown.is_ok(), outward::shows(site, lines), "{lines:?}");
    if let Ok(shown) = shown {
        assert_eq!(shown.get(), bytes.as_bytes());
    }
}

fn raw(bytes: &str) -> RawInstruction<'_> {
    let mut instructions = Instructions::new(bytes.as_bytes());
    let first = instructions.next().expect("there is a line");
    first.expect("lines are well-formed")
}

fn server<'a>(raw: &RawInstruction<'a>) -> ServerInstruction<'a> {
    ServerInstruction::parse(raw).expect("lines make sense")
}

/// What a verdict lets happen.
fn seen(verdict: &InputVerdict) -> Effect {
    match verdict {
        InputVerdict::Desktop(input) => effect(input.get()),
        InputVerdict::Delay { input, wait, .. } => {
            Effect::Later(Box::new(effect(input.get())), *wait)
        }
        InputVerdict::Control(control) => match control {
            ViewerControl::Sync(_) => Effect::Session("sync"),
            ViewerControl::Nop => Effect::Session("nop"),
            ViewerControl::Disconnect => Effect::Session("disconnect"),
            ViewerControl::Credential { name, value } => {
                Effect::Credential(name, value.expose_secret().to_owned())
            }
            ViewerControl::Accepted { .. } | ViewerControl::Collecting => Effect::Taken,
        },
        InputVerdict::Refuse { .. } | InputVerdict::Ignore(_) => Effect::Nothing,
        InputVerdict::End(..) => Effect::End,
    }
}

fn effect(input: &DesktopInput) -> Effect {
    match input {
        DesktopInput::Key { keysym, pressed } => Effect::Key(keysym.0, *pressed),
        DesktopInput::Pointer { x, y, buttons } => Effect::Pointer(*x, *y, *buttons),
        DesktopInput::Resize { width, height } => Effect::Resize(*width, *height),
        DesktopInput::CutText(text) => Effect::Paste(text.clone()),
    }
}
