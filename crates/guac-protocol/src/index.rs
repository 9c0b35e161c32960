//! The numbers that name things on the wire, each a type of its own.

/// A layer or buffer: 0 is the desktop, positive numbers are visible layers, negative ones are
/// buffers that are never shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LayerIndex(pub i32);

impl LayerIndex {
    /// The default layer, which carries the desktop.
    pub const DESKTOP: Self = Self(0);
}

/// A stream; client and server number their own streams independently of each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamIndex(pub i32);

/// An object, such as a file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectIndex(pub i32);

/// A key as an X11 keysym.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Keysym(pub u32);

/// Milliseconds of a monotonic clock: the time that `sync`, `mouse` and `key` carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(pub i64);
