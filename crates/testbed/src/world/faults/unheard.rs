//! Rows of the excuse table on an operator that does not run, or is not heard, or hears late, or whose clock is wrong.

use super::Struck;
use super::api_server::slows;
use super::excuses::Down;
use super::impossible::PROBED;
use super::machines::loses_machines;
use crate::world::sim::Sim;
use api::{AnyObject, Node};
use faults::{ClusterFault, ControllerFault, What};
use oracles::{EventNumber, Fired, ObjectRef, Scope};
use simcore::SimTime;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// The time for which `ready-lies` lets a phase be wrong: an operator that stops within it had the rest of it left.
const READY_BOUND: Duration = Duration::from_secs(60);

/// How long an operator that runs again may take for its first writes.
const LOOKING_AROUND: Duration = Duration::from_secs(15);

/// How long a call to a sidecar on a lost machine is waited for (controller.md, section 5, sidecar tasks). Meanwhile the one worker does nothing else.
const SIDECAR_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an operator whose watches are broken may take until it looks at a group by itself (controller.md, section 7).
const STATUS_POLL: Duration = Duration::from_secs(30);

/// How many calls to the API server lie between a pod that is no longer ready and a phase that says so: the one that is on its way, those of the look, and the write.
const CALLS_OF_A_LOOK: u32 = 3;

/// How long clients need to leave nodes that are no longer selected, with the worst that faults do to endpoints and data plane.
const DRAIN: Duration = Duration::from_secs(300);

/// Conditions tell moments in whole seconds.
const ROUNDED: Duration = Duration::from_secs(1);

impl Sim {
    /// Those that have fired.
    pub(super) fn unheard(&self) -> Vec<Fired> {
        let mut fired: Vec<Fired> = self.operator_down().collect();
        fired.extend(self.told_late());
        fired.extend(self.clock_ahead());
        fired
    }

    /// One that runs again has a moment to look around. What it has left as it is by a write of the group it has had its chance to say; and so has what it
    /// says of a node whose pod was as it is when it stopped.
    fn operator_down(&self) -> impl Iterator<Item = Fired> {
        let excuses = &self.faults.excuses;
        let is_down = |down: &Down| down.back.is_none_or(|back| back + LOOKING_AROUND > self.now);
        let group = self.sight().group_ref();
        let downs = excuses.downs.iter().chain(&excuses.refusals).copied().chain(self.deaf_and_blind());
        downs.filter(is_down).flat_map(move |down| {
            let since = excuses.written.filter(|at| *at <= down.at).map_or(down.at - READY_BOUND, |at| at.max(down.at - READY_BOUND));
            let scope = |nodes, group| Scope::NodesAndGroup { nodes, group, incumbents_serve: true };
            let fired = |at, scope| Fired { until: down.back, ..self.fired_row(&oracles::OPERATOR_DOWN, at, down.event, scope) };
            let changed = self.nodes_with(|_, pod| self.ready_since(pod).is_some_and(|at| at + ROUNDED > down.at));
            [fired(since, scope(BTreeSet::new(), Some(group.clone()))), fired(SimTime::MIN, scope(changed, None))]
        })
    }

    /// Times in which the operator's caches hear nothing, and its timers are so late that it does not look by itself either.
    fn deaf_and_blind(&self) -> impl Iterator<Item = Down> {
        let late =
            |what: &What| matches!(what, What::Controller(ControllerFault::DelayedRequeue { by, .. }) if by.0 + STATUS_POLL > READY_BOUND);
        let blind_from = self.first_struck(late).map(|struck| struck.at);
        let deaf =
            self.struck(hears_nothing).filter(move |struck| blind_from.is_some_and(|from| struck.healed.is_none_or(|back| back > from)));
        deaf.map(|struck| Down { at: struck.at, event: struck.event, back: struck.healed })
    }

    /// Machines are lost, which takes most of the time that laws give to be seen, and the operator waits for sidecars on them, or does not hear of it; or its
    /// calls are slow.
    fn told_late(&self) -> Vec<Fired> {
        let lost = || self.struck(loses_machines);
        let is_slow = |struck: &Struck| struck.healed.is_none_or(|at| at + PROBED > self.now);
        let slow: Duration = self.befallen_by(slows).filter(|(struck, _)| is_slow(struck)).map(|(_, by)| by).sum();
        if lost().next().is_none() && slow.is_zero() {
            return Vec::new();
        }
        let sight = self.sight();
        let is_deaf = self.struck(hears_nothing).any(|struck| struck.healed.is_none());
        let polls = if is_deaf { STATUS_POLL } else { Duration::ZERO };
        let time = self.waits_for_sidecars() + slow * CALLS_OF_A_LOOK + polls + ROUNDED;
        let just_seen = |pod: &AnyObject| self.ready_since(pod).is_some_and(|at| self.now <= at + time);
        let befell = |node: &Node| lost().any(|struck| struck.objects.contains(&ObjectRef::node(node.meta.key.name.clone())));
        let nodes = self.nodes_with(|node, pod| just_seen(pod) && (befell(node) || !slow.is_zero()));
        let with_machine = self.nodes_with(|node, pod| just_seen(pod) && befell(node));
        let scope = |nodes, group| Scope::NodesAndGroup { nodes, group, incumbents_serve: true };
        let fired = |at, scope| self.fired_row(&oracles::TOLD_LATE, at, EventNumber::default(), scope);
        let of_group =
            lost().next().filter(|_| !with_machine.is_empty()).map(|first| fired(first.at, scope(with_machine, Some(sight.group_ref()))));
        [fired(SimTime::MIN, scope(nodes, None))].into_iter().chain(of_group).collect()
    }

    /// How long the one worker waits until it has asked each sidecar on a lost machine in vain.
    pub(super) fn waits_for_sidecars(&self) -> Duration {
        let silent = self.sight().pods().filter(|pod| self.is_lost_with_its_machine(pod)).count();
        SIDECAR_TIMEOUT * u32::try_from(silent).unwrap_or_default()
    }

    /// The operator's clock has jumped ahead since clients were told to leave: what it waits for by the clock is over early, until as much time has gone by.
    fn clock_ahead(&self) -> impl Iterator<Item = Fired> {
        let selected = self.faults.excuses.selected;
        let ahead = |what: &What| match what {
            What::Cluster(ClusterFault::ClockSkew { by, ahead: true, .. }) => Some(by.0),
            _ => None,
        };
        let skips = move |struck: &Struck, by: Duration| {
            selected.is_some_and(|selected| selected <= struck.at && selected + DRAIN <= self.now + by)
        };
        self.befallen_by(ahead).filter(move |(struck, by)| skips(struck, *by)).map(|(struck, by)| {
            let until = struck.healed.map_or(struck.at + by, |healed| healed.min(struck.at + by));
            Fired { until: Some(until), ..self.fired_row(&oracles::CLOCK_AHEAD, struck.at, struck.event, Scope::All) }
        })
    }

    fn nodes_with(&self, is_so: impl Fn(&Node, &AnyObject) -> bool) -> BTreeSet<Arc<str>> {
        let sight = self.sight();
        let is_meant = |node: &Node| sight.pod_of(&node.meta.key).is_some_and(|pod| is_so(node, pod));
        sight.nodes().into_iter().filter(is_meant).map(|node| node.meta.key.name.clone()).collect()
    }
}

/// Whether caches do not follow the API server.
fn hears_nothing(what: &What) -> bool {
    matches!(what, What::Controller(ControllerFault::StaleCache { .. } | ControllerFault::MissedEvents { .. }))
}
