//! Asks the gates what they would do with each kind of instruction.

use std::sync::Arc;
use std::time::Duration;

use guac_policy::{
    Action, Direction, FrameGate, FromDesktop, FromViewer, Gate, InputVerdict, JoinMode, Key,
    Policy, Refusal, Rule,
};
use guac_protocol::{
    BlobData, ClientInstruction, CompositeMode, Keysym, LayerIndex, ObjectIndex, ServerInstruction,
    Status, StreamIndex, Timestamp,
};

use super::rows;
use super::subject::Subject;
use super::table::{ALWAYS, Row};

const STREAM: StreamIndex = StreamIndex(0);
const OBJECT: ObjectIndex = ObjectIndex(0);
const TEXT: &str = "text/plain";
const CREDENTIAL: &str = "password";

/// What would become of everything that a viewer can send.
pub(super) fn inward(policy: &Arc<Policy>, subject: &Subject) -> Vec<Row> {
    let ask = |instruction| {
        let mut gate = Gate::new(policy, subject.restrictions, subject.role);
        gate.expect_credentials(&[CREDENTIAL]);
        decided(&gate.vet(FromViewer::new(instruction), Duration::ZERO))
    };
    from_a_viewer()
        .into_iter()
        .map(|(what, instruction, passes_by)| {
            let passes = || passes_by(policy, subject);
            row(policy, subject, what, ask(instruction), passes)
        })
        .collect()
}

/// Why something passes, and where that stands.
type PassesBy = fn(&Policy, &Subject) -> (String, String);

fn always(why: &str) -> (String, String) {
    (why.to_owned(), ALWAYS.to_owned())
}

fn from_a_viewer() -> Vec<(&'static str, ClientInstruction<'static>, PassesBy)> {
    let nothing: PassesBy = |_, _| always("");
    vec![
        ("keys", key(), |policy, _| rows::keys(policy)),
        (
            "the pointer",
            ClientInstruction::Mouse {
                x: 1,
                y: 1,
                buttons: 1,
            },
            |_, _| always("a position and eight buttons"),
        ),
        (
            "the size of the browser's window",
            ClientInstruction::Size {
                width: 1024,
                height: 768,
            },
            rows::resize,
        ),
        (
            "clipboard text, pasted",
            ClientInstruction::Clipboard {
                stream: STREAM,
                mimetype: TEXT,
            },
            |policy, subject| rows::clipboard(policy, subject, Direction::In),
        ),
        (
            "clipboard pictures, pasted",
            ClientInstruction::Clipboard {
                stream: STREAM,
                mimetype: "image/png",
            },
            nothing,
        ),
        (
            "a password that the daemon asks for",
            ClientInstruction::Argv {
                stream: STREAM,
                mimetype: TEXT,
                name: CREDENTIAL,
            },
            |_, _| always("it goes to the VNC server's login and nowhere else"),
        ),
        (
            "other parameters, while a session runs",
            ClientInstruction::Argv {
                stream: STREAM,
                mimetype: TEXT,
                name: "hostname",
            },
            nothing,
        ),
        (
            "files, uploaded",
            ClientInstruction::File {
                stream: STREAM,
                mimetype: TEXT,
                filename: "f",
            },
            nothing,
        ),
        (
            "files, put on a shared drive",
            ClientInstruction::Put {
                object: OBJECT,
                stream: STREAM,
                mimetype: TEXT,
                name: "/f",
            },
            nothing,
        ),
        (
            "requests for files of a shared drive",
            ClientInstruction::Get {
                object: OBJECT,
                name: "/",
            },
            nothing,
        ),
        (
            "named pipes, opened by a viewer",
            ClientInstruction::Pipe {
                stream: STREAM,
                mimetype: TEXT,
                name: "p",
            },
            nothing,
        ),
        (
            "sound from the microphone",
            ClientInstruction::Audio {
                stream: STREAM,
                mimetype: "audio/L16",
            },
            nothing,
        ),
        (
            "USB devices",
            ClientInstruction::UsbConnect {
                arguments: Vec::new(),
            },
            nothing,
        ),
        ("touches", touch(), nothing),
        (
            "instructions that the protocol does not have",
            ClientInstruction::Unknown { opcode: "x" },
            nothing,
        ),
    ]
}

