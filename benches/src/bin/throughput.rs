//! How many bytes of a recording are read in a second, for reports.
//!
//! Fails when framing and typing a recording in memory is slower than the promise in
//! `docs/adr/0002`: 1 GB/s on 100 MB of image blobs.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use benches::wire::{count_recording, count_recording_in_pieces, recording};

const RECORDING_BYTES: usize = 100_000_000;
const REPETITIONS: usize = 7;
const PROMISED_GIGABYTES: f64 = 1.0;

fn main() -> ExitCode {
    let recording = recording(RECORDING_BYTES);
    println!(
        "recording of {} bytes, best of {REPETITIONS}",
        recording.len()
    );

    let slice = best(|| count_recording(black_box(&recording)));
    let in_memory = report("as a slice, framed and typed", recording.len(), slice);
    for piece in [4096, 65_536] {
        let time = best(|| count_recording_in_pieces(black_box(&recording), piece));
        report(
            &format!("in pieces of {piece} bytes, framed and typed"),
            recording.len(),
            time,
        );
    }
    let copied = best(|| black_box(black_box(&recording).to_vec()).len());
    report("for comparison: copied", recording.len(), copied);

    if in_memory < PROMISED_GIGABYTES {
        eprintln!("reading a recording is slower than {PROMISED_GIGABYTES} GB/s");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn best(mut work: impl FnMut() -> usize) -> Duration {
    let time = |()| {
        let start = Instant::now();
        black_box(work());
        start.elapsed()
    };
    std::iter::repeat_n((), REPETITIONS)
        .map(time)
        .min()
        .unwrap_or_default()
}

fn report(what: &str, bytes: usize, time: Duration) -> f64 {
    let rate = bytes as f64 / time.as_secs_f64() / 1e9;
    println!("{rate:7.2} GB/s  {what}");
    rate
}
