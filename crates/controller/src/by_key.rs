//! A map by key in one sorted vector: a worker has a handful of keys, and asks for one of them at nearly every event.
//!
//! Its order is that of the keys, as a tree's would be, but a look-up mostly compares lengths and addresses instead of text.

use api::ObjectKey;

/// Things by key.
#[derive(Clone, Debug)]
pub struct ByKey<T> {
    entries: Vec<(ObjectKey, T)>,
}

impl<T> Default for ByKey<T> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<T> ByKey<T> {
    /// The thing of a key.
    pub fn get(&self, key: &ObjectKey) -> Option<&T> {
        self.place(key).map(|place| &self.entries[place].1)
    }

    /// The thing of a key, to change.
    pub fn get_mut(&mut self, key: &ObjectKey) -> Option<&mut T> {
        self.place(key).map(|place| &mut self.entries[place].1)
    }

    /// Whether there is a thing of a key.
    pub fn contains(&self, key: &ObjectKey) -> bool {
        self.place(key).is_some()
    }

    /// Puts a thing of a key, in the place of what was there.
    pub fn insert(&mut self, key: ObjectKey, thing: T) {
        match self.place(&key) {
            Some(place) => self.entries[place].1 = thing,
            None => {
                let place = self.entries.partition_point(|(of, _)| *of < key);
                self.entries.insert(place, (key, thing));
            }
        }
    }

    /// Takes the thing of a key away.
    pub fn remove(&mut self, key: &ObjectKey) -> Option<T> {
        self.place(key).map(|place| self.entries.remove(place).1)
    }

    /// Takes everything away.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All keys and things, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&ObjectKey, &T)> {
        self.entries.iter().map(|(key, thing)| (key, thing))
    }

    /// All keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = &ObjectKey> {
        self.iter().map(|(key, _)| key)
    }

    fn place(&self, key: &ObjectKey) -> Option<usize> {
        self.entries.iter().position(|(of, _)| of == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_found_and_stay_in_the_order_of_their_keys() {
        let key = |name: &str| ObjectKey::new("default", name);
        let mut map = ByKey::default();
        for (name, thing) in [("c", 1), ("a", 2), ("b", 3), ("a", 4)] {
            map.insert(key(name), thing);
        }
        assert_eq!(map.iter().map(|(key, thing)| (&*key.name, *thing)).collect::<Vec<_>>(), [("a", 4), ("b", 3), ("c", 1)]);
        assert_eq!((map.remove(&key("b")), map.remove(&key("b"))), (Some(3), None));
        assert!(map.contains(&key("c")) && !map.contains(&key("b")));
    }
}
