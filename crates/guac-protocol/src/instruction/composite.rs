//! How drawn pixels are combined with what is already there.

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
