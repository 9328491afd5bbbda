//! `not-stable`: what has converged stays so.
//!
//! Counted from the last thing that disturbs the world from outside: an action, a fault that heals, the chain passing an upgrade. A write
//! by a person begins anew even then. From there on, once the group is what its spec asks for, has observed that spec's generation, and all
//! its nodes have executed what the chain last changed its rules at, it must not cease to be until the world ends. What is told to stop has its grace
//! period: what ceases within it is still the disturbance's doing. Looked at from the first
//! calm moment on whenever an object, a program or the data plane changes, and at the end, where what has ceased silently is found. Told
//! once a world.

use crate::docket::{Class, Docket, EventNumber, Finding, LawInfo};
use crate::not_converged;
use crate::sight::{Fact, Sight, id_of};
use api::{AnyObject, SeiNodeDeployment};
use simcore::SimTime;
use simkube::Actor;
use std::time::Duration;

/// The law.
pub const LAW: LawInfo =
    LawInfo { id: "not-stable", class: Class::Liveness, law: "having converged it stays so until the end of the world" };

/// The grace period of a pod, and of a container that is killed for its liveness (Kubernetes' default).
const GRACE: Duration = Duration::from_secs(30);

/// Whether the group has converged.
#[derive(Clone, Copy, Debug, Default)]
pub struct NotStable {
    /// Since when nothing disturbs the world.
    calm: Option<SimTime>,
    converged: Option<(SimTime, EventNumber)>,
    told: bool,
}

impl NotStable {
    /// Looks at the world, if the fact may have changed whether it has converged.
    pub fn observe(&mut self, sight: &Sight<'_>, fact: &Fact<'_>, docket: &mut Docket) {
        if !sight.calm {
            (self.calm, self.converged) = (None, None);
        }
        if !sight.calm || self.told {
            return;
        }
        if let Fact::Stored(change) = fact {
            if change.actor == Actor::Person {
                self.converged = None;
            }
            if !matches!(change.object().info.kind, "SeiNodeDeployment" | "SeiNode" | "Pod") {
                return;
            }
        }
        self.look(sight, sight.now, docket);
    }

    /// Looks at the world as it is, for a verdict at a moment.
    pub fn look(&mut self, sight: &Sight<'_>, at: SimTime, docket: &mut Docket) {
        if !sight.calm || self.told {
            return;
        }
        let calm = *self.calm.get_or_insert(sight.now);
        let holds = not_converged::has_converged(sight);
        match self.converged {
            None if holds && has_observed(sight) && have_passed_changes(sight) => self.converged = Some((sight.now, sight.event)),
            Some(_) if !holds && at < calm + GRACE => self.converged = None,
            Some((since, event)) if !holds => {
                self.told = true;
                let missing = not_converged::missing(sight).unwrap_or_default();
                let message = format!("the group had converged at {since}, and now {missing}");
                let finding = Finding { since: at, objects: vec![sight.group_ref()], events: vec![event, sight.event], message };
                docket.violated(&LAW, at, finding);
            }
            _ => {}
        }
    }
}

/// Whether the group's status is about its present spec.
fn has_observed(sight: &Sight<'_>) -> bool {
    let stored = sight.stored_group();
    let observed = |stored: &AnyObject| stored.status_as::<SeiNodeDeployment>()?.observed_generation;
    stored.is_none_or(|stored| observed(stored) == stored.meta.generation)
}

/// Whether every node that runs has executed the block after the last change of rules that the network has passed: what it does to a node
/// that is not ready for it shows there at the latest.
fn have_passed_changes(sight: &Sight<'_>) -> bool {
    let upgrades = sight.profile.upgrades.iter().filter_map(|upgrade| upgrade.applies_at());
    let changes = upgrades.chain(sight.profile.code_forks.iter().map(|fork| fork.height));
    let network = sight.chain.network_height(sight.now);
    let Some(last) = changes.filter(|height| *height <= network).max() else { return true };
    let pods = sight.stored_nodes().filter_map(|node| Some(id_of(sight.pod_of(&node.meta.key)?)));
    pods.filter_map(|pod| sight.app_height(pod)).all(|app| app > last)
}
