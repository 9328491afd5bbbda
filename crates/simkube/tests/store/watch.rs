//! Watches replayed from any version rebuild the store.

use crate::machine::Machine;
use api::kinds::AuthorizationPolicy;
use api::{AnyObject, Kind, KindInfo, Labels, Meta, ObjectKey};
use ports::DeleteOptions;
use proptest::prelude::*;
use serde_json::json;
use simkube::{PatchBody, Request, Selector, WatchEvent};
use std::collections::BTreeMap;
use std::sync::Arc;

fn info() -> &'static KindInfo {
    &const { AuthorizationPolicy::INFO }
}

#[derive(Clone, Debug)]
enum Write {
    Create(String, Option<String>),
    Label(String, Option<String>),
    Delete(String),
}

fn write() -> impl Strategy<Value = Write> {
    let label = || prop::option::of("[xy]");
    prop_oneof![
        ("[abc]", label()).prop_map(|(name, label)| Write::Create(name, label)),
        ("[abc]", label()).prop_map(|(name, label)| Write::Label(name, label)),
        "[abc]".prop_map(Write::Delete),
    ]
}

fn request(write: &Write) -> Request {
    let key = |name: &str| ObjectKey::new("sei", name);
    match write {
        Write::Create(name, label) => {
            let labels: Labels = label.iter().map(|value| ("l".to_owned(), value.clone())).collect();
            let meta = Meta { labels: Arc::new(labels), ..Meta::new(key(name)) };
            Request::Create(api::Object::<AuthorizationPolicy>::new(meta, json!({})).into_any())
        }
        Write::Label(name, label) => {
            let body = PatchBody::Merge(json!({ "metadata": { "labels": { "l": label } } }));
            Request::PatchJson { info: info(), key: key(name), part: simkube::Part::Main, body }
        }
        Write::Delete(name) => Request::Delete { info: info(), key: key(name), options: DeleteOptions::default() },
    }
}

type Objects = BTreeMap<ObjectKey, AnyObject>;

fn listed(machine: &Machine, selector: &Selector) -> Objects {
    let objects = machine.cluster.objects(info()).filter(|object| selector.selects(&object.meta.labels));
    objects.map(|object| (object.meta.key.clone(), object.clone())).collect()
}

/// Applies events to a list, as a client does; each must fit what it finds.
fn replay(objects: &mut Objects, events: Vec<WatchEvent>) {
    for event in events {
        match event {
            WatchEvent::Added(object) => assert!(objects.insert(object.meta.key.clone(), object).is_none()),
            WatchEvent::Modified(object) => assert!(objects.insert(object.meta.key.clone(), object).is_some()),
            WatchEvent::Deleted(object) => assert!(objects.remove(&object.meta.key).is_some()),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_list_and_the_events_after_it_are_the_store(
        writes in prop::collection::vec(write(), 0..40), selector in prop_oneof![Just(""), Just("l"), Just("l=x"), Just("l notin (x)")],
        window in 1..50usize,
    ) {
        let selector = Selector::parse(selector).expect("a selector");
        let mut machine = Machine::new(1);
        machine.cluster.keep_history(window);
        let mut lists = vec![(machine.cluster.version(), listed(&machine, &selector))];
        for write in &writes {
            let (_, changed) = machine.ask(request(write));
            if changed {
                lists.push((machine.cluster.version(), listed(&machine, &selector)));
            }
        }
        let (last, now) = (machine.cluster.version(), listed(&machine, &selector));
        for (version, mut objects) in lists {
            match machine.cluster.watch(info(), "sei", &selector, version) {
                Ok(events) => {
                    replay(&mut objects, events);
                    prop_assert_eq!(&objects, &now, "from {}", version);
                }
                Err(error) => {
                    prop_assert_eq!(error.code(), 410);
                    prop_assert!(last - version > window as u64, "version {} of {} is kept in a window of {}", version, last, window);
                }
            }
        }
    }
}
