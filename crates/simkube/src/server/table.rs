//! Things by namespace and name: the shape of the store and of every cache.
//!
//! A look-up allocates nothing, and a list of one namespace does not touch another.

use crate::sorted::Sorted;
use api::ObjectKey;
use std::sync::Arc;

/// Things of one kind by namespace and name.
#[derive(Clone, Debug)]
pub(crate) struct Table<T> {
    namespaces: Sorted<Arc<str>, Sorted<Arc<str>, T>>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { namespaces: Sorted::default() }
    }
}

impl<T> Table<T> {
    /// The thing under the key.
    pub fn get(&self, key: &ObjectKey) -> Option<&T> {
        self.namespaces.get(&key.namespace)?.get(&key.name)
    }

    /// The thing under the key, to change.
    pub fn get_mut(&mut self, key: &ObjectKey) -> Option<&mut T> {
        self.namespaces.get_mut(&key.namespace)?.get_mut(&key.name)
    }

    /// Puts a thing under the key; gives back what was there.
    pub fn insert(&mut self, key: &ObjectKey, thing: T) -> Option<T> {
        self.namespaces.get_or_default(key.namespace.clone()).insert(key.name.clone(), thing)
    }

    /// Takes the thing under the key away.
    pub fn remove(&mut self, key: &ObjectKey) -> Option<T> {
        let names = self.namespaces.get_mut(&key.namespace)?;
        let thing = names.remove(&key.name);
        if names.is_empty() {
            self.namespaces.remove(&key.namespace);
        }
        thing
    }

    /// All things, by namespace and name.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.namespaces.values().flat_map(Sorted::values)
    }

    /// The things of a namespace by name; of all namespaces if it is empty, as in the API's URLs.
    pub fn within(&self, namespace: &str) -> impl Iterator<Item = &T> {
        let meant = move |of: &str| namespace.is_empty() || of == namespace;
        self.namespaces.iter().filter(move |(of, _)| meant(of)).flat_map(|(_, names)| names.values())
    }
}
