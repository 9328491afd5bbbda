//! One thing for each kind, in the order of their names: a kind knows its place, so a look-up compares nothing.

use api::{KindInfo, kinds};

/// As many things as there are kinds.
#[derive(Clone, Debug)]
pub(crate) struct ByKind<T>([(&'static str, T); kinds::ALL.len()]);

impl<T: Default> Default for ByKind<T> {
    fn default() -> Self {
        let mut all = kinds::ALL;
        all.sort_unstable_by_key(|info| info.place);
        Self(all.map(|info| (info.kind, T::default())))
    }
}

impl<T> ByKind<T> {
    /// The kind's.
    pub fn of(&self, info: &KindInfo) -> &T {
        &self.0[info.place].1
    }

    /// The kind's, to change.
    pub fn of_mut(&mut self, info: &KindInfo) -> &mut T {
        &mut self.0[info.place].1
    }

    /// That of the kind with this name.
    pub fn named(&self, kind: &str) -> Option<&T> {
        self.0.iter().find(|(name, _)| *name == kind).map(|(_, thing)| thing)
    }

    /// All of them, with the names of their kinds.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &T)> {
        self.0.iter().map(|(kind, thing)| (*kind, thing))
    }

    /// The same, to change.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&'static str, &mut T)> {
        self.0.iter_mut().map(|(kind, thing)| (*kind, thing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_in_its_place_in_the_order_of_names() {
        let things = ByKind::<()>::default();
        assert!(things.iter().is_sorted_by_key(|(kind, ())| kind));
        assert!(kinds::ALL.iter().all(|info| things.0[info.place].0 == info.kind));
    }
}
