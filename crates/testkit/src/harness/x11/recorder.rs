//! A window that has the keyboard and notes the input it is given.

use std::time::Duration;

use anyhow::Result;
use x11rb::CURRENT_TIME;
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    ConnectionExt as _, CreateWindowAux, EventMask, InputFocus, KeyPressEvent, WindowClass,
};

use super::Desktop;
use super::keymap::{Keymap, character, enable};
use crate::wait::until;

/// One thing that was done to the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// A key went down, or up.
    Key {
        /// The key's code.
        code: u8,
        /// Its symbol under the modifiers of the moment.
        keysym: u32,
        /// The modifiers and the group of the moment.
        state: u16,
        /// Whether it went down.
        pressed: bool,
    },
    /// A button went down, or up; 4 and 5 are the wheel.
    Button {
        /// 1 for left.
        button: u8,
        /// Where, in the window.
        at: (i16, i16),
        /// Whether it went down.
        pressed: bool,
    },
    /// The pointer moved.
    Motion {
        /// Where to, in the window.
        at: (i16, i16),
        /// The buttons held, the left one in bit 0.
        buttons: u8,
    },
}

/// The window.
pub struct Recorder {
    desktop: Desktop,
    inputs: Vec<Input>,
}

impl Recorder {
    pub(super) fn show(desktop: Desktop, x: i16, y: i16, width: u16, height: u16) -> Result<Self> {
        let connection = &desktop.connection;
        enable(connection)?;
        let id = connection.generate_id()?;
        let events = EventMask::KEY_PRESS
            | EventMask::KEY_RELEASE
            | EventMask::BUTTON_PRESS
            | EventMask::BUTTON_RELEASE
            | EventMask::POINTER_MOTION
            | EventMask::EXPOSURE;
        let values = CreateWindowAux::new()
            .override_redirect(1)
            .background_pixel(0x20_4060)
            .event_mask(events);
        let (root, class) = (desktop.root(), WindowClass::INPUT_OUTPUT);
        connection.create_window(0, id, root, x, y, width, height, 0, class, 0, &values)?;
        connection.map_window(id)?;
        desktop.settle()?;
        let mut recorder = Self {
            desktop,
            inputs: Vec::new(),
        };
        // The focus goes only to a window that can be seen.
        until("the window to be seen", crate::wait::PATIENCE, || {
            Ok(matches!(
                recorder.desktop.connection.poll_for_event()?,
                Some(Event::Expose(_))
            )
            .then_some(()))
        })?;
        let focus = InputFocus::PARENT;
        recorder
            .desktop
            .connection
            .set_input_focus(focus, id, CURRENT_TIME)?;
        recorder.desktop.settle()?;
        recorder.read()?;
        Ok(recorder)
    }

    /// Everything noted so far.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn inputs(&mut self) -> Result<&[Input]> {
        self.read()?;
        Ok(&self.inputs)
    }

    /// Forgets what was noted.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn clear(&mut self) -> Result<()> {
        self.read()?;
        self.inputs.clear();
        Ok(())
    }

    /// What was typed: the characters of the keys that went down.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn typed(&mut self) -> Result<String> {
        let down = |input: &Input| match input {
            Input::Key {
                keysym,
                pressed: true,
                ..
            } => character(*keysym),
            _ => None,
        };
        Ok(self.inputs()?.iter().filter_map(down).collect())
    }

    /// Waits until exactly this was typed.
    ///
    /// # Errors
    /// When it was not in time, with what was.
    #[track_caller]
    pub fn await_typed(&mut self, text: &str, limit: Duration) -> Result<()> {
        let waited = until("typed text", limit, || {
            Ok((self.typed()? == text).then_some(()))
        });
        waited.map_err(|error| {
            let inputs = self.inputs.clone();
            let typed = self.typed();
            error.context(format!("{typed:?} was typed and not {text:?}: {inputs:?}"))
        })
    }

    /// Waits until what was noted gives a value.
    ///
    /// # Errors
    /// When it does not in time, with what was noted.
    #[track_caller]
    pub fn await_input<T>(
        &mut self,
        what: &str,
        limit: Duration,
        mut wanted: impl FnMut(&[Input]) -> Option<T>,
    ) -> Result<T> {
        let found = until(what, limit, || Ok(wanted(self.inputs()?)));
        found.map_err(|error| error.context(format!("noted: {:?}", self.inputs)))
    }

    fn read(&mut self) -> Result<()> {
        // A reply comes after the events that happened before it was asked for.
        self.desktop.settle()?;
        let mut events = Vec::new();
        while let Some(event) = self.desktop.connection.poll_for_event()? {
            events.push(event);
        }
        if events.is_empty() {
            return Ok(());
        }
        // A VNC server adds symbols to the map as clients type them, and is not bound to tell a
        // client that knows XKB: only a map that is younger than the events has them all.
        let keymap = Keymap::read(&self.desktop.connection)?;
        for event in events {
            match event {
                Event::KeyPress(event) => self.note_key(&event, true, &keymap)?,
                Event::KeyRelease(event) => self.note_key(&event, false, &keymap)?,
                Event::ButtonPress(event) => {
                    self.note_button(event.detail, (event.event_x, event.event_y), true)
                }
                Event::ButtonRelease(event) => {
                    self.note_button(event.detail, (event.event_x, event.event_y), false)
                }
                Event::MotionNotify(event) => self.inputs.push(Input::Motion {
                    at: (event.event_x, event.event_y),
                    buttons: (u16::from(event.state) >> 8 & 0xff) as u8,
                }),
                _ => {}
            }
        }
        Ok(())
    }

    fn note_key(&mut self, event: &KeyPressEvent, pressed: bool, keymap: &Keymap) -> Result<()> {
        let (code, state) = (event.detail, u16::from(event.state));
        let keysym = keymap.keysym(code, state)?;
        self.inputs.push(Input::Key {
            code,
            keysym,
            state,
            pressed,
        });
        Ok(())
    }

    fn note_button(&mut self, button: u8, at: (i16, i16), pressed: bool) {
        self.inputs.push(Input::Button {
            button,
            at,
            pressed,
        });
    }
}
