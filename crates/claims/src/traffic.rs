//! Claims about incumbents and clients: C11 (incumbents until the switch), C13 and C14 (entrants at the tip), C15 and C16 (the gap), C17 (stopped early).

use crate::by_law::operator_deletes;
use crate::court::Court;
use crate::rollout::{Rollout, about, about_group, pod_of, selects, stored_pod};
use api::group::StrategyType;
use api::kinds::{PersistentVolumeClaim, StatefulSet};
use api::{AnyObject, Kind, SeiNode, names};
use oracles::{Fact, Sight, is_ready};
use simchain::Happening;
use simcore::SimTime;
use simkube::{Actor, StoreChange};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// How long endpoints and the data plane may take.
const BOUND: Duration = Duration::from_secs(5);

/// What is remembered of clients and incumbents.
#[derive(Clone, Debug, Default)]
pub(crate) struct Traffic {
    /// Since when clients reach no ready node that serves.
    gap: Option<SimTime>,
    /// Incumbents that the plan has told to stop, or whose spec it has changed.
    touched: BTreeSet<Arc<str>>,
}

impl Traffic {
    /// Looks at a fact.
    pub fn observe(&mut self, sight: &Sight<'_>, fact: &Fact<'_>, rollout: &Rollout, court: &mut Court) {
        self.follow_gap(sight, rollout, court);
        match fact {
            Fact::Stored(change) => {
                self.stored(sight, change, rollout, court);
                switched(sight, change, rollout, court);
            }
            Fact::Chain { node, pod, what } if rollout.incumbents.contains(*node) => match what {
                Happening::TaskEnded { kind: "halt-signal" | "await-height", error: None, .. } => {
                    self.touched.insert(Arc::from(*node));
                }
                Happening::SeidExited { .. } if rollout.switched.is_none() => {
                    let removed = stored_pod(sight, *pod).is_none_or(|pod| pod.meta.deleting.is_some());
                    if self.touched.contains(*node) || (removed && !rollout.disturbed) {
                        self.stopped(sight, node, "its seid ends", rollout, court);
                    }
                }
                _ => {}
            },
            Fact::DataPlane(service) if *service == sight.external && rollout.gates_passed.is_none() => {
                let early = rollout.entrants.iter().find(|node| sight.reached().iter().any(|(pod, _)| names::pod(node) == *pod.name));
                if let Some(node) = early {
                    court.refute(
                        "C11",
                        "no-endpoint",
                        sight.now,
                        about(sight, node, format!("clients reach entrant {node} before the gates are passed")),
                    );
                }
            }
            _ => {}
        }
    }

    fn stored(&mut self, sight: &Sight<'_>, change: &StoreChange, rollout: &Rollout, court: &mut Court) {
        let object = change.object();
        let name = &object.meta.key.name;
        let (kind, by_operator) = (object.info.kind, matches!(change.actor, Actor::Operator(_)));
        let of = |node: &&Arc<str>| match kind {
            kind if kind == SeiNode::INFO.kind || kind == StatefulSet::INFO.kind => **node == *name,
            kind if kind == PersistentVolumeClaim::INFO.kind => names::data_claim(node) == **name,
            _ => false,
        };
        let Some(node) = rollout.incumbents.iter().find(of).filter(|_| by_operator) else { return };
        if operator_deletes(change) && !rollout.edited {
            if rollout.switched.is_none() {
                self.stopped(sight, node, &format!("its {kind} is deleted"), rollout, court);
            } else if rollout.strategy == StrategyType::HardFork {
                court.test("C17");
                if rollout.at_tip(sight) < rollout.replicas {
                    let message = format!(
                        "the {kind} of incumbent {node} is deleted while {} of {} entrants are at the tip",
                        rollout.at_tip(sight),
                        rollout.replicas
                    );
                    court.refute("C17", "incumbent-deleted-early", sight.now, about(sight, node, message));
                }
            }
        }
        let image = |object: &Option<AnyObject>| Some(object.as_ref()?.spec_as::<SeiNode>()?.image.clone());
        if kind == SeiNode::INFO.kind && change.old.is_some() && change.new.is_some() && image(&change.old) != image(&change.new) {
            self.touched.insert(node.clone());
        }
    }

