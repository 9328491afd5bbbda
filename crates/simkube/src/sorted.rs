//! A map by name in one sorted vector: namespaces and names are few, and nearly every step of a world looks some up.
//!
//! Its order is that of the names, as a tree's would be, but a look-up mostly compares lengths and addresses instead of text.

use std::borrow::Borrow;

/// Up to how many names a look-up goes through them all.
const FEW: usize = 16;

/// Things by name.
#[derive(Clone, Debug)]
pub(crate) struct Sorted<K, T> {
    entries: Vec<(K, T)>,
}

impl<K, T> Default for Sorted<K, T> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<K: Borrow<str>, T> Sorted<K, T> {
    /// The thing with the name.
    pub fn get(&self, name: &str) -> Option<&T> {
        self.place(name).map(|place| &self.entries[place].1)
    }

    /// The thing with the name, to change.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        self.place(name).map(|place| &mut self.entries[place].1)
    }

    /// The thing with the name, made if there is none.
    pub fn get_or_default(&mut self, name: K) -> &mut T
    where
        T: Default,
    {
        let place = self.place(name.borrow()).unwrap_or_else(|| self.put(name, T::default()));
        &mut self.entries[place].1
    }

    /// Puts a thing under the name; gives back what was there.
    pub fn insert(&mut self, name: K, thing: T) -> Option<T> {
        if let Some(place) = self.place(name.borrow()) {
            return Some(std::mem::replace(&mut self.entries[place].1, thing));
        }
        self.put(name, thing);
        None
    }

    /// Takes the thing with the name away.
    pub fn remove(&mut self, name: &str) -> Option<T> {
        self.place(name).map(|place| self.entries.remove(place).1)
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All names and things, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &T)> {
        self.entries.iter().map(|(name, thing)| (name, thing))
    }

    /// All things, by name.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().map(|(_, thing)| thing)
    }

    fn place(&self, name: &str) -> Option<usize> {
        if self.entries.len() <= FEW {
            return self.entries.iter().position(|(of, _)| {
                let of = of.borrow();
                std::ptr::eq(of, name) || of == name
            });
        }
        self.entries.binary_search_by(|(of, _)| of.borrow().cmp(name)).ok()
    }

    /// Adds a name that is not there yet.
    fn put(&mut self, name: K, thing: T) -> usize {
        let place = self.entries.partition_point(|(of, _)| of.borrow() < name.borrow());
        self.entries.insert(place, (name, thing));
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_names_are_found_and_stay_in_order() {
        for count in [FEW, 4 * FEW] {
            let names: Vec<_> = (0..count).map(|number| format!("name-{number}")).collect();
            let mut sorted = Sorted::default();
            for name in names.iter().rev() {
                assert_eq!(sorted.insert(name.as_str(), name.len()), None);
            }
            assert!(names.iter().all(|name| sorted.get(name) == Some(&name.len())));
            assert_eq!(sorted.get("name-"), None);
            assert!(sorted.iter().is_sorted());
            assert_eq!(sorted.insert("name-1", 0), Some(6));
            assert_eq!(sorted.remove("name-1"), Some(0));
            assert_eq!((sorted.get("name-1"), sorted.values().count()), (None, count - 1));
        }
    }
}
