//! What is drawn on an X server's screen: text, a gradient, something like a photo, few colours, a
//! scroll, a move, a cursor.

use anyhow::Result;
use testkit::servers::Sway;
use testkit::wait::{PATIENCE, until};
use testkit::{Desktop, Picture};
use x11rb::protocol::xproto::Rectangle;

use super::client::Client;
use super::rows::{More, Row};

/// Size of the screen.
pub(crate) const SIZE: (u16, u16) = (160, 120);

/// Where the pointer is: over the window.
const POINTER: (u8, u8) = (80, 60);

/// Size after the resize.
const RESIZED: (u16, u16) = (200, 96);

/// The letters of "guacd", five dots wide and seven high.
const LETTERS: [[u8; 7]; 5] = [
    [
        0b00000, 0b01111, 0b10001, 0b10001, 0b01111, 0b00001, 0b01110,
    ],
    [
        0b00000, 0b10001, 0b10001, 0b10001, 0b10011, 0b01101, 0b00000,
    ],
    [
        0b00000, 0b01110, 0b00001, 0b01111, 0b10001, 0b01111, 0b00000,
    ],
    [
        0b00000, 0b01110, 0b10000, 0b10000, 0b10001, 0b01110, 0b00000,
    ],
    [
        0b00001, 0b00001, 0b01101, 0b10011, 0b10001, 0b01111, 0b00000,
    ],
];

const CURSOR: [&str; 9] = [
    "##.........",
    "###........",
    "#..#...    ",
    "#...#..    ",
    "#....#.    ",
    "#.....#    ",
    "#...####   ",
    "#.##       ",
    "##         ",
];

/// Draws it all, one thing after the other, each until the client shows it.
pub(crate) fn perform(desktop: &Desktop, client: &mut Client, row: &Row) -> Result<Picture> {
    let shown =
        |client: &mut Client, what: &str| client.await_truth(what, || desktop.grab(), |_| true);
    // A server draws the pointer into the picture of a client that has not put it where it is.
    client.send(&[5, 0, 0, POINTER.0, 0, POINTER.1])?;
    desktop.paint_root(&Picture::filled(SIZE.0.into(), SIZE.1.into(), 0x20_4060))?;
    let window = desktop.window(8, 6, &text(140, 100, 0x10_1010, 0xf0_f0f0))?;
    shown(client, "the text")?;
    window.draw(4, 8, &gradient(64, 64))?;
    shown(client, "the gradient")?;
    window.draw(70, 8, &photo(64, 64))?;
    shown(client, "the photo")?;
    for (index, colour) in [0xff_0000, 0x00_ff00, 0x00_00ff, 0xff_ff00]
        .into_iter()
        .enumerate()
    {
        let x = 8 + 30 * i16::try_from(index)?;
        let area = Rectangle {
            x,
            y: 74,
            width: 23,
            height: 8,
        };
        window.fill(area, colour)?;
    }
    window.draw(10, 84, &checks(50, 12))?;
    shown(client, "the fills")?;
    if row.server.is_x_server() {
        window.scroll_up(8, &text(140, 8, 0x80_0000, 0xff_ffe0))?;
        shown(client, "the scroll")?;
        window.move_to(13, 11)?;
        shown(client, "the move")?;
        window.set_cursor(&CURSOR, (1, 1), 0x00_2040, 0xff_c080)?;
    }
    let size = Some((CURSOR[0].len(), CURSOR.len()));
    let has_cursor = |client: &Client| match row.server.is_x_server() {
        true => client.cursor_size() == size,
        false => client.cursor_size().is_some(),
    };
    let mut last = client.await_truth("the cursor", || desktop.grab(), has_cursor)?;
    if row.more == More::Resize {
        client.send(&set_desktop_size(RESIZED))?;
        last = client.await_truth(
            "the new size",
            // The size may change between the question for it and that for the pixels.
            || desktop.grab().or_else(|_| desktop.grab()),
            |client| client.seen().any(|seen| seen == "new size"),
        )?;
    }
    Ok(last)
}

