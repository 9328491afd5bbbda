//! The operator's two reconcilers: what wakes them, in which order they work, and what they do about an error.
//!
//! A reconcile is a plain future over [`ports::Ports`]; it waits nowhere but in a port, and holds no state between calls: what an
//! [`api::memo::Memo`] remembers follows from its arguments alone. It follows the
//! operator's own order of steps, reads and preconditions (controller.md, sections 6 and 7), also where that looks odd: most of what can
//! go wrong in a rollout lies in those. `group` and `node` read top to bottom like the sections they come from.

mod by_key;
mod conditions;
mod error;
mod finalizer;
mod group;
mod node;
pub mod queue;
#[cfg(test)]
mod testing;
pub mod wake;
mod write;

pub use by_key::ByKey;
pub use error::ReconcileError;

use api::kinds::{Job, PersistentVolumeClaim, Service, StatefulSet};
use api::{Kind, KindInfo, ObjectKey, SeiNode, SeiNodeDeployment};
use planner::{Design, Settings};
use ports::Ports;
use std::sync::Arc;
use std::time::Duration;

/// Which reconciler. Each has one worker: its reconciles never overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Controller {
    /// Of `SeiNodeDeployment`.
    Group,
    /// Of `SeiNode`.
    Node,
}

/// What an operator process is told at its start. The same for all objects.
#[derive(Clone, Debug)]
pub struct Operator {
    /// How it plans and works where that is up for debate.
    pub design: Arc<Design>,
    /// Its platform settings.
    pub settings: Arc<Settings>,
}

/// When a reconcile that succeeded wants to run again, whatever happens meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Requeue {
    /// Only when something wakes it.
    Done,
    /// After this long at the latest. "Requeue now" is 1 ms.
    After(Duration),
}

impl Requeue {
    /// At once.
    pub const NOW: Self = Self::After(executor::NOW);
}

/// The kinds the process has informers for: the resources themselves and what they own. Other kinds are read from the server.
pub const WATCHED: [&KindInfo; 6] = [
    &const { SeiNodeDeployment::INFO },
    &const { SeiNode::INFO },
    &const { StatefulSet::INFO },
    &const { Job::INFO },
    &const { Service::INFO },
    &const { PersistentVolumeClaim::INFO },
];

/// One reconcile of one object. An error asks for a rate-limited retry.
pub async fn reconcile<P: Ports>(
    ports: &P,
    operator: &Operator,
    controller: Controller,
    key: &ObjectKey,
) -> Result<Requeue, ReconcileError> {
    match controller {
        Controller::Group => group::reconcile(ports, operator, key).await,
        Controller::Node => node::reconcile(ports, operator, key).await,
    }
}
