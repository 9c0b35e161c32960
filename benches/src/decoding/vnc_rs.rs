//! The replay into `vnc-rs`, a client library in Rust.
//!
//! It hands out each rectangle as bytes of its own; putting them into a picture is the caller's
//! part, and counted. Its JPEGs it leaves to the caller, so that those streams are not for it.

use std::future::Ready;
use std::io::Result as IoResult;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use vnc::{PixelFormat, Rect, VncConnector, VncEncoding, VncError, VncEvent};

use super::{Replay, Stream, cpu_time};

/// Decodes a stream so many times, each time with a new client.
///
/// # Errors
/// When the library takes the stream for illegal.
pub fn replay(stream: &Stream, times: u64) -> Result<Replay> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let bytes: Arc<[u8]> = stream.bytes.as_slice().into();
    let mut picture = Picture::default();
    let before = cpu_time();
    for _ in 0..times {
        picture.written = 0;
        runtime.block_on(once(Arc::clone(&bytes), stream.pixels, &mut picture))?;
    }
    Ok(Replay {
        cpu: cpu_time() - before,
        picture: picture.pixels,
    })
}

async fn once(bytes: Arc<[u8]>, pixels: u64, picture: &mut Picture) -> Result<()> {
    let connector =
        VncConnector::<_, Ready<Result<String, VncError>>>::new(Memory { bytes, at: 0 })
            .set_pixel_format(PixelFormat::bgra())
            .add_encoding(VncEncoding::Tight)
            .add_encoding(VncEncoding::Zrle)
            .add_encoding(VncEncoding::Trle)
            .add_encoding(VncEncoding::CopyRect)
            .add_encoding(VncEncoding::Raw)
            .add_encoding(VncEncoding::CursorPseudo);
    let client = connector.build()?.try_start().await?.finish()?;
    while picture.written < pixels {
        match client.recv_event().await? {
            VncEvent::SetResolution(screen) => picture.resize(screen.width, screen.height),
            VncEvent::RawImage(rect, data) => picture.put(&rect, &data).context("a rectangle")?,
            VncEvent::Copy(to, from) => picture.copy(&to, &from),
            VncEvent::Error(error) => bail!("vnc-rs: {error}"),
            VncEvent::JpegImage(..) => bail!("vnc-rs decodes no JPEG"),
            _ => {}
        }
    }
    client.close().await?;
    Ok(())
}

/// What a caller of the library has to have.
#[derive(Default)]
struct Picture {
    pixels: Vec<u32>,
    width: usize,
    written: u64,
}

impl Picture {
    fn resize(&mut self, width: u16, height: u16) {
        self.width = width.into();
        self.pixels.resize(self.width * usize::from(height), 0);
    }

    fn put(&mut self, rect: &Rect, data: &[u8]) -> Option<()> {
        let (x, y, width) = (rect.x.into(), usize::from(rect.y), usize::from(rect.width));
        let rows = data.chunks_exact(width.max(1) * 4);
        for (row, bytes) in self.pixels.chunks_exact_mut(self.width).skip(y).zip(rows) {
            let row = row.get_mut(x..x + width)?;
            for (pixel, bytes) in row.iter_mut().zip(bytes.as_chunks::<4>().0) {
                *pixel = u32::from_le_bytes(*bytes) & 0x00ff_ffff;
            }
        }
        self.written += u64::from(rect.width) * u64::from(rect.height);
        Some(())
    }

    fn copy(&mut self, to: &Rect, from: &Rect) {
        let width = usize::from(to.width);
        let start =
            |rect: &Rect, row| (usize::from(rect.y) + row) * self.width + usize::from(rect.x);
        let height = usize::from(to.height);
        for row in 0..height {
            let row = if to.y <= from.y {
                row
            } else {
                height - 1 - row
            };
            let source = start(from, row);
            let target = start(to, row);
            self.pixels.copy_within(source..source + width, target);
        }
        self.written += u64::from(to.width) * u64::from(to.height);
    }
}

/// A connection whose server has said everything already, and hears nothing.
struct Memory {
    bytes: Arc<[u8]>,
    at: usize,
}

impl AsyncRead for Memory {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut TaskContext<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<IoResult<()>> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let count = rest.len().min(buffer.remaining());
        if count == 0 {
            // The server stays, and is silent.
            return Poll::Pending;
        }
        buffer.put_slice(&rest[..count]);
        self.at += count;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Memory {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut TaskContext<'_>,
        bytes: &[u8],
    ) -> Poll<IoResult<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut TaskContext<'_>) -> Poll<IoResult<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut TaskContext<'_>) -> Poll<IoResult<()>> {
        Poll::Ready(Ok(()))
    }
}
