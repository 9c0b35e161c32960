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
use crate::report::{Finding, report};
use crate::{Outcome, complain, reading, source};

/// What the name of an evidence file ends with.
const SUFFIX: &str = ".evidence.jsonl";

/// Checks recordings against their evidence. One that cannot be checked does not keep the others from
/// being.
pub(crate) fn verify(
    files: &[PathBuf],
    evidence: Option<&Path>,
    decision_log: Option<&Path>,
    json: bool,
    out: &mut impl Write,
) -> anyhow::Result<Outcome> {
    let verified = recordings(files)?
        .into_iter()
        .map(|file| Verified::new(&file, evidence, decision_log));
    report(verified, json, out).context("the result could not be written")
}

/// The files, and those directly in directories that are no evidence.
fn recordings(files: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for file in files {
        if !file.is_dir() {
            found.push(file.clone());
            continue;
        }
        let mut within = Vec::new();
        for entry in fs::read_dir(file).with_context(|| format!("{file:?} could not be read"))? {
            let path = entry?.path();
            let is_evidence = path.to_string_lossy().ends_with(SUFFIX);
            if path.is_file() && !is_evidence {
                within.push(path);
            }
        }
        within.sort();
        found.append(&mut within);
    }
    Ok(found)
}

/// What was found about one recording.
struct Verified {
    file: PathBuf,
    evidence: PathBuf,
    report: Report,
}

impl Verified {
    fn new(
        file: &Path,
        evidence: Option<&Path>,
        decision_log: Option<&Path>,
    ) -> anyhow::Result<Self> {
        let evidence = evidence_of(file, evidence)?;
        let unread = || format!("{evidence:?} could not be read");
        let begin = first_line(&evidence).with_context(unread)?;
        let anchors = match (decision_log, &begin) {
            (Some(log), Some(begin)) => anchors(log, &begin.session)?,
            _ => Anchors::default(),
        };
        let mut lines = BufReader::new(File::open(&evidence).with_context(unread)?);
        let mut recording =
            File::open(file).with_context(|| format!("{file:?} could not be read"))?;
        let report = evidence::verify(&mut recording, &mut lines, &anchors)
            .with_context(|| format!("{file:?} could not be checked"))?;
        Ok(Self {
            file: file.to_owned(),
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
        writeln!(out, "  anchor    {}", self.anchor())?;
        writeln!(out, "  evidence  {:?}", self.evidence)
    }

    fn to_json(&self) -> Value {
        let report = &self.report;
        let mut object = Map::new();
        object.insert("file".into(), self.file.to_string_lossy().into());
        object.insert("evidence".into(), self.evidence.to_string_lossy().into());
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
fn evidence_of(recording: &Path, evidence: Option<&Path>) -> anyhow::Result<PathBuf> {
    let beside = recording.parent().unwrap_or(Path::new(""));
    let directory = match evidence {
        Some(file) if !file.is_dir() => return Ok(file.to_owned()),
        Some(directory) => directory,
        None => beside,
    };
    let name = recording.file_name().unwrap_or_default().to_string_lossy();
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

/// The session that the head of a recording names.
fn session_of(recording: &Path) -> anyhow::Result<Option<String>> {
    let mut session = None;
    let source =
        source::open(recording).with_context(|| format!("{recording:?} could not be read"))?;
    reading::read(source, |step| {
        session = Metadata::parse(&step.raw).map(|metadata| metadata.session);
        ControlFlow::Break(())
    })?;
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
