//! A cursor over bytes that have arrived, for state machines that wait for more.

/// Bytes that have arrived and are not used yet.
///
/// Every method takes all that it names or nothing, so that a state machine can try again when
/// more has come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Input<'a> {
    rest: &'a [u8],
}

impl<'a> Input<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) const fn len(&self) -> usize {
        self.rest.len()
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What is left, without taking it.
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    /// As much as there is, but not more than `count`.
    pub(crate) fn up_to(&mut self, count: usize) -> &'a [u8] {
        self.take(count.min(self.rest.len())).unwrap_or_default()
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*taken)
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_be_bytes)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn i32(&mut self) -> Option<i32> {
        self.array().map(i32::from_be_bytes)
    }

    /// Runs a sequence of reads as one: if it gives `None`, nothing was taken.
    pub(crate) fn whole<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let before = self.rest;
        let value = read(self);
        if value.is_none() {
            self.rest = before;
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_that_lacks_a_byte_takes_nothing() {
        let mut input = Input::new(&[1, 2, 3]);
        assert_eq!(
            input.whole(|input| Some((input.u16()?, input.u16()?))),
            None
        );
        assert_eq!(input.len(), 3);
        assert_eq!(
            input.whole(|input| Some((input.u16()?, input.u8()?))),
            Some((0x0102, 3))
        );
        assert!(input.is_empty());
    }
}
