//! Rows of the excuse table on clients that are sent to nobody who serves though somebody could: because endpoints or the data plane follow late, or because
//! Kubernetes takes those for ready that are not, and sends nobody to pods that are being deleted.

use super::Struck;
use super::api_server::slows;
use super::excuses::STOPPING;
use super::impossible::{PROBED, cut_off};
use super::machines::loses_machines;
use crate::world::sim::Sim;
use api::kinds::{Pod, Service, StatefulSet};
use api::plan::PlanPhase;
use api::{AnyObject, Kind, ObjectKey, SeiNode, names};
use faults::{BinaryFault, SwitchRacesFault, What};
use oracles::{EventNumber, Fired, Scope, Violation};
use simcore::SimTime;
use simkube::PodId;
use std::sync::Arc;
use std::time::Duration;

/// The gap that `no-endpoint` allows: what follows that much late follows later than that, with the time that it always takes.
pub(super) const GAP: Duration = Duration::from_secs(5);

/// Within what time clients follow where nothing is wrong (kubernetes.md, EndpointSlice): what had not been followed yet is late, too.
const FOLLOWS: Duration = Duration::from_millis(2200);

/// What happens within this time of something, told in whole seconds, was decided before it was known.
const JUST: Duration = Duration::from_secs(2);

/// How many calls to the API server lie between an entrant that is gone and clients that are sent back, each after the one before: its phase is taken
/// back, the group's nodes are read, and the Service is applied.
const CALLS_OF_A_RETURN: u32 = 3;

impl Sim {
    /// Those that have fired.
    pub(super) fn unreached(&self) -> Vec<Fired> {
        let mut fired: Vec<Fired> = self.followed_late().collect();
        fired.extend(self.ready_and_followed_late());
        fired.extend(self.called_back_late());
        fired.extend(self.only_leaving());
        fired.extend(self.nobody_left());
        fired.extend(self.started_anew_meanwhile());
        fired.extend(self.given_up_past_the_fork());
        fired
    }

    /// Faults that let clients follow later than the law allows, and by how much.
    fn lags(&self) -> impl Iterator<Item = (&Struck, Duration)> {
        self.befallen_by(|what| lag(what).filter(|by| *by >= GAP))
    }

    /// How much later than usual clients follow now.
    pub(super) fn clients_lag(&self) -> Duration {
        self.lags().filter(|(struck, _)| struck.healed.is_none()).map(|(_, by)| by + FOLLOWS).sum()
    }

    fn followed_late(&self) -> impl Iterator<Item = Fired> {
        let fork = self.last_fork().map(|(_, passed)| passed);
        self.lags().filter_map(move |(struck, by)| {
            let passed = fork?;
            let event = if passed > struck.at { EventNumber::default() } else { struck.event };
            let at = (struck.at - FOLLOWS).max(passed);
            // What was under way when it was over is still followed late, and what comes after it waits.
            let until = struck.healed.map(|healed| healed + by);
            Some(Fired { until, ..self.fired_row(&oracles::CLIENTS_LATE, at, event, Scope::All) })
        })
    }

    /// A gap that began before clients could have followed those who could serve, who had just become ready, or just been selected again.
    fn ready_and_followed_late(&self) -> Vec<Fired> {
        let sight = self.sight();
        let idle: Vec<&AnyObject> = sight.idle_pods().collect();
        let may_be_reached = |pod: &&AnyObject| pod.meta.deleting.is_none() && self.is_selected(pod) && !self.is_updated(pod);
        let was_left = |pod: &&&AnyObject| self.is_dismissed(pod) && !self.is_selected(pod);
        let kept: Vec<&AnyObject> = idle.iter().filter(|pod| !was_left(pod)).copied().collect();
        let Some(ready) = kept.iter().filter_map(|pod| self.available_since(pod)).min() else { return Vec::new() };
        if self.has_deleted_early() || !kept.iter().all(may_be_reached) {
            return Vec::new();
        }
        let late = |(struck, by): (&Struck, Duration)| {
            let until = struck.healed.map_or(ready + by, |healed| (healed + by).min(ready + by));
            let fired = self.fired_row(&oracles::CLIENTS_LATE, struck.at - FOLLOWS, struck.event, Scope::All);
            Fired { until: Some(until), ..fired }
        };
        self.lags().map(late).collect()
    }

