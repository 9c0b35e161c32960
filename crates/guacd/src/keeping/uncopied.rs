//! In place of the copying, in a daemon that was built without object stores: nobody has a store, so nothing is ever
//! copied, and a session that should be is refused.

use std::io;
use std::sync::Weak;
use std::time::Duration;

use guac_recorder::Recording;

use super::queue::Shared;
use crate::decisions::Witness;

/// There is none.
#[derive(Debug, Clone)]
pub(super) enum Store {}

/// There are none.
#[derive(Clone)]
pub(super) enum Copies {}

/// What a store would lack.
pub(super) struct Backlog {
    pub(super) bytes: u64,
    pub(super) pieces: usize,
    pub(super) oldest: Option<Duration>,
    never: Store,
}

/// Refuses.
pub(super) fn open_store(_url: &str) -> Result<Store, String> {
    Err("this daemon was built without object stores".to_owned())
}

impl Copies {
    pub(super) fn start(store: Store, _session: &str, _recording: &Recording) -> io::Result<Self> {
        match store {}
    }

    pub(super) fn watch(&self, _shared: Weak<Shared>) {
        match *self {}
    }

    pub(super) fn backlog(&self) -> Backlog {
        match *self {}
    }

    pub(super) async fn drain(self, _within: Duration, _witness: &Witness) {
        match self {}
    }
}

/// Tells whether anything was closed since the last time.
pub(super) fn copy_closed(recording: &mut Recording, _copies: Option<&Copies>) -> bool {
    recording.take_closed().count() != 0
}

pub(super) fn trouble(backlog: &Backlog) -> String {
    match backlog.never {}
}

pub(super) fn is_for_good(backlog: &Backlog) -> bool {
    match backlog.never {}
}
