//! The fake's API server and caches.

use super::{Fake, Store};
use api::object::same_section;
use api::{AnyObject, Kind, KindInfo, Labels, Meta, Object, ObjectKey, ResourceVersion};
use ports::{ApiError, Clock, Cluster, DeleteOptions, Ids, Precondition};
use serde_json::{Map, Value};
use std::sync::Arc;

/// The server's half.
impl Fake {
    fn installed(&self, info: &KindInfo) -> Result<(), ApiError> {
        if self.not_installed.borrow().contains(&info.kind) { Err(ApiError::NoSuchKind(info.kind.into())) } else { Ok(()) }
    }

    fn read(&self, info: &KindInfo, key: &ObjectKey) -> Result<AnyObject, ApiError> {
        self.store.borrow().get(&(info.kind, key.clone())).cloned().ok_or_else(|| ApiError::NotFound(key.name.clone()))
    }

    pub(super) fn stored(&self, mut object: AnyObject) -> Result<AnyObject, ApiError> {
        let place = (object.info.kind, object.meta.key.clone());
        if self.store.borrow().contains_key(&place) {
            return Err(ApiError::AlreadyExists(place.1.name));
        }
        let meta = Arc::make_mut(&mut object.meta);
        meta.uid = Some(self.uuid());
        meta.generation = object.info.has_generation.then_some(1);
        meta.created = Some(self.now());
        meta.resource_version = Some(self.next_version());
        self.store.borrow_mut().insert(place, object.clone());
        Ok(object)
    }

    fn next_version(&self) -> ResourceVersion {
        self.versions.set(self.versions.get() + 1);
        ResourceVersion(self.versions.get())
    }

    /// Stores a new form of an object; one that says nothing new changes nothing, one without finalizers that is being deleted goes.
    pub(super) fn replace(&self, object: &AnyObject) -> AnyObject {
        let place = (object.info.kind, object.meta.key.clone());
        let old = self.store.borrow()[&place].clone();
        let mut new = object.clone();
        let meta = Arc::make_mut(&mut new.meta);
        meta.resource_version = old.meta.resource_version;
        meta.generation = old.meta.generation;
        if new == old {
            return old;
        }
        let meta = Arc::make_mut(&mut new.meta);
        meta.resource_version = Some(self.next_version());
        if new.info.has_generation && !same_section(&new.spec, &old.spec) {
            meta.generation = meta.generation.map(|generation| generation + 1);
        }
        if meta.deleting.is_some() && meta.finalizers.is_empty() {
            self.store.borrow_mut().remove(&place);
        } else {
            self.store.borrow_mut().insert(place, new.clone());
        }
        new
    }

    fn check(&self, stored: &AnyObject, precondition: Precondition) -> Result<(), ApiError> {
        match precondition {
            Precondition::Version(version) if stored.meta.resource_version != Some(version) => {
                Err(ApiError::Conflict(stored.meta.key.name.clone()))
            }
            Precondition::Version(_) | Precondition::None => Ok(()),
        }
    }
}

fn condition(precondition: Precondition) -> &'static str {
    if precondition == Precondition::None { "" } else { " if unchanged" }
}

/// The RFC 7386 patch from `base` to `desired`.
fn difference(base: &Value, desired: &Value) -> Value {
    let (Value::Object(base), Value::Object(desired)) = (base, desired) else { return desired.clone() };
    let mut patch = Map::new();
    for (name, value) in desired {
        match base.get(name) {
            Some(old) if old == value => {}
            Some(old) => drop(patch.insert(name.clone(), difference(old, value))),
            None => drop(patch.insert(name.clone(), value.clone())),
        }
    }
    for name in base.keys().filter(|name| !desired.contains_key(*name)) {
        patch.insert(name.clone(), Value::Null);
    }
    Value::Object(patch)
}

fn patched(stored: &Value, base: &Value, desired: &Value) -> Value {
    let mut result = stored.clone();
    json_patch::merge(&mut result, &difference(base, desired));
    result
}

fn patched_meta(stored: &Meta, base: &Meta, desired: &Meta) -> Meta {
    let mut meta = stored.clone();
    if base.labels != desired.labels {
        meta.labels = desired.labels.clone();
    }
    if base.finalizers != desired.finalizers {
        meta.finalizers = desired.finalizers.clone();
    }
    if base.owners != desired.owners {
        meta.owners = desired.owners.clone();
    }
    meta
}

impl Cluster for Fake {
    fn cached<K: Kind>(&self, key: &ObjectKey) -> Result<Object<K>, ApiError> {
        let place = (K::INFO.kind, key.clone());
        let found = match &*self.frozen.borrow() {
            Some(cache) => cache.get(&place).cloned(),
            None => self.store.borrow().get(&place).cloned(),
        };
        found.map(|object| object.typed().unwrap()).ok_or_else(|| ApiError::NotFound(key.name.clone()))
    }

