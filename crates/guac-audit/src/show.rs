//! `guac-audit show`

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::reading::End;
use crate::summary::Summary;
use crate::{Outcome, complain, source};

/// Prints a summary of each file. A file that cannot be read does not keep the others from being
/// shown.
pub(crate) fn show(files: &[PathBuf], out: &mut impl Write) -> anyhow::Result<Outcome> {
    let mut worst = Outcome::Whole;
    for file in files {
        let outcome = match summarise(file) {
            Ok((size, summary)) => {
                print(file, size, &summary, out).context("the summary could not be written")?;
                if summary.end == End::Clean {
                    Outcome::Whole
                } else {
                    Outcome::Damaged
                }
            }
            Err(error) => {
                complain(&format!("{error:#}"));
                Outcome::Failed
            }
        };
        worst = worst.max(outcome);
    }
    Ok(worst)
}

/// The file's size in bytes, and what is in it.
fn summarise(file: &Path) -> anyhow::Result<(u64, Summary)> {
    let name = || format!("{file:?} could not be read");
    let source = source::open(file).with_context(name)?;
    let size = source.metadata().with_context(name)?.len();
    Ok((size, Summary::read(source).with_context(name)?))
}

fn print(file: &Path, size: u64, summary: &Summary, out: &mut impl Write) -> std::io::Result<()> {
    let milliseconds = summary.duration();
    // Quoted, so that no name can move the cursor about.
    writeln!(out, "{file:?}")?;
    writeln!(out, "  size      {size} bytes")?;
    if summary.end != End::Clean {
        writeln!(out, "  good      {} bytes", summary.bytes)?;
    }
    match summary.picture {
        Some((width, height)) => writeln!(out, "  picture   {width}x{height}")?,
        None => writeln!(out, "  picture   none")?,
    }
    writeln!(out, "  frames    {}", summary.frames)?;
    writeln!(
        out,
        "  duration  {}.{:03} s",
        milliseconds / 1_000,
        milliseconds % 1_000
    )?;
    writeln!(out, "  keys      {}", summary.keys)?;
    writeln!(out, "  mouse     {}", summary.mouse)?;
    if summary.odd != 0 {
        writeln!(
            out,
            "  odd       {} instructions make no sense",
            summary.odd
        )?;
    }
    writeln!(out, "  ends      {}", summary.end)
}
