//! The model of what goes out beside clipboard text: what may be said, and what may be shown.

use std::collections::BTreeSet;

use super::script::Line;
use super::site::Site;

/// Everything that is not named here is not said.
pub(super) fn says(site: &Site, asked: &[&str], line: &Line) -> bool {
    match line.opcode {
        "args" | "ready" | "error" | "disconnect" | "nop" | "ack" | "mouse" => true,
        // Somebody has joined, or left.
        "msg" => matches!(line.args[0].as_str(), "1" | "2"),
        "required" => line.args.iter().all(|name| asked.contains(&name.as_str())),
        "name" => names(site, &line.args[0]),
        _ => false,
    }
}

/// Whether these lines may be shown as one frame: each of them may, and every image is whole.
pub(super) fn shows(site: &Site, lines: &[Line]) -> bool {
    let mut open = BTreeSet::new();
    lines.iter().all(|line| draws(site, line, &mut open)) && open.is_empty()
}

/// Everything that is not named here is not shown.
fn draws(site: &Site, line: &Line, open: &mut BTreeSet<i32>) -> bool {
    // The desktop's layer and a number of buffers.
    let is_layer = |at: usize| (-4096..=0).contains(&line.int(at));
    let is_side = |at: usize| (0..=32_767).contains(&line.int(at));
    match line.opcode {
        "nop" | "sync" | "mouse" => true,
        "size" => is_layer(0) && is_side(1) && is_side(2),
        "rect" => is_layer(0),
        "cfill" => is_layer(1),
        "copy" => is_layer(0) && is_layer(6),
        "cursor" => is_layer(2),
        "dispose" => is_layer(0) && line.int(0) != 0,
        "name" => names(site, &line.args[0]),
        "img" => {
            let stream = line.int(0);
            let is_image =
                ["image/png", "image/jpeg", "image/webp"].contains(&line.args[3].as_str());
            is_layer(2) && is_image && (0..1024).contains(&stream) && open.insert(stream)
        }
        "blob" => open.contains(&line.int(0)) && line.args[1].len() <= 8064,
        "end" => open.remove(&line.int(0)),
        _ => false,
    }
}

/// A desktop's name is text from the desktop: short and plain, if it may be told at all.
fn names(site: &Site, name: &str) -> bool {
    site.name && name.len() <= 64 && name.chars().all(|c| (' '..='~').contains(&c))
}
