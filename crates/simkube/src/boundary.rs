//! What crosses the border of the simulated cluster: requests and answers, and what the cluster tells the world.

use crate::selector::Selector;
use api::kinds::Pod;
use api::{AnyObject, Kind, KindInfo, Labels, ObjectKey};
use k8s_openapi::api::core::v1::Container;
use ports::{ApiError, DeleteOptions, Precondition};
use serde_json::Value;
use std::borrow::Cow;
use std::sync::Arc;
use uuid::Uuid;

/// A client process of the API server with caches of its own: one run of the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcessId(pub u32);

/// The uid of a pod: what tells apart two pods of one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PodId(pub Uuid);

/// One run of one container: a restart is another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContainerId {
    /// The pod.
    pub pod: PodId,
    /// Position: init containers first, then containers.
    pub index: u8,
    /// How often this container had been started before.
    pub run: u32,
}

/// Who makes a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// The operator's process.
    Operator(ProcessId),
    /// A person with kubectl.
    Person,
    /// A built-in controller or a kubelet, by name.
    System(&'static str),
}

/// The resource that a write is about: the object itself, or its `/status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Metadata and spec.
    Main,
    /// The status alone.
    Status,
}

/// The body of a patch, by its media type.
#[derive(Clone, Debug)]
pub enum PatchBody {
    /// `application/merge-patch+json`: RFC 7386. A resourceVersion in it is a precondition.
    Merge(Value),
    /// `application/json-patch+json`: RFC 6902, a list of operations.
    Operations(Value),
}

/// A request to the API server. Objects travel with their kind known at run time only.
#[derive(Clone, Debug)]
pub enum Request {
    /// GET one.
    Get {
        /// The kind.
        info: &'static KindInfo,
        /// Which.
        key: ObjectKey,
    },
    /// LIST by equality selector, sorted by name.
    List {
        /// The kind.
        info: &'static KindInfo,
        /// Where.
        namespace: Arc<str>,
        /// Which.
        selector: Labels,
    },
    /// POST.
    Create(AnyObject),
    /// PUT of metadata and spec.
    Update(AnyObject),
    /// Merge patch of metadata and spec.
    Patch {
        /// What the caller's copy was.
        base: AnyObject,
        /// What it is to become.
        desired: AnyObject,
        /// Whether the base's version must be current.
        precondition: Precondition,
    },
    /// Merge patch of the status.
    PatchStatus {
        /// What the caller's copy was.
        base: AnyObject,
        /// What it is to become.
        desired: AnyObject,
        /// Whether the base's version must be current.
        precondition: Precondition,
    },
    /// Server-side apply with force.
    Apply {
        /// The field manager.
        manager: &'static str,
        /// Every field the manager wants.
        object: AnyObject,
    },
    /// DELETE.
    Delete {
        /// The kind.
        info: &'static KindInfo,
        /// Which.
        key: ObjectKey,
        /// How.
        options: DeleteOptions,
    },
    /// LIST by any selector, sorted by name.
    Select {
        /// The kind.
        info: &'static KindInfo,
        /// Where.
        namespace: Arc<str>,
        /// Which.
        selector: Selector,
    },
    /// PUT of `/status`.
    UpdateStatus(AnyObject),
    /// PATCH with a body as it comes over the wire.
    PatchJson {
        /// The kind.
        info: &'static KindInfo,
        /// Which.
        key: ObjectKey,
        /// Of what.
        part: Part,
        /// The patch.
        body: PatchBody,
    },
    /// Server-side apply with a body as it comes over the wire: what it does not name is not applied.
    ApplyJson {
        /// The kind.
        info: &'static KindInfo,
        /// Which.
        key: ObjectKey,
        /// Of what.
        part: Part,
        /// The field manager.
        manager: Cow<'static, str>,
        /// Every field the manager wants.
        body: Value,
        /// Whether fields of others are taken over; 409 otherwise.
        force: bool,
    },
    /// DELETE of a collection.
    DeleteCollection {
        /// The kind.
        info: &'static KindInfo,
        /// Where.
        namespace: Arc<str>,
        /// Which.
        selector: Selector,
        /// How; the preconditions hold for each.
        options: DeleteOptions,
    },
    /// `dryRun=All`: everything but the storing.
    DryRun(Box<Request>),
    /// POST of a pod's `/eviction`: 429 as long as its disruption budget does not allow it.
    Evict {
        /// Which pod.
        key: ObjectKey,
    },
}

/// The verb of a request, as in an audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the API's own verbs")]
pub enum Verb {
    Get,
    List,
    Create,
    Update,
    Patch,
    PatchStatus,
    Apply,
    Delete,
    UpdateStatus,
    DeleteCollection,
    Evict,
}

impl Request {
    /// The verb.
    pub fn verb(&self) -> Verb {
        match self {
            Self::Get { .. } => Verb::Get,
            Self::List { .. } => Verb::List,
            Self::Create(_) => Verb::Create,
            Self::Update(_) => Verb::Update,
            Self::Patch { .. } => Verb::Patch,
            Self::PatchStatus { .. } => Verb::PatchStatus,
            Self::Apply { .. } => Verb::Apply,
            Self::Delete { .. } => Verb::Delete,
            Self::Select { .. } => Verb::List,
            Self::UpdateStatus(_) => Verb::UpdateStatus,
            Self::PatchJson { part: Part::Main, .. } => Verb::Patch,
            Self::PatchJson { part: Part::Status, .. } => Verb::PatchStatus,
            Self::ApplyJson { .. } => Verb::Apply,
            Self::DeleteCollection { .. } => Verb::DeleteCollection,
            Self::DryRun(request) => request.verb(),
            Self::Evict { .. } => Verb::Evict,
        }
    }

