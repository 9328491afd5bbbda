//! Episodes of pods that clients are sent to though they should not be: what the laws about bad service share.
//!
//! What makes a pod bad may begin with an event, or by itself as the network goes on without it. A law says how it is and, where it is not bad
//! yet, when at the earliest it could become so; the episodes ask to be looked at then. Nothing is asked of a node that keeps up with the tip.

use crate::docket::{Docket, EventNumber, Finding, LawInfo, ObjectRef};
use crate::sight::{Fact, Sight};
use api::ObjectKey;
use simcore::SimTime;
use simkube::PodId;
use std::collections::BTreeMap;
use std::time::Duration;

/// How a reached pod is.
pub(crate) enum Service {
    /// As it should be, until something happens.
    Good,
    /// As it should be until this moment at least.
    GoodUntil(SimTime),
    /// Not as it should be, and how.
    Bad(String),
}

/// A law about pods that are reached.
pub(crate) struct ReachedLaw {
    pub law: &'static LawInfo,
    /// How long a bad pod may be reached.
    pub bound: Duration,
    pub judge: fn(&Sight<'_>, PodId) -> Service,
}

/// The bad pods that are reached.
#[derive(Clone, Debug, Default)]
pub(crate) struct Episodes {
    bad: BTreeMap<PodId, Episode>,
    looks_at: Option<SimTime>,
}

#[derive(Clone, Debug)]
struct Episode {
    since: SimTime,
    event: EventNumber,
    told: bool,
}

impl Episodes {
    /// Looks at a fact.
    pub fn observe(&mut self, law: &ReachedLaw, sight: &Sight<'_>, fact: &Fact<'_>, docket: &mut Docket) {
        let concerns = match fact {
            Fact::Stored(_) => false,
            Fact::Disturbed => true,
            Fact::Chain { pod, .. } => sight.reached().iter().any(|(_, reached)| reached == pod),
            Fact::DataPlane(service) => **service == *sight.external,
            Fact::TimePassed => self.looks_at.is_some_and(|at| at <= sight.now) || !self.bad.is_empty(),
        };
        if !concerns {
            return;
        }
        let reached = sight.reached();
        self.bad.retain(|pod, _| reached.iter().any(|(_, reached)| reached == pod));
        self.looks_at = None;
        for (name, pod) in reached {
            match (law.judge)(sight, *pod) {
                Service::Good => drop(self.bad.remove(pod)),
                Service::GoodUntil(at) => {
                    self.bad.remove(pod);
                    self.look_again(at, sight, docket);
                }
                Service::Bad(how) => self.go_on(law, sight, name, *pod, &how, docket),
            }
        }
    }

    fn go_on(&mut self, law: &ReachedLaw, sight: &Sight<'_>, name: &ObjectKey, pod: PodId, how: &str, docket: &mut Docket) {
        let episode = self.bad.entry(pod).or_insert(Episode { since: sight.now, event: sight.event, told: false });
        let due = episode.since + law.bound;
        if episode.told {
            return;
        }
        if sight.now < due {
            return self.look_again(due, sight, docket);
        }
        episode.told = true;
        let node = name.name.strip_suffix("-0").unwrap_or(&name.name);
        let objects = vec![ObjectRef::node(node), ObjectRef::new("Pod", name.name.clone())];
        let message = format!("clients have been sent to {} since {}, which {how}", name.name, episode.since);
        let finding = Finding { since: episode.since, objects, events: vec![episode.event], message };
        docket.violated(law.law, sight.now, finding);
    }

    fn look_again(&mut self, at: SimTime, sight: &Sight<'_>, docket: &mut Docket) {
        let at = at.max(sight.now);
        if self.looks_at.is_none_or(|held| at < held) {
            self.looks_at = Some(at);
        }
        docket.look_again(at);
    }
}
