//! `ready-lies`: a group that its status calls Ready has nodes that serve what is wanted.
//!
//! Phase Ready comes from the phases of SeiNodes, which come from tasks that completed once. The law asks the nodes themselves: `replicas` of
//! those that the group owns serve, with the image of its template, at the latest 60 s after they ceased to or the phase was entered.

use crate::docket::{Class, Docket, EventNumber, Finding, LawInfo, ObjectRef};
use crate::not_converged::runs;
use crate::sight::{Fact, Sight, id_of};
use api::group::GroupPhase;
use api::{AnyObject, Kind, SeiNodeDeployment};
use simcore::SimTime;
use std::time::Duration;

/// The law.
pub const LAW: LawInfo = LawInfo {
    id: "ready-lies",
    class: Class::Safety,
    law: "a group in phase Ready has `replicas` nodes that serve the wanted image (60 s)",
};

const BOUND: Duration = Duration::from_secs(60);

/// Since when too few nodes have served while the group was Ready.
#[derive(Clone, Debug, Default)]
pub struct ReadyLies {
    lies: Option<(SimTime, EventNumber)>,
    told: bool,
}

impl ReadyLies {
    /// Looks at a fact.
    pub fn observe(&mut self, sight: &Sight<'_>, fact: &Fact<'_>, docket: &mut Docket) {
        let concerns = match fact {
            Fact::Stored(change) => match change.object().info.kind {
                "SeiNodeDeployment" => true,
                "SeiNode" | "Pod" => change.old.is_none() || change.new.is_none(),
                _ => false,
            },
            Fact::Chain { .. } | Fact::TimePassed | Fact::Disturbed => true,
            Fact::DataPlane(_) => false,
        };
        if !concerns {
            return;
        }
        let stored = sight.stored_group();
        let status = stored.and_then(AnyObject::status_as::<SeiNodeDeployment>);
        if status.is_none_or(|status| status.phase != Some(GroupPhase::Ready)) {
            (self.lies, self.told) = (None, false);
            return;
        }
        let Some(spec) = stored.and_then(AnyObject::spec_as::<SeiNodeDeployment>) else { return };
        let wanted = usize::try_from(spec.replicas).unwrap_or(0);
        let (serving, changes_at) = count(sight, &spec.template.spec.image);
        if serving >= wanted {
            (self.lies, self.told) = (None, false);
            changes_at.into_iter().for_each(|at| docket.look_again(at));
            return;
        }
        let (since, event) = *self.lies.get_or_insert_with(|| {
            docket.look_again(sight.now + BOUND);
            (sight.now, sight.event)
        });
        if !self.told && sight.now.since(since) >= BOUND {
            self.told = true;
            let objects = vec![ObjectRef::new(SeiNodeDeployment::INFO.kind, sight.group.name.clone())];
            let message = format!("{} is Ready with {serving} of {wanted} nodes serving the wanted image since {since}", sight.group.name);
            docket.violated(&LAW, sight.now, Finding { since, objects, events: vec![event], message });
        }
    }
}

/// How many of the group's nodes serve an image, and when that number may fall by itself.
fn count(sight: &Sight<'_>, image: &str) -> (usize, Option<SimTime>) {
    let pods = sight.stored_nodes().filter_map(|node| sight.pod_of(&node.meta.key)).filter(|pod| runs(pod, image));
    let serving: Vec<_> = pods.map(id_of).filter(|pod| sight.serves(*pod)).collect();
    (serving.len(), serving.iter().filter_map(|pod| sight.falls_behind_at(*pod)).min())
}
