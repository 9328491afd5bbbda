//! `no-endpoint`: while a node could serve clients, clients reach one that does.
//!
//! From the first moment a client was served, a time in which some pod of the group is Ready and serves while none that clients are sent to
//! serves may last 5 s: the time that endpoints and data plane need to follow.

use crate::docket::{Class, Docket, EventNumber, Finding, LawInfo, ObjectRef};
use crate::sight::{Fact, Sight};
use simcore::SimTime;
use std::time::Duration;

/// The law.
pub const LAW: LawInfo = LawInfo {
    id: "no-endpoint",
    class: Class::Safety,
    law: "once first served: while some pod of the group is Ready and serves, clients reach one that serves (gap <= 5 s)",
};

const BOUND: Duration = Duration::from_secs(5);

/// Whether clients have been served, and since when they are not though they could be.
#[derive(Clone, Debug, Default)]
pub struct NoEndpoint {
    served: bool,
    gap: Option<Gap>,
}

#[derive(Clone, Copy, Debug)]
struct Gap {
    since: SimTime,
    began: EventNumber,
    told: bool,
}

impl NoEndpoint {
    /// Looks at the world: any fact may have changed who serves.
    pub fn observe(&mut self, sight: &Sight<'_>, fact: &Fact<'_>, docket: &mut Docket) {
        let concerns = match fact {
            Fact::Stored(change) => change.object().info.kind == "Pod",
            Fact::DataPlane(_) | Fact::Chain { .. } | Fact::TimePassed | Fact::Disturbed => true,
        };
        if !concerns {
            return;
        }
        if sight.reached().iter().any(|(_, pod)| sight.serves(*pod)) {
            self.served = true;
            self.gap = None;
            return;
        }
        // None of those that are reached serves.
        if !self.served || sight.idle_pods().next().is_none() {
            self.gap = None;
            return;
        }
        let gap = self.gap.get_or_insert_with(|| {
            docket.look_again(sight.now + BOUND);
            Gap { since: sight.now, began: sight.event, told: false }
        });
        if !gap.told && sight.now.since(gap.since) >= BOUND {
            gap.told = true;
            let mut objects = vec![ObjectRef::new("Service", sight.external.name.clone())];
            objects.extend(sight.idle_pods().map(|pod| ObjectRef::new("Pod", pod.meta.key.name.clone())));
            let message = format!("clients reach no serving node since {} though a ready one serves", gap.since);
            docket.violated(&LAW, sight.now, Finding { since: gap.since, objects, events: vec![gap.began], message });
        }
    }
}