    /// The kind.
    pub fn info(&self) -> &'static KindInfo {
        match self {
            Self::Get { info, .. }
            | Self::List { info, .. }
            | Self::Delete { info, .. }
            | Self::Select { info, .. }
            | Self::PatchJson { info, .. }
            | Self::ApplyJson { info, .. }
            | Self::DeleteCollection { info, .. } => info,
            Self::Create(object) | Self::Update(object) | Self::UpdateStatus(object) | Self::Apply { object, .. } => object.info,
            Self::DryRun(request) => request.info(),
            Self::Evict { .. } => &const { Pod::INFO },
            Self::Patch { desired, .. } | Self::PatchStatus { desired, .. } => desired.info,
        }
    }

    /// Namespace and name of the object; `None` for a list and a collection.
    pub fn key(&self) -> Option<&ObjectKey> {
        match self {
            Self::List { .. } | Self::Select { .. } | Self::DeleteCollection { .. } => None,
            Self::Get { key, .. } | Self::Delete { key, .. } | Self::Evict { key } => Some(key),
            Self::PatchJson { key, .. } | Self::ApplyJson { key, .. } => Some(key),
            Self::Create(object) | Self::Update(object) | Self::UpdateStatus(object) | Self::Apply { object, .. } => Some(&object.meta.key),
            Self::DryRun(request) => request.key(),
            Self::Patch { desired, .. } | Self::PatchStatus { desired, .. } => Some(&desired.meta.key),
        }
    }
}

/// What the server answers: one object, several for a list and for the deletion of a collection (as they were), none for a delete.
pub type Answer = Result<Vec<AnyObject>, ApiError>;

/// What a request would do if it took effect now.
#[derive(Clone, Debug)]
pub enum Preview {
    /// Nothing would change in the store: this is the answer.
    Unchanged(Answer),
    /// The store would change.
    Effective,
}

/// One event of a watch.
#[derive(Clone, Debug, PartialEq)]
pub enum WatchEvent {
    /// The object is new, or has come to be selected.
    Added(AnyObject),
    /// The object has changed.
    Modified(AnyObject),
    /// The object is gone, or is no longer selected; as it last was.
    Deleted(AnyObject),
}

/// One change of the store. `old` is absent for a creation, `new` for a removal.
#[derive(Clone, Debug)]
pub struct StoreChange {
    /// Before.
    pub old: Option<AnyObject>,
    /// After.
    pub new: Option<AnyObject>,
    /// Who did it.
    pub actor: Actor,
}

impl StoreChange {
    /// The object after the change, or as it last was.
    pub fn object(&self) -> &AnyObject {
        self.new.as_ref().or(self.old.as_ref()).expect("a change has a before or an after")
    }
}

/// One change of a process's cache, in resourceVersion order per kind.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Before.
    pub old: Option<AnyObject>,
    /// After.
    pub new: Option<AnyObject>,
    /// Whether it belongs to the initial list or a resync: lower priority in the work queue.
    pub initial: bool,
}

/// A container to start.
#[derive(Clone, Debug)]
pub struct ContainerStart {
    /// This run.
    pub id: ContainerId,
    /// The pod as it is.
    pub pod: AnyObject,
    /// The container.
    pub container: Arc<Container>,
    /// The uid of the claim behind the pod's data volume, if it has one: the identity of the data.
    pub volume: Option<Uuid>,
}

/// What the kubelet sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Signal {
    /// SIGTERM.
    Terminate,
    /// SIGKILL.
    Kill,
}

/// Where a connection to a host name leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Route {
    /// The name has no address: the client fails at once.
    NoSuchHost,
    /// The address is nobody's any more, on a machine that lives: the client fails at once.
    Refused,
    /// The address lies on a lost machine: the client fails after its own timeout.
    Unroutable,
    /// To this pod; whether something listens there is the pod's affair.
    Pod(PodId),
}

/// What the cluster tells the world, in order.
#[derive(Clone, Debug)]
pub enum Output {
    /// The store changed.
    Changed(Arc<StoreChange>),
    /// A cache changed.
    Informed {
        /// Whose.
        process: ProcessId,
        /// How.
        delivery: Delivery,
    },
    /// A container is to run.
    Start(ContainerStart),
    /// A container is to be signalled.
    Signal {
        /// Which run.
        id: ContainerId,
        /// With what.
        signal: Signal,
    },
    /// A volume's data is gone for good.
    VolumeDeleted {
        /// The uid of its claim.
        volume: Uuid,
    },
    /// What the names of the pods behind a Service resolve to has changed.
    NamesChanged {
        /// The Service.
        service: ObjectKey,
    },
    /// Which pods are reachable, or what a load balancer's name resolves to, may have changed.
    NetworkChanged,
    /// Clients of a Service now go to these pods; sorted by name.
    DataPlane {
        /// The Service.
        service: ObjectKey,
        /// The pods.
        pods: Arc<[(ObjectKey, PodId)]>,
    },
    /// The world must end: something was asked that is not modelled.
    Unmodelled(String),
}
