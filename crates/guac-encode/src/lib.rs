//! Pixels to image bytes: palette, PNG, and per-thread scratch memory.
