//! What the evidence of a recording proves.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use guac_recorder::SEALED_SUFFIX;
use guac_recorder::evidence::{Anchors, Report, State, verify, verify_unsealed};
use testkit::auditor;

/// Verifies a recording by the only evidence file of a folder; a sealed one also as who can open it does.
///
/// # Errors
/// When there is not one such file, or one of both cannot be read.
pub(crate) fn report(recording: &Path, evidence: &Path) -> Result<Report> {
    let files: Vec<_> = fs::read_dir(evidence)?.collect::<Result<_, _>>()?;
    ensure!(files.len() == 1, "{} evidence files", files.len());
    let mut evidence = BufReader::new(File::open(files[0].path())?);
    let mut bytes = File::open(recording).context("the recording")?;
    let anchors = Anchors::default();
    Ok(if recording.to_string_lossy().ends_with(SEALED_SUFFIX) {
        let mut unsealed = auditor::open(recording)?;
        verify_unsealed(&mut bytes, &mut unsealed, &mut evidence, &anchors)?
    } else {
        verify(&mut bytes, &mut evidence, &anchors)?
    })
}

/// Requires that all is proven up to the last closed segment, and that the rest is one open segment.
///
/// # Errors
/// When something is not as it was, or too much is not covered.
pub(crate) fn ensure_intact(report: &Report, recording: &Path) -> Result<()> {
    ensure!(report.state == State::EndedUnexpectedly, "{report:?}");
    let length = fs::metadata(recording)?.len();
    ensure!(
        report.intact.bytes + report.uncovered == length,
        "{report:?}"
    );
    let segment = guac_recorder::SEGMENT_MAX_BYTES;
    ensure!(report.uncovered <= segment, "{report:?}");
    Ok(())
}
