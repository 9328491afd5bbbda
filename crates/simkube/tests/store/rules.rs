//! The store and the naive model agree on every answer and every object, whatever clients do.

use crate::machine::Machine;
use crate::model::{Model, Operation, Outcome, Thing};
use api::node::{FullNode, SeiNodeSpec};
use api::{AnyObject, Kind, KindInfo, Meta, Object, ObjectKey, ResourceVersion, SeiNode};
use ports::{DeleteOptions, Precondition, Propagation};
use proptest::prelude::*;
use serde_json::json;
use simkube::{Part, PatchBody, Request};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

fn info() -> &'static KindInfo {
    &const { SeiNode::INFO }
}

pub fn key(name: &str) -> ObjectKey {
    ObjectKey::new("sei", name)
}

/// What a client does, before it is known which version it has seen.
#[derive(Clone, Debug)]
struct Intent {
    client: usize,
    name: String,
    what: What,
    /// Whether the request carries the version that the client has seen.
    conditional: bool,
    /// Whether it goes over the wire, where there are two ways.
    wire: bool,
}

#[derive(Clone, Debug)]
enum What {
    Look,
    Create(bool),
    Update(String, Option<String>),
    Image(String),
    Address(Option<String>),
    Finalizers(BTreeSet<String>),
    Delete,
}

fn intent() -> impl Strategy<Value = Intent> {
    let image = prop_oneof![4 => "[ab]", 1 => Just(String::new())];
    let finalizers = prop::collection::btree_set("[ab]".prop_map(|name| format!("example.com/{name}")), 0..3);
    let what = prop_oneof![
        3 => Just(What::Look),
        2 => any::<bool>().prop_map(What::Create),
        2 => ("[ab]", prop::option::of("[xy]")).prop_map(|(image, label)| What::Update(image, label)),
        2 => image.prop_map(What::Image),
        2 => prop::option::of("[xy]").prop_map(What::Address),
        2 => finalizers.prop_map(What::Finalizers),
        1 => Just(What::Delete),
    ];
    (0..3usize, "[mn]", what, any::<bool>(), any::<bool>()).prop_map(|(client, name, what, conditional, wire)| Intent {
        client,
        name,
        what,
        conditional,
        wire,
    })
}

/// The clients' copies, by client and name.
type Seen = BTreeMap<(usize, String), Object<SeiNode>>;

fn operation(intent: &Intent, seen: Option<u64>) -> Option<Operation> {
    let name = intent.name.clone();
    let seen = seen.filter(|_| intent.conditional);
    Some(match intent.what.clone() {
        What::Look => return None,
        What::Create(finalizer) => Operation::Create { name, finalizer },
        What::Update(image, label) => Operation::Update { name, seen, image, label },
        What::Image(image) => Operation::Image { name, seen, image },
        What::Address(address) => Operation::Address { name, seen, address },
        What::Finalizers(finalizers) => Operation::Finalizers { name, finalizers },
        What::Delete => Operation::Delete { name, seen },
    })
}

fn bare(name: &str) -> Object<SeiNode> {
    let full_node = Some(FullNode::default());
    let spec = SeiNodeSpec { chain_id: "c".to_owned(), image: "first".to_owned(), full_node, ..SeiNodeSpec::default() };
    Object::new(Meta::new(key(name)), spec)
}

/// A merge patch over the wire, with a precondition in it.
fn wire_patch(name: &str, part: Part, mut patch: serde_json::Value, seen: Option<u64>) -> Request {
    if let Some(seen) = seen {
        patch["metadata"]["resourceVersion"] = seen.to_string().into();
    }
    Request::PatchJson { info: info(), key: key(name), part, body: PatchBody::Merge(patch) }
}

/// A typed patch: the difference of two copies, of which nothing else is said.
fn typed_patch(base: Object<SeiNode>, change: impl FnOnce(&mut Object<SeiNode>)) -> (AnyObject, AnyObject) {
    let mut desired = base.clone();
    change(&mut desired);
    (base.into_any(), desired.into_any())
}

