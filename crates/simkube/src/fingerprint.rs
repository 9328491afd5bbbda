//! The abstract state of the store: what two moments have in common when everything repeats but ids, versions, counts and clocks.
//!
//! Most states are told apart by what is outside the store, so a state is first only kept: it shares what has not changed since the last
//! one. What two states share is not looked at when they are compared, and what its other parts come to is found out once for each.

use crate::server::Server;
use api::kinds::Pod;
use api::object::AnySection;
use api::{AnyObject, Meta};
use k8s_openapi::api::core::v1::PodStatus;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::Timestamp;
use serde_json::Value;
use simcore::{Fingerprint, StableHasher};
use std::hash::Hash;
use std::sync::{Arc, OnceLock};
use uuid::Uuid;

/// Keys whose values count up.
const COUNTERS: [&str; 4] = ["observedGeneration", "generation", "resourceVersion", "restartCount"];

/// All that the store held at a moment, by kind, namespace and name.
#[derive(Clone, Debug, Default)]
pub struct StoreState {
    objects: Vec<Arc<Held>>,
}

/// An object with what its parts come to, as far as that was asked for. Later versions with the same part know that from the beginning.
#[derive(Debug)]
struct Held {
    object: AnyObject,
    meta: OnceLock<Fingerprint>,
    spec: OnceLock<Section>,
    status: OnceLock<Section>,
    timeless: OnceLock<Option<Arc<PodStatus>>>,
}

/// What a section comes to.
#[derive(Clone, Copy, Debug)]
struct Section {
    state: Fingerprint,
    /// What the status says of `observedGeneration`.
    observed: Option<i64>,
}

impl StoreState {
    /// The state of the store now; `self` is an earlier one, best the last.
    pub(crate) fn next(&self, server: &Server) -> Self {
        let mut earlier = self.objects.as_slice();
        let mut objects = Vec::with_capacity(self.objects.len());
        for object in server.all() {
            // Both are in the order of kinds and keys.
            if let Some((same, rest)) = earlier.split_first().filter(|(held, _)| held.is(object)) {
                objects.push(same.clone());
                earlier = rest;
                continue;
            }
            let place = earlier.iter().position(|held| held.object.info == object.info && held.object.meta.key == object.meta.key);
            let before = place.map(|place| &earlier[place]);
            earlier = place.map_or(earlier, |place| &earlier[place + 1..]);
            objects.push(Arc::new(Held::new(object, before.map(|before| &**before))));
        }
        Self { objects }
    }
}

impl StoreState {
    /// The same for states that are equal, in any world.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut hasher = StableHasher::default();
        for held in &self.objects {
            (held.object.info.kind, held.meta(), held.spec().state, held.status().state, held.unobserved()).hash(&mut hasher);
        }
        hasher.fingerprint()
    }
}

/// Equal are two states that differ only in what does not matter.
impl PartialEq for StoreState {
    fn eq(&self, other: &Self) -> bool {
        let pairs = || self.objects.iter().zip(&other.objects);
        self.objects.len() == other.objects.len() && pairs().all(|(a, b)| Arc::ptr_eq(a, b) || a.comes_to_the_same(b))
    }
}

impl Held {
    fn new(object: &AnyObject, before: Option<&Self>) -> Self {
        let with = |same: fn(&AnyObject, &AnyObject) -> bool| before.filter(|before| same(&before.object, object));
        let meta = with(|a, b| Arc::ptr_eq(&a.meta, &b.meta)).map(|before| before.meta.clone());
        let spec = with(|a, b| Arc::ptr_eq(&a.spec, &b.spec)).map(|before| before.spec.clone());
        let (status, timeless) = with(|a, b| Arc::ptr_eq(&a.status, &b.status))
            .map(|before| (before.status.clone(), before.timeless.clone()))
            .unwrap_or_default();
        Self { object: object.clone(), meta: meta.unwrap_or_default(), spec: spec.unwrap_or_default(), status, timeless }
    }

    /// Whether it holds this very object.
    fn is(&self, object: &AnyObject) -> bool {
        let held = &self.object;
        Arc::ptr_eq(&held.meta, &object.meta) && Arc::ptr_eq(&held.spec, &object.spec) && Arc::ptr_eq(&held.status, &object.status)
    }

