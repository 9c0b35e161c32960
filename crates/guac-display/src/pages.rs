//! Memory of a picture: pages of its own, which the system has back when the picture ends.
//!
//! An allocator keeps freed memory of this size for later, more or less of it by chance: a daemon
//! whose sessions have all ended would go on holding tens of megabytes.

use memmap2::MmapMut;

/// Pixels that start as zero.
#[derive(Debug)]
pub(crate) struct Pages(Memory);

#[derive(Debug)]
enum Memory {
    Mapped(MmapMut),
    /// What is empty, and what the system would not map.
    Heap(Vec<u32>),
}

impl Pages {
    /// So many black pixels.
    pub(crate) fn zeroed(pixels: usize) -> Self {
        let mapped = match pixels.checked_mul(size_of::<u32>()) {
            Some(bytes @ 1..) => MmapMut::map_anon(bytes).ok(),
            _ => None,
        };
        Self(match mapped {
            Some(pages) => Memory::Mapped(pages),
            None => Memory::Heap(vec![0; pixels]),
        })
    }

    pub(crate) fn pixels(&self) -> &[u32] {
        match &self.0 {
            // A page begins where any pixel may.
            Memory::Mapped(pages) => bytemuck::try_cast_slice(pages).unwrap_or_default(),
            Memory::Heap(pixels) => pixels,
        }
    }

    pub(crate) fn pixels_mut(&mut self) -> &mut [u32] {
        match &mut self.0 {
            Memory::Mapped(pages) => bytemuck::try_cast_slice_mut(pages).unwrap_or_default(),
            Memory::Heap(pixels) => pixels,
        }
    }
}

impl Default for Pages {
    fn default() -> Self {
        Self::zeroed(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_pixels_as_asked_for_and_all_are_black() {
        for pixels in [0, 1, 3, 1023, 1024, 1025, 1_000_000] {
            let mut pages = Pages::zeroed(pixels);
            assert_eq!(pages.pixels().len(), pixels);
            assert!(pages.pixels().iter().all(|pixel| *pixel == 0));
            assert_eq!(pages.pixels_mut().len(), pixels);
            assert_eq!(matches!(pages.0, Memory::Mapped(_)), 0 < pixels);
        }
    }
}
