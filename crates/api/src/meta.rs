//! Object metadata in the form that is cheap to share: every text and map behind an `Arc`.

use crate::time::Time;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use uuid::Uuid;

/// A label or annotation map, and an equality selector too.
pub type Labels = BTreeMap<String, String>;

/// The store-wide version of an object. Opaque to clients of a real cluster; here a number, printed as text on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceVersion(pub u64);

/// Namespace and name.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ObjectKey {
    /// The namespace.
    pub namespace: Arc<str>,
    /// The name.
    pub name: Arc<str>,
}

impl ObjectKey {
    /// A key from its two parts.
    pub fn new(namespace: impl Into<Arc<str>>, name: impl Into<Arc<str>>) -> Self {
        Self { namespace: namespace.into(), name: name.into() }
    }
}

impl PartialOrd for ObjectKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By namespace, then name. Most keys that are compared share their namespace, and many their name: those texts are not read.
impl Ord for ObjectKey {
    fn cmp(&self, other: &Self) -> Ordering {
        let of = |a: &Arc<str>, b: &Arc<str>| if Arc::ptr_eq(a, b) { Ordering::Equal } else { a.cmp(b) };
        of(&self.namespace, &other.namespace).then_with(|| of(&self.name, &other.name))
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

impl fmt::Debug for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One owner reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerRef {
    /// `group/version` of the owner.
    pub api_version: &'static str,
    /// The owner's kind.
    pub kind: &'static str,
    /// The owner's name.
    pub name: Arc<str>,
    /// The owner's uid.
    pub uid: Uuid,
    /// Whether the owner manages the object.
    pub controller: bool,
    /// Whether the owner's foreground deletion waits for the object.
    pub block_owner_deletion: bool,
}

/// `metadata` of an object. `ResourceVersion` and `uid` are absent until the server has stored it.
#[derive(Clone, Debug, PartialEq)]
pub struct Meta {
    /// Namespace and name.
    pub key: ObjectKey,
    /// `generateName`, used when the name is empty.
    pub generate_name: Option<Arc<str>>,
    /// Given by the server at creation.
    pub uid: Option<Uuid>,
    /// Given by the server at each write.
    pub resource_version: Option<ResourceVersion>,
    /// Rises with each change of what is desired.
    pub generation: Option<i64>,
    /// Labels.
    pub labels: Arc<Labels>,
    /// Annotations.
    pub annotations: Arc<Labels>,
    /// What must be done before the object may go.
    pub finalizers: Arc<[Arc<str>]>,
    /// Owners.
    pub owners: Arc<[OwnerRef]>,
    /// When it was stored first.
    pub created: Option<Time>,
    /// Set once deletion was asked for.
    pub deleting: Option<Time>,
    /// The grace period of that deletion, in seconds.
    pub deletion_grace_seconds: Option<i64>,
}

impl Meta {
    /// Metadata of a new object.
    pub fn new(key: ObjectKey) -> Self {
        Self {
            key,
            generate_name: None,
            uid: None,
            resource_version: None,
            generation: None,
            labels: Arc::default(),
            annotations: Arc::default(),
            finalizers: Arc::from([]),
            owners: Arc::from([]),
            created: None,
            deleting: None,
            deletion_grace_seconds: None,
        }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.key.name
    }

    /// The namespace.
    pub fn namespace(&self) -> &str {
        &self.key.namespace
    }

    /// The owner reference with `controller: true`, if there is one.
    pub fn controller(&self) -> Option<&OwnerRef> {
        self.owners.iter().find(|o| o.controller)
    }

    /// Whether `uid` is the object's managing controller.
    pub fn is_controlled_by(&self, uid: Option<Uuid>) -> bool {
        uid.is_some() && self.controller().map(|o| o.uid) == uid
    }

    /// Whether the finalizer is there.
    pub fn has_finalizer(&self, name: &str) -> bool {
        self.finalizers.iter().any(|f| &**f == name)
    }
}

/// Whether `labels` satisfies every pair of `selector`.
pub fn selects(selector: &Labels, labels: &Labels) -> bool {
    selector.iter().all(|(key, value)| labels.get(key) == Some(value))
}
