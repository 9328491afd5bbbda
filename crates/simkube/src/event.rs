//! What the cluster schedules for itself.

use crate::boundary::ProcessId;
use crate::{gc, workloads};
use api::{KindInfo, ResourceVersion};

/// An event of the cluster's own.
#[derive(Clone, Debug)]
pub enum Event {
    /// A change reaches a process's cache.
    Deliver {
        /// Whose cache.
        process: ProcessId,
        /// Of which kind.
        info: &'static KindInfo,
        /// The version that the change made.
        version: ResourceVersion,
    },
    /// A cache hands every object over again.
    Resync {
        /// Whose cache.
        process: ProcessId,
        /// Of which kind.
        info: &'static KindInfo,
    },
    /// The garbage collector looks at an object.
    Collect(gc::Event),
    /// Something of the built-in controllers, the scheduler, a kubelet or the network.
    Workload(workloads::Event),
}

impl Event {
    /// Whether a world with nothing else to come is still at work. A resync alone changes nothing.
    pub fn keeps_awake(&self) -> bool {
        match self {
            Self::Resync { .. } => false,
            Self::Workload(event) => event.keeps_awake(),
            Self::Deliver { .. } | Self::Collect(_) => true,
        }
    }
}
