//! A person interferes with what the operator owns: kubectl, with its defaults.

use super::Blow;
use crate::history::Entry;
use crate::world::sim::Sim;
use api::kinds::{Job, PersistentVolumeClaim, Service};
use api::{Kind, KindInfo, ObjectKey, SeiNode, names};
use faults::PersonFault;
use oracles::ObjectRef;
use ports::{ApiError, DeleteOptions, Propagation};
use serde_json::{Value, json};
use simkube::{Actor, Answer, Part, PatchBody, Request};
use std::fmt::Display;
use std::sync::Arc;

impl Sim {
    pub(super) fn strike_person(&mut self, index: usize, fault: &PersonFault) -> Blow {
        match fault {
            PersonFault::DeletesEntrant { node } | PersonFault::DeletesIncumbent { node } => {
                self.kubectl_delete(&const { SeiNode::INFO }, node.clone())
            }
            PersonFault::DeletesJob { node } => self.kubectl_delete(&const { Job::INFO }, names::bootstrap_job(node)),
            PersonFault::DeletesPvc { node } => self.kubectl_delete(&const { PersistentVolumeClaim::INFO }, names::data_claim(node)),
            PersonFault::EditsService => self.edit_service(),
            PersonFault::Scales { to, back_after } => {
                let Some(from) = self.sight().group_spec().map(|spec| spec.replicas) else { return Blow::at_once(false, Vec::new()) };
                let befell = self.edit_group(&json!({ "replicas": to }));
                if befell {
                    self.faults.scaled_from.insert(index, from);
                }
                Blow::lasting(befell, vec![self.sight().group_ref()], back_after.0)
            }
            PersonFault::Pauses { lasts } => {
                let befell = self.pause_operator(lasts.0);
                let how = if befell { "" } else { " (no change)" };
                self.tell_person(format!("scales the operator's Deployment to 0{how}"), None);
                Blow::lasting(befell, Vec::new(), lasts.0)
            }
            PersonFault::AppliesInvalidSpec => {
                let spec = json!({ "updateStrategy": { "type": "HardFork", "hardFork": null } });
                let refused = self.apply_spec(&spec).is_err_and(|error| matches!(error, ApiError::Invalid(_)));
                Blow::at_once(refused, vec![self.sight().group_ref()])
            }
        }
    }

    pub(super) fn heal_person(&mut self, index: usize, fault: &PersonFault) {
        match fault {
            PersonFault::Scales { .. } => {
                let from = self.faults.scaled_from.remove(&index).expect("who scaled knows from where");
                self.edit_group(&json!({ "replicas": from }));
            }
            PersonFault::Pauses { .. } => self.tell_person("scales the operator's Deployment back to 1", None),
            _ => {}
        }
    }

    /// The external Service, as violations name it.
    pub(super) fn external_ref(&self) -> ObjectRef {
        ObjectRef::new(Service::INFO.kind, self.setup.external.name.clone())
    }

    /// `kubectl patch --type merge` of the group's spec; whether it changed anything.
    pub(super) fn edit_group(&mut self, spec: &Value) -> bool {
        self.apply_spec(spec).unwrap_or(false)
    }

    fn apply_spec(&mut self, spec: &Value) -> Result<bool, ApiError> {
        self.kubectl(format_args!("patches the group: {spec}"), |sim| sim.patch_group(&json!({ "spec": spec })))
    }

    /// `kubectl delete`: what it owns goes after it, in the background.
    pub(super) fn kubectl_delete(&mut self, info: &'static KindInfo, name: impl Into<Arc<str>>) -> Blow {
        let key = ObjectKey::new(self.setup.group.namespace.clone(), name);
        let object = ObjectRef::new(info.kind, key.name.clone());
        let options = DeleteOptions { propagation: Propagation::Background, ..DeleteOptions::default() };
        let request = Request::Delete { info, key, options };
        let befell = self.kubectl(format_args!("deletes {object}"), |sim| sim.request(request, Actor::Person));
        Blow::at_once(befell.unwrap_or(false), vec![object])
    }

    /// `kubectl patch` of the external Service: its selector loses everything but the group's label.
    fn edit_service(&mut self) -> Blow {
        let stored = self.cluster.object(&Service::INFO, &self.setup.external);
        let selector = stored.and_then(|stored| stored.spec_as::<Service>()?.selector.clone()).unwrap_or_default();
        let mut patch: serde_json::Map<String, Value> = selector.into_keys().map(|label| (label, Value::Null)).collect();
        patch.insert(names::label::GROUP.to_owned(), json!(self.setup.group.name));
        let patch = json!({ "spec": { "selector": patch } });
        let what = format!("patches {}: {}", self.external_ref(), patch["spec"]);
        let (info, key, part, body) = (&const { Service::INFO }, self.setup.external.clone(), Part::Main, PatchBody::Merge(patch));
        let befell = self.kubectl(what, |sim| sim.request(Request::PatchJson { info, key, part, body }, Actor::Person));
        Blow::at_once(befell.unwrap_or(false), vec![self.external_ref()])
    }

    /// Does what a person does with kubectl, and tells it; whether anything changed in the store.
    fn kubectl(&mut self, what: impl Display, run: impl FnOnce(&mut Self) -> Answer) -> Result<bool, ApiError> {
        let before = self.cluster.version();
        let refused = run(self).err();
        let changed = self.cluster.version() != before;
        let how = if refused.is_none() && !changed { " (no change)" } else { "" };
        self.tell_person(format!("{what}{how}"), refused.as_ref());
        refused.map_or(Ok(changed), Err)
    }

    fn tell_person(&mut self, what: impl Into<Arc<str>>, refused: Option<&ApiError>) {
        let refused = refused.map(|error| Arc::from(error.to_string()));
        self.history.push(self.now, Entry::Acted { what: what.into(), refused });
    }
}
