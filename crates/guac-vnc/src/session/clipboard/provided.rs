//! Texts of the extended clipboard on the wire: a size and UTF-8 with the line ends of DOS and a
//! null at its end, in a zlib stream of its own.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use crate::{
    ProtocolError, TextEncoding, collect, decode::STREAM_BYTES, input::Input,
    limits::INFLATED_TEXT_BYTES, message,
};

/// A text that is arriving.
#[derive(Debug)]
pub(super) struct Provided {
    /// Compressed bytes to come.
    left: u64,
    stream: Decompress,
    text: Text,
}

/// The inflated part of it.
#[derive(Debug)]
struct Text {
    /// Bytes to come, once the text's size is known.
    left: Option<u32>,
    size: Vec<u8>,
    kept: Vec<u8>,
    /// How many bytes are kept.
    keep: usize,
    after_return: bool,
}

impl Provided {
    /// A text of so many compressed bytes, of which `max` are wanted in UTF-8.
    pub(super) fn new(left: u64, max: usize) -> Self {
        Self {
            left,
            stream: Decompress::new(true),
            text: Text {
                left: None,
                size: Vec::new(),
                kept: Vec::new(),
                keep: TextEncoding::Utf8.bytes_for(max),
                after_return: false,
            },
        }
    }

    /// Takes compressed bytes. Gives the text once it is complete or as long as wanted, and how
    /// many bytes of the message follow it: those are not even inflated.
    pub(super) fn feed(
        &mut self,
        input: &mut Input<'_>,
    ) -> Result<Option<(Vec<u8>, u64)>, ProtocolError> {
        let mut inflated = [0; INFLATED_TEXT_BYTES];
        loop {
            let here = usize::try_from(self.left).unwrap_or(usize::MAX);
            let piece = input.rest().get(..here).unwrap_or(input.rest());
            let before = (self.stream.total_in(), self.stream.total_out());
            let status = self
                .stream
                .decompress(piece, &mut inflated, FlushDecompress::Sync)
                .map_err(|_| ProtocolError::ClipboardData)?;
            let taken = usize::try_from(self.stream.total_in() - before.0).unwrap_or(usize::MAX);
            let given = usize::try_from(self.stream.total_out() - before.1).unwrap_or(usize::MAX);
            let all_used = taken == piece.len() && given < inflated.len();
            self.left -= input.up_to(taken).len() as u64;
            if self.text.take(inflated.get(..given).unwrap_or_default()) {
                return Ok(Some((std::mem::take(&mut self.text.kept), self.left)));
            }
            let goes_on = match (all_used, self.left) {
                _ if status == Status::StreamEnd => false,
                (true, 0) => false,
                (true, _) => return Ok(None),
                (false, _) => (taken, given) != (0, 0),
            };
            if !goes_on {
                return Err(ProtocolError::ClipboardData);
            }
        }
    }

    pub(super) fn held_bytes(&self) -> usize {
        size_of::<Self>() + STREAM_BYTES + self.text.kept.capacity() + self.text.size.capacity()
    }
}

impl Text {
    /// Takes inflated bytes. True once no more are wanted.
    fn take(&mut self, bytes: &[u8]) -> bool {
        let mut input = Input::new(bytes);
        let mut left = match self.left {
            Some(left) => left,
            None => {
                let missing = 4_usize.saturating_sub(self.size.len());
                self.size.extend_from_slice(input.up_to(missing));
                let Ok(size) = <[u8; 4]>::try_from(&*self.size) else {
                    return false;
                };
                u32::from_be_bytes(size)
            }
        };
        while 0 < left && self.kept.len() < self.keep {
            let Some(byte) = input.u8() else {
                self.left = Some(left);
                return false;
            };
            left -= 1;
            match byte {
                // The end of the text, whatever its size says.
                0 => break,
                b'\n' if self.after_return => {}
                b'\r' => collect::keep(&mut self.kept, b"\n", self.keep),
                byte => collect::keep(&mut self.kept, &[byte], self.keep),
            }
            self.after_return = byte == b'\r';
        }
        true
    }
}

/// The message that provides a text, and the size that the text has in it. None if it is longer
/// than a message can be.
pub(super) fn message(flags: u32, text: &str) -> Option<(u32, Vec<u8>)> {
    let mut data = vec![0; 4];
    let lines = text.replace("\r\n", "\n").replace(['\r', '\n'], "\r\n");
    data.extend_from_slice(lines.as_bytes());
    data.push(0);
    let size = u32::try_from(data.len() - 4).ok()?;
    data.get_mut(..4)?.copy_from_slice(&size.to_be_bytes());
    let deflated = deflate(&data)?;
    i32::try_from(deflated.len()).ok()?;
    Some((size, message::extended_clipboard(flags, &deflated)))
}

/// A zlib stream that is flushed but not ended: servers take the end of one for an error.
fn deflate(data: &[u8]) -> Option<Vec<u8>> {
    let mut stream = Compress::new(Compression::fast(), true);
    let mut out = Vec::with_capacity(data.len() / 2 + 64);
    loop {
        let taken = usize::try_from(stream.total_in()).ok()?;
        let rest = data.get(taken..)?;
        stream
            .compress_vec(rest, &mut out, FlushCompress::Sync)
            .ok()?;
        // With room left, there is nothing that was not flushed.
        if out.len() < out.capacity() {
            return Some(out);
        }
        out.reserve(data.len() / 2 + 64);
    }
}
