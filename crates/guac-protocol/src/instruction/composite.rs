//! How drawn pixels are combined with what is already there.

use thiserror::Error;

/// A channel mask, as the protocol numbers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum CompositeMode {
    /// Keeps the destination where the source is opaque.
    RIn = 1,
    /// Erases the destination where the source is opaque.
    ROut = 2,
    /// Draws the source where there is no destination.
    In = 4,
    /// Draws the source atop the destination.
    Atop = 6,
    /// Keeps the source where there is no destination.
    Out = 8,
    /// Draws the destination atop the source.
    RAtop = 9,
    /// Keeps each where the other is not.
    Xor = 10,
    /// Draws the source below the destination.
    ROver = 11,
    /// Replaces the destination by the source.
    Src = 12,
    /// Draws the source over the destination.
    Over = 14,
    /// Adds source and destination.
    Plus = 15,
}

impl CompositeMode {
    /// The number on the wire.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }
}

/// The number is no channel mask of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
#[error("{0} is no composite mode")]
pub struct UnknownCompositeMode(pub u8);

impl TryFrom<u8> for CompositeMode {
    type Error = UnknownCompositeMode;

    fn try_from(mode: u8) -> Result<Self, UnknownCompositeMode> {
        Ok(match mode {
            1 => Self::RIn,
            2 => Self::ROut,
            4 => Self::In,
            6 => Self::Atop,
            8 => Self::Out,
            9 => Self::RAtop,
            10 => Self::Xor,
            11 => Self::ROver,
            12 => Self::Src,
            14 => Self::Over,
            15 => Self::Plus,
            unknown => return Err(UnknownCompositeMode(unknown)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_its_own_inverse() {
        let known: Vec<u8> = (0..=u8::MAX)
            .filter(|code| CompositeMode::try_from(*code).is_ok_and(|mode| mode.code() == *code))
            .collect();
        assert_eq!(known, [1, 2, 4, 6, 8, 9, 10, 11, 12, 14, 15]);
        assert_eq!(CompositeMode::try_from(3), Err(UnknownCompositeMode(3)));
    }
}
