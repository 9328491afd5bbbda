//! The shared form of an object: metadata, spec and status behind one `Arc` each.
//!
//! A reconciler holds several copies of one object at a time (the cached one, the base of its patch, the one it changes), and a cluster
//! holds thousands of versions. With shared parts a copy is three reference counts, a change copies only the part it touches, and "has
//! this part changed" is first of all a pointer comparison. `to_json` and `from_json` give the wire form, for people and patches.

use crate::memo::Grounds;
use crate::meta::{Meta, OwnerRef};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;

/// A resource kind: its identity and the types of its two sections.
pub trait Kind: Sized + 'static {
    /// What the API server needs to know of the kind.
    const INFO: KindInfo;
    /// The desired state.
    type Spec: Section + Default;
    /// The observed state.
    type Status: Section + Default;

    /// Reads a spec. This and the next three are written out for each kind as plain functions: what lies behind them is compiled once, in
    /// this crate, and not again in each that names the kind.
    fn decode_spec(value: &Value) -> Decoded;

    /// Reads a status.
    fn decode_status(value: &Value) -> Decoded;

    /// The spec with its type forgotten.
    fn erase_spec(spec: Arc<Self::Spec>) -> Arc<dyn AnySection>;

    /// The status with its type forgotten.
    fn erase_status(status: Arc<Self::Status>) -> Arc<dyn AnySection>;
}

/// A section of an object that can be shared, compared and written down.
pub trait Section: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// `stored` with the difference from `base` to `desired` merged in, as RFC 7386 does over the wire forms. `None` if it takes the wire.
    fn merged(_stored: &Self, _base: &Self, _desired: &Self) -> Option<Self> {
        None
    }
}

/// The identity of a kind and how the API server treats it.
#[derive(Clone, Copy, Debug)]
pub struct KindInfo {
    /// `group/version`, or `v1`.
    pub api_version: &'static str,
    /// The kind's name, unique among the kinds of this crate.
    pub kind: &'static str,
    /// The resource name in URLs.
    pub plural: &'static str,
    /// Its place among all kinds, by name.
    pub place: usize,
    /// Whether `metadata.generation` rises with its spec (Services and PVCs have none).
    pub has_generation: bool,
    /// Whether it has a status subresource.
    pub has_status: bool,
    /// Whether it is a custom resource: an update needs a resourceVersion.
    pub custom: bool,
    /// Its decoders.
    pub decode: Decode,
}

impl PartialEq for KindInfo {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place
    }
}

/// How the sections of a kind are read from JSON.
#[derive(Clone, Copy, Debug)]
pub struct Decode {
    /// Reads a spec.
    pub spec: fn(&Value) -> Decoded,
    /// Reads a status.
    pub status: fn(&Value) -> Decoded,
}

/// A section read from JSON.
pub type Decoded = Result<Arc<dyn AnySection>, serde_json::Error>;

/// Reads a section.
pub(crate) fn decode<T: Section>(value: &Value) -> Decoded {
    T::deserialize(value).map(|section| Arc::new(section) as Arc<dyn AnySection>)
}

/// An object of a known kind.
#[derive(Debug)]
pub struct Object<K: Kind> {
    /// `metadata`.
    pub meta: Arc<Meta>,
    /// `spec` (or, for kinds without one, their content).
    pub spec: Arc<K::Spec>,
    /// `status`.
    pub status: Arc<K::Status>,
}

impl<K: Kind> Clone for Object<K> {
    fn clone(&self) -> Self {
        Self { meta: self.meta.clone(), spec: self.spec.clone(), status: self.status.clone() }
    }
}

impl<K: Kind> PartialEq for Object<K> {
    fn eq(&self, other: &Self) -> bool {
        shared_eq(&self.meta, &other.meta) && shared_eq(&self.spec, &other.spec) && shared_eq(&self.status, &other.status)
    }
}

/// Equality that looks at the pointers first.
pub fn shared_eq<T: PartialEq>(a: &Arc<T>, b: &Arc<T>) -> bool {
    Arc::ptr_eq(a, b) || a == b
}

impl<K: Kind> Object<K> {
    /// A new object with an empty status.
    pub fn new(meta: Meta, spec: K::Spec) -> Self {
        Self { meta: Arc::new(meta), spec: Arc::new(spec), status: Arc::default() }
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.meta.name()
    }

    /// The namespace.
    pub fn namespace(&self) -> &str {
        self.meta.namespace()
    }