    fn comes_to_the_same(&self, other: &Self) -> bool {
        let (a, b) = (&self.object, &other.object);
        let same_status = Arc::ptr_eq(&a.status, &b.status) || self.is_pod_at_another_moment(other);
        a.info == b.info
            && (Arc::ptr_eq(&a.meta, &b.meta) || self.meta() == other.meta())
            && (Arc::ptr_eq(&a.spec, &b.spec) || self.spec().state == other.spec().state)
            && (same_status || self.status().state == other.status().state)
            && (same_status && a.meta.generation == b.meta.generation || self.unobserved() == other.unobserved())
    }

    fn meta(&self) -> Fingerprint {
        *self.meta.get_or_init(|| state_of(&self.object.meta))
    }

    fn spec(&self) -> Section {
        *self.spec.get_or_init(|| Section::new(&self.object.spec))
    }

    fn status(&self) -> Section {
        *self.status.get_or_init(|| Section::new(&self.object.status))
    }

    /// Whether both are pods whose statuses tell the same at other moments. So a pod that crashes again and again differs from itself: this is
    /// what states are compared for most of all, and needs no wire form.
    fn is_pod_at_another_moment(&self, other: &Self) -> bool {
        self.timeless().is_some_and(|status| other.timeless() == Some(status))
    }

    /// A pod's status without moments.
    fn timeless(&self) -> Option<&PodStatus> {
        self.timeless.get_or_init(|| self.object.status_as::<Pod>().map(|status| Arc::new(at_no_moment(status)))).as_deref()
    }

    /// How many generations the status is behind, if it tells of one.
    fn unobserved(&self) -> Option<i64> {
        Some(self.object.meta.generation? - self.status().observed?)
    }
}

/// The status with one moment in the place of all, and without counts.
fn at_no_moment(status: &PodStatus) -> PodStatus {
    let forget = |moment: &mut Option<Time>| *moment = moment.as_ref().map(|_| Time(Timestamp::UNIX_EPOCH));
    let mut status = status.clone();
    forget(&mut status.start_time);
    status.conditions.iter_mut().flatten().for_each(|condition| forget(&mut condition.last_transition_time));
    for container in status.init_container_statuses.iter_mut().chain(&mut status.container_statuses).flatten() {
        container.restart_count = 0;
        for state in [&mut container.state, &mut container.last_state].into_iter().flatten() {
            state.running.iter_mut().for_each(|running| forget(&mut running.started_at));
            if let Some(terminated) = &mut state.terminated {
                forget(&mut terminated.started_at);
                forget(&mut terminated.finished_at);
            }
        }
    }
    status
}

impl Section {
    fn new(section: &Arc<dyn AnySection>) -> Self {
        let value = section.to_json();
        let mut hasher = StableHasher::default();
        add_value(&value, &mut hasher);
        let observed = value.get("observedGeneration").and_then(Value::as_i64);
        Self { state: hasher.fingerprint(), observed }
    }
}

/// The abstract state of one object.
pub fn fingerprint_of(object: &AnyObject) -> Fingerprint {
    let mut hasher = StableHasher::default();
    state_of(&object.meta).hash(&mut hasher);
    (Section::new(&object.spec).state, Section::new(&object.status).state).hash(&mut hasher);
    hasher.fingerprint()
}

/// The abstract state of an object's metadata.
fn state_of(meta: &Meta) -> Fingerprint {
    let mut hasher = StableHasher::default();
    (&meta.key, meta.deleting.is_some(), meta.deletion_grace_seconds).hash(&mut hasher);
    for map in [&meta.labels, &meta.annotations] {
        map.len().hash(&mut hasher);
        for (key, value) in map.iter() {
            key.hash(&mut hasher);
            add_text(value, &mut hasher);
        }
    }
    meta.finalizers.hash(&mut hasher);
    meta.owners.len().hash(&mut hasher);
    for owner in meta.owners.iter() {
        (owner.kind, &owner.name, owner.controller, owner.block_owner_deletion).hash(&mut hasher);
    }
    hasher.fingerprint()
}

