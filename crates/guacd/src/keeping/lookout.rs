//! Writing on the threads that sessions run on, and somebody who sees to it that it holds nobody up.
//!
//! To hand a small write to another thread costs more than the write, which is a copy into memory as a rule. It can
//! take long all the same: the filesystem is frozen, or the disk is behind. So only one is done at a time on the
//! runtime's own threads, of which there are others, and a thread of its own looks that it ends. If it does not, that
//! thread wakes another one of the runtime's: it might have been the last that waited for sockets and timers.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::runtime::{Handle, RuntimeFlavor};

/// How often is looked while there are writes, and so how long at most nothing happens if one hangs, twice.
const INTERVAL: Duration = Duration::from_millis(250);

/// After so many looks without a write, looking ends until there is one.
const IDLE_LOOKS: u32 = 4;

/// Threads that a runtime must have for one of them to write.
const THREADS_MIN: usize = 2;

static PLACE: Place = Place {
    state: Mutex::new(State {
        writes: 0,
        runtime: None,
        watcher: Watcher::Absent,
    }),
    wanted: Condvar::new(),
};

/// Where a write is done on a runtime's thread. There is one in a process.
struct Place {
    state: Mutex<State>,
    wanted: Condvar,
}

struct State {
    /// Writes begun so far.
    writes: u64,
    /// Whose thread is writing now.
    runtime: Option<Handle>,
    watcher: Watcher,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Watcher {
    Absent,
    Resting,
    Looking,
}

/// Leave to write on this thread, for as long as it is held.
pub(super) struct Leave(());

/// Leave to write on this thread, if it is one of a runtime with others and nobody else has leave.
pub(super) fn ask() -> Option<Leave> {
    let runtime = Handle::try_current().ok()?;
    let is_fit = runtime.runtime_flavor() == RuntimeFlavor::MultiThread
        && THREADS_MIN <= runtime.metrics().num_workers();
    if !is_fit {
        return None;
    }
    let mut state = PLACE.state();
    if state.runtime.is_some() || !PLACE.is_watched(&mut state) {
        return None;
    }
    state.writes += 1;
    state.runtime = Some(runtime);
    Some(Leave(()))
}

impl Drop for Leave {
    fn drop(&mut self) {
        PLACE.state().runtime = None;
    }
}

impl Place {
    fn state(&self) -> MutexGuard<'_, State> {
        // The state is consistent after every statement, so a poisoned lock is as good as any.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sees to it that somebody looks; tells whether somebody does.
    fn is_watched(&'static self, state: &mut State) -> bool {
        match state.watcher {
            Watcher::Looking => return true,
            Watcher::Resting => self.wanted.notify_one(),
            Watcher::Absent => {
                let name = "guacd-lookout".to_owned();
                let started = thread::Builder::new().name(name).spawn(|| self.watch());
                if started.is_err() {
                    return false;
                }
            }
        }
        state.watcher = Watcher::Looking;
        true
    }

    fn watch(&self) {
        let (mut seen, mut helped, mut idle) = (0, 0, 0);
        loop {
            thread::sleep(INTERVAL);
            let mut state = self.state();
            if state.writes != seen {
                (seen, idle) = (state.writes, 0);
            } else if let Some(runtime) = state.runtime.clone() {
                if helped != seen {
                    helped = seen;
                    drop(state);
                    // Whoever wakes for this looks after what else there is.
                    runtime.spawn(async {});
                }
            } else if idle < IDLE_LOOKS {
                idle += 1;
            } else {
                state.watcher = Watcher::Resting;
                while state.watcher == Watcher::Resting {
                    let waited = self.wanted.wait(state);
                    state = waited.unwrap_or_else(PoisonError::into_inner);
                }
                idle = 0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;
    use std::sync::mpsc;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use tokio::runtime::Builder;
    use tokio::time::sleep;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    #[test]
    fn a_write_that_hangs_holds_up_no_socket_and_is_alone() {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build();
        let runtime = runtime.unwrap();
        let (hangs, hanging) = mpsc::channel();
        let (end, ends) = mpsc::channel::<()>();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move {
            let (mut client, _) = listener.accept().await.unwrap();
            let byte = client.read_u8().await.unwrap();
            client.write_u8(byte).await.unwrap();
        });
        runtime.spawn(async move {
            // Whoever wakes for this had waited for the sockets too.
            sleep(Duration::from_millis(50)).await;
            let leave = ask();
            hangs.send((leave.is_some(), ask().is_none())).unwrap();
            let _ = ends.recv();
        });
        assert_eq!(hanging.recv_timeout(PATIENCE).unwrap(), (true, true));
        let mut client = TcpStream::connect(address).unwrap();
        client.set_read_timeout(Some(PATIENCE)).unwrap();
        client.write_all(b"x").unwrap();
        let mut answer = [0];
        client.read_exact(&mut answer).unwrap();
        drop(end);
        runtime.block_on(async {
            while tokio::spawn(async { ask().is_none() }).await.unwrap() {
                sleep(Duration::from_millis(1)).await;
            }
        });
    }

    #[tokio::test]
    async fn the_only_thread_of_a_runtime_does_not_write() {
        assert!(ask().is_none());
    }
}
