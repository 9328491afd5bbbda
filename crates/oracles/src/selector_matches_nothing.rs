//! `selector-matches-nothing`: traffic always points at some pod.
//!
//! From the first moment at which the external Service's selector matched a pod of the group, it matches one, but for gaps of up to 5 s. What
//! counts is the selector as stored and the pods as stored, terminating ones included; whether they are ready is `no-endpoint`'s business.
//! A group that is deleted takes its Service and its pods with it.

use crate::docket::{Class, Docket, EventNumber, Finding, LawInfo, ObjectRef};
use crate::sight::{Fact, Sight};
use api::kinds::Service;
use api::{AnyObject, Kind};
use simcore::SimTime;
use std::sync::Arc;
use std::time::Duration;

/// The law.
pub const LAW: LawInfo = LawInfo {
    id: "selector-matches-nothing",
    class: Class::Safety,
    law: "from its first match on, the external Service's selector matches at least one pod of the group (gap <= 5 s)",
};

const BOUND: Duration = Duration::from_secs(5);

/// Whether the selector has matched, and since when it does not.
#[derive(Clone, Debug, Default)]
pub struct SelectorMatchesNothing {
    matched: bool,
    gap: Option<(SimTime, EventNumber)>,
    told: bool,
}

impl SelectorMatchesNothing {
    /// Looks at a fact.
    pub fn observe(&mut self, sight: &Sight<'_>, fact: &Fact<'_>, docket: &mut Docket) {
        let concerns = match fact {
            Fact::Stored(change) => match change.object().info.kind {
                "Pod" => !same_labels(&change.old, &change.new),
                "Service" => change.object().meta.key == *sight.external,
                _ => false,
            },
            Fact::TimePassed => self.gap.is_some() && !self.told,
            Fact::DataPlane(_) | Fact::Chain { .. } | Fact::Disturbed => false,
        };
        if !concerns {
            return;
        }
        if matches(sight) {
            self.matched = true;
            (self.gap, self.told) = (None, false);
            return;
        }
        let lives = sight.stored_group().is_some_and(|group| group.meta.deleting.is_none());
        if !self.matched || !lives {
            self.gap = None;
            return;
        }
        let (since, event) = *self.gap.get_or_insert_with(|| {
            docket.look_again(sight.now + BOUND);
            (sight.now, sight.event)
        });
        if !self.told && sight.now.since(since) >= BOUND {
            self.told = true;
            let objects = vec![ObjectRef::new("Service", sight.external.name.clone())];
            let message = format!("the selector of {} has matched no pod of the group since {since}", sight.external.name);
            docket.violated(&LAW, sight.now, Finding { since, objects, events: vec![event], message });
        }
    }
}

/// Whether a pod is there before and after with the same labels. Most writes share the map they found: its texts are not read.
fn same_labels(old: &Option<AnyObject>, new: &Option<AnyObject>) -> bool {
    let (Some(old), Some(new)) = (old, new) else { return false };
    Arc::ptr_eq(&old.meta.labels, &new.meta.labels) || old.meta.labels == new.meta.labels
}

/// Whether the external Service selects a pod of the group.
fn matches(sight: &Sight<'_>) -> bool {
    let service = sight.cluster.object(&Service::INFO, sight.external).and_then(|service| service.spec_as::<Service>());
    let Some(selector) = service.and_then(|spec| spec.selector.as_ref()) else { return false };
    sight.pods().any(|pod| selector.iter().all(|(key, value)| pod.meta.labels.get(key.as_str()).is_some_and(|held| **held == **value)))
}