    /// A gap in which all who could serve were left for entrants that are gone, and the calls that send clients back to them are slow.
    fn called_back_late(&self) -> Vec<Fired> {
        if self.has_deleted_early() || !self.all_who_could(|pod| self.is_dismissed(pod) && !self.is_selected(pod)) {
            return Vec::new();
        }
        let is_late = |what: &What| slows(what).is_some_and(|by| by * CALLS_OF_A_RETURN + FOLLOWS > GAP);
        let lasts = self.struck(is_late).filter(|struck| struck.healed.is_none());
        lasts.map(|struck| self.fired_row(&oracles::CLIENTS_LATE, struck.at, struck.event, Scope::All)).collect()
    }

    /// A gap in which all who could serve are on their way out, and clients are sent to pods that are dead, behind or diverged, and not known to be; and, where
    /// somebody stops those who could, not to be followed in time.
    fn only_leaving(&self) -> Vec<Fired> {
        let sight = self.sight();
        let is_reached = |pod: &&AnyObject| sight.reached().iter().any(|(_, id)| *id == oracles::id_of(pod));
        // Beside incumbents that have diverged the operator may stop nobody at all.
        let beside_diverged = sight.pods().filter(is_reached).any(|pod| self.has_diverged(pod));
        let may_be_stopped = |pod: &AnyObject| !self.is_updated(pod) && (!beside_diverged || self.is_taken(pod));
        let is_stopped = |pod: &AnyObject| pod.meta.deleting.is_some() && may_be_stopped(pod);
        let leaves = |pod: &AnyObject| is_stopped(pod) || self.is_dismissed(pod);
        if sight.reached().is_empty() || self.has_deleted_early() || !self.all_who_could(leaves) {
            return Vec::new();
        }
        let is_mistaken = |pod: &AnyObject| self.is_lost_with_its_machine(pod) || self.is_cut_off(pod) || self.has_diverged(pod);
        let known: Vec<&AnyObject> = sight.pods().filter(is_reached).filter(|pod| !is_mistaken(pod)).collect();
        if known.iter().any(|pod| oracles::is_ready(pod)) {
            return Vec::new();
        }
        let fired = |struck: &Struck| self.fired_row(&oracles::ONLY_LEAVING, struck.at, struck.event, Scope::All);
        let diverges = |what: &What| matches!(what, What::Binary(BinaryFault::RunsPastUpgrade));
        let misleads = |what: &What| (loses_machines(what) || cut_off(what).is_some() || diverges(what)).then_some(());
        match known.is_empty() {
            true => self.befallen_by(misleads).map(|(struck, ())| fired(struck)).collect(),
            false if !self.all_who_could(is_stopped) => Vec::new(),
            false => self.lags().filter(|(struck, _)| struck.healed.is_none()).map(|(struck, _)| fired(struck)).collect(),
        }
    }

    /// No node has a pod, since a person has just taken one, or since those that were made for taken ones have never been ready.
    fn nobody_left(&self) -> Option<Fired> {
        let taken = self.faults.excuses.last_taken().max(self.emptied())?;
        let sight = self.sight();
        let are_new = || sight.nodes().iter().all(|node| !self.has_been_ready(node));
        let lasts = !sight.pods().any(is_nodes_own) && (self.now < taken + STOPPING || are_new());
        lasts.then(|| self.fired_row(&oracles::NOBODY_LEFT, taken, EventNumber::default(), Scope::All))
    }

