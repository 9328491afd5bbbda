//! One hash for everything that must be the same on every machine: random streams, event order, histories, state fingerprints.

use std::hash::{Hash, Hasher};
use xxhash_rust::xxh3::{Xxh3, xxh3_64, xxh3_128};

/// How many bytes a hasher collects before it goes to work. Most of what is hashed is shorter: a purpose, a subject, a name.
const COLLECTED: usize = 128;

/// A hasher whose result depends on the values alone: XXH3 with fixed seed, fixed width, little endian.
///
/// It collects what is written: the state of a stream is large, and short inputs need none.
#[derive(Clone)]
pub struct StableHasher {
    collected: [u8; COLLECTED],
    length: usize,
    /// What does not fit any more, from the first byte on.
    stream: Option<Box<Xxh3>>,
}

impl Default for StableHasher {
    fn default() -> Self {
        Self { collected: [0; COLLECTED], length: 0, stream: None }
    }
}

impl StableHasher {
    /// The 128-bit result.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(self.whole().map_or_else(|| xxh3_128(self.collected()), |stream| stream.digest128()))
    }

    fn collected(&self) -> &[u8] {
        &self.collected[..self.length]
    }

    /// The stream with everything in it, if there is one.
    fn whole(&self) -> Option<Box<Xxh3>> {
        let mut stream = self.stream.clone()?;
        stream.update(self.collected());
        Some(stream)
    }

    /// Writes a number: of so many bytes, which need not be counted again.
    #[inline]
    fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        match self.collected[self.length..].first_chunk_mut() {
            Some(place) => {
                *place = bytes;
                self.length += N;
            }
            None => self.flow(&bytes),
        }
    }

    /// Makes room for `bytes`, which do not fit.
    #[cold]
    fn flow(&mut self, bytes: &[u8]) {
        let stream = self.stream.get_or_insert_default();
        stream.update(&self.collected[..self.length]);
        self.length = 0;
        if bytes.len() >= COLLECTED {
            stream.update(bytes);
        } else {
            self.write(bytes);
        }
    }
}

impl Hasher for StableHasher {
    fn finish(&self) -> u64 {
        self.whole().map_or_else(|| xxh3_64(self.collected()), |stream| stream.digest())
    }

    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        match self.collected.get_mut(self.length..end) {
            Some(place) => {
                place.copy_from_slice(bytes);
                self.length = end;
            }
            None => self.flow(bytes),
        }
    }

    #[inline]
    fn write_u8(&mut self, n: u8) {
        self.put([n]);
    }

    #[inline]
    fn write_u16(&mut self, n: u16) {
        self.put(n.to_le_bytes());
    }

    #[inline]
    fn write_u32(&mut self, n: u32) {
        self.put(n.to_le_bytes());
    }

    #[inline]
    fn write_u64(&mut self, n: u64) {
        self.put(n.to_le_bytes());
    }

    #[inline]
    fn write_u128(&mut self, n: u128) {
        self.put(n.to_le_bytes());
    }

    #[inline]
    fn write_usize(&mut self, n: usize) {
        self.write_u64(n as u64);
    }

    #[inline]
    fn write_i8(&mut self, n: i8) {
        self.put(n.to_le_bytes());
    }

    #[inline]
    fn write_i16(&mut self, n: i16) {
        self.put(n.to_le_bytes());
    }

    #[inline]
    fn write_i32(&mut self, n: i32) {
        self.put(n.to_le_bytes());
    }

    #[inline]
    fn write_i64(&mut self, n: i64) {
        self.put(n.to_le_bytes());
    }

    #[inline]
    fn write_isize(&mut self, n: isize) {
        self.write_i64(n as i64);
    }
}

/// The stable 64-bit hash of a value.
pub fn stable_hash(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = StableHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}

/// A 128-bit stable hash. Prints as 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub u128);

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn however_it_is_written_the_result_is_that_of_all_bytes_at_once(
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..12),
        ) {
            let mut hasher = StableHasher::default();
            let mut all = Vec::new();
            for piece in &pieces {
                hasher.write(piece);
                all.extend_from_slice(piece);
                prop_assert_eq!(hasher.finish(), xxh3_64(&all));
                prop_assert_eq!(hasher.fingerprint(), Fingerprint(xxh3_128(&all)));
            }
        }

        #[test]
        fn numbers_are_hashed_in_little_endian(n in any::<u64>(), bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut hasher = StableHasher::default();
            hasher.write(&bytes);
            hasher.write_usize(n as usize);
            let all = [&*bytes, &n.to_le_bytes()].concat();
            prop_assert_eq!(hasher.finish(), xxh3_64(&all));
        }
    }
}
