//! Writes down what a fault-free world offers to faults: calls, tasks, phases, when bootstraps ran, when traffic was switched.

use super::standing::Standings;
use super::triggers::{SeenCall, is_sort, worker_of};
use crate::history::{Entry, Happened, Stored};
use crate::world::sim::Sim;
use api::kinds::Service;
use api::plan::TaskStatus;
use api::{Kind, names};
use faults::{CallTrigger, Moment, Opportunities, PhaseTrigger, Stretch, TaskTrigger, Verb, WriteTrigger};
use simcore::SimTime;
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;

/// How many of the chain's heights are written down.
const HEIGHTS: u32 = 64;

/// Calls of one kind: verb, kind, name and task.
type CallSort = (Verb, &'static str, Option<Arc<str>>, Option<Arc<str>>);

/// The calls of a world, as they are made.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    counts: BTreeMap<CallSort, u32>,
    calls: Vec<(SimTime, CallTrigger)>,
    writes: Vec<(SimTime, WriteTrigger)>,
    /// Whether the external Service was a load balancer from the start.
    balanced_before: bool,
    /// Where the world stood, if that is asked for.
    standings: Option<Standings>,
}

impl Recorder {
    /// How many effective calls have been written down.
    pub(super) fn calls(&self) -> usize {
        self.calls.len()
    }

    /// Where the world stood, if that is asked for.
    pub(super) fn standings(&mut self) -> &mut Option<Standings> {
        &mut self.standings
    }

    /// How many calls have been of the sort that a trigger waits for.
    pub(super) fn seen(&self, trigger: &CallTrigger) -> u32 {
        let meant = |(verb, kind, name, task): &CallSort| is_sort(trigger, *verb, kind, name.as_ref(), task.as_ref());
        self.counts.iter().filter(|(sort, _)| meant(sort)).map(|(_, count)| count).sum()
    }

    /// Writes down an effective call.
    pub(in crate::world) fn note(&mut self, at: SimTime, call: &SeenCall) {
        let during = call.task.clone();
        let count = self.counts.entry((call.verb, call.kind, call.name.clone(), during.clone())).or_default();
        *count += 1;
        let nth = NonZeroU32::new(*count).expect("just counted");
        let trigger = CallTrigger { verb: call.verb, kind: call.kind.into(), name: call.name.clone(), during, nth, moment: Moment::Before };
        self.calls.push((at, trigger));
        if let Some(nth) = NonZeroU32::new(call.place).filter(|_| call.verb != Verb::Get) {
            let of = Some(call.key.name.clone());
            self.writes.push((at, WriteTrigger { controller: worker_of(call.who.controller), of, nth, moment: Moment::Before }));
        }
    }
}

impl Sim {
    /// From now on the world writes down what it offers to faults.
    pub fn record_opportunities(&mut self) {
        self.recorder = Some(Box::new(Recorder { balanced_before: self.is_balanced(), ..Recorder::default() }));
    }

    /// It ceases to; what it has written down, if it did.
    pub(crate) fn end_recording(&mut self) -> Option<Recorder> {
        self.recorder.take().map(|recorder| *recorder)
    }

    /// From now on it writes down where it stands at each offer, too, which takes a look at its whole state.
    pub fn record_standings(&mut self) {
        let recorder = self.recorder.as_mut().expect("a world that records what it offers");
        recorder.standings = Some(Standings::default());
    }

    /// Whether the external Service is a load balancer.
    pub(super) fn is_balanced(&self) -> bool {
        let service = self.cluster.object(&Service::INFO, &self.setup.external).and_then(|service| service.spec_as::<Service>());
        service.and_then(|spec| spec.type_.as_deref()) == Some("LoadBalancer")
    }

