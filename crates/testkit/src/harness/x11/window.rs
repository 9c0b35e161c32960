//! Windows with known pictures in them.

use anyhow::Result;
use x11rb::connection::{Connection, RequestConnection};
use x11rb::protocol::xproto::{
    ChangeWindowAttributesAux, ConfigureWindowAux, ConnectionExt as _, CreateGCAux,
    CreateWindowAux, Gcontext, ImageFormat, Pixmap, Rectangle, Window as WindowId, WindowClass,
};
use x11rb::wrapper::ConnectionExt as _;

use super::Desktop;
use super::pixels::{image, row_bytes};
use crate::picture::Picture;

/// A window without a frame that shows a picture.
pub struct Window {
    desktop: Desktop,
    id: WindowId,
    gc: Gcontext,
    size: (u16, u16),
}

impl Window {
    pub(super) fn show(desktop: Desktop, x: i16, y: i16, picture: &Picture) -> Result<Self> {
        let size = (
            u16::try_from(picture.width)?,
            u16::try_from(picture.height)?,
        );
        let connection = &desktop.connection;
        let (id, gc) = (connection.generate_id()?, connection.generate_id()?);
        let (root, class) = (desktop.root(), WindowClass::INPUT_OUTPUT);
        let values = CreateWindowAux::new().override_redirect(1);
        connection.create_window(0, id, root, x, y, size.0, size.1, 0, class, 0, &values)?;
        connection.create_gc(gc, id, &CreateGCAux::new().graphics_exposures(0))?;
        connection.map_window(id)?;
        put(&desktop, id, gc, (0, 0), picture)?;
        desktop.settle()?;
        Ok(Self {
            desktop,
            id,
            gc,
            size,
        })
    }

    /// Moves the window with what is in it.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn move_to(&self, x: i16, y: i16) -> Result<()> {
        let values = ConfigureWindowAux::new().x(i32::from(x)).y(i32::from(y));
        self.desktop.connection.configure_window(self.id, &values)?;
        self.desktop.settle()
    }

    /// Draws a picture at a place in the window.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn draw(&self, x: i16, y: i16, picture: &Picture) -> Result<()> {
        put(&self.desktop, self.id, self.gc, (x, y), picture)?;
        self.desktop.settle()
    }

    /// Fills a rectangle with one colour.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn fill(&self, area: Rectangle, colour: u32) -> Result<()> {
        let connection = &self.desktop.connection;
        let values = x11rb::protocol::xproto::ChangeGCAux::new().foreground(colour);
        connection.change_gc(self.gc, &values)?;
        connection.poly_fill_rectangle(self.id, self.gc, &[area])?;
        self.desktop.settle()
    }

    /// Scrolls up as a text view does: copies what stays, and draws what comes in below.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn scroll_up(&self, rows: u16, coming: &Picture) -> Result<()> {
        let (width, height) = self.size;
        let keep = height.saturating_sub(rows);
        let from = i16::try_from(rows)?;
        self.desktop
            .connection
            .copy_area(self.id, self.id, self.gc, 0, from, 0, 0, width, keep)?;
        self.draw(0, i16::try_from(keep)?, coming)
    }

    /// Gives the window a pointer shape of one bit per pixel: rows of `#` for `ink` and `.` for
    /// `paper`, blanks are see-through. All rows are of one length.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn set_cursor(
        &self,
        rows: &[&str],
        hotspot: (u16, u16),
        ink: u32,
        paper: u32,
    ) -> Result<()> {
        let connection = &self.desktop.connection;
        let source = bitmap(&self.desktop, rows, |c| c == '#')?;
        let mask = bitmap(&self.desktop, rows, |c| c != ' ')?;
        let cursor = connection.generate_id()?;
        // X takes 16 bits for each colour; the byte is repeated.
        let part = |colour: u32, shift: u32| ((colour >> shift & 0xff) * 0x101) as u16;
        let (red, green, blue) = (part(ink, 16), part(ink, 8), part(ink, 0));
        let (back_red, back_green, back_blue) = (part(paper, 16), part(paper, 8), part(paper, 0));
        let (x, y) = hotspot;
        connection.create_cursor(
            cursor, source, mask, red, green, blue, back_red, back_green, back_blue, x, y,
        )?;
        let values = ChangeWindowAttributesAux::new().cursor(cursor);
        connection.change_window_attributes(self.id, &values)?;
        self.desktop.settle()
    }
}

