//! A desktop on which something is drawn all the time.

use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Result, anyhow};
use testkit::{Desktop, Handshake, Picture, Xvnc};

/// Small, so that many frames can be compared.
const SIZE: (u16, u16) = (320, 240);

/// Between two steps: about what a desktop that scrolls does.
const PACE: Duration = Duration::from_millis(12);

/// The desktop; its drawing ends with it.
pub(crate) struct Scene {
    xvnc: Xvnc,
    ends: Option<Sender<()>>,
    drawing: Option<JoinHandle<Result<()>>>,
}

impl Scene {
    pub(crate) fn start() -> Result<Self> {
        let xvnc = Xvnc::options().geometry(SIZE.0, SIZE.1).start()?;
        let display = xvnc.display();
        let (ends, ended) = channel();
        let drawing = std::thread::spawn(move || {
            let desktop = Desktop::open(&display)?;
            let window = desktop.window(20, 20, &Picture::pattern(200, 150, 1))?;
            for step in 0.. {
                window.scroll_up(9, &Picture::pattern(200, 9, step + 2))?;
                if step % 8 == 0 {
                    let place = i16::try_from(step % 90)?;
                    window.move_to(place, 90 - place)?;
                }
                if ended.recv_timeout(PACE) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
            }
            Ok(())
        });
        Ok(Self {
            xvnc,
            ends: Some(ends),
            drawing: Some(drawing),
        })
    }

    /// A connection to its X server.
    pub(crate) fn desktop(&self) -> Result<Desktop> {
        self.xvnc.desktop()
    }

    /// What opens it, without loss: what a viewer missed is made anew for it, and where it is lossy not to the same pixels.
    pub(crate) fn handshake(&self) -> Handshake {
        let mut handshake = Handshake::vnc(self.xvnc.port()).with("force-lossless", "true");
        handshake.size = (SIZE.0.into(), SIZE.1.into(), 96);
        handshake
    }

    /// What opens it, and has it recorded as `session` in this directory.
    pub(crate) fn recorded(&self, directory: &Path) -> Handshake {
        self.handshake()
            .with("recording-path", &directory.display().to_string())
            .with("recording-name", "session")
    }

    /// Ends it.
    ///
    /// # Errors
    /// What went wrong with the drawing.
    pub(crate) fn finish(mut self) -> Result<()> {
        drop(self.ends.take());
        let drawing = self.drawing.take().map_or(Ok(Ok(())), JoinHandle::join);
        drawing.map_err(|_| anyhow!("the drawing thread panicked"))?
    }
}
