//! The desktop's clipboard: owning it as a program does after *copy*, reading it as one does at *paste*.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Result, ensure};
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ConnectionExt as _, CreateWindowAux, EventMask, PropMode,
    SELECTION_NOTIFY_EVENT, SelectionNotifyEvent, SelectionRequestEvent, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;
use x11rb::{CURRENT_TIME, NONE};

use super::Desktop;
use crate::wait::{PATIENCE, until, until_true};

/// Which selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selection {
    /// What is marked.
    Primary,
    /// What was copied.
    Clipboard,
}

/// Owns selections, and answers whoever asks for them.
pub struct SelectionOwner {
    stop: Arc<AtomicBool>,
    served: Arc<AtomicUsize>,
    thread: Option<JoinHandle<Result<()>>>,
}

struct Atoms {
    clipboard: Atom,
    targets: Atom,
    utf8: Atom,
    property: Atom,
}

impl SelectionOwner {
    pub(super) fn start(
        desktop: Desktop,
        selections: &[Selection],
        offers: &[(&str, &[u8])],
    ) -> Result<Self> {
        let (stop, served) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let atoms = Atoms::intern(&desktop.connection)?;
        let offers = offers
            .iter()
            .map(|(target, data)| Ok((intern(&desktop.connection, target)?, data.to_vec())))
            .collect::<Result<Vec<_>>>()?;
        let window = hidden_window(&desktop)?;
        for selection in selections {
            let atom = atoms.of(*selection);
            desktop
                .connection
                .set_selection_owner(window, atom, CURRENT_TIME)?;
            let owner = desktop.connection.get_selection_owner(atom)?.reply()?.owner;
            ensure!(owner == window, "{selection:?} went to another window");
        }
        let (stopped, count) = (Arc::clone(&stop), Arc::clone(&served));
        let thread = thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                match desktop.connection.poll_for_event()? {
                    Some(Event::SelectionRequest(request)) => {
                        answer(&desktop.connection, &atoms, &request, &offers, &count)?;
                    }
                    Some(_) => {}
                    None => thread::sleep(Duration::from_millis(5)),
                }
            }
            Ok(())
        });
        Ok(Self {
            stop,
            served,
            thread: Some(thread),
        })
    }

    /// How often what was copied was handed out.
    pub fn served(&self) -> usize {
        self.served.load(Ordering::Relaxed)
    }
}

impl Drop for SelectionOwner {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // The server may have been ended before its client, which is no news here.
            let _ = thread.join();
        }
    }
}

/// The text of a selection; nothing when nobody owns it or the owner has no text.
///
/// # Errors
/// When the server is gone or the owner does not answer.
pub fn read_selection(desktop: &Desktop, selection: Selection) -> Result<Option<String>> {
    let connection = &desktop.connection;
    let atoms = Atoms::intern(connection)?;
    let atom = atoms.of(selection);
    if connection.get_selection_owner(atom)?.reply()?.owner == NONE {
        return Ok(None);
    }
    let window = hidden_window(desktop)?;
    connection.convert_selection(window, atom, atoms.utf8, atoms.property, CURRENT_TIME)?;
    connection.flush()?;
    let property = until("the selection's owner", PATIENCE, || {
        Ok(match connection.poll_for_event()? {
            Some(Event::SelectionNotify(event)) if event.requestor == window => {
                Some(event.property)
            }
            _ => None,
        })
    })?;
    if property == NONE {
        return Ok(None);
    }
    let reply = connection
        .get_property(true, window, property, AtomEnum::ANY, 0, u32::MAX)?
        .reply()?;
    connection.destroy_window(window)?;
    Ok(Some(String::from_utf8_lossy(&reply.value).into_owned()))
}

/// Waits until a selection holds this text.
///
/// # Errors
/// When it does not in time.
pub fn await_selection(desktop: &Desktop, selection: Selection, text: &str) -> Result<()> {
    until_true("a selection's text", PATIENCE, || {
        Ok(read_selection(desktop, selection)?.as_deref() == Some(text))
    })
}

impl Atoms {
    fn intern(connection: &RustConnection) -> Result<Self> {
        let atom = |name: &str| intern(connection, name);
        Ok(Self {
            clipboard: atom("CLIPBOARD")?,
            targets: atom("TARGETS")?,
            utf8: atom("UTF8_STRING")?,
            property: atom("TESTKIT_SELECTION")?,
        })
    }

    fn of(&self, selection: Selection) -> Atom {
        match selection {
            Selection::Primary => AtomEnum::PRIMARY.into(),
            Selection::Clipboard => self.clipboard,
        }
    }
}

fn intern(connection: &RustConnection, name: &str) -> Result<Atom> {
    let cookie = connection.intern_atom(false, name.as_bytes())?;
    Ok(cookie.reply()?.atom)
}

fn hidden_window(desktop: &Desktop) -> Result<Window> {
    let connection = &desktop.connection;
    let id = connection.generate_id()?;
    let values = CreateWindowAux::new().event_mask(EventMask::PROPERTY_CHANGE);
    let (root, class) = (desktop.root(), WindowClass::INPUT_OUTPUT);
    connection.create_window(0, id, root, -10, -10, 1, 1, 0, class, 0, &values)?;
    desktop.settle()?;
    Ok(id)
}

fn answer(
    connection: &RustConnection,
    atoms: &Atoms,
    request: &SelectionRequestEvent,
    offers: &[(Atom, Vec<u8>)],
    served: &AtomicUsize,
) -> Result<()> {
    let window = request.requestor;
    // Clients from before there were conventions name no property.
    let mut property = if request.property == NONE {
        request.target
    } else {
        request.property
    };
    let mode = PropMode::REPLACE;
    let offered = offers.iter().find(|(target, _)| *target == request.target);
    if request.target == atoms.targets {
        let targets: Vec<_> = [atoms.targets]
            .into_iter()
            .chain(offers.iter().map(|(target, _)| *target))
            .collect();
        connection.change_property32(mode, window, property, AtomEnum::ATOM, &targets)?;
    } else if let Some((target, data)) = offered {
        connection.change_property8(mode, window, property, *target, data)?;
        served.fetch_add(1, Ordering::Relaxed);
    } else {
        property = NONE;
    }
    let event = SelectionNotifyEvent {
        response_type: SELECTION_NOTIFY_EVENT,
        sequence: 0,
        time: request.time,
        requestor: window,
        selection: request.selection,
        target: request.target,
        property,
    };
    connection.send_event(false, window, EventMask::NO_EVENT, event)?;
    connection.flush()?;
    Ok(())
}
