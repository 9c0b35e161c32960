//! `guac-audit thumb`

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::{Context as _, ensure};
use guac_canvas::{Canvas, Limits, Picture};
use guac_protocol::ServerInstruction;
use guac_recorder::Reader;

use crate::reading::End;
use crate::summary::Summary;
use crate::{Outcome, complain, source};

/// What drawing a recording may cost: a desktop of 8192x8192 with its copy, and images of that size.
const LIMITS: Limits = Limits {
    layers: 4_160,
    side: 32_767,
    pixels: 160 << 20,
    image_pixels: 64 << 20,
    streams: 1_024,
    stream_bytes: 256 << 20,
    path: 65_536,
};

/// Draws a recording up to its last whole frame and writes that as a picture.
pub(crate) fn thumb(file: &Path, picture: &Path) -> anyhow::Result<Outcome> {
    let name = || format!("{file:?} could not be read");
    let summary = source::open(file)
        .and_then(Summary::read)
        .with_context(name)?;
    ensure!(summary.frames != 0, "{file:?} holds no frame");
    if summary.end != End::Clean {
        complain(&format!("{file:?} ends {}", summary.end));
    }
    let (canvas, failed) = draw(file, summary.last_frame_end).with_context(name)?;
    if failed != 0 {
        complain(&format!(
            "{file:?}: {failed} instructions could not be drawn"
        ));
    }
    let shown = canvas.flatten();
    ensure!(
        0 < shown.width() && 0 < shown.height(),
        "the last frame of {file:?} has no picture"
    );
    write(&shown, picture).with_context(|| format!("{picture:?} could not be written"))?;
    Ok(if summary.end == End::Clean && failed == 0 {
        Outcome::Whole
    } else {
        Outcome::Damaged
    })
}

/// Applies the instructions before this place; says how many could not be.
fn draw(file: &Path, end: u64) -> anyhow::Result<(Canvas, u64)> {
    let mut reader = Reader::new(source::open(file)?);
    let mut canvas = Canvas::with_limits(LIMITS);
    let mut failed = 0;
    while reader.offset() < end {
        let Some(entry) = reader.next()? else { break };
        let drawn = ServerInstruction::parse(&entry.instruction)
            .is_ok_and(|instruction| canvas.apply(&instruction).is_ok());
        failed += u64::from(!drawn);
    }
    Ok((canvas, failed))
}

/// Writes a picture over black, which is what a browser shows behind a desktop. An existing file is
/// never replaced: it may be evidence.
fn write(picture: &Picture, path: &Path) -> anyhow::Result<()> {
    let mut file = BufWriter::new(File::create_new(path)?);
    let (width, height) = (
        u32::try_from(picture.width())?,
        u32::try_from(picture.height())?,
    );
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header()?;
    let mut rows = writer.stream_writer()?;
    for row in picture.rows() {
        let row: Vec<u8> = row.iter().flat_map(|pixel| over_black(*pixel)).collect();
        rows.write_all(&row)?;
    }
    rows.finish()?;
    writer.finish()?;
    file.flush()?;
    Ok(())
}

fn over_black(pixel: u32) -> [u8; 3] {
    let [alpha, red, green, blue] = pixel.to_be_bytes().map(u32::from);
    [red, green, blue].map(|colour| u8::try_from((colour * alpha + 127) / 255).unwrap_or(u8::MAX))
}
