//! Every task type with its parameters: opaque JSON in the stored object, typed here.
//!
//! A stored task of unknown type, or with parameters of another shape, still reads: it becomes [`Task::Unreadable`], which the plan
//! executor fails as the operator does.

use serde_json::Value;
use uuid::Uuid;

macro_rules! tasks {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $type_name:literal $(($params:ty))?,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$vdoc])* $variant $((Arc<$params>))?,)* }

        impl $name {
            /// Every type there is.
            pub const TYPES: &'static [&'static str] = &[$($type_name),*];

            /// The type as written in a plan.
            pub fn type_name(&self) -> &'static str {
                match self { $(Self::$variant $((tasks!(@ignore $params)))? => $type_name,)* }
            }

            /// The parameters as written in a plan; absent for tasks that take none.
            pub fn params(&self) -> Option<Value> {
                match self { $(tasks!(@bind $variant params $($params)?) => tasks!(@json params $($params)?),)* }
            }

            /// Reads a task; `None` if the type is not one of these or the parameters do not fit it.
            pub fn from_wire(type_name: &str, params: Option<&Value>) -> Option<Self> {
                let _ = &params;
                match type_name { $($type_name => tasks!(@read $variant params $($params)?),)* _ => None }
            }
        }
    };
    (@ignore $params:ty) => { _ };
    (@bind $variant:ident $bound:ident) => { Self::$variant };
    (@bind $variant:ident $bound:ident $params:ty) => { Self::$variant($bound) };
    (@json $bound:ident) => { None };
    (@json $bound:ident $params:ty) => { Some(serde_json::to_value($bound).expect("parameters have a wire form")) };
    (@read $variant:ident $bound:ident) => { Some(Self::$variant) };
    (@read $variant:ident $bound:ident $params:ty) => {
        <$params>::deserialize($bound?).ok().map(|params| Self::$variant(Arc::new(params)))
    };
}

macro_rules! params {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub struct $name { $($(#[$fdoc])* pub $field: $type,)* }
    )*};
}

mod controller;
mod sidecar;

pub use controller::*;
pub use sidecar::*;

/// A task of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// The operator's own.
    Controller(ControllerTask),
    /// Its sidecar's.
    Sidecar(SidecarTask),
    /// Of unknown type, or with parameters that do not fit it.
    Unreadable {
        /// The type as stored.
        kind: String,
        /// The parameters as stored.
        params: Option<Value>,
    },
}

impl Task {
    /// Reads a task as stored.
    pub fn from_wire(kind: String, params: Option<Value>) -> Self {
        (ControllerTask::from_wire(&kind, params.as_ref()).map(Self::Controller))
            .or_else(|| SidecarTask::from_wire(&kind, params.as_ref()).map(Self::Sidecar))
            .unwrap_or(Self::Unreadable { kind, params })
    }

    /// The type as stored.
    pub fn type_name(&self) -> &str {
        match self {
            Self::Controller(task) => task.type_name(),
            Self::Sidecar(task) => task.type_name(),
            Self::Unreadable { kind, .. } => kind,
        }
    }

    /// The parameters as stored.
    pub fn params(&self) -> Option<Value> {
        match self {
            Self::Controller(task) => task.params(),
            Self::Sidecar(task) => task.params(),
            Self::Unreadable { params, .. } => params.clone(),
        }
    }
}

impl From<ControllerTask> for Task {
    fn from(task: ControllerTask) -> Self {
        Self::Controller(task)
    }
}

impl From<SidecarTask> for Task {
    fn from(task: SidecarTask) -> Self {
        Self::Sidecar(task)
    }
}

/// Task id: UUID v5 of `"{planId}/{taskType}/{planIndex}"` in the operator's first namespace.
pub fn task_id(plan: Uuid, task_type: &str, index: usize) -> Uuid {
    const NAMESPACE: Uuid = Uuid::from_u128(0xb7e8_9c3a_4f12_4d8b_9a6e_1c2d_3e4f_5a6b);
    Uuid::new_v5(&NAMESPACE, format!("{plan}/{task_type}/{index}").as_bytes())
}

/// Id of the export of a genesis fork, in the same namespace: there is one an exporter, whatever the plan.
pub fn export_id(exporter: &str) -> Uuid {
    const NAMESPACE: Uuid = Uuid::from_u128(0xb7e8_9c3a_4f12_4d8b_9a6e_1c2d_3e4f_5a6b);
    Uuid::new_v5(&NAMESPACE, format!("{exporter}/export-state/0").as_bytes())
}

/// Id of a task that a group's task sends to a node: UUID v5 of `"{nodeName}/{purpose}/{parentTaskId}"` in the second namespace.
pub fn sub_task_id(node: &str, purpose: SubTaskPurpose, parent: Uuid) -> Uuid {
    const NAMESPACE: Uuid = Uuid::from_u128(0xd4a7_e1f3_8b29_4c6d_a5e0_2f1d_3c4b_5a6e);
    let purpose = match purpose {
        SubTaskPurpose::AwaitHeight => "await-height",
        SubTaskPurpose::HaltSignal => "halt-signal",
    };
    Uuid::new_v5(&NAMESPACE, format!("{node}/{purpose}/{parent}").as_bytes())
}

/// What a group's task wants of a node's sidecar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubTaskPurpose {
    /// Tell when the node is at a height.
    AwaitHeight,
    /// Stop it there.
    HaltSignal,
}