fn add_value(value: &Value, hasher: &mut StableHasher) {
    match value {
        Value::Null => 0u8.hash(hasher),
        Value::Bool(flag) => (1u8, flag).hash(hasher),
        Value::Number(number) => (2u8, number.to_string()).hash(hasher),
        Value::String(text) => add_text(text, hasher),
        Value::Array(items) => {
            (4u8, items.len()).hash(hasher);
            items.iter().for_each(|item| add_value(item, hasher));
        }
        Value::Object(fields) => {
            5u8.hash(hasher);
            for (key, value) in fields.iter().filter(|(key, _)| !COUNTERS.contains(&key.as_str())) {
                key.hash(hasher);
                add_value(value, hasher);
            }
            6u8.hash(hasher);
        }
    }
}

/// Ids and moments leave only a trace that they are there.
fn add_text(text: &str, hasher: &mut StableHasher) {
    if Uuid::try_parse(text).is_ok() || is_moment(text) {
        3u8.hash(hasher);
    } else {
        (3u8, text).hash(hasher);
    }
}

/// Whether the text has the shape of an RFC 3339 timestamp.
fn is_moment(text: &str) -> bool {
    let shape = b"0000-00-00T00:00:00";
    let begins = text.bytes().zip(shape).all(|(byte, shape)| if *shape == b'0' { byte.is_ascii_digit() } else { byte == *shape });
    text.len() > shape.len() && begins
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::{Object, ObjectKey};
    use serde_json::json;

    fn of(value: &Value) -> simcore::Fingerprint {
        let mut hasher = StableHasher::default();
        add_value(value, &mut hasher);
        hasher.fingerprint()
    }

    #[test]
    fn ids_moments_and_counters_do_not_count() {
        let a =
            json!({ "id": "b7e89c3a-4f12-4d8b-9a6e-1c2d3e4f5a6b", "at": "2026-01-01T00:00:00Z", "restartCount": 1, "phase": "Running" });
        let b =
            json!({ "id": "d4a7e1f3-8b29-4c6d-a5e0-2f1d3c4b5a6e", "at": "2027-01-01T00:00:00Z", "restartCount": 7, "phase": "Running" });
        assert_eq!(of(&a), of(&b));
    }

    #[test]
    fn pods_that_tell_the_same_at_other_moments_are_in_one_state() {
        let status = |hour: u32, restarts: u32, reason: &str| {
            let at = |minute: u32| format!("2026-01-01T{hour:02}:{minute:02}:00Z");
            let last = json!({ "terminated": { "exitCode": 2, "startedAt": at(1), "finishedAt": at(2), "reason": reason } });
            let seid = json!({
                "name": "seid", "image": "seid:v6", "imageID": "", "ready": true, "restartCount": restarts,
                "state": { "running": { "startedAt": at(3) } }, "lastState": last,
            });
            let ready = json!({ "type": "Ready", "status": "True", "lastTransitionTime": at(4) });
            json!({ "phase": "Running", "startTime": at(0), "conditions": [ready], "containerStatuses": [seid] })
        };
        let pod = |status: &Value| {
            let pod = Object::<Pod>::new(Meta::new(ObjectKey::new("n", "p")), k8s_openapi::api::core::v1::PodSpec::default()).into_any();
            AnyObject { status: (pod.info.decode.status)(status).expect("it decodes"), ..pod }
        };
        let alike = |a: Value, b: Value| {
            let (a, b) = (Held::new(&pod(&a), None), Held::new(&pod(&b), None));
            (a.is_pod_at_another_moment(&b), a.status().state == b.status().state)
        };
        assert_eq!(alike(status(1, 1, "Error"), status(2, 7, "Error")), (true, true));
        assert_eq!(alike(status(1, 1, "Error"), status(1, 1, "OOMKilled")), (false, false));
        assert_eq!(alike(status(1, 1, "Error"), json!({ "phase": "Running" })), (false, false));
    }

    #[test]
    fn everything_else_counts() {
        assert_ne!(of(&json!({ "phase": "Running" })), of(&json!({ "phase": "Failed" })));
        assert_ne!(of(&json!({ "a": { "b": 1 }, "c": 2 })), of(&json!({ "a": { "b": 1, "c": 2 } })));
        assert_ne!(of(&json!({ "at": "2026-01-01T00:00:00Z" })), of(&json!({})));
    }
}
