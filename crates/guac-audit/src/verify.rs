//! `guac-audit verify`

use std::fs::{self, File};
use std::io::{BufReader, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use guac_recorder::Metadata;
use guac_recorder::evidence::{
    self, Anchor, Anchoring, Anchors, Begin, Close, Ending, Hex, Report, State,
};
use serde_json::{Map, Value, json};

use crate::decisions::Decisions;
use crate::fetch::Named;
use crate::report::{Finding, report};
use crate::source::{Keys, Recording};
use crate::{Outcome, complain, reading};

/// What the name of an evidence file ends with.
const SUFFIX: &str = ".evidence.jsonl";

/// Checks recordings against their evidence. One that cannot be checked does not keep the others from
/// being.
pub(crate) fn verify(
    files: &[Named],
    keys: Option<&Keys>,
    evidence: Option<&Path>,
    decision_log: Option<&Path>,
    json: bool,
    out: &mut impl Write,
) -> anyhow::Result<Outcome> {
    let verified = recordings(files)?
        .into_iter()
        .map(|file| Recording::new(file.path, keys).fetched_from(file.url))
        .map(|file| Verified::new(file, evidence, decision_log));
    report(verified, json, out).context("the result could not be written")
}

/// The files, and those directly in directories that are no evidence.
fn recordings(files: &[Named]) -> anyhow::Result<Vec<Named>> {
    let mut found = Vec::new();
    for file in files {
        let path = &file.path;
        if !path.is_dir() {
            found.push(file.clone());
            continue;
        }
        let mut within = Vec::new();
        for entry in fs::read_dir(path).with_context(|| format!("{path:?} could not be read"))? {
            let path = entry?.path();
            let is_evidence = path.to_string_lossy().ends_with(SUFFIX);
            if path.is_file() && !is_evidence {
                within.push(path);
            }
        }
        within.sort();
        found.extend(within.into_iter().map(|path| Named { path, url: None }));
    }
    Ok(found)
}

/// How a recording was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seal {
    /// It is not sealed.
    None,
    /// As it is in its file: nobody has opened it.
    Closed,
    /// In its file, and what is in it.
    Opened,
}

/// What was found about one recording.
struct Verified {
    file: Recording,
    seal: Seal,
    evidence: PathBuf,
    report: Report,
}

impl Verified {
    fn new(
        file: Recording,
        evidence: Option<&Path>,
        decision_log: Option<&Path>,
    ) -> anyhow::Result<Self> {
        let evidence = evidence_of(&file, evidence)?;
        let unread = || format!("{:?} could not be read", file.told(&evidence));
        let begin = first_line(&evidence).with_context(unread)?;
        let anchors = match (decision_log, &begin) {
            (Some(log), Some(begin)) => anchors(log, &begin.session)?,
            _ => Anchors::default(),
        };
        let mut lines = BufReader::new(File::open(&evidence).with_context(unread)?);
        let name = || format!("{file:?} could not be read");
        let mut recording = File::open(file.path()).with_context(name)?;
        let (seal, report) = match file.unseal().with_context(name)? {
            Some(mut unsealed) => {
                let report =
                    evidence::verify_unsealed(&mut recording, &mut unsealed, &mut lines, &anchors);
                (Seal::Opened, report)
            }
            None => {
                let seal = if file.is_sealed().with_context(name)? {
                    Seal::Closed
                } else {
                    Seal::None
                };
                (seal, evidence::verify(&mut recording, &mut lines, &anchors))
            }
        };
        let report = report.with_context(|| format!("{file:?} could not be checked"))?;
        Ok(Self {
            file,
            seal,
            evidence,
            report,
        })
    }

    fn result(&self) -> String {
        match &self.report.state {
            State::Closed(close) => format!("whole and unaltered, {}", ended(close)),
            State::EndedUnexpectedly => {
                "ended unexpectedly, unaltered as far as it is proven".to_owned()
            }
            State::Broken(fault) => format!("NOT AS IT WAS WRITTEN: {fault}"),
        }
    }

    fn anchor(&self) -> String {
        match self.report.anchoring {
            Anchoring::Unanchored => {
                "unanchored: no decision log vouches for the evidence, which could \
                 have been cut short or replaced as a whole"
                    .to_owned()
            }
            Anchoring::FirstKey => "by its first key: it could have been cut short".to_owned(),
            Anchoring::Head { line } => format!("up to its line {line}"),
        }
    }
}

impl Finding for Verified {
    fn print(&self, out: &mut impl Write) -> std::io::Result<()> {
        let report = &self.report;
        let intact = &report.intact;
        // Quoted, so that no name can move the cursor about.
        writeln!(out, "{:?}", self.file)?;
        writeln!(out, "  result    {}", self.result())?;
        writeln!(
            out,
            "  proven    {} bytes, {} frames, {} segments",
            intact.bytes, intact.frames, intact.segments
        )?;
        if let Some(until) = &intact.until {
            writeln!(out, "  until     {}", until.escape_debug())?;
        }
        if report.uncovered != 0 {
            writeln!(out, "  unproven  {} bytes after that", report.uncovered)?;
        }
        if let Some(begin) = &report.begin {
            writeln!(out, "  session   {}", begin.session.escape_debug())?;
            if let Some(user) = &begin.user {
                writeln!(out, "  user      {:?}", user)?;
            }
        }
        match self.seal {
            Seal::None => {}
            Seal::Closed => writeln!(
                out,
                "  seal      closed: --identity FILE checks what is in it, too"
            )?,
            Seal::Opened => writeln!(out, "  seal      opened: what is in it was checked, too")?,
        }
        writeln!(out, "  anchor    {}", self.anchor())?;
        writeln!(out, "  evidence  {:?}", self.file.told(&self.evidence))
    }