    /// The machines of all others were lost just when the operator had a pod started anew, for an edit that reaches one node after the other.
    fn started_anew_meanwhile(&self) -> Option<Fired> {
        let sight = self.sight();
        let is_lost = |id: &PodId| sight.pods().any(|pod| oracles::id_of(pod) == *id && self.is_lost_with_its_machine(pod));
        let told_before = |struck: &Struck, pod: &AnyObject| {
            self.is_updated(pod) && self.deleted_at(pod).is_some_and(|at| at < struck.at + JUST && struck.at < at + JUST)
        };
        let others_are = !sight.reached().is_empty() && sight.reached().iter().all(|(_, id)| is_lost(id));
        let struck =
            self.struck(loses_machines).filter(|_| others_are).find(|struck| self.all_who_could(|pod| told_before(struck, pod)))?;
        Some(self.fired_row(&oracles::CALL_ON_ITS_WAY, struck.at, struck.event, Scope::All))
    }

    /// When a pod's deletion was asked for.
    fn deleted_at(&self, pod: &AnyObject) -> Option<SimTime> {
        Some(self.moment(pod.meta.deleting?.unix() - pod.meta.deletion_grace_seconds.unwrap_or_default()))
    }

    /// Whether it is so of every pod that could serve clients, and there is one.
    fn all_who_could(&self, is_so: impl Fn(&AnyObject) -> bool) -> bool {
        let sight = self.sight();
        let mut pods = sight.idle_pods().peekable();
        pods.peek().is_some() && pods.all(is_so)
    }

    /// Whether a pod that is being deleted is so by somebody else than the operator: its node or its volume was taken by a person, or its
    /// StatefulSet is there to make it again.
    fn is_taken(&self, pod: &AnyObject) -> bool {
        let Some(node) = pod.meta.labels.get(names::label::NODE) else { return false };
        let set = self.cluster.object(&const { StatefulSet::INFO }, &ObjectKey::new(pod.meta.key.namespace.clone(), node.as_str()));
        self.faults.excuses.has_just_taken(node, self.now) || set.is_some_and(|set| set.meta.deleting.is_none())
    }

    fn given_up_past_the_fork(&self) -> Option<Fired> {
        let diverged = self.only_diverged()?;
        let all_go = self.all_who_could(|pod| pod.meta.deleting.is_some());
        (all_go && !self.has_deleted_early()).then_some(Fired { row: &oracles::GIVEN_UP, scope: Scope::All, ..diverged })
    }

    fn is_selected(&self, pod: &AnyObject) -> bool {
        let service = self.cluster.object(&const { Service::INFO }, &self.setup.external).and_then(AnyObject::spec_as::<Service>);
        service.and_then(|spec| spec.selector.as_ref()).is_some_and(|selector| api::meta::selects(selector, &pod.meta.labels))
    }

    /// Whether the operator has changed what the pod runs since it was made, so that it was started anew.
    fn is_updated(&self, pod: &AnyObject) -> bool {
        node_of(pod).is_some_and(|node| self.is_set_updated(&node))
    }

    /// Whether a node's StatefulSet has been changed since it was made.
    pub(super) fn is_set_updated(&self, node: &ObjectKey) -> bool {
        let set = self.cluster.object(&const { StatefulSet::INFO }, node);
        set.is_some_and(|set| set.meta.deleting.is_none() && set.meta.generation != Some(1))
    }

    pub(super) fn has_diverged(&self, pod: &AnyObject) -> bool {
        self.sight().view(pod).is_some_and(|view| view.diverged)
    }

    pub(super) fn is_lost_with_its_machine(&self, pod: &AnyObject) -> bool {
        pod.spec_as::<Pod>().and_then(|spec| spec.node_name.as_deref()).is_some_and(|machine| self.cluster.is_lost(machine))
    }

