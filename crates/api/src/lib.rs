//! The vocabulary of the operator and of its surroundings: the `sei.io/v1alpha1` resources, the plan stored in their status, and the
//! shared form in which every object, ours and Kubernetes' own, travels between a controller and a cluster.
//!
//! This crate stands at the bottom: it knows no controller, no cluster and no simulation.

pub mod condition;
pub mod group;
pub mod height;
pub mod kinds;
pub mod memo;
mod merge;
pub mod meta;
pub mod names;
pub mod node;
pub mod object;
pub mod plan;
mod prune;
mod schema;
pub mod task;
pub mod time;
mod wire;

pub use group::{SeiNodeDeployment, SeiNodeDeploymentSpec, SeiNodeDeploymentStatus};
pub use height::Height;
pub use meta::{Labels, Meta, ObjectKey, OwnerRef, ResourceVersion};
pub use node::{SeiNode, SeiNodeSpec, SeiNodeStatus};
pub use object::{AnyObject, Kind, KindInfo, Object};
pub use plan::{PlannedTask, TaskPlan};
pub use task::{SidecarTask, Task};
pub use time::Time;
pub use wire::{WireError, pruned};

/// A `SeiNodeDeployment` in its shared form.
pub type Group = Object<SeiNodeDeployment>;
/// A `SeiNode` in its shared form.
pub type Node = Object<SeiNode>;
