//! The traits between the operator and its surroundings.
//!
//! The operator (planner, executor, controller) is written against these alone. A simulated world implements them today; an
//! implementation on a real client would need nothing changed above. All are used from one thread: a controller process has one worker
//! per controller, and reconciles interleave only where a call waits.

pub mod cluster;
pub mod environment;
pub mod sidecar;

pub use cluster::{ApiError, Cluster, DeleteOptions, Precondition, Propagation};
pub use environment::{Clock, EventKind, Ids, Recorder, Resolver};
pub use sidecar::{Sidecar, SidecarAddress, SidecarError, SidecarState, TaskReport, TaskRequest, TaskState};

/// Everything a controller process is given.
pub trait Ports: Cluster + Sidecar + Clock + Ids + Recorder + Resolver {}
impl<T: Cluster + Sidecar + Clock + Ids + Recorder + Resolver> Ports for T {}
