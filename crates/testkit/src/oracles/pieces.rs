//! Bytes as a network might deliver them.

use std::io::{self, Read};

/// Cuts bytes into pieces of 1 to 64 bytes, each time in the same places for the same bytes.
pub(super) struct Pieces<'a> {
    rest: &'a [u8],
    state: u32,
}

impl<'a> Pieces<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        // FNV-1a: where the cuts are should depend on every byte.
        let hash = |hash: u32, byte: &u8| (hash ^ u32::from(*byte)).wrapping_mul(16_777_619);
        Self {
            rest: bytes,
            state: bytes.iter().fold(2_166_136_261, hash) | 1,
        }
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        self.state ^= self.state << 13;
        self.state ^= self.state >> 17;
        self.state ^= self.state << 5;
        let wanted = 1 + usize::try_from(self.state % 64).unwrap_or_default();
        let (piece, rest) = self.rest.split_at(wanted.min(self.rest.len()));
        self.rest = rest;
        Some(piece)
    }
}

/// Bytes in pieces, now and then interrupted as by a signal.
pub(super) struct Trickle<'a> {
    pieces: Pieces<'a>,
    left: &'a [u8],
    interrupt: bool,
}

impl<'a> Trickle<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            pieces: Pieces::new(bytes),
            left: &[],
            interrupt: true,
        }
    }
}

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left.is_empty() {
            self.interrupt = !self.interrupt;
            if self.interrupt {
                return Err(io::ErrorKind::Interrupted.into());
            }
            self.left = self.pieces.next().unwrap_or_default();
        }
        self.left.read(buffer)
    }
}
