//! A writer that gives up on a peer that takes nothing.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::AsyncWrite;
use tokio::time::{Sleep, sleep};

/// Fails with [`io::ErrorKind::TimedOut`] when the peer has taken no byte for a while. A peer that is
/// merely slow goes on, however long all of it takes: what may wait for it is bounded elsewhere.
#[derive(Debug)]
pub(crate) struct Unstalled<W> {
    writer: W,
    patience: Duration,
    /// There while the peer takes nothing.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<W: AsyncWrite + Unpin> Unstalled<W> {
    pub(crate) const fn new(writer: W, patience: Duration) -> Self {
        Self {
            writer,
            patience,
            stalled: None,
        }
    }

    fn watch<T>(
        &mut self,
        context: &mut Context<'_>,
        poll: impl FnOnce(Pin<&mut W>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let polled = poll(Pin::new(&mut self.writer), context);
        if polled.is_ready() {
            self.stalled = None;
            return polled;
        }
        let patience = self.patience;
        let limit = self
            .stalled
            .get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(limit.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<W: AsyncWrite + Unpin> AsyncWrite for Unstalled<W> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.watch(context, |writer, context| writer.poll_write(context, bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.watch(context, |writer, context| writer.poll_flush(context))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.watch(context, |writer, context| writer.poll_shutdown(context))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(15);

    #[tokio::test(start_paused = true)]
    async fn a_slow_peer_is_waited_for_and_a_deaf_one_is_not() {
        let (ours, mut theirs) = duplex(10);
        let mut writer = Unstalled::new(ours, PATIENCE);
        let reading = async {
            let mut bytes = [0; 10];
            for _ in 0..5 {
                sleep(PATIENCE - Duration::from_secs(1)).await;
                theirs.read_exact(&mut bytes).await.unwrap();
            }
        };
        let (written, ()) = tokio::join!(writer.write_all(&[0; 60]), reading);
        written.unwrap();
        let error = writer.write_all(&[0; 60]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