    /// Whether its node's peers are cut off, or were a moment ago: it does not know that it is behind, or its probe has not failed for it yet. One that never
    /// had peers is known by its height.
    pub(super) fn is_cut_off(&self, pod: &AnyObject) -> bool {
        let node = pod.meta.labels.get(names::label::NODE);
        let is_its = |of: Option<Arc<str>>| of.is_none_or(|of| node.is_some_and(|node| **node == *of));
        let lasts = |struck: &Struck| struck.healed.is_none_or(|at| self.now < at + PROBED);
        self.is_beyond_snapshot(pod) && self.befallen_by(cut_off).any(|(struck, of)| lasts(struck) && is_its(of))
    }

    /// Whether a pod's seid has a block that no snapshot gave it.
    fn is_beyond_snapshot(&self, pod: &AnyObject) -> bool {
        let node =
            node_of(pod).and_then(|node| self.cluster.object(&const { SeiNode::INFO }, &node)).and_then(AnyObject::spec_as::<SeiNode>);
        let last = node.and_then(|spec| spec.snapshot()?.s3.as_ref()).map(|s3| s3.target_height);
        let view = self.sight().view(pod);
        last.is_none_or(|last| view.is_some_and(|view| view.store > last))
    }

    /// Whether a rollout is about to delete the pod's node, and has had clients leave it: they have to, before it is.
    fn is_dismissed(&self, pod: &AnyObject) -> bool {
        let Some(group) = self.sight().group() else { return false };
        let Some(rollout) = group.status.deployment.as_ref().filter(|rollout| rollout.incumbent_revision == rollout.entrant_revision)
        else {
            return false;
        };
        let goes_on = group.status.plan.as_ref().is_some_and(|plan| plan.phase == PlanPhase::Active);
        let node = pod.meta.labels.get(names::label::NODE);
        goes_on && node.is_some_and(|node| rollout.entrant_nodes.iter().all(|entrant| **entrant != **node))
    }

    /// Since when clients could have been sent to a pod that is selected: since it is ready, or since a rollout that had had them leave it sends them back.
    fn available_since(&self, pod: &AnyObject) -> Option<SimTime> {
        let sent_back = self.faults.excuses.selected.filter(|_| self.is_dismissed(pod));
        self.ready_since(pod).max(sent_back)
    }

    /// Since when a pod is ready, or is not.
    pub(super) fn ready_since(&self, pod: &AnyObject) -> Option<SimTime> {
        let conditions = pod.status_as::<Pod>()?.conditions.as_ref()?;
        let ready = conditions.iter().find(|condition| condition.type_ == "Ready")?.last_transition_time.as_ref()?;
        Some(self.moment(ready.0.as_second()))
    }

    /// A moment that an object tells, in seconds since 1970.
    pub(super) fn moment(&self, unix: i64) -> SimTime {
        SimTime::from_micros((unix - self.setup.epoch.unix()) * 1_000_000)
    }

    /// Whether the operator itself has taken nodes away while they were needed, as it could have known.
    pub(super) fn has_deleted_early(&self) -> bool {
        let early =
            |violation: &Violation| violation.oracle == "incumbent-deleted-early" && violation.excused != Some(oracles::BEHIND_UNSEEN.id);
        self.violations.iter().any(early)
    }
}

/// How much later than usual clients follow for a fault.
pub(super) fn lag(what: &What) -> Option<Duration> {
    match what {
        What::SwitchRaces(SwitchRacesFault::EndpointsLag { by, .. } | SwitchRacesFault::DataPlaneLag { by, .. }) => Some(by.0),
        _ => None,
    }
}

/// The node that a pod is of.
fn node_of(pod: &AnyObject) -> Option<ObjectKey> {
    let node = pod.meta.labels.get(names::label::NODE)?;
    Some(ObjectKey::new(pod.meta.key.namespace.clone(), node.as_str()))
}

/// Whether a pod is the one of its node's StatefulSet, and not a bootstrap's.
pub(super) fn is_nodes_own(pod: &AnyObject) -> bool {
    node_of(pod).is_some_and(|node| names::pod(&node.name) == *pod.meta.key.name)
}