const fn key() -> ClientInstruction<'static> {
    ClientInstruction::Key {
        keysym: Keysym(0x61),
        pressed: true,
    }
}

const fn touch() -> ClientInstruction<'static> {
    ClientInstruction::Touch {
        id: 0,
        x: 1,
        y: 1,
        radius_x: 1,
        radius_y: 1,
        angle: 0.0,
        force: 1.0,
    }
}

/// What the gate does: nothing, or a refusal with its verdict.
fn decided(verdict: &InputVerdict) -> Result<(), (Refusal, &'static str)> {
    match verdict {
        InputVerdict::Desktop(_) | InputVerdict::Delay { .. } | InputVerdict::Control(_) => Ok(()),
        InputVerdict::Refuse { why, .. } => Err((*why, "refused")),
        InputVerdict::End(_, why) => Err((*why, "ended")),
        InputVerdict::Ignore(why) => match why.refusal() {
            Some(why) => Err((why, "ignored")),
            None => Ok(()),
        },
    }
}

/// What would become of everything that a desktop, or the daemon for it, could send.
pub(super) fn outward(policy: &Arc<Policy>, subject: &Subject) -> Vec<Row> {
    let mut gate = Gate::new(policy, subject.restrictions, subject.role);
    let mut frames = FrameGate::new(Arc::clone(policy));
    let refused = |why| (why, "refused");
    let picture = frames.vet_frame(picture()).map(|_| ()).map_err(refused);
    let pixels = || always("pictures that this daemon makes, and the pointer's shape and place");
    let text = FromDesktop::new("x");
    let copied = gate.vet_clipboard(text, Duration::ZERO);
    let copied = copied.map(|_| ()).map_err(refused);
    let mut rows = vec![
        row(policy, subject, "pixels", picture, pixels),
        row(policy, subject, "clipboard text, copied", copied, || {
            rows::clipboard(policy, subject, Direction::Out)
        }),
    ];
    for (what, instruction, passes_by) in to_a_viewer() {
        // Both ways out have to be closed.
        let beside = gate.vet_control(&instruction).map(|_| ());
        let within = frames.vet_frame([instruction]).map(|_| ());
        let passes = || passes_by(policy, subject);
        rows.push(row(
            policy,
            subject,
            what,
            beside.or(within).map_err(refused),
            passes,
        ));
    }
    rows
}

fn picture() -> [ServerInstruction<'static>; 4] {
    [
        ServerInstruction::Img {
            stream: STREAM,
            mode: CompositeMode::Over,
            layer: LayerIndex::DESKTOP,
            mimetype: "image/png",
            x: 0,
            y: 0,
        },
        ServerInstruction::Blob {
            stream: STREAM,
            data: BlobData::Raw(&[0]),
        },
        ServerInstruction::End { stream: STREAM },
        ServerInstruction::Sync {
            timestamp: Timestamp(0),
            frames: 1,
        },
    ]
}

