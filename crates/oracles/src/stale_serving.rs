//! `stale-serving`: clients are not sent to a node that is far behind.
//!
//! A node with a tip lag of more than 300 blocks answers with old data. That it answers at all belongs to it: a process without RPC serves
//! nothing, old or new, and is `no-endpoint`'s business.

use crate::docket::{Class, Docket, LawInfo};
use crate::reached::{Episodes, ReachedLaw, Service};
use crate::sight::{Fact, SERVING_LAG, Sight};
use simkube::PodId;
use std::time::Duration;

/// The law.
pub const LAW: LawInfo =
    LawInfo { id: "stale-serving", class: Class::Safety, law: "no node with tip lag > 300 is reached for more than 60 s" };

const REACHED: ReachedLaw = ReachedLaw { law: &LAW, bound: Duration::from_secs(60), judge };

/// The stale pods that are reached.
#[derive(Clone, Debug, Default)]
pub struct StaleServing(Episodes);

impl StaleServing {
    /// Looks at a fact.
    pub fn observe(&mut self, sight: &Sight<'_>, fact: &Fact<'_>, docket: &mut Docket) {
        self.0.observe(&REACHED, sight, fact, docket);
    }
}

fn judge(sight: &Sight<'_>, pod: PodId) -> Service {
    let Some(view) = sight.chain.view(sight.now, simchain::PodId(pod.0)).filter(|view| view.rpc) else { return Service::Good };
    let lag = sight.chain.network_height(sight.now).above(view.store);
    if lag > SERVING_LAG {
        return Service::Bad(format!("is {lag} blocks behind"));
    }
    sight.falls_behind_at(pod).map_or(Service::Good, Service::GoodUntil)
}