    /// In descending order of names, so that a test sees whether somebody sorted.
    fn cached_list<K: Kind>(&self, namespace: &str, selector: &Labels) -> Result<Vec<Object<K>>, ApiError> {
        let store = self.frozen.borrow().clone().unwrap_or_else(|| self.store.borrow().clone());
        let mut found: Vec<Object<K>> = select(&store, namespace, selector);
        found.reverse();
        Ok(found)
    }

    async fn get<K: Kind>(&self, key: &ObjectKey) -> Result<Object<K>, ApiError> {
        self.note(format!("get {} {}", K::INFO.kind, key.name))?;
        self.installed(&K::INFO)?;
        self.read(&K::INFO, key).map(|object| object.typed().unwrap())
    }

    async fn list<K: Kind>(&self, namespace: &str, selector: &Labels) -> Result<Vec<Object<K>>, ApiError> {
        self.note(format!("list {}", K::INFO.kind))?;
        self.installed(&K::INFO)?;
        Ok(select(&self.store.borrow(), namespace, selector))
    }

    async fn create<K: Kind>(&self, mut object: Object<K>) -> Result<Object<K>, ApiError> {
        self.note(format!("create {} {}", K::INFO.kind, object.name()))?;
        object.status = Arc::default();
        self.stored(object.into_any()).map(|object| object.typed().unwrap())
    }

    async fn update<K: Kind>(&self, object: Object<K>) -> Result<Object<K>, ApiError> {
        self.note(format!("update {} {}", K::INFO.kind, object.name()))?;
        let stored = self.read(&K::INFO, &object.meta.key)?;
        self.check(&stored, Precondition::Version(object.meta.resource_version.expect("updates carry a version")))?;
        let object = object.into_any();
        Ok(self.replace(&AnyObject { status: stored.status, ..object }).typed().unwrap())
    }

    async fn patch<K: Kind>(&self, base: &Object<K>, desired: &Object<K>, precondition: Precondition) -> Result<Object<K>, ApiError> {
        self.note(format!("patch {} {}{}", K::INFO.kind, base.name(), condition(precondition)))?;
        let mut stored = self.read(&K::INFO, &base.meta.key)?;
        self.check(&stored, precondition)?;
        let (was, is) = (base.clone().into_any(), desired.clone().into_any());
        stored.meta = Arc::new(patched_meta(&stored.meta, &base.meta, &desired.meta));
        stored.spec = (K::INFO.decode.spec)(&patched(&stored.spec.to_json(), &was.spec.to_json(), &is.spec.to_json())).unwrap();
        Ok(self.replace(&stored).typed().unwrap())
    }

    async fn patch_status<K: Kind>(
        &self,
        base: &Object<K>,
        desired: &Object<K>,
        precondition: Precondition,
    ) -> Result<Object<K>, ApiError> {
        self.note(format!("patch-status {} {}{}", K::INFO.kind, base.name(), condition(precondition)))?;
        let mut stored = self.read(&K::INFO, &base.meta.key)?;
        self.check(&stored, precondition)?;
        let (was, is) = (base.clone().into_any(), desired.clone().into_any());
        stored.status = (K::INFO.decode.status)(&patched(&stored.status.to_json(), &was.status.to_json(), &is.status.to_json())).unwrap();
        Ok(self.replace(&stored).typed().unwrap())
    }

    async fn apply<K: Kind>(&self, manager: &'static str, object: Object<K>) -> Result<Object<K>, ApiError> {
        self.note(format!("apply {} {} as {manager}", K::INFO.kind, object.name()))?;
        self.installed(&K::INFO)?;
        let object = object.into_any();
        let Ok(mut stored) = self.read(&K::INFO, &object.meta.key) else {
            return self.stored(object).map(|object| object.typed().unwrap());
        };
        let meta = Arc::make_mut(&mut stored.meta);
        meta.labels = object.meta.labels.clone();
        meta.annotations = object.meta.annotations.clone();
        meta.owners = object.meta.owners.clone();
        stored.spec = object.spec;
        Ok(self.replace(&stored).typed().unwrap())
    }

    async fn delete<K: Kind>(&self, key: &ObjectKey, _: DeleteOptions) -> Result<(), ApiError> {
        self.note(format!("delete {} {}", K::INFO.kind, key.name))?;
        let mut stored = self.read(&K::INFO, key)?;
        let meta = Arc::make_mut(&mut stored.meta);
        meta.deleting = meta.deleting.or(Some(self.now()));
        self.replace(&stored);
        Ok(())
    }
}

fn select<K: Kind>(store: &Store, namespace: &str, selector: &Labels) -> Vec<Object<K>> {
    let of_kind = store.values().filter(|object| object.info.kind == K::INFO.kind && object.meta.namespace() == namespace);
    of_kind.filter(|object| api::meta::selects(selector, &object.meta.labels)).map(|object| object.typed().unwrap()).collect()
}