fn to_a_viewer() -> Vec<(&'static str, ServerInstruction<'static>, PassesBy)> {
    let (stream, mimetype, name) = (STREAM, TEXT, "x");
    let (object, layer) = (OBJECT, LayerIndex::DESKTOP);
    let (index, data, message, opcode, filename) = (0, "x", "x", "x", "f");
    let arguments = Vec::new;
    let nothing: PassesBy = |_, _| always("");
    vec![
        (
            "the desktop's name",
            ServerInstruction::Name { name },
            |policy, _| rows::desktop_name(policy),
        ),
        (
            "files, downloaded or printed",
            ServerInstruction::File {
                stream,
                mimetype,
                filename,
            },
            nothing,
        ),
        (
            "shared drives",
            ServerInstruction::Filesystem { object, name },
            nothing,
        ),
        (
            "files of a shared drive",
            ServerInstruction::Body {
                object,
                stream,
                mimetype,
                name,
            },
            nothing,
        ),
        (
            "named pipes, opened by the desktop",
            ServerInstruction::Pipe {
                stream,
                mimetype,
                name,
            },
            nothing,
        ),
        (
            "sound",
            ServerInstruction::Audio {
                stream,
                mimetype: "audio/L16",
            },
            nothing,
        ),
        (
            "video",
            ServerInstruction::Video {
                stream,
                layer,
                mimetype: "video/mp4",
            },
            nothing,
        ),
        (
            "values of connection parameters",
            ServerInstruction::Argv {
                stream,
                mimetype,
                name,
            },
            nothing,
        ),
        (
            "lines for the browser's log",
            ServerInstruction::Log { message },
            nothing,
        ),
        (
            "instructions within instructions",
            ServerInstruction::Nest { index, data },
            nothing,
        ),
        (
            "instructions that viewers do not know",
            ServerInstruction::Unknown {
                opcode,
                arguments: arguments(),
            },
            nothing,
        ),
        (
            "notices of who joins and leaves",
            ServerInstruction::Msg {
                id: 1,
                arguments: arguments(),
            },
            |_, _| always("user names as the web application gives them"),
        ),
        (
            "errors, and requests for a password",
            ServerInstruction::Error {
                message,
                status: Status::ServerError,
            },
            |_, _| always("what the daemon itself says, in its own words"),
        ),
    ]
}

/// A row for what was asked, by what the gate has answered.
fn row(
    policy: &Policy,
    subject: &Subject,
    what: &str,
    answer: Result<(), (Refusal, &'static str)>,
    passes: impl FnOnce() -> (String, String),
) -> Row {
    match answer {
        Ok(()) => {
            let (why, place) = passes();
            Row::new(what, "passes", why, place)
        }
        Err((refusal, verdict)) => {
            let (why, place) = reason(policy, subject, &refusal);
            Row::new(what, verdict, why, place)
        }
    }
}

/// What a rule means here, and where it comes from.
fn reason(policy: &Policy, subject: &Subject, refusal: &Refusal) -> (String, String) {
    let parameter = |name: &str| (format!("parameter {name} = true"), "parameter".to_owned());
    let held = subject.restrictions;
    match refusal.rule {
        Rule::ReadOnly if policy.read_only() => rows::said(policy, Key::InputReadOnly, "true"),
        Rule::ReadOnly if held.read_only => parameter("read-only"),
        Rule::ReadOnly if subject.is_joiner() && policy.joins().mode != JoinMode::Anyone => {
            let mode = format!("\"{}\"", policy.joins().mode.name());
            rows::said(policy, Key::JoinsAllow, &mode)
        }
        Rule::ClipboardDisabled if refusal.direction == Direction::Out => parameter("disable-copy"),
        Rule::ClipboardDisabled => parameter("disable-paste"),
        Rule::ClipboardCopy | Rule::ClipboardPaste | Rule::Resize => {
            by_setting(policy, refusal, "false")
        }
        Rule::DesktopName => by_setting(policy, refusal, "\"deny\""),
        Rule::ParameterNotAsked => {
            always("only what the daemon itself asks for, from the one who started the session")
        }
        Rule::NotOwner => always("only the one who started the session can"),
        Rule::ClipboardTextOnly => always("VNC carries text only"),
        Rule::DefaultDeny if refusal.action == Action::Touch => always("a VNC desktop has none"),
        _ => never_carried(policy, refusal),
    }
}

/// What no policy opens, though one may say so.
fn never_carried(policy: &Policy, refusal: &Refusal) -> (String, String) {
    let key = refusal.rule.setting(refusal.action, refusal.direction);
    match key.filter(|key| policy.origin().line(*key).is_some()) {
        Some(key) => rows::said(policy, key, "\"deny\", and no policy can open it"),
        None => always("no policy can open it"),
    }
}

fn by_setting(policy: &Policy, refusal: &Refusal, value: &str) -> (String, String) {
    let key = refusal.rule.setting(refusal.action, refusal.direction);
    key.map_or_else(|| always(""), |key| rows::said(policy, key, value))
}
