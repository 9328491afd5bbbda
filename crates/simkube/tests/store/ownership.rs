//! Appliers and plain writers of labels: the server against a naive model in which each label has a value and a set of owners.

use crate::machine::Machine;
use api::kinds::AuthorizationPolicy;
use api::{Kind, KindInfo, Labels, Meta, Object, ObjectKey};
use proptest::prelude::*;
use serde_json::json;
use simkube::{Part, PatchBody, Request};
use std::collections::{BTreeMap, BTreeSet};

const APPLIERS: [&str; 3] = ["x", "y", "z"];
const WRITER: &str = "kubectl";

fn info() -> &'static KindInfo {
    &const { AuthorizationPolicy::INFO }
}

fn key() -> ObjectKey {
    ObjectKey::new("sei", "p")
}

#[derive(Clone, Debug)]
enum Write {
    Apply {
        applier: usize,
        labels: Labels,
        force: bool,
    },
    /// A patch that gives a label a value that it never had, or takes it away.
    Patch {
        label: String,
        keep: bool,
    },
}

fn write() -> impl Strategy<Value = Write> {
    let labels = prop::collection::btree_map("[abc]", "[12]", 0..3);
    prop_oneof![
        3 => (0..APPLIERS.len(), labels, any::<bool>()).prop_map(|(applier, labels, force)| Write::Apply { applier, labels, force }),
        1 => ("[abc]", any::<bool>()).prop_map(|(label, keep)| Write::Patch { label, keep }),
    ]
}

/// Each label with its value and its owners.
#[derive(Clone, Debug, Default, PartialEq)]
struct Model(BTreeMap<String, (String, BTreeSet<&'static str>)>);

impl Model {
    /// False if it conflicts.
    fn apply(&mut self, applier: &'static str, labels: &Labels, force: bool) -> bool {
        let taken = |(label, value): (&String, &String)| {
            self.0.get(label).is_some_and(|(old, owners)| old != value && owners.iter().any(|owner| *owner != applier))
        };
        if !force && labels.iter().any(taken) {
            return false;
        }
        self.0.retain(|label, (_, owners)| {
            let gave_up = !labels.contains_key(label) && owners.remove(applier);
            !gave_up || !owners.is_empty()
        });
        for (label, value) in labels {
            let (old, owners) = self.0.entry(label.clone()).or_default();
            if old != value {
                owners.clear();
            }
            owners.insert(applier);
            *old = value.clone();
        }
        true
    }

    fn patch(&mut self, label: &str, value: Option<String>) {
        match value {
            Some(value) => drop(self.0.insert(label.to_owned(), (value, BTreeSet::from([WRITER])))),
            None => drop(self.0.remove(label)),
        }
    }

    fn labels(&self) -> Labels {
        self.0.iter().map(|(label, (value, _))| (label.clone(), value.clone())).collect()
    }
}

/// What the server's `managedFields` say, in the form of the model.
fn owners(machine: &Machine) -> BTreeMap<String, BTreeSet<String>> {
    let mut owners: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in machine.cluster.managed_fields(info(), &key()).unwrap_or_default().as_array().into_iter().flatten() {
        let manager = entry["manager"].as_str().unwrap_or_default();
        let labels = entry["fieldsV1"]["f:metadata"]["f:labels"].as_object().into_iter().flatten();
        for label in labels.filter_map(|(path, _)| path.strip_prefix("f:")) {
            owners.entry(label.to_owned()).or_default().insert(manager.to_owned());
        }
    }
    owners
}

fn request(write: &Write, count: usize) -> Request {
    match write {
        Write::Apply { applier, labels, force } => {
            let body = if labels.is_empty() { json!({}) } else { json!({ "metadata": { "labels": labels } }) };
            let manager = APPLIERS[*applier].into();
            Request::ApplyJson { info: info(), key: key(), part: Part::Main, manager, body, force: *force }
        }
        Write::Patch { label, keep } => {
            let value = keep.then(|| count.to_string());
            let body = PatchBody::Merge(json!({ "metadata": { "labels": { label.as_str(): value } } }));
            Request::PatchJson { info: info(), key: key(), part: Part::Main, body }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn labels_and_their_owners_are_those_of_a_naive_model(writes in prop::collection::vec(write(), 0..40)) {
        let (mut machine, mut model) = (Machine::new(1), Model::default());
        let object: Object<AuthorizationPolicy> = Object::new(Meta::new(key()), json!({}));
        machine.ask(Request::Create(object.into_any())).0.expect("a valid policy");
        for (count, write) in writes.iter().enumerate() {
            let before = model.clone();
            let accepted = match write {
                Write::Apply { applier, labels, force } => model.apply(APPLIERS[*applier], labels, *force),
                Write::Patch { label, keep } => {
                    model.patch(label, keep.then(|| format!("{}", 100 + count)));
                    true
                }
            };
            let (answer, changed) = machine.ask(request(write, 100 + count));
            match answer {
                Ok(objects) => {
                    prop_assert!(accepted, "{:?} conflicts", write);
                    prop_assert_eq!(&*objects[0].meta.labels, &model.labels());
                    prop_assert_eq!(changed, model != before, "{:?}", write);
                }
                Err(error) => {
                    prop_assert!(!accepted && error.code() == 409, "{}", error);
                }
            }
            let expected: BTreeMap<String, BTreeSet<String>> =
                model.0.iter().map(|(label, (_, owners))| (label.clone(), owners.iter().map(|owner| (*owner).to_owned()).collect())).collect();
            prop_assert_eq!(owners(&machine), expected);
        }
    }
}