/// Shows the pictures of it behind the windows of a compositor, one after the other.
pub(crate) fn perform_behind(compositor: &Sway, client: &mut Client) -> Result<Picture> {
    client.send(&[5, 0, 0, POINTER.0, 0, POINTER.1])?;
    let (width, height) = (SIZE.0.into(), SIZE.1.into());
    let mut screen = text(width, height, 0x10_1010, 0xf0_f0f0);
    let parts = [
        (8, 8, gradient(64, 64)),
        (76, 8, photo(64, 64)),
        (10, 84, checks(50, 12)),
    ];
    let mut last = Picture::filled(width, height, 0);
    for (x, y, part) in parts {
        for (row, pixels) in part.pixels.chunks(part.width).enumerate() {
            let start = (y + row) * width + x;
            screen.pixels[start..start + part.width].copy_from_slice(pixels);
        }
        compositor.paint_background(&screen)?;
        // What it shows in the end is what counts: whether that is the picture, is its own matter.
        until("the background", PATIENCE, || {
            Ok((compositor.screen()?.at(x, y) == part.pixels[0]).then_some(()))
        })?;
        last = client.await_truth("a background", || compositor.screen(), |_| true)?;
    }
    Ok(last)
}

/// The whole screen as one, with no flags (community specification, "SetDesktopSize").
fn set_desktop_size((width, height): (u16, u16)) -> Vec<u8> {
    let mut message = vec![251, 0];
    message.extend(width.to_be_bytes());
    message.extend(height.to_be_bytes());
    message.extend([1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    message.extend(width.to_be_bytes());
    message.extend(height.to_be_bytes());
    message.extend([0; 4]);
    message
}

fn draw(width: usize, height: usize, color: impl Fn(usize, usize) -> u32) -> Picture {
    let place = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    Picture {
        width,
        height,
        pixels: place.map(|(x, y)| color(x, y)).collect(),
    }
}

/// Lines of letters, each eight dots high.
fn text(width: usize, height: usize, ink: u32, paper: u32) -> Picture {
    draw(width, height, |x, y| {
        let letter = LETTERS[(x / 6 + y / 8) % LETTERS.len()];
        let (x, y) = (x % 6, y % 8);
        let dot = x < 5 && y < 7 && letter[y] >> (4 - x) & 1 == 1;
        if dot { ink } else { paper }
    })
}

/// Smooth in all three parts.
fn gradient(width: usize, height: usize) -> Picture {
    draw(width, height, |x, y| {
        let (r, g, b) = (x * 3, y * 3, 255 - x - y);
        let (r, g, b) = (r as u32, g as u32, b as u32);
        r << 16 | g << 8 | b
    })
}

/// Smooth with some noise on it, which is the same each time.
fn photo(width: usize, height: usize) -> Picture {
    draw(width, height, |x, y| {
        let mut noise = (x * 7919 + y * 104_729) as u32;
        noise = (noise ^ noise >> 7).wrapping_mul(2_654_435_761);
        noise ^= noise >> 15;
        let wave = |period: usize, from: usize| {
            let place = (x * 5 + y * 3 + from) % (2 * period);
            (place.min(2 * period - place) * 200 / period) as u32
        };
        let part = |value: u32, bits: u32| value + (noise >> bits & 15);
        part(wave(90, 0), 0) << 16 | part(wave(70, 20), 8) << 8 | part(wave(110, 50), 16)
    })
}

/// Small squares of six colours.
fn checks(width: usize, height: usize) -> Picture {
    const COLOURS: [u32; 6] = [
        0x11_2233, 0x44_5566, 0x77_8899, 0xaa_bbcc, 0xdd_eeff, 0xff_8000,
    ];
    draw(width, height, |x, y| {
        COLOURS[(x / 3 + y / 2 * 5) % COLOURS.len()]
    })
}