    fn to_json(&self) -> Value {
        let report = &self.report;
        let mut object = Map::new();
        let told = |path| Value::from(self.file.told(path).to_string_lossy());
        object.insert("file".into(), told(self.file.path()));
        object.insert("evidence".into(), told(&self.evidence));
        let seal = match self.seal {
            Seal::None => Value::Null,
            Seal::Closed => "closed".into(),
            Seal::Opened => "opened".into(),
        };
        object.insert("seal".into(), seal);
        let (state, detail) = match &report.state {
            State::Closed(close) => ("whole", json!(close)),
            State::EndedUnexpectedly => ("ended-unexpectedly", Value::Null),
            State::Broken(fault) => ("broken", fault.to_string().into()),
        };
        object.insert("state".into(), state.into());
        object.insert("detail".into(), detail);
        object.insert("begin".into(), json!(report.begin));
        let intact = &report.intact;
        object.insert(
            "proven".into(),
            json!({
                "bytes": intact.bytes,
                "frames": intact.frames,
                "segments": intact.segments,
                "lines": intact.lines,
                "until": intact.until,
            }),
        );
        object.insert("unproven_bytes".into(), report.uncovered.into());
        let anchored = match report.anchoring {
            Anchoring::Unanchored => json!({ "by": "nothing" }),
            Anchoring::FirstKey => json!({ "by": "first-key" }),
            Anchoring::Head { line } => json!({ "by": "head", "line": line }),
        };
        object.insert("anchor".into(), anchored);
        object.into()
    }

    /// Only what came to its end and is whole is good; what a killed daemon leaves is not all there.
    fn outcome(&self) -> Outcome {
        match self.report.state {
            State::Closed(_) => Outcome::Whole,
            State::EndedUnexpectedly | State::Broken(_) => Outcome::Damaged,
        }
    }
}

fn ended(close: &Close) -> String {
    let reason = close.reason.escape_debug();
    match close.state {
        Ending::Complete => format!("complete ({reason})"),
        Ending::Ended => format!("ended ({reason})"),
    }
}

/// The evidence of a recording: the file itself, or the one in a directory that is its own.
fn evidence_of(recording: &Recording, evidence: Option<&Path>) -> anyhow::Result<PathBuf> {
    let path = recording.path();
    let beside = path.parent().unwrap_or(Path::new(""));
    let directory = match evidence {
        Some(file) if !file.is_dir() => return Ok(file.to_owned()),
        Some(directory) => directory,
        None => beside,
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let by_session = session_of(recording)?
        .map(|session| directory.join(format!("{}{SUFFIX}", session.trim_start_matches('$'))));
    let by_name = directory.join(format!("{name}{SUFFIX}"));
    let named = by_session.into_iter().chain([by_name]);
    if let Some(found) = named.into_iter().find(|path| path.is_file()) {
        return Ok(found);
    }
    by_content(directory, &name)
        .with_context(|| format!("no evidence of {recording:?} was found in {directory:?}"))
}

/// The session that the head of a recording names; `None` where it cannot be opened.
fn session_of(recording: &Recording) -> anyhow::Result<Option<String>> {
    let mut session = None;
    let name = || format!("{recording:?} could not be read");
    if recording.is_sealed().with_context(name)? && recording.unseal().with_context(name)?.is_none()
    {
        return Ok(None);
    }
    let source = recording.open().with_context(name)?;
    let read = reading::read(source, |step| {
        session = Metadata::parse(&step.raw).map(|metadata| metadata.session);
        ControlFlow::Break(())
    });
    read.with_context(name)?;
    // It becomes part of a file's name.
    Ok(session.filter(|session| !session.contains('/')))
}

/// The one file of evidence in a directory that is of a recording of this name.
fn by_content(directory: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let is_evidence = path.to_string_lossy().ends_with(SUFFIX) && path.is_file();
        if is_evidence && first_line(&path)?.is_some_and(|begin| begin.recording == name) {
            found.push(path);
        }
    }
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => bail!("none names it"),
        _ => bail!("{} name it: say which with --evidence FILE", found.len()),
    }
}

/// What the first line says, whoever wrote it.
fn first_line(evidence: &Path) -> std::io::Result<Option<Begin>> {
    evidence::peek(&mut BufReader::new(File::open(evidence)?))
}

/// What the decision log says of the evidence of a session.
fn anchors(log: &Path, session: &str) -> anyhow::Result<Anchors> {
    let decisions = Decisions::of(log, session)?;
    let mut anchors = Anchors::default();
    for line in &decisions.lines {
        let text = |key: &str| line.properties.get(key).and_then(Value::as_str);
        match line.event.as_str() {
            "evidence-begin" => anchors.first_key = text("key").and_then(Hex::parse),
            "evidence-head" => {
                let number = line.properties.get("evidence_line").and_then(Value::as_u64);
                let sha256 = text("sha256").and_then(Hex::parse);
                match (number, sha256) {
                    (Some(line), Some(sha256)) => anchors.heads.push(Anchor { line, sha256 }),
                    _ => complain(&format!("{log:?} tells of evidence what makes no sense")),
                }
            }
            _ => {}
        }
    }
    Ok(anchors)
}
