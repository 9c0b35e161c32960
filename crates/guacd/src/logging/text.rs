//! Log lines on standard error, as the C daemon writes them: `guacd[PID]: LEVEL:<TAB>message`.

use std::io::Write;
use std::process;

use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::Context;

use super::line::{level_name, message};

/// Writes each event as one line, in one call.
pub(super) struct TextLayer<W> {
    writer: W,
    pid: u32,
}

impl<W> TextLayer<W> {
    pub(super) fn new(writer: W) -> Self {
        Self {
            writer,
            pid: process::id(),
        }
    }
}

impl<S, W> Layer<S> for TextLayer<W>
where
    S: Subscriber,
    W: for<'w> MakeWriter<'w> + 'static,
{
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let level = level_name(*event.metadata().level());
        let line = format!("guacd[{}]: {level}:\t{}\n", self.pid, message(event));
        // There is nowhere to report a log that cannot be written, and no session ends for it.
        let _ = self.writer.make_writer().write_all(line.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<Vec<u8>>>);

    impl Write for Memory {
        fn write(&mut self, part: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(part)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(events: impl FnOnce()) -> String {
        let memory = Memory::default();
        let writer = memory.clone();
        let layer = TextLayer::new(move || writer.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), events);
        let bytes = memory.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn lines_are_those_of_the_c_daemon() {
        let pid = process::id();
        let text = logged(|| {
            tracing::error!(port = 5900, "Unable to connect to VNC server.");
            tracing::warn!("Support for protocol \"{}\" is not installed", "x");
            tracing::info!(user = "@u", "Listening on host {}, port {}", "::1", 4822);
            tracing::debug!("d");
            tracing::trace!("t");
        });
        let expected = format!(
            "guacd[{pid}]: ERROR:\tUnable to connect to VNC server.\n\
             guacd[{pid}]: WARNING:\tSupport for protocol \"x\" is not installed\n\
             guacd[{pid}]: INFO:\tListening on host ::1, port 4822\n\
             guacd[{pid}]: DEBUG:\td\n\
             guacd[{pid}]: TRACE:\tt\n"
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn a_message_stays_one_line() {
        let text =
            logged(|| tracing::info!("a\nguacd[1]: ERROR:\tb\r\u{1b}[31m\u{85}\u{2028}é漢😀\0"));
        let message = text.split_once(":\t").unwrap().1;
        assert_eq!(
            message,
            "a\\nguacd[1]: ERROR:\\tb\\r\\u{1b}[31m\\u{85}\\u{2028}é漢😀\\u{0}\n"
        );
    }

    #[test]
    fn long_messages_are_cut_between_characters() {
        for (message, kept) in [
            ("a".repeat(2047), 2047),
            ("a".repeat(5000), 2047),
            (format!("{}é{}", "a".repeat(2046), "b".repeat(9)), 2046),
            ("\n".repeat(3000), 2047),
        ] {
            let text = logged(|| tracing::info!("{message}"));
            assert_eq!(text.split_once(":\t").unwrap().1.len(), kept + 1);
        }
    }
}
