//! Data whose length the server announced: a bounded part is kept, the rest dropped on arrival.

use crate::input::Input;

/// Takes an announced number of bytes, and keeps the first of them.
#[derive(Debug, Default)]
pub(crate) struct Collect {
    left: u64,
    keep: usize,
    kept: Vec<u8>,
}

impl Collect {
    /// Will take `length` bytes and keep at most `keep` of them. Memory grows with what arrives,
    /// not with what was announced.
    pub(crate) const fn new(length: u64, keep: usize) -> Self {
        Self {
            left: length,
            keep,
            kept: Vec::new(),
        }
    }

    /// Starts anew with the memory that is there.
    pub(crate) fn restart(&mut self, length: usize, keep: usize) {
        self.kept.clear();
        (self.left, self.keep) = (length as u64, keep);
    }

    /// Takes what there is. True once all has come.
    pub(crate) fn feed(&mut self, input: &mut Input<'_>) -> bool {
        let bytes = input.up_to(usize::try_from(self.left).unwrap_or(usize::MAX));
        self.left -= bytes.len() as u64;
        keep(&mut self.kept, bytes, self.keep);
        self.left == 0
    }

    /// Bytes that are still to come.
    pub(crate) const fn expected(&self) -> u64 {
        self.left
    }

    /// Whether nothing more will be kept.
    pub(crate) const fn is_full(&self) -> bool {
        self.left == 0 || self.kept.len() >= self.keep
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.kept
    }

    pub(crate) const fn capacity(&self) -> usize {
        self.kept.capacity()
    }

    /// The bytes as one line of text: UTF-8 with what is not replaced, and no control characters.
    pub(crate) fn line(&self) -> String {
        let text = String::from_utf8_lossy(&self.kept);
        text.chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect::<String>()
            .trim()
            .into()
    }
}

/// Appends bytes as far as there is room under the limit. What is allocated at most doubles what
/// arrived, and never exceeds the limit.
pub(crate) fn keep(kept: &mut Vec<u8>, bytes: &[u8], limit: usize) {
    let room = limit.saturating_sub(kept.len());
    let bytes = bytes.get(..room).unwrap_or(bytes);
    if kept.capacity() - kept.len() < bytes.len() {
        let doubled = kept.capacity().saturating_mul(2).min(limit);
        let wanted = doubled.max(kept.len() + bytes.len());
        kept.reserve_exact(wanted - kept.len());
    }
    kept.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_kept_is_still_taken() {
        let mut collect = Collect::new(6, 4);
        assert!(!collect.feed(&mut Input::new(b"abc")));
        let mut rest = Input::new(b"defg");
        assert!(collect.feed(&mut rest));
        assert_eq!((collect.bytes(), rest.rest()), (&b"abcd"[..], &b"g"[..]));
    }

    #[test]
    fn no_more_is_allocated_than_is_kept() {
        let mut collect = Collect::new(1 << 20, 1000);
        for _ in 0..200 {
            collect.feed(&mut Input::new(&[0; 7]));
            assert!(collect.capacity() <= 1000);
        }
        assert_eq!(collect.bytes().len(), 1000);
    }

    #[test]
    fn a_line_has_no_control_characters() {
        let mut collect = Collect::new(8, 8);
        collect.feed(&mut Input::new(b"a\r\n\x1b\xffb\0 "));
        assert_eq!(collect.line(), "a   \u{fffd}b");
    }
}
