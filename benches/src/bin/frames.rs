//! How long large frames take to be made, on one thread and with the pool's help: the two in turns.
//!
//! What is given is the median time from the end of an update to its frame, and the processor's time for both
//! threads, of pictures that replace each other as a whole. `frames [HELPERS]`.

use std::time::Duration;

use anyhow::Result;
use benches::decoding::scene::Scene;
use benches::player::Player;
use guac_display::EncodePool;
use nix::time::{ClockId, clock_gettime};

/// Frames of each kind on each side.
const ROUNDS: usize = 30;

/// Sizes of pictures: from a window to a large screen.
const SIZES: [(usize, usize); 5] = [
    (512, 384),
    (720, 512),
    (1024, 768),
    (1920, 1080),
    (3840, 2160),
];

/// What is shown, how reports call it, and whether it is exact.
const KINDS: [(Scene, &str, bool); 3] = [
    (Scene::Text, "pages of text", true),
    (Scene::Photo, "photographs, exact", true),
    (Scene::Photo, "photographs in motion", false),
];

fn main() -> Result<()> {
    let helpers = std::env::args().nth(1).map(|word| word.parse());
    let pool = EncodePool::new(helpers.transpose()?.unwrap_or(1));
    println!(
        "ms of wall time / of processor time, alone and with {} more",
        pool.most()
    );
    for (scene, kind, exact) in KINDS {
        for size in SIZES {
            let mut alone = player(scene, exact, size);
            let mut helped = player(scene, exact, size);
            helped.encode_with(pool.clone());
            let mut figures = [Vec::new(), Vec::new()];
            for _ in 0..ROUNDS {
                for (player, figures) in [&mut alone, &mut helped].into_iter().zip(&mut figures) {
                    figures.push(frame(player)?);
                }
            }
            let [alone, helped] = figures.map(medians);
            println!(
                "{kind:<22} {:>9}  {:6.2} / {:6.2}   {:6.2} / {:6.2}",
                format!("{}x{}", size.0, size.1),
                alone.0,
                alone.1,
                helped.0,
                helped.1
            );
        }
    }
    Ok(())
}

fn player(scene: Scene, exact: bool, (width, height): (usize, usize)) -> Player {
    let mut player = Player::new(scene.pictures(width, height).take(2));
    if exact {
        player.force_lossless();
    }
    // A film is one from its second picture on.
    for _ in 0..4 {
        if let Some(frame) = player.draw() {
            player.recycle(frame);
        }
    }
    player
}

/// The time that the next frame takes, and the processor's, in ms.
fn frame(player: &mut Player) -> Result<(f64, f64)> {
    let before = Duration::from(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?);
    let frame = player.frame();
    let after = Duration::from(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?);
    player.recycle(frame);
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    Ok((milliseconds(player.took()), milliseconds(after - before)))
}

fn medians(figures: Vec<(f64, f64)>) -> (f64, f64) {
    let (mut walls, mut processors): (Vec<f64>, Vec<f64>) = figures.into_iter().unzip();
    let median = |figures: &mut Vec<f64>| {
        figures.sort_by(f64::total_cmp);
        figures[figures.len() / 2]
    };
    (median(&mut walls), median(&mut processors))
}
