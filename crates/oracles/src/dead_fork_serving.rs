//! `dead-fork-serving`: clients are not sent to a node whose state can never be the network's again.
//!
//! *Wedged*: alive with its height frozen for good. *Diverged*: its state is another than the network's. Both answer RPC, and a Ready
//! condition may stand for long.

use crate::docket::{Class, Docket, LawInfo};
use crate::reached::{Episodes, ReachedLaw, Service};
use crate::sight::{Fact, Sight};
use simkube::PodId;
use std::time::Duration;

/// The law.
pub const LAW: LawInfo =
    LawInfo { id: "dead-fork-serving", class: Class::Safety, law: "no wedged or diverged node is reached for more than 240 s" };

const REACHED: ReachedLaw = ReachedLaw { law: &LAW, bound: Duration::from_secs(240), judge };

/// The dead pods that are reached.
#[derive(Clone, Debug, Default)]
pub struct DeadForkServing(Episodes);

impl DeadForkServing {
    /// Looks at a fact.
    pub fn observe(&mut self, sight: &Sight<'_>, fact: &Fact<'_>, docket: &mut Docket) {
        self.0.observe(&REACHED, sight, fact, docket);
    }
}

fn judge(sight: &Sight<'_>, pod: PodId) -> Service {
    match sight.chain.view(sight.now, simchain::PodId(pod.0)) {
        Some(view) if view.diverged => Service::Bad("has another state than the network".to_owned()),
        Some(view) if view.wedged => Service::Bad(format!("is stuck at height {}", view.store)),
        _ => Service::Good,
    }
}
