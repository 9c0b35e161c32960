//! A desktop that answers each key with a block of another colour, with a video beside it if wanted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use x11rb::CURRENT_TIME;
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    ChangeGCAux, ConnectionExt as _, CreateGCAux, CreateWindowAux, EventMask, Gcontext,
    ImageFormat, InputFocus, Rectangle, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;

/// Where the block is, and how long its sides are.
pub const BLOCK: (u16, u16, u16) = (64, 64, 64);
/// What the block shows, one after another.
pub const COLOURS: [u32; 3] = [0xFF_0000, 0x00_FF00, 0x00_00FF];

/// Where the video is.
const VIDEO: (i16, i16) = (960, 400);
const VIDEO_SIZE: (u16, u16) = (640, 360);
const VIDEO_FRAMES: u32 = 30;
const VIDEO_INTERVAL: Duration = Duration::from_micros(33_333);

/// The desktop; it ends when this is dropped.
pub struct Echo {
    ends: Arc<AtomicBool>,
    threads: Vec<JoinHandle<Result<()>>>,
}

impl Echo {
    /// Shows the window on a display.
    ///
    /// # Errors
    /// When there is no such display.
    pub fn show(display: &str, with_video: bool) -> Result<Self> {
        let ends = Arc::new(AtomicBool::new(false));
        let painter = Painter::open(display)?;
        let until = Arc::clone(&ends);
        let mut threads = vec![std::thread::spawn(move || painter.answer_keys(&until))];
        if with_video {
            let (painter, until) = (Painter::open(display)?, Arc::clone(&ends));
            threads.push(std::thread::spawn(move || painter.play(&until)));
        }
        Ok(Self { ends, threads })
    }

    /// Ends it.
    ///
    /// # Errors
    /// What went wrong while it ran.
    pub fn end(self) -> Result<()> {
        self.ends.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread.join().map_err(|_| anyhow!("a painter panicked"))??;
        }
        Ok(())
    }
}

/// A connection that draws in a window of its own.
struct Painter {
    connection: RustConnection,
    window: Window,
    gc: Gcontext,
}

impl Painter {
    fn open(display: &str) -> Result<Self> {
        let (connection, screen) = x11rb::connect(Some(display))?;
        let screen = &connection.setup().roots[screen];
        let (root, size) = (
            screen.root,
            (screen.width_in_pixels, screen.height_in_pixels),
        );
        let (window, gc) = (connection.generate_id()?, connection.generate_id()?);
        connection.create_gc(gc, root, &CreateGCAux::new().graphics_exposures(0))?;
        let values = CreateWindowAux::new()
            .override_redirect(1)
            .background_pixel(0xFF_FFFF)
            .event_mask(EventMask::KEY_PRESS | EventMask::EXPOSURE);
        let class = WindowClass::INPUT_OUTPUT;
        connection.create_window(0, window, root, 0, 0, size.0, size.1, 0, class, 0, &values)?;
        Ok(Self {
            connection,
            window,
            gc,
        })
    }

    fn answer_keys(&self, ends: &AtomicBool) -> Result<()> {
        self.connection.map_window(self.window)?;
        self.connection.flush()?;
        let mut keys = 0;
        while !ends.load(Ordering::Relaxed) {
            let Some(event) = self.connection.poll_for_event()? else {
                wait(&self.connection)?;
                continue;
            };
            match event {
                Event::Expose(_) => {
                    let focus = InputFocus::PARENT;
                    self.connection
                        .set_input_focus(focus, self.window, CURRENT_TIME)?;
                }
                Event::KeyPress(_) => {
                    let colour = COLOURS[keys % COLOURS.len()];
                    keys += 1;
                    let (x, y, side) = BLOCK;
                    let area = Rectangle {
                        x: x as i16,
                        y: y as i16,
                        width: side,
                        height: side,
                    };
                    let paint = ChangeGCAux::new().foreground(colour);
                    self.connection.change_gc(self.gc, &paint)?;
                    self.connection
                        .poly_fill_rectangle(self.window, self.gc, &[area])?;
                }
                _ => {}
            }
            self.connection.flush()?;
        }
        Ok(())
    }

    /// Draws on the root window's other children: the video is a part of the desktop, not of the window.
    fn play(&self, ends: &AtomicBool) -> Result<()> {
        let (width, height) = VIDEO_SIZE;
        let area = CreateWindowAux::new().override_redirect(1);
        let (screen, class) = (&self.connection.setup().roots[0], WindowClass::INPUT_OUTPUT);
        let (video, root) = (self.connection.generate_id()?, screen.root);
        self.connection.create_window(
            0, video, root, VIDEO.0, VIDEO.1, width, height, 0, class, 0, &area,
        )?;
        self.connection.map_window(video)?;
        let frames: Vec<_> = (0..VIDEO_FRAMES).map(film).collect();
        let mut due = Instant::now();
        for frame in frames.iter().cycle() {
            if ends.load(Ordering::Relaxed) {
                break;
            }
            let format = ImageFormat::Z_PIXMAP;
            self.connection
                .put_image(format, video, self.gc, width, height, 0, 0, 0, 24, frame)?;
            self.connection.flush()?;
            due += VIDEO_INTERVAL;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
        }
        Ok(())
    }
}

/// Until the server has said something, or a moment has passed.
fn wait(connection: &RustConnection) -> Result<()> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let moment = Timespec {
        tv_sec: 0,
        tv_nsec: 100_000_000,
    };
    let stream = connection.stream();
    let mut polled = [PollFd::new(stream, PollFlags::IN)];
    poll(&mut polled, Some(&moment))?;
    Ok(())
}

/// The frame of a number, as bytes of pixels: waves that move, in many colours.
fn film(number: u32) -> Vec<u8> {
    let (width, height) = VIDEO_SIZE;
    let time = f64::from(number) * std::f64::consts::TAU / f64::from(VIDEO_FRAMES);
    let wave = |x: f64, y: f64| (128.0 + 60.0 * (x + time).sin() + 60.0 * (y - time).cos()) as u8;
    let mut pixels = Vec::new();
    for y in 0..u32::from(height) {
        for x in 0..u32::from(width) {
            let (fx, fy) = (f64::from(x), f64::from(y));
            let grain = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)) as u8 & 15;
            let [red, green] = [wave(fx / 40.0, fy / 30.0), wave(fy / 50.0, fx / 20.0)];
            pixels.extend([wave(fx / 90.0, fx / 70.0) ^ grain, green ^ grain, red, 0]);
        }
    }
    pixels
}
