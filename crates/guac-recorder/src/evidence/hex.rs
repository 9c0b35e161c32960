//! Bytes as lower-case hexadecimal in JSON.

use std::fmt;

use data_encoding::HEXLOWER;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes that are written in lower-case hexadecimal, and read in no other way: a digest or a signature
/// with one letter's case changed is not the same text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hex<const N: usize>(pub [u8; N]);

impl<const N: usize> Hex<N> {
    /// Reads what [`Display`](fmt::Display) writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = HEXLOWER.decode(text.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }
}

impl<const N: usize> fmt::Display for Hex<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl<const N: usize> fmt::Debug for Hex<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hex({self})")
    }
}

impl<const N: usize> Serialize for Hex<N> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de, const N: usize> Deserialize<'de> for Hex<N> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text)
            .ok_or_else(|| D::Error::custom("not lower-case hexadecimal of that length"))
    }
}

#[cfg(test)]
mod tests {
    use super::Hex;

    #[test]
    fn there_is_one_way_to_write_bytes() {
        assert_eq!(Hex([0xAB, 1]).to_string(), "ab01");
        assert_eq!(Hex::parse("ab01"), Some(Hex([0xAB, 1])));
        for other in ["AB01", "aB01", "ab1", "ab0", "ab012", "", " ab01", "zz01"] {
            assert_eq!(Hex::<2>::parse(other), None, "{other:?}");
        }
    }
}
