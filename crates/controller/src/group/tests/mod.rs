//! Tests of the group reconciler.

mod children;
mod deletion;
mod first;
mod networking;
mod ordinals;
mod rollout;

use crate::testing::{Fake, operator};
use crate::{Controller, Requeue};
use api::node::NodePhase;
use api::{Group, SeiNode};
use std::time::Duration;

const DONE_FOR_NOW: Requeue = Requeue::After(Duration::from_secs(30));

/// A cluster with the group, after one reconcile.
fn started(group: Group) -> Fake {
    let fake = Fake::default();
    fake.put(group);
    reconcile(&fake).unwrap();
    fake.log();
    fake
}

/// One reconcile under today's design.
fn reconcile(fake: &Fake) -> Result<Requeue, crate::ReconcileError> {
    fake.reconcile(&operator("halt-signal", &[]), Controller::Group, "rpc")
}

/// Every node there is runs from now on.
fn all_run(fake: &Fake) {
    for name in fake.names::<SeiNode>() {
        fake.change::<SeiNode>(&name, |node| node.status_mut().phase = Some(NodePhase::Running));
    }
}
