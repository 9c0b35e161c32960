//! One round: a desktop, a daemon under a policy, a stock client, and every attempt.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use system_tests::canary::{Search, fresh_between, with_decompressed};
use system_tests::keyboard::type_ascii;
use system_tests::policy::{Files, Rules, count};
use system_tests::{Session, Stage};
use testkit::wait::{PATIENCE, until_true};
use testkit::x11::{Recorder, Selection, SelectionOwner, await_selection, read_selection};
use testkit::{Picture, Tap, Xvnc};

use crate::attempts::{ATTEMPTS, Attempt, Way};

/// What attempts are made with in the page. A stream is told what becomes of it before one that is
/// opened later is; its data is sent whatever it was told.
const TOOLS: &str = "
    const { client, tunnel } = window.guac;
    const base64 = text => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
    const say = (...words) => { tunnel.sendMessage(...words); };
    const barrier = () => new Promise(resolve => {
        const heard = tunnel.oninstruction;
        tunnel.oninstruction = (opcode, args) => {
            if (opcode === 'ack' && args[0] === '500') {
                tunnel.oninstruction = heard;
                resolve();
            }
            heard(opcode, args);
        };
        say('pipe', 500, 'text/plain', 'barrier');
    });
    const send = async (stream, text) => {
        let told = null;
        stream.onack = status => { told ??= [status.code, status.message]; };
        await barrier();
        say('blob', stream.index, base64(text));
        say('end', stream.index);
        await barrier();
        return told;
    };";

/// What a round is made with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) rules: Rules,
    /// The version of the stock client.
    pub(crate) client: &'static str,
    /// The characters at both ends of each text, and their name.
    pub(crate) ends: (&'static str, [&'static str; 2]),
    /// The encoding of texts that the connection asks for.
    pub(crate) encoding: &'static str,
}

/// What became of an attempt.
pub(crate) struct Finding {
    pub(crate) attempt: &'static Attempt,
    /// Where its text was found, of all that the daemon wrote.
    pub(crate) places: Vec<&'static str>,
    /// The code and the words of the answer.
    pub(crate) told: Option<(u64, String)>,
}

/// What became of a round.
pub(crate) struct Outcome {
    pub(crate) plan: Plan,
    pub(crate) findings: Vec<Finding>,
    /// How many bytes were searched.
    pub(crate) searched: usize,
    /// What was refused and is not in the decision log.
    missing: Vec<String>,
}

/// The running parts of a round.
struct Round {
    plan: Plan,
    stage: Stage,
    /// The wire between the daemon and the VNC server.
    server: Tap,
    files: Files,
    session: Session,
    recorder: Recorder,
    /// What was typed so far.
    typed: String,
    /// A text for each attempt.
    texts: Vec<String>,
}

/// Makes every attempt, and looks for what became of it.
pub(crate) fn run(plan: Plan) -> Result<Outcome> {
    let mut round = Round::start(plan)?;
    let owners = round.copy_on_desktop()?;
    let told = round.speak(&owners)?;
    drop(owners);
    round.finish(told)
}

impl Round {
    fn start(plan: Plan) -> Result<Self> {
        let (guacd, files) = plan.rules.start()?;
        let stage = Stage::with(&Xvnc::options().geometry(640, 480), guacd)?;
        let server = Tap::start(([127, 0, 0, 1], stage.xvnc.port()).into())?;
        let mut session = stage.open(
            plan.client,
            &[
                ("port", &server.address().port().to_string()),
                ("recording-path", &files.recordings().display().to_string()),
                ("recording-name", "session"),
                ("recording-include-keys", "true"),
                ("clipboard-encoding", plan.encoding),
            ],
        )?;
        let recorder = stage.desktop.recorder(50, 50, 200, 100)?;
        session.page.move_mouse(100, 100, &[])?;
        let texts = ATTEMPTS.iter().map(|_| fresh_between(plan.ends.1));
        Ok(Self {
            plan,
            server,
            files,
            recorder,
            typed: String::new(),
            texts: texts.collect::<Result<_>>()?,
            session,
            stage,
        })
    }

    /// Somebody marks a text on the desktop, then copies something in several forms.
    fn copy_on_desktop(&mut self) -> Result<Vec<SelectionOwner>> {
        let marked = self.texts[0].clone();
        let primary = self
            .stage
            .desktop
            .offer(&[Selection::Primary], &[("UTF8_STRING", marked.as_bytes())])?;
        self.await_copied(&marked)?;
        let copied = self.texts[1].clone();
        // What is no character of Latin-1 has no place in a `STRING`.
        let string: Vec<u8> = self.texts[2]
            .chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
            .collect();
        let offers = [
            ("UTF8_STRING", copied.as_bytes()),
            ("STRING", &string),
            ("text/html", self.texts[3].as_bytes()),
            ("image/png", self.texts[4].as_bytes()),
        ];
        let clipboard = self.stage.desktop.offer(&[Selection::Clipboard], &offers)?;
        self.await_copied(&copied)?;
        Ok(vec![primary, clipboard])
    }

    /// Waits until a copied text has gone as far as it goes.
    fn await_copied(&mut self, text: &str) -> Result<()> {
        match self.plan.rules {
            Rules::StockCompatible => until_true("the text in the browser", PATIENCE, || {
                Ok(self.session.clipboard()?.iter().any(|told| told == text))
            })?,
            // A VNC server that is told of the newer clipboard waits to be asked.
            Rules::ImportOnly => {}
            Rules::Strict | Rules::BuiltIn => {
                let search = Search::new([text]);
                until_true("the text at the daemon", PATIENCE, || {
                    Ok(search.first(&self.server.from_daemon()).is_some())
                })?;
            }
        }
        self.settle()
    }

