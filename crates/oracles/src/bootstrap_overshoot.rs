//! `bootstrap-overshoot`: a bootstrap leaves state at its target height, not beyond.
//!
//! A bootstrap's seid is started with its target as halt height. A block beyond it executed with the old binary is a block that the new one was
//! meant to execute; if it is an upgrade's, the state is lost.

use crate::docket::{Class, Docket, EventNumber, Finding, LawInfo, ObjectRef};
use crate::sight::{Fact, Sight, id_of};
use api::kinds::Pod;
use api::{Height, Kind, names};
use simchain::Happening;
use simkube::PodId;
use std::collections::BTreeMap;

/// The law.
pub const LAW: LawInfo =
    LawInfo { id: "bootstrap-overshoot", class: Class::Safety, law: "no bootstrap executes a block beyond its target" };

/// Bootstraps that run, by pod.
#[derive(Clone, Debug, Default)]
pub struct BootstrapOvershoot {
    running: BTreeMap<PodId, (Height, EventNumber)>,
}

impl BootstrapOvershoot {
    /// Looks at a fact.
    pub fn observe(&mut self, sight: &Sight<'_>, fact: &Fact<'_>, docket: &mut Docket) {
        let Fact::Chain { node, pod, what } = fact else { return };
        let reached = match what {
            Happening::SeidStarted { halt_height: Some(target), .. } if is_bootstrap(sight, *pod) => {
                self.running.insert(*pod, (*target, sight.event));
                return;
            }
            Happening::Executed { height, .. } => *height,
            Happening::SeidExited { app, .. } => *app,
            _ => return,
        };
        let Some((target, started)) = self.running.get(pod).copied() else { return };
        if reached > target {
            docket.violated(
                &LAW,
                sight.now,
                Finding {
                    since: sight.now,
                    objects: vec![ObjectRef::node(*node)],
                    events: vec![started, sight.event],
                    message: format!("the bootstrap of {node} has executed block {reached}, beyond its target {target}"),
                },
            );
        }
        if reached > target || matches!(what, Happening::SeidExited { .. }) {
            self.running.remove(pod);
        }
    }
}

/// Whether a pod is a bootstrap Job's.
fn is_bootstrap(sight: &Sight<'_>, pod: PodId) -> bool {
    let component =
        |pod: &api::AnyObject| pod.meta.labels.get(names::label::COMPONENT).is_some_and(|held| **held == *names::label::BOOTSTRAP);
    sight.cluster.objects(&Pod::INFO).any(|stored| id_of(stored) == pod && component(stored))
}
