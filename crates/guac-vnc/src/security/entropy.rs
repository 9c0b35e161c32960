//! Randomness as an argument.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chacha20::ChaCha20Rng;
use rand_core::SeedableRng;
use zeroize::{Zeroize, Zeroizing};

/// Randomness that the caller gives, as the seed of a cryptographic generator (ChaCha20).
///
/// Each connection takes a stream of its own from it. Clones share the count of streams, so that
/// no two connections ever see the same numbers. The seed is never printed, and is wiped from
/// memory with the last clone.
#[derive(Clone)]
pub struct Entropy(Arc<Seed>);

struct Seed {
    bytes: Zeroizing<[u8; 32]>,
    next_stream: AtomicU64,
}

impl Entropy {
    /// Starts from a seed, which has to come from the system's source of randomness and may be
    /// used for nothing else.
    #[must_use]
    pub fn new(mut seed: [u8; 32]) -> Self {
        let bytes = Zeroizing::new(seed);
        seed.zeroize();
        Self(Arc::new(Seed {
            bytes,
            next_stream: AtomicU64::new(0),
        }))
    }

    /// A generator that gives numbers which no other one gives. It wipes itself when dropped.
    pub(crate) fn stream(&self) -> ChaCha20Rng {
        let mut generator = ChaCha20Rng::from_seed(*self.0.bytes);
        generator.set_stream(self.0.next_stream.fetch_add(1, Ordering::Relaxed));
        generator
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy(..)")
    }
}

#[cfg(test)]
mod tests {
    use rand_core::Rng;

    use super::*;

    /// The first block of ChaCha20 under the key of zeros with a nonce of zeros, as RFC 8439
    /// prints it (appendix A.1, test vector 1).
    #[test]
    fn the_first_stream_is_that_of_the_cipher() {
        let expected = [0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90];
        let mut numbers = [0; 8];
        Entropy::new([0; 32]).stream().fill_bytes(&mut numbers);
        assert_eq!(numbers, expected);
    }

    #[test]
    fn no_two_connections_see_the_same_numbers() {
        let entropy = Entropy::new([7; 32]);
        let clone = entropy.clone();
        let mut streams = [entropy.stream(), clone.stream(), entropy.stream()];
        let [first, second, third] = streams.each_mut().map(Rng::next_u64);
        assert!(first != second && second != third && first != third);
    }

    #[test]
    fn a_seed_is_not_printed() {
        assert_eq!(format!("{:?}", Entropy::new([0x5a; 32])), "Entropy(..)");
    }
}
