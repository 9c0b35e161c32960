//! Draws what `measure` found: frames shown in a second and processor time for each, per scene.
//!
//! ```text
//! plot stock-guacd.json rows.json > picture.svg
//! ```
//!
//! takes files of one JSON row a line, as the independent harness writes them with `--json`, and
//! draws every daemon that is named in them. Rows of the same scene and daemon are averaged.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

#[derive(Deserialize)]
struct Row {
    scene: String,
    daemon: String,
    fps: Option<f64>,
    fps_shown: Option<f64>,
    daemon_ms_per_frame: Option<f64>,
}

/// Frames in a second, milliseconds for a frame, and how many rows they are the sum of.
type Sums = BTreeMap<(String, String), (f64, f64, f64)>;

const COLOURS: [&str; 4] = ["#b0b7c3", "#7aa6da", "#1f6f5c", "#d08770"];
const SCENES: [&str; 9] = [
    "idle",
    "typing",
    "scroll",
    "scroll-put",
    "window-drag",
    "window-drag-put",
    "page-load",
    "video",
    "fullvideo",
];
const ROW: f64 = 46.0;
const LABELS: f64 = 130.0;
const PANEL: f64 = 300.0;
/// The longest bar; its label stands beside it.
const LONGEST: f64 = 220.0;

fn main() -> Result<()> {
    let (mut sums, mut daemons) = (Sums::new(), Vec::<String>::new());
    for path in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&path).with_context(|| path.clone())?;
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let row: Row = serde_json::from_str(line).with_context(|| path.clone())?;
            let (Some(fps), Some(ms)) = (row.fps_shown.or(row.fps), row.daemon_ms_per_frame) else {
                continue;
            };
            if !daemons.contains(&row.daemon) {
                daemons.push(row.daemon.clone());
            }
            let sum = sums.entry((row.scene, row.daemon)).or_default();
            *sum = (sum.0 + fps, sum.1 + ms, sum.2 + 1.0);
        }
    }
    ensure!(
        (1..=COLOURS.len()).contains(&daemons.len()),
        "one to four daemons"
    );
    print!("{}", draw(&sums, &daemons)?);
    Ok(())
}

fn draw(sums: &Sums, daemons: &[String]) -> Result<String> {
    let height = 70.0 + ROW * SCENES.len() as f64;
    let width = LABELS + 2.0 * PANEL + 20.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\" font-size=\"11\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    for (at, daemon) in daemons.iter().enumerate() {
        let x = LABELS + 150.0 * at as f64;
        let colour = COLOURS[at];
        writeln!(
            svg,
            "<rect x=\"{x}\" y=\"12\" width=\"12\" height=\"12\" fill=\"{colour}\"/>"
        )?;
        writeln!(svg, "<text x=\"{}\" y=\"22\">{daemon}</text>", x + 18.0)?;
    }
    for (panel, title) in [
        "frames shown in a second",
        "CPU of the daemon, ms a frame (logarithmic)",
    ]
    .iter()
    .enumerate()
    {
        let x = LABELS + PANEL * panel as f64;
        writeln!(
            svg,
            "<text x=\"{x}\" y=\"48\" font-weight=\"bold\">{title}</text>"
        )?;
    }
    for (row, scene) in SCENES.iter().enumerate() {
        let top = 60.0 + ROW * row as f64;
        writeln!(svg, "<text x=\"8\" y=\"{}\">{scene}</text>", top + 22.0)?;
        let thick = (ROW - 10.0) / daemons.len() as f64;
        for (at, daemon) in daemons.iter().enumerate() {
            let Some((fps, ms, count)) = sums.get(&((*scene).to_owned(), daemon.clone())) else {
                continue;
            };
            let (fps, ms) = (fps / count, ms / count);
            // From a tenth of a millisecond to a second.
            let bars = [(fps, fps / 30.0), (ms, (ms / 0.1).max(1.0).log10() / 4.0)];
            for (panel, (value, share)) in bars.into_iter().enumerate() {
                let x = LABELS + PANEL * panel as f64;
                let (y, length) = (top + thick * at as f64, LONGEST * share.min(1.0));
                let colour = COLOURS[at];
                writeln!(
                    svg,
                    "<rect x=\"{x}\" y=\"{y:.1}\" width=\"{length:.1}\" height=\"{:.1}\" fill=\"{colour}\"/>",
                    thick - 1.0
                )?;
                let (x, y) = (x + length + 4.0, y + thick - 3.0);
                writeln!(
                    svg,
                    "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"9\">{}</text>",
                    short(value)
                )?;
            }
        }
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

fn short(value: f64) -> String {
    if value < 10.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.0}")
    }
}
