//! The objects that a group wants, remembered: all that they follow from seldom changes, and every reconcile asks for them.

use super::selector;
use crate::Operator;
use api::group::SeiNodeDeploymentSpec;
use api::memo::Grounds;
use api::object::shared_eq;
use api::{Group, ObjectKey};
use std::sync::Arc;
use uuid::Uuid;

/// What they follow from.
#[derive(Clone)]
pub struct Wanted {
    spec: Arc<SeiNodeDeploymentSpec>,
    key: ObjectKey,
    uid: Option<Uuid>,
    generation: Option<i64>,
    /// The revision that a rollout in progress says is serving.
    serving: Option<Arc<str>>,
    /// The revision that is selected, if one is.
    selected: Option<Arc<str>>,
}

impl Wanted {
    /// What the group's objects follow from at the moment.
    pub fn by(operator: &Operator, group: &Group) -> Self {
        Self {
            spec: group.spec.clone(),
            key: group.meta.key.clone(),
            uid: group.meta.uid,
            generation: group.meta.generation,
            selected: selector::selected_revision(operator, group),
            serving: group.status.deployment.as_ref().map(|deployment| deployment.incumbent_revision.clone()),
        }
    }
}

impl Grounds for Wanted {
    fn same(&self, other: &Self) -> bool {
        let same_group = self.uid == other.uid
            && self.generation == other.generation
            && self.serving == other.serving
            && self.selected == other.selected;
        same_group && self.key == other.key && shared_eq(&self.spec, &other.spec)
    }
}