    /// The metadata, to change; copied first if it is shared.
    pub fn meta_mut(&mut self) -> &mut Meta {
        Arc::make_mut(&mut self.meta)
    }

    /// The spec, to change; copied first if it is shared.
    pub fn spec_mut(&mut self) -> &mut K::Spec {
        Arc::make_mut(&mut self.spec)
    }

    /// The status, to change; copied first if it is shared.
    pub fn status_mut(&mut self) -> &mut K::Status {
        Arc::make_mut(&mut self.status)
    }

    /// A controlling, blocking owner reference to this object. The object must have been stored.
    pub fn owner_ref(&self) -> OwnerRef {
        let uid = self.meta.uid.expect("an owner has been stored before it owns anything");
        OwnerRef {
            api_version: K::INFO.api_version,
            kind: K::INFO.kind,
            name: self.meta.key.name.clone(),
            uid,
            controller: true,
            block_owner_deletion: true,
        }
    }

    /// The same object with its kind known at run time only.
    pub fn into_any(self) -> AnyObject {
        AnyObject { info: &const { K::INFO }, meta: self.meta, spec: K::erase_spec(self.spec), status: K::erase_status(self.status) }
    }
}

/// A section whose type is known at run time only.
pub trait AnySection: Any + Debug + Send + Sync {
    /// Whether the other section has the same type and value.
    fn same(&self, other: &dyn AnySection) -> bool;
    /// The wire form.
    fn to_json(&self) -> Value;
    /// This section with the difference between two others merged in ([`Section::merged`]); `None` if it takes the wire.
    fn merged(&self, base: &dyn AnySection, desired: &dyn AnySection) -> Option<Arc<dyn AnySection>>;
}

impl<T: Section> AnySection for T {
    fn same(&self, other: &dyn AnySection) -> bool {
        let other: &dyn Any = other;
        other.downcast_ref::<T>().is_some_and(|other| self == other)
    }

    fn to_json(&self) -> Value {
        serde_json::to_value(self).expect("a section has a wire form")
    }

    fn merged(&self, base: &dyn AnySection, desired: &dyn AnySection) -> Option<Arc<dyn AnySection>> {
        let (base, desired): (&dyn Any, &dyn Any) = (base, desired);
        let merged = T::merged(self, base.downcast_ref()?, desired.downcast_ref()?)?;
        Some(Arc::new(merged))
    }
}

impl PartialEq for dyn AnySection {
    fn eq(&self, other: &Self) -> bool {
        self.same(other)
    }
}

impl Grounds for Arc<dyn AnySection> {
    fn same(&self, other: &Self) -> bool {
        same_section(self, other)
    }
}

/// Whether two shared sections have the same value; looks at the pointers first.
pub fn same_section(a: &Arc<dyn AnySection>, b: &Arc<dyn AnySection>) -> bool {
    Arc::ptr_eq(a, b) || (**a).same(&**b)
}

/// An object whose kind is known at run time only: what a store holds and a request carries.
#[derive(Clone, Debug)]
pub struct AnyObject {
    /// The kind.
    pub info: &'static KindInfo,
    /// `metadata`.
    pub meta: Arc<Meta>,
    /// `spec`.
    pub spec: Arc<dyn AnySection>,
    /// `status`.
    pub status: Arc<dyn AnySection>,
}

impl AnyObject {
    /// The object as one of kind `K`, if it is one.
    pub fn typed<K: Kind>(&self) -> Option<Object<K>> {
        let spec: Arc<dyn Any + Send + Sync> = self.spec.clone();
        let status: Arc<dyn Any + Send + Sync> = self.status.clone();
        Some(Object { meta: self.meta.clone(), spec: spec.downcast().ok()?, status: status.downcast().ok()? })
    }

    /// A look at the spec as that of kind `K`, without touching a reference count.
    pub fn spec_as<K: Kind>(&self) -> Option<&K::Spec> {
        (self.info.place == K::INFO.place).then(|| {
            let any: &dyn Any = &*self.spec;
            any.downcast_ref()
        })?
    }

    /// A look at the status as that of kind `K`, without touching a reference count.
    pub fn status_as<K: Kind>(&self) -> Option<&K::Status> {
        (self.info.place == K::INFO.place).then(|| {
            let any: &dyn Any = &*self.status;
            any.downcast_ref()
        })?
    }
}

impl PartialEq for AnyObject {
    fn eq(&self, other: &Self) -> bool {
        self.info == other.info
            && shared_eq(&self.meta, &other.meta)
            && same_section(&self.spec, &other.spec)
            && same_section(&self.status, &other.status)
    }
}
