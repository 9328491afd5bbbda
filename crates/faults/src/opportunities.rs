//! What a scenario offers a fault to strike at, as fault-free worlds of it showed.
//!
//! A fault that cannot strike costs a world for nothing. So a few fault-free worlds are run, once for each (scenario, design), and what
//! happened in them is written down: calls, tasks, phases, when each bootstrap ran, when traffic was switched.

use crate::trigger::{CallTrigger, PhaseTrigger, TaskTrigger, Trigger, Verb, WriteTrigger};
use api::Height;
use simcore::SimTime;
use std::sync::Arc;

/// A stretch of virtual time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Its first moment.
    pub from: SimTime,
    /// Its last.
    pub to: SimTime,
}

impl Stretch {
    /// Whether a moment lies in it.
    pub fn contains(&self, at: SimTime) -> bool {
        self.from <= at && at <= self.to
    }
}

/// Something that came up and can set off a fault.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Offer<'a> {
    Call(&'a CallTrigger),
    Write(&'a WriteTrigger),
    Task(&'a TaskTrigger),
    Phase(&'a PhaseTrigger),
}

impl Offer<'_> {
    /// The trigger that waits for it.
    pub fn trigger(self) -> Trigger {
        match self {
            Self::Call(call) => Trigger::Call(call.clone()),
            Self::Write(write) => Trigger::Write(write.clone()),
            Self::Task(task) => Trigger::Task(task.clone()),
            Self::Phase(phase) => Trigger::Phase(phase.clone()),
        }
    }

    /// Whether it is an effective call of the operator.
    pub fn is_call(self) -> bool {
        matches!(self, Self::Call(_) | Self::Write(_))
    }

    /// Whether it is one to the API server.
    pub fn is_api_call(self) -> bool {
        matches!(self, Self::Call(call) if !matches!(call.verb, Verb::Submit | Verb::Get))
    }
}

/// What a scenario offers.
#[derive(Clone, Debug, Default)]
pub struct Opportunities {
    /// The group.
    pub group: Arc<str>,
    /// How many nodes it asks for.
    pub replicas: i32,
    /// Its nodes at the start, by ordinal.
    pub incumbents: Vec<Arc<str>>,
    /// The nodes that rollouts created, in order of creation.
    pub entrants: Vec<Arc<str>>,
    /// The image that is wanted in the end, and the one that ran at the start.
    pub wanted_image: Arc<str>,
    /// See there.
    pub first_image: Arc<str>,
    /// The first block of the scenario's start.
    pub start_height: Height,
    /// The first upgrade's height, if there is one to come.
    pub upgrade: Option<Height>,
    /// Whether entrants restore a snapshot.
    pub snapshots: bool,
    /// Whether the external Service becomes a load balancer during the rollout.
    pub load_balancer: bool,
    /// From the first action to the end.
    pub rollout: Option<Stretch>,
    /// When each entrant's bootstrap Job was there.
    pub bootstraps: Vec<(Arc<str>, Stretch)>,
    /// From the moment at which the last entrant was Running to the last incumbent's end.
    pub switch: Option<Stretch>,
    /// Effective calls, with the moment of each.
    pub calls: Vec<(SimTime, CallTrigger)>,
    /// The calls of reconciles.
    pub writes: Vec<(SimTime, WriteTrigger)>,
    /// Statuses that tasks reached.
    pub tasks: Vec<(SimTime, TaskTrigger)>,
    /// Phases that objects entered.
    pub phases: Vec<(SimTime, PhaseTrigger)>,
    /// The chain's height over time: pairs in rising order.
    pub heights: Vec<(SimTime, Height)>,
    /// Where the world stood after events that offered a trigger, as a number that is the same wherever a world stands alike; none where what
    /// has befallen it is not over. In rising order; empty unless asked for.
    pub standings: Vec<(SimTime, Option<u64>)>,
}

impl Opportunities {
    /// All nodes, incumbents first.
    pub fn nodes(&self) -> Vec<Arc<str>> {
        self.incumbents.iter().chain(&self.entrants).cloned().collect()
    }

    /// Adds what another world of the same scenario and design offered.
    pub fn join(&mut self, other: Self) {
        let new: Vec<_> = other.entrants.into_iter().filter(|node| !self.entrants.contains(node)).collect();
        self.entrants.extend(new);
        self.bootstraps.extend(other.bootstraps);
        self.calls.extend(other.calls);
        self.writes.extend(other.writes);
        self.tasks.extend(other.tasks);
        self.phases.extend(other.phases);
        self.heights.extend(other.heights);
        self.switch = self.switch.or(other.switch);
    }

    /// The triggers, other than plain moments and heights, that came up, with the moment of each.
    pub fn triggers(&self) -> impl Iterator<Item = (SimTime, Trigger)> {
        self.offers().map(|(at, offer)| (at, offer.trigger()))
    }

    /// What came up within a stretch, in the same order.
    pub(crate) fn within(&self, stretch: Stretch) -> impl Iterator<Item = Offer<'_>> + Clone {
        self.offers().filter(move |(at, _)| stretch.contains(*at)).map(|(_, offer)| offer)
    }

    fn offers(&self) -> impl Iterator<Item = (SimTime, Offer<'_>)> + Clone {
        let calls = self.calls.iter().map(|(at, call)| (*at, Offer::Call(call)));
        let writes = self.writes.iter().map(|(at, write)| (*at, Offer::Write(write)));
        let tasks = self.tasks.iter().map(|(at, task)| (*at, Offer::Task(task)));
        let phases = self.phases.iter().map(|(at, phase)| (*at, Offer::Phase(phase)));
        calls.chain(writes).chain(tasks).chain(phases)
    }
}
