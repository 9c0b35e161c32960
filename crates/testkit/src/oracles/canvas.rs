//! The canvas that draws recordings.

use guac_canvas::{Canvas, Limits, Picture};
use guac_protocol::{Instructions, LayerIndex, ServerInstruction};

/// Small, so that many inputs reach them.
const LIMITS: Limits = Limits {
    layers: 12,
    side: 1_024,
    pixels: 1 << 16,
    image_pixels: 1 << 14,
    streams: 4,
    stream_bytes: 1 << 16,
    path: 16,
};

/// Layers that are looked at.
const LAYERS: std::ops::Range<i32> = -16..16;

/// Instructions of one input: more would only take longer.
const INSTRUCTIONS_MAX: usize = 256;

/// Whatever instructions a canvas is given, it draws or refuses them; its layers stay within its
/// limits; and what it says has changed is all that has.
///
/// The bytes are text: an instruction a line, its elements apart by spaces. The lengths are put in
/// here, since nothing is to be found in them: that is the wire parser's.
pub fn canvas(bytes: &[u8]) {
    let mut canvas = Canvas::with_limits(LIMITS);
    let mut shadow = Shadow::default();
    for line in bytes.split(|byte| *byte == b'\n').take(INSTRUCTIONS_MAX) {
        let Ok(line) = std::str::from_utf8(line) else {
            continue;
        };
        let framed = framed(line);
        let Some(Ok(raw)) = Instructions::new(framed.as_bytes()).next() else {
            continue;
        };
        let Ok(instruction) = ServerInstruction::parse(&raw) else {
            continue;
        };
        let _ = canvas.apply(&instruction);
        if matches!(instruction, ServerInstruction::Sync { .. }) {
            shadow.follow(&mut canvas);
        }
    }
    shadow.follow(&mut canvas);
    let pixels: usize = LAYERS
        .filter_map(|layer| canvas.layer(LayerIndex(layer)))
        .map(|layer| layer.width() * layer.height())
        .sum();
    assert!(pixels <= LIMITS.pixels, "{pixels} pixels");
    let layers = LAYERS.filter(|layer| canvas.layer(LayerIndex(*layer)).is_some());
    assert!(layers.count() <= LIMITS.layers);
}

fn framed(line: &str) -> String {
    let elements = line.split(' ');
    let elements = elements.map(|element| format!("{}.{element}", element.chars().count()));
    elements.collect::<Vec<_>>().join(",") + ";"
}

/// A copy of what is shown, that takes over only what the canvas says has changed.
#[derive(Default)]
struct Shadow {
    width: usize,
    height: usize,
    pixels: Vec<u32>,
    reused: Picture,
}

impl Shadow {
    fn follow(&mut self, canvas: &mut Canvas) {
        let shown = canvas.flatten();
        let desktop = canvas.desktop();
        let size = (shown.width(), shown.height());
        assert_eq!(size, (desktop.width(), desktop.height()));
        if size != (self.width, self.height) {
            // No pixel looks like this, so that each has to be said to have changed.
            self.pixels = vec![0x00ff_ffff; shown.width() * shown.height()];
            (self.width, self.height) = size;
        }
        for (rows, columns) in canvas.damage().parts() {
            for y in rows {
                let place = y * self.width;
                self.pixels[place + columns.start..place + columns.end]
                    .copy_from_slice(&shown.row(y)[columns.clone()]);
            }
        }
        assert!(shown.rows().flatten().eq(&self.pixels), "more has changed");
        canvas.flatten_into(&mut self.reused);
        assert_eq!(self.reused, shown);
        if canvas.is_flat() {
            assert_eq!(*desktop, shown);
        }
        canvas.clear_damage();
    }
}