    /// The plan stops an incumbent before traffic has moved.
    fn stopped(&self, sight: &Sight<'_>, node: &str, how: &str, rollout: &Rollout, court: &mut Court) {
        let message = format!("{how} before traffic has moved off incumbent {node}");
        court.refute("C11", "incumbent-deleted-early", sight.now, about(sight, node, message));
        if rollout.strategy == StrategyType::HardFork && rollout.at_tip(sight) < rollout.replicas {
            let message =
                format!("{how}, of incumbent {node}, while {} of {} entrants are at the tip", rollout.at_tip(sight), rollout.replicas);
            court.refute("C17", "incumbent-deleted-early", sight.now, about(sight, node, message));
        }
    }

    /// A time without a ready endpoint ends, or goes on. It is brief if it lies between teardown and the plan's end.
    fn follow_gap(&mut self, sight: &Sight<'_>, rollout: &Rollout, court: &mut Court) {
        if self.gap.is_some() == serves_clients(sight) {
            match self.gap.take() {
                Some(since) => judge_gap(sight, since, sight.now, rollout, court),
                None => self.gap = Some(sight.now),
            }
        }
    }

    /// Looks at the end.
    pub fn end(&mut self, sight: &Sight<'_>, rollout: &Rollout, court: &mut Court) {
        if let Some(since) = self.gap {
            judge_gap(sight, since, sight.now, rollout, court);
        }
        court.test("C15");
        if rollout.teardown.is_some() {
            court.test("C16");
        }
        if rollout.gates_passed.is_some() {
            court.test("C11");
        }
    }
}

/// Whether clients reach a ready node that serves.
fn serves_clients(sight: &Sight<'_>) -> bool {
    sight.reached().iter().any(|(_, pod)| sight.serves(*pod) && stored_pod(sight, *pod).is_some_and(is_ready))
}

fn judge_gap(sight: &Sight<'_>, since: SimTime, until: SimTime, rollout: &Rollout, court: &mut Court) {
    let allowed = rollout.teardown.is_some_and(|teardown| since >= teardown) && rollout.ended.is_none_or(|(ended, _)| since <= ended);
    let length = until.since(since);
    if length > BOUND && rollout.teardown.is_some_and(|teardown| until >= teardown) {
        let message =
            format!("around the switch, clients reach no ready node that serves from {since} to {until}, for {} s", length.as_secs());
        court.refute("C16", "no-endpoint", sight.now, about_group(sight, since, message));
    }
    if length > BOUND && !allowed && since >= rollout.began {
        let message = format!("clients reach no ready node that serves from {since} to {until}, for {} s", length.as_secs());
        court.refute("C15", "no-endpoint", sight.now, about_group(sight, since, message));
    }
}

/// The Service is pointed at the entrants.
fn switched(sight: &Sight<'_>, change: &StoreChange, rollout: &Rollout, court: &mut Court) {
    let (Some(new), Actor::Operator(_)) = (&change.new, change.actor) else { return };
    let was = change.old.as_ref().is_some_and(|old| selects(old, &rollout.entrant_revision));
    if new.meta.key != *sight.external || was || !selects(new, &rollout.entrant_revision) || rollout.entrants.is_empty() {
        return;
    }
    if rollout.gates_passed.is_none() {
        court.refute(
            "C11",
            "no-endpoint",
            sight.now,
            about_group(sight, sight.now, "the Service points at the entrants before the gates are passed".to_owned()),
        );
    }
    let claim = match rollout.strategy {
        StrategyType::HardFork => "C13",
        StrategyType::BlueGreen => "C14",
    };
    court.test(claim);
    let late: Vec<&str> =
        rollout.entrants.iter().filter(|node| !pod_of(sight, node).is_some_and(|pod| sight.at_tip(pod))).map(|node| &**node).collect();
    if !late.is_empty() {
        let message = format!("traffic moves to the entrants while {} of them are not at the tip: {}", late.len(), late.join(", "));
        court.refute(claim, "incumbent-deleted-early", sight.now, about(sight, late[0], message));
    }
}