    /// What the world, which has ended, offered.
    pub fn opportunities(&self) -> Opportunities {
        let recorder = self.recorder.clone().unwrap_or_default();
        let setup = self.setup();
        let end = self.history.last();
        let spec = self.sight().group_spec();
        let wanted_image = spec.map_or("", |spec| spec.template.spec.image.as_str()).into();
        let replicas = spec.map_or(0, |spec| spec.replicas);
        let incumbents: Vec<Arc<str>> = (0..replicas).map(|ordinal| names::child(&setup.group.name, ordinal).into()).collect();
        let rollout = setup.timeline.first().map(|action| Stretch { from: action.at(), to: end });
        let mut offered = Opportunities {
            group: setup.group.name.clone(),
            replicas,
            entrants: Vec::new(),
            wanted_image,
            first_image: setup.first_image.clone(),
            start_height: setup.chain.start_height,
            upgrade: setup.chain.upgrades.iter().filter_map(simchain::profile::Upgrade::applies_at).min(),
            snapshots: setup.restores_snapshots,
            load_balancer: self.is_balanced() && !recorder.balanced_before,
            rollout,
            bootstraps: Vec::new(),
            switch: None,
            standings: recorder.standings.map_or_else(Vec::new, |standings| standings.noted),
            calls: recorder.calls,
            writes: recorder.writes,
            tasks: Vec::new(),
            phases: Vec::new(),
            heights: self.heights(rollout),
            incumbents,
        };
        read_history(&mut offered, self.history.entries(), end);
        offered
    }

    /// Heights spread evenly over a stretch.
    fn heights(&self, stretch: Option<Stretch>) -> Vec<(SimTime, api::Height)> {
        let Some(Stretch { from, to }) = stretch else { return Vec::new() };
        let step = to.since(from) / HEIGHTS;
        let moments = (0..HEIGHTS).map(|n| from + step * n);
        moments.map(|at| (at, self.chain.network_height(at))).filter(|(_, height)| *height > self.setup.chain.start_height).collect()
    }
}

/// Reads from a history what its entries offer.
fn read_history(offered: &mut Opportunities, entries: &[(SimTime, Entry)], end: SimTime) {
    let bootstrap_of = |job: &str| job.strip_suffix("-bootstrap").map(Arc::<str>::from);
    for (at, entry) in entries {
        match entry {
            Entry::Stored { how: Stored::Created, kind: "SeiNode", name, .. }
                if !offered.incumbents.contains(name) && !offered.entrants.contains(name) =>
            {
                offered.entrants.push(name.clone());
            }
            Entry::Stored { how: Stored::Created, kind: "Job", name, .. } => {
                offered.bootstraps.extend(bootstrap_of(name).map(|node| (node, Stretch { from: *at, to: end })));
            }
            Entry::Stored { how: Stored::Removed, kind: "Job", name, .. } => {
                let node = bootstrap_of(name);
                if let Some((_, stretch)) = offered.bootstraps.iter_mut().rev().find(|(of, _)| Some(of) == node.as_ref()) {
                    stretch.to = *at;
                }
            }
            Entry::Noticed(happened) => notice(offered, *at, happened, end),
            _ => {}
        }
    }
}

fn notice(offered: &mut Opportunities, at: SimTime, happened: &Happened, end: SimTime) {
    match happened {
        Happened::PlanStored { owner, tasks } => {
            let pending = |task: &Arc<str>| TaskTrigger { of: Some(owner.clone()), task: task.clone(), is: TaskStatus::Pending };
            offered.tasks.extend(tasks.iter().map(pending).map(|task| (at, task)));
        }
        Happened::Task { owner, task, status, .. } => {
            offered.tasks.push((at, TaskTrigger { of: Some(owner.clone()), task: task.clone(), is: *status }));
            if &**task == "await-nodes-running" && *status == TaskStatus::Complete {
                offered.switch = Some(Stretch { from: at, to: end });
            }
        }
        Happened::Phase { kind, name, phase } => {
            offered.phases.push((at, PhaseTrigger { kind: (*kind).into(), name: name.clone(), is: (*phase).into() }));
        }
        Happened::PodPhase { pod, phase, machine: None } => {
            offered.phases.push((at, PhaseTrigger { kind: "Pod".into(), name: pod.clone(), is: phase.clone() }));
        }
        _ => {}
    }
}
