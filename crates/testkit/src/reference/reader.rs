//! A buffer that is read from its start.

/// Why a rectangle was not decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Its bytes are not all there.
    Short,
    /// Its bytes make no sense, for this reason.
    Wrong(&'static str),
}

/// Bytes that are read in order.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Starts at the first byte.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// How many bytes were read.
    #[must_use]
    pub fn position(&self) -> usize {
        self.at
    }

    /// What was not read yet.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at..]
    }

    /// Reads so many bytes.
    ///
    /// # Errors
    /// When there are fewer.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Stop> {
        let taken = self.rest().get(..count).ok_or(Stop::Short)?;
        self.at += count;
        Ok(taken)
    }

    /// Reads bytes into an array.
    ///
    /// # Errors
    /// When there are fewer.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Stop> {
        let taken = self.take(N)?;
        Ok(taken.try_into().expect("the length was asked for"))
    }

    /// Reads a byte.
    ///
    /// # Errors
    /// When there is none.
    pub fn u8(&mut self) -> Result<u8, Stop> {
        Ok(self.array::<1>()?[0])
    }

    /// Reads two bytes, the higher first.
    ///
    /// # Errors
    /// When there are fewer.
    pub fn u16(&mut self) -> Result<u16, Stop> {
        self.array().map(u16::from_be_bytes)
    }

    /// Reads four bytes, the highest first.
    ///
    /// # Errors
    /// When there are fewer.
    pub fn u32(&mut self) -> Result<u32, Stop> {
        self.array().map(u32::from_be_bytes)
    }

    /// Reads from a buffer that is complete: what it lacks will never come.
    pub(super) fn whole<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        read(self).map_err(|stop| match stop {
            Stop::Short => Stop::Wrong("compressed data that ends too early"),
            wrong => wrong,
        })
    }

    pub(super) fn at_end(&self) -> Result<(), Stop> {
        if self.at == self.bytes.len() {
            Ok(())
        } else {
            Err(Stop::Wrong("compressed data that goes on after the end"))
        }
    }
}