    /// The way to the desktop and back, and one more picture.
    fn settle(&mut self) -> Result<()> {
        type_ascii(&mut self.session.page, "done")?;
        self.typed += "done";
        self.recorder.await_typed(&self.typed, PATIENCE)?;
        let frames = self.session.frames()?;
        let picture = Picture::pattern(50, 50, 3);
        let _window = self.stage.desktop.window(300, 300, &picture)?;
        until_true("another frame", PATIENCE, || {
            Ok(frames < self.session.frames()?)
        })
    }

    /// Says all that the client can say; what it was told of each.
    fn speak(&mut self, owners: &[SelectionOwner]) -> Result<Vec<Option<(u64, String)>>> {
        self.session.page.allow_clipboard()?;
        let mut told = Vec::new();
        for (attempt, text) in ATTEMPTS.iter().zip(&self.texts) {
            if attempt.way == Way::Out {
                told.push(None);
                continue;
            }
            let text_there = Value::from(text.as_str());
            let script = format!(
                "(async text => {{ {TOOLS} return await ({}); }})({text_there})",
                attempt.script
            );
            let answer = self.session.page.evaluate(&script).context(attempt.name)?;
            told.push(match (answer[0].as_u64(), answer[1].as_str()) {
                (Some(code), Some(words)) => Some((code, words.to_owned())),
                _ => None,
            });
            if attempt.crosses(self.plan.rules) {
                await_selection(&self.stage.desktop, Selection::Clipboard, text)?;
            }
        }
        self.settle()?;
        ensure!(self.session.is_connected()?, "the session has ended");
        if !ATTEMPTS
            .iter()
            .any(|attempt| attempt.way == Way::In && attempt.crosses(self.plan.rules))
        {
            for (selection, text) in [(Selection::Primary, 0), (Selection::Clipboard, 1)] {
                let there = read_selection(&self.stage.desktop, selection)?;
                ensure!(
                    there.as_ref() == Some(&self.texts[text]) && !owners.is_empty(),
                    "{selection:?} is another"
                );
            }
        }
        Ok(told)
    }

    /// Ends the session, and looks for every text in every byte that the daemon wrote.
    fn finish(mut self, told: Vec<Option<(u64, String)>>) -> Result<Outcome> {
        self.session.disconnect()?;
        drop(self.session);
        let decisions = self.files.decisions()?;
        let log = self.stage.guacd.log().join("\n").into_bytes();
        let places = [
            ("the browser's socket", self.stage.tap.from_daemon()),
            (
                "the VNC server's socket",
                with_decompressed(&self.server.from_client()),
            ),
            ("the recording", self.files.recording()?),
            ("the log", log),
            ("the decision log", decisions.clone()),
        ];
        let mut findings: Vec<_> = ATTEMPTS
            .iter()
            .zip(told)
            .map(|(attempt, told)| Finding {
                attempt,
                places: Vec::new(),
                told,
            })
            .collect();
        let search = Search::new(self.texts.iter().map(String::as_str));
        for (place, bytes) in &places {
            for (text, _) in search.all(bytes) {
                let found = self.texts.iter().position(|other| *other == text);
                let finding = &mut findings[found.context("a text that is searched for")?];
                if finding.places.last() != Some(place) {
                    finding.places.push(place);
                }
            }
        }
        let missing = missing(self.plan.rules, &decisions)?;
        let searched = places.iter().map(|(_, bytes)| bytes.len()).sum();
        ensure!(
            places.iter().all(|(_, bytes)| !bytes.is_empty()),
            "nothing was searched"
        );
        Ok(Outcome {
            plan: self.plan,
            findings,
            searched,
            missing,
        })
    }
}

/// The refused attempts that a decision log does not have, by their action and direction.
fn missing(rules: Rules, decisions: &[u8]) -> Result<Vec<String>> {
    let is_refused = |attempt: &&Attempt| attempt.reaches_daemon() && !attempt.crosses(rules);
    let mut missing = Vec::new();
    for attempt in ATTEMPTS.iter().filter(is_refused) {
        let (action, direction) = (attempt.action, attempt.direction());
        let alike = |other: &&Attempt| other.action == action && other.way == attempt.way;
        let tried = ATTEMPTS.iter().filter(is_refused).filter(alike).count();
        let decided = count(decisions, action, direction)?;
        if decided < tried as u64 {
            missing.push(format!(
                "{action} {direction}: {decided} decisions, {tried} attempts"
            ));
        }
    }
    Ok(missing)
}

impl Outcome {
    /// What is not as the policy says.
    pub(crate) fn faults(&self) -> Vec<String> {
        let missing = self
            .missing
            .iter()
            .map(|missing| format!("{:?}: {missing}", self.plan));
        self.findings
            .iter()
            .filter_map(|finding| {
                let fault = finding.fault(self.plan.rules)?;
                Some(format!(
                    "{:?}: {}: {fault}",
                    self.plan, finding.attempt.name
                ))
            })
            .chain(missing)
            .collect()
    }
}

impl Finding {
    fn fault(&self, rules: Rules) -> Option<String> {
        let attempt = self.attempt;
        let crosses = attempt.crosses(rules);
        let expected: &[&str] = match (crosses, attempt.way) {
            (false, _) => &[],
            (true, Way::Out) => &["the browser's socket"],
            (true, Way::In) => &["the VNC server's socket"],
        };
        if self.places != expected {
            return Some(format!(
                "its text is at {:?}, not {expected:?}",
                self.places
            ));
        }
        let is_refused = attempt.opens_stream() && !crosses;
        let code = self.told.as_ref().map(|(code, _)| *code);
        let expected = is_refused.then_some(0x0303);
        if code != expected {
            return Some(format!("it was told {:?}, not {expected:?}", self.told));
        }
        None
    }
}
