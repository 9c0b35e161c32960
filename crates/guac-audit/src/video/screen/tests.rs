use guac_protocol::{Instructions, ServerInstruction};

use super::*;

fn apply(canvas: &mut Canvas, instructions: &str) {
    for raw in Instructions::new(instructions.as_bytes()) {
        let instruction = raw.unwrap();
        canvas
            .apply(&ServerInstruction::parse(&instruction).unwrap())
            .unwrap();
    }
}

/// A red desktop of 5x3 pixels with a green column at its left.
const DESKTOP: &str = "4.size,1.0,1.5,1.3;4.rect,1.0,1.0,1.0,1.5,1.3;\
    5.cfill,2.14,1.0,3.255,1.0,1.0,3.255;4.rect,1.0,1.0,1.0,1.1,1.3;\
    5.cfill,2.14,1.0,1.0,3.255,1.0,3.255;";
/// A white pointer of 2x1 pixels with its hotspot at its right.
const POINTER: &str = "4.size,2.-1,1.2,1.1;4.rect,2.-1,1.0,1.0,1.2,1.1;\
    5.cfill,2.14,2.-1,3.255,3.255,3.255,3.255;6.cursor,1.1,1.0,2.-1,1.0,1.0,1.2,1.1;";

/// Brightness by BT.709: black, and pure colours, from the standard's table of 8-bit code values.
const RED: u8 = 63;
const GREEN: u8 = 173;
const WHITE: u8 = 235;

fn brightness(screen: &Screen) -> Vec<Vec<u8>> {
    let [brightness, ..] = &screen.planes;
    brightness
        .chunks(screen.width)
        .map(<[u8]>::to_vec)
        .collect()
}

#[test]
fn colours_are_those_of_the_standard() {
    // Code values of colour bars at full amplitude: Y, Cb, Cr.
    for (pixel, y, blue, red) in [
        (0xffff_ffff, 235, 128, 128),
        (0xffff_ff00, 219, 16, 138),
        (0xff00_ffff, 188, 154, 16),
        (0xff00_ff00, 173, 42, 26),
        (0xffff_00ff, 78, 214, 230),
        (0xffff_0000, 63, 102, 240),
        (0xff00_00ff, 32, 240, 118),
        (0xff00_0000, 16, 128, 128),
    ] {
        assert_eq!(
            (luma(pixel), chroma([pixel; 4])),
            (y, (blue, red)),
            "{pixel:x}"
        );
    }
}

#[test]
fn a_desktop_with_odd_sides_has_a_black_edge() {
    let mut canvas = Canvas::new();
    apply(&mut canvas, DESKTOP);
    let mut screen = Screen::new((5, 3), false, true);
    assert!(screen.update(&mut canvas));
    assert_eq!(
        (screen.width(), screen.height(), screen.bytes()),
        (6, 4, 36)
    );
    let row = vec![GREEN, RED, RED, RED, RED, BLACK];
    assert_eq!(
        brightness(&screen),
        [row.clone(), row.clone(), row, vec![BLACK; 6]]
    );
    assert!(!screen.update(&mut canvas), "nothing has changed since");
}

#[test]
fn only_what_is_damaged_is_converted() {
    let mut canvas = Canvas::new();
    apply(&mut canvas, DESKTOP);
    let mut screen = Screen::new((5, 3), false, true);
    screen.update(&mut canvas);
    screen.planes.iter_mut().for_each(|plane| plane.fill(7));
    apply(
        &mut canvas,
        "4.rect,1.0,1.3,1.0,1.1,1.1;5.cfill,2.14,1.0,3.255,3.255,3.255,3.255;",
    );
    assert!(screen.update(&mut canvas));
    assert_eq!(brightness(&screen)[0], [7, 7, RED, WHITE, 7, 7]);
}

#[test]
fn the_pointer_is_drawn_and_leaves_nothing_behind() {
    let mut canvas = Canvas::new();
    apply(&mut canvas, DESKTOP);
    apply(&mut canvas, POINTER);
    let mut screen = Screen::new((5, 3), false, true);
    screen.update(&mut canvas);
    let plain = brightness(&screen);
    apply(&mut canvas, "5.mouse,1.3,1.1,1.0,1.5;");
    assert!(screen.update_pointer(&canvas));
    assert_eq!(
        brightness(&screen)[1],
        [GREEN, RED, WHITE, WHITE, RED, BLACK]
    );
    // Off the left edge by half, and far away.
    apply(&mut canvas, "5.mouse,1.0,1.0,1.0,1.6;");
    assert!(screen.update_pointer(&canvas));
    assert_eq!(brightness(&screen)[0], [WHITE, RED, RED, RED, RED, BLACK]);
    apply(&mut canvas, "5.mouse,11.-2147483648,10.2147483647,1.0,1.7;");
    assert!(screen.update_pointer(&canvas));
    assert_eq!(brightness(&screen), plain);
    assert!(!screen.update_pointer(&canvas), "it has not moved");

    let mut without = Screen::new((5, 3), false, false);
    apply(&mut canvas, "5.mouse,1.3,1.1,1.0,1.8;");
    assert!(!without.update_pointer(&canvas));
}

#[test]
fn a_smaller_desktop_stands_in_the_middle_of_black() {
    let mut canvas = Canvas::new();
    apply(&mut canvas, DESKTOP);
    let mut screen = Screen::new((14, 10), false, true);
    screen.update(&mut canvas);
    let rows = brightness(&screen);
    assert_eq!(
        rows[4],
        [
            16, 16, 16, 16, GREEN, RED, RED, RED, RED, 16, 16, 16, 16, 16
        ]
    );
    assert_eq!((rows[1][4], rows[2][4], rows[5][4]), (16, GREEN, 16));
    apply(&mut canvas, "4.size,1.0,1.2,1.2;");
    assert!(screen.update(&mut canvas));
    let lit = brightness(&screen)
        .concat()
        .iter()
        .filter(|value| **value != 16)
        .count();
    assert_eq!(lit, 4, "what stood there before is gone");
}

#[test]
fn the_strip_shows_text_and_progress() {
    let mut screen = Screen::new((100, 10), true, true);
    assert_eq!((screen.width(), screen.height()), (100, 10 + STRIP));
    screen.write_strip("0:00", 250);
    let rows = brightness(&screen);
    assert_eq!(rows[9], vec![BLACK; 100]);
    let bar = [vec![BRIGHT; 25], vec![DARK; 75]].concat();
    assert_eq!(rows[10 + STRIP - BAR..], vec![bar; BAR]);
    let lit = rows[10..10 + STRIP - BAR]
        .concat()
        .iter()
        .filter(|value| **value == BRIGHT)
        .count();
    // Three zeros of 19 dots and a colon of 4, each dot four pixels.
    assert_eq!(lit, (3 * 19 + 4) * 4);
}
