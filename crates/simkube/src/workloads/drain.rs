//! `kubectl drain`: a machine is cordoned, then each of its pods is evicted, again and again until its budget allows it.
//!
//! As with `--force --ignore-daemonsets --delete-emptydir-data` and no timeout. Tries come every 5 s, but only those are made that follow a change
//! of a budget or of the pod: the others would be refused like the one before.

use super::event::Event;
use super::step::Step;
use crate::boundary::{Actor, Request, StoreChange};
use crate::workloads::pods;
use api::kinds::{Node, Pod};
use api::{Kind, Object, ObjectKey};
use ports::{ApiError, Precondition};
use simcore::{Grid, SimTime};
use std::collections::BTreeMap;
use std::time::Duration;
use uuid::Uuid;

/// The wait of `kubectl drain` after a 429.
const RETRY: Duration = Duration::from_secs(5);

/// The pods whose eviction was refused so far.
#[derive(Clone, Default)]
pub(super) struct Drains {
    refused: BTreeMap<ObjectKey, Refused>,
}

#[derive(Clone, Debug)]
struct Refused {
    uid: Uuid,
    /// When it was tried first.
    first: SimTime,
    /// Whether the next try is scheduled.
    expected: bool,
}

impl Drains {
    /// Evicts what is on a cordoned machine.
    pub fn begin(&mut self, step: &mut Step<'_, '_>, machine: &str) {
        for pod in pods::on_machine(step.server, machine).iter().filter(|pod| pod.meta.deleting.is_none()) {
            self.try_evict(step, pod, step.now());
        }
    }

    /// The next try at a pod.
    pub fn again(&mut self, step: &mut Step<'_, '_>, key: &ObjectKey, uid: Uuid) {
        let Some(refused) = self.refused.remove(key).filter(|refused| refused.uid == uid) else { return };
        if let Some(pod) = step.server.typed::<Pod>(key).filter(|pod| pod.meta.uid == Some(uid) && pod.meta.deleting.is_none()) {
            self.try_evict(step, &pod, refused.first);
        }
    }

    /// A refusal other than for want of disruptions ends the drain of the pod, as it ends kubectl's.
    fn try_evict(&mut self, step: &mut Step<'_, '_>, pod: &Object<Pod>, first: SimTime) {
        let key = &pod.meta.key;
        let answer = step.server.perform(step.cx, Request::Evict { key: key.clone() }, Actor::Person);
        if answer == Err(ApiError::TooManyRequests) {
            self.refused.insert(key.clone(), Refused { uid: pods::id(pod).0, first, expected: false });
        }
    }

    /// A budget or a pod changed: tries that were refused may go otherwise now.
    pub fn on_change(&mut self, step: &mut Step<'_, '_>, change: &StoreChange) {
        let changed = &change.object().meta.key;
        let is_pod = change.object().info.kind == Pod::INFO.kind;
        let concerns = |key: &ObjectKey| if is_pod { key == changed } else { key.namespace == changed.namespace };
        for (key, refused) in self.refused.iter_mut().filter(|(key, refused)| !refused.expected && concerns(key)) {
            refused.expected = true;
            let at = Grid { anchor: refused.first, period: RETRY }.after(step.now());
            step.at(at, &("drain", key), Event::DrainAgain { pod: key.clone(), uid: refused.uid });
        }
    }

    /// The pods that wait for their budget.
    pub fn census(&self) -> impl Iterator<Item = &ObjectKey> {
        self.refused.keys()
    }
}

/// Cordons a machine, or opens it again. `false` if it was so already.
pub(super) fn cordon(step: &mut Step<'_, '_>, machine: &ObjectKey, closed: bool) -> bool {
    let Some(node) = step.server.typed::<Node>(machine).filter(|node| (node.spec.unschedulable == Some(true)) != closed) else {
        return false;
    };
    let mut desired = node.clone();
    desired.spec_mut().unschedulable = closed.then_some(true);
    let request = Request::Patch { base: node.into_any(), desired: desired.into_any(), precondition: Precondition::None };
    if let Err(error) = step.server.perform(step.cx, request, Actor::Person) {
        step.unmodelled(format!("kubectl cordon: {error}"));
    }
    true
}
