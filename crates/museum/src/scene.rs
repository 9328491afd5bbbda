//! What a bend knows of the reconcile that it bends.

use crate::Found;
use api::plan::{PlannedTask, plan_of};
use api::{AnyObject, Kind, Meta, Object, ObjectKey, SeiNode, SeiNodeDeployment, SeiNodeSpec};
use controller::{Controller, Operator};
use ports::{Clock, Cluster, Ids};
use std::sync::Arc;
use testbed::world::SimPorts;
use uuid::Uuid;

/// A reconcile in progress, between two calls.
pub struct Scene<'a> {
    pub(crate) ports: &'a SimPorts,
    /// The operator as it is deployed.
    pub operator: &'a Operator,
    /// Which controller works.
    pub controller: Controller,
    /// On which object.
    pub key: &'a ObjectKey,
    pub(crate) primary: Option<AnyObject>,
}

impl Scene<'_> {
    /// The group that is reconciled, as the last read or write of it has shown it.
    pub fn group(&self) -> Option<Object<SeiNodeDeployment>> {
        self.primary.as_ref()?.typed()
    }

    /// The node that is reconciled, as the last read or write of it has shown it.
    pub fn node(&self) -> Option<Object<SeiNode>> {
        self.primary.as_ref()?.typed()
    }

    /// The task that the plan is at.
    pub fn task(&self) -> Option<&PlannedTask> {
        plan_of(self.primary.as_ref()?)?.current_task()
    }

    /// Whether the plan is at a task of this type.
    pub fn is_at(&self, task: &str) -> bool {
        self.task().is_some_and(|planned| planned.task.type_name() == task)
    }

    /// An object as the process's cache has it; unbent.
    pub fn cached<K: Kind>(&self, name: &str) -> Option<Object<K>> {
        self.ports.cached::<K>(&ObjectKey::new(self.key.namespace.clone(), name)).ok()
    }

    /// What the process has kept under a purpose and a name.
    pub fn recall(&self, purpose: &'static str, name: &Arc<str>) -> Option<AnyObject> {
        self.ports.recall(purpose, name)
    }

    /// Keeps an object under a purpose and a name until the process ends.
    pub fn keep(&self, purpose: &'static str, name: &Arc<str>, object: AnyObject) {
        self.ports.keep(purpose, name, object);
    }

    /// What a read is answered by a cache of the process's own that looks again only after so many seconds.
    pub fn seen_at_most_each(&self, seconds: i64, name: &Arc<str>, read: Found) -> Found {
        let seen = self.recall("seen", name);
        let is_fresh = |seen: &AnyObject| seen.meta.created.is_some_and(|at| !self.ports.passed(at.plus_seconds(seconds)));
        let unchanged = |seen: &AnyObject| read.as_ref().is_ok_and(|read| read.meta.resource_version == seen.meta.resource_version);
        match (seen, &read) {
            (Some(seen), _) if unchanged(&seen) || is_fresh(&seen) => Ok(seen),
            (_, Ok(now)) => {
                let mut kept = now.clone();
                Arc::make_mut(&mut kept.meta).created = Some(self.ports.now());
                self.keep("seen", name, kept);
                read
            }
            _ => read,
        }
    }

    /// An id of the process's own for a task: made up when it is first asked for, and lost with the process.
    pub fn id_in_memory(&self, task: Uuid) -> Uuid {
        let name: Arc<str> = task.to_string().into();
        let kept = self.recall("task id", &name).and_then(|kept| kept.meta.uid);
        kept.unwrap_or_else(|| {
            let made_up = self.ports.uuid();
            let mut meta = Meta::new(self.key.clone());
            meta.uid = Some(made_up);
            self.keep("task id", &name, Object::<SeiNode>::new(meta, SeiNodeSpec::default()).into_any());
            made_up
        })
    }
}