fn request(operation: &Operation, wire: bool) -> Request {
    let precondition = |seen: Option<u64>| seen.map_or(Precondition::None, |seen| Precondition::Version(ResourceVersion(seen)));
    match operation.clone() {
        Operation::Create { name, finalizer } => {
            let mut object = bare(&name);
            if finalizer {
                object.meta_mut().finalizers = Arc::from(["example.com/a".into()]);
            }
            Request::Create(object.into_any())
        }
        Operation::Update { name, seen, image, label } => {
            let mut object = bare(&name);
            object.spec_mut().image = image;
            object.meta_mut().resource_version = seen.map(ResourceVersion);
            object.meta_mut().labels = Arc::new(label.into_iter().map(|value| ("l".to_owned(), value)).collect());
            Request::Update(object.into_any())
        }
        Operation::Image { name, seen, image } if wire => wire_patch(&name, Part::Main, json!({ "spec": { "image": image } }), seen),
        Operation::Image { name, seen, image } => {
            let mut base = bare(&name);
            base.spec_mut().image = "something else".to_owned();
            let (base, desired) = typed_patch(base, |object| object.spec_mut().image = image);
            Request::Patch { base, desired, precondition: precondition(seen) }
        }
        Operation::Address { name, seen, address } if wire => {
            wire_patch(&name, Part::Status, json!({ "status": { "externalAddress": address } }), seen)
        }
        Operation::Address { name, seen, address } => {
            let mut base = bare(&name);
            base.status_mut().external_address = Some("something else".to_owned());
            let (base, desired) = typed_patch(base, |object| object.status_mut().external_address = address);
            Request::PatchStatus { base, desired, precondition: precondition(seen) }
        }
        Operation::Finalizers { name, finalizers } if wire => {
            wire_patch(&name, Part::Main, json!({ "metadata": { "finalizers": finalizers } }), None)
        }
        Operation::Finalizers { name, finalizers } => {
            let mut base = bare(&name);
            base.meta_mut().finalizers = Arc::from(["something else".into()]);
            let (base, desired) =
                typed_patch(base, |object| object.meta_mut().finalizers = finalizers.iter().map(|name| Arc::from(&**name)).collect());
            Request::Patch { base, desired, precondition: Precondition::None }
        }
        Operation::Delete { name, seen } => {
            let options = DeleteOptions {
                propagation: Propagation::Background,
                resource_version: seen.map(ResourceVersion),
                ..DeleteOptions::default()
            };
            Request::Delete { info: info(), key: key(&name), options }
        }
    }
}

/// The stored object as the model sees it. `uids` tells which incarnation a uid is.
fn thing(object: &Object<SeiNode>, uids: &mut Vec<Uuid>) -> Thing {
    let uid = object.meta.uid.expect("it was stored");
    if !uids.contains(&uid) {
        uids.push(uid);
    }
    Thing {
        name: object.name().to_owned(),
        incarnation: uids.iter().position(|known| *known == uid).map_or(0, |place| place as u64 + 1),
        version: object.meta.resource_version.map_or(0, |version| version.0),
        generation: object.meta.generation.unwrap_or(0),
        image: object.spec.image.clone(),
        address: object.status.external_address.clone(),
        label: object.meta.labels.get("l").cloned(),
        finalizers: object.meta.finalizers.iter().map(|name| name.to_string()).collect(),
        deleting: object.meta.deleting.is_some(),
    }
}

/// What is removed has its last version, but its generation no longer matters.
fn comparable(thing: Option<Thing>) -> Option<Thing> {
    thing.map(|thing| Thing { generation: if thing.deleting && thing.finalizers.is_empty() { 0 } else { thing.generation }, ..thing })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn the_store_and_a_naive_model_of_its_rules_agree(intents in prop::collection::vec(intent(), 0..60)) {
        let (mut machine, mut model) = (Machine::new(1), Model::default());
        let (mut seen, mut uids) = (Seen::new(), Vec::new());
        for intent in &intents {
            let place = (intent.client, intent.name.clone());
            let version = seen.get(&place).and_then(|object| object.meta.resource_version).map(|version| version.0);
            let Some(operation) = operation(intent, version) else {
                let stored = machine.cluster.object(info(), &key(&intent.name)).and_then(AnyObject::typed);
                stored.into_iter().for_each(|object| drop(seen.insert(place.clone(), object)));
                continue;
            };
            let expected = model.carry_out(&operation);
            let (answer, changed) = machine.ask(request(&operation, intent.wire));
            let outcome = match answer {
                Ok(objects) => {
                    let object = objects.first().and_then(AnyObject::typed);
                    Outcome::Done(comparable(object.map(|object| thing(&object, &mut uids))), changed)
                }
                Err(error) => Outcome::Refused(error.code()),
            };
            let expected = if let Outcome::Done(thing, changed) = expected { Outcome::Done(comparable(thing), changed) } else { expected };
            prop_assert_eq!(outcome, expected, "{:?}", operation);
            prop_assert_eq!(machine.cluster.version(), model.version);
            let mut stored: Vec<Thing> =
                machine.cluster.objects(info()).filter_map(AnyObject::typed).map(|object| thing(&object, &mut uids)).collect();
            stored.sort_by_key(|thing| thing.incarnation);
            prop_assert_eq!(&stored, &model.things);
        }
    }
}
