//! `bootstrap-overshoot`: a bootstrap leaves state at its target height, not beyond.
//!
//! A bootstrap's seid is started with its target as halt height. A block beyond it executed with the old binary is a block that the new one was
//! meant to execute; if it is an upgrade's, the state is lost. Told of the first such block of each process: one that starts at its target or
//! beyond, in a Job's next pod, goes beyond anew.

use crate::docket::{Class, Docket, EventNumber, Finding, LawInfo, ObjectRef};
use crate::sight::{Fact, Sight, id_of};
use api::kinds::Pod;
use api::{Kind, names};
use simchain::Happening;
use simkube::PodId;
use std::collections::BTreeMap;

/// The law.
pub const LAW: LawInfo =
    LawInfo { id: "bootstrap-overshoot", class: Class::Safety, law: "no bootstrap executes a block beyond its target" };

/// When each bootstrap that runs was started, by pod.
#[derive(Clone, Debug, Default)]
pub struct BootstrapOvershoot {
    started: BTreeMap<PodId, EventNumber>,
}

impl BootstrapOvershoot {
    /// Looks at a fact.
    pub fn observe(&mut self, sight: &Sight<'_>, fact: &Fact<'_>, docket: &mut Docket) {
        let Fact::Chain { node, pod, what } = fact else { return };
        match what {
            Happening::SeidStarted { halt_height: Some(_), .. } => {
                self.started.insert(*pod, sight.event);
            }
            Happening::SeidExited { .. } => {
                self.started.remove(pod);
            }
            Happening::PassedHaltHeight { height, halt_height } if is_bootstrap(sight, *pod) => {
                let finding = Finding {
                    since: sight.now,
                    objects: vec![ObjectRef::node(*node)],
                    events: self.started.get(pod).copied().into_iter().chain([sight.event]).collect(),
                    message: format!("the bootstrap of {node} has executed block {height}, beyond its target {halt_height}"),
                };
                docket.violated(&LAW, sight.now, finding);
            }
            _ => {}
        }
    }
}

/// Whether a pod is a bootstrap Job's.
pub fn is_bootstrap(sight: &Sight<'_>, pod: PodId) -> bool {
    let component =
        |pod: &api::AnyObject| pod.meta.labels.get(names::label::COMPONENT).is_some_and(|held| **held == *names::label::BOOTSTRAP);
    sight.cluster.objects(&Pod::INFO).any(|stored| id_of(stored) == pod && component(stored))
}