/// Makes a picture the background of the root window and shows it.
pub(super) fn paint_background(desktop: &Desktop, picture: &Picture) -> Result<()> {
    let (connection, window) = (&desktop.connection, desktop.root());
    let (pixmap, gc): (Pixmap, Gcontext) = (connection.generate_id()?, connection.generate_id()?);
    let (width, height) = (
        u16::try_from(picture.width)?,
        u16::try_from(picture.height)?,
    );
    connection.create_pixmap(desktop.depth(), pixmap, window, width, height)?;
    connection.create_gc(gc, pixmap, &CreateGCAux::new())?;
    put(desktop, pixmap, gc, (0, 0), picture)?;
    let values = ChangeWindowAttributesAux::new().background_pixmap(pixmap);
    connection.change_window_attributes(window, &values)?;
    connection.clear_area(false, window, 0, 0, 0, 0)?;
    connection.free_gc(gc)?;
    connection.free_pixmap(pixmap)?;
    Ok(())
}

fn put(
    desktop: &Desktop,
    drawable: u32,
    gc: Gcontext,
    (x, y): (i16, i16),
    picture: &Picture,
) -> Result<()> {
    let (connection, depth) = (&desktop.connection, desktop.depth());
    let width = u16::try_from(picture.width)?;
    // A request must stay below the server's limit, so tall pictures go in strips.
    let room = connection.maximum_request_bytes().min(1 << 18) - 64;
    let rows = (room / row_bytes(picture.width, depth)?).max(1);
    for (index, strip) in picture.pixels.chunks(rows * picture.width).enumerate() {
        let bytes = image(strip, picture.width, depth)?;
        let height = u16::try_from(strip.len() / picture.width)?;
        let top = y + i16::try_from(index * rows)?;
        let format = ImageFormat::Z_PIXMAP;
        connection.put_image(
            format, drawable, gc, width, height, x, top, 0, depth, &bytes,
        )?;
    }
    connection.sync()?;
    Ok(())
}

fn bitmap(desktop: &Desktop, rows: &[&str], is_set: impl Fn(char) -> bool) -> Result<Pixmap> {
    let connection = &desktop.connection;
    let width = rows.iter().map(|row| row.len()).max().unwrap_or(0);
    let (pixmap, gc): (Pixmap, Gcontext) = (connection.generate_id()?, connection.generate_id()?);
    let (w, h) = (u16::try_from(width)?, u16::try_from(rows.len())?);
    connection.create_pixmap(1, pixmap, desktop.root(), w, h)?;
    connection.create_gc(gc, pixmap, &CreateGCAux::new().foreground(0))?;
    connection.poly_fill_rectangle(
        pixmap,
        gc,
        &[Rectangle {
            x: 0,
            y: 0,
            width: w,
            height: h,
        }],
    )?;
    connection.change_gc(
        gc,
        &x11rb::protocol::xproto::ChangeGCAux::new().foreground(1),
    )?;
    for (y, row) in rows.iter().enumerate() {
        for (x, _) in row.chars().enumerate().filter(|(_, c)| is_set(*c)) {
            let (x, y) = (i16::try_from(x)?, i16::try_from(y)?);
            let dot = Rectangle {
                x,
                y,
                width: 1,
                height: 1,
            };
            connection.poly_fill_rectangle(pixmap, gc, &[dot])?;
        }
    }
    connection.free_gc(gc)?;
    Ok(pixmap)
}
