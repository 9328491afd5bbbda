//! What the operator's processes run: its own reconcilers, or a program that somebody puts in their place.
//!
//! A program is part of what a world is made from, beside scenario and design: the faithful one runs the system under test as it is. What
//! another one keeps between reconciles is its process's [`Memory`]: lost when the process ends, cloned with the world, and read and written
//! through [`SimPorts`], so that a reconcile whose memory has not changed need not be run again any more than one whose reads have not.

use super::ports::SimPorts;
use super::worker::{Outcome, Topic};
use api::{AnyObject, ObjectKey};
use controller::{Controller, Operator};
use std::collections::BTreeMap;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::pin::Pin;
use std::sync::Arc;

/// A reconcile in progress. It waits for nothing but replies to its ports' calls.
pub type Reconcile = Pin<Box<dyn Future<Output = Outcome>>>;

/// What a process of the operator runs.
pub trait Program: Send + Sync {
    /// Begins one reconcile of one object. Whatever it knows of the world it has from the ports.
    fn reconcile(&self, ports: SimPorts, operator: Operator, controller: Controller, key: ObjectKey) -> Reconcile;
}

/// The system under test, as it is.
#[derive(Clone, Copy, Debug)]
pub struct Faithful;

impl Program for Faithful {
    fn reconcile(&self, ports: SimPorts, operator: Operator, controller: Controller, key: ObjectKey) -> Reconcile {
        Box::pin(async move { controller::reconcile(&ports, &operator, controller, &key).await })
    }
}

/// What a process has kept of objects, by purpose and name.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    kept: BTreeMap<(&'static str, Arc<str>), AnyObject>,
    /// How often it has changed.
    pub changes: u64,
}

impl Memory {
    /// What the state of a livelock holds of it: ids and versions, which never repeat, are left out.
    pub fn fingerprint(&self, hasher: &mut impl Hasher) {
        for ((purpose, name), object) in &self.kept {
            (purpose, name, object.info.kind, simkube::fingerprint_of(object)).hash(hasher);
        }
    }
}

impl SimPorts {
    /// What the process has kept under a purpose and a name.
    pub fn recall(&self, purpose: &'static str, name: &Arc<str>) -> Option<AnyObject> {
        let sim = &mut *self.sim.borrow_mut();
        sim.busy().reads.note(Topic::memory(purpose, name));
        sim.process(self.process)?.memory.kept.get(&(purpose, name.clone())).cloned()
    }

    /// Keeps an object under a purpose and a name, in the place of what was kept there.
    pub fn keep(&self, purpose: &'static str, name: &Arc<str>, object: AnyObject) {
        let sim = &mut *self.sim.borrow_mut();
        let memory = &mut sim.process_mut(self.process).expect("a reconcile ends with its process").memory;
        let place = (purpose, name.clone());
        if memory.kept.get(&place) == Some(&object) {
            return;
        }
        memory.kept.insert(place, object);
        memory.changes += 1;
        sim.busy().effective = true;
        sim.changed_for(self.process, &[Topic::memory(purpose, name)]);
    }
}
