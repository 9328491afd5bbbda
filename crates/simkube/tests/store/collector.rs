//! The garbage collector at rest leaves no dependent whose owners are all gone.

use crate::machine::Machine;
use api::kinds::AuthorizationPolicy;
use api::{AnyObject, Kind, KindInfo, Meta, Object, ObjectKey};
use ports::{DeleteOptions, Propagation};
use proptest::prelude::*;
use serde_json::json;
use simkube::Request;
use std::sync::Arc;

fn info() -> &'static KindInfo {
    &const { AuthorizationPolicy::INFO }
}

#[derive(Clone, Debug)]
enum Step {
    /// A name, and the objects that are to own it, as places among those created so far.
    Create(u8, Vec<(prop::sample::Index, bool)>),
    Delete(u8, Propagation),
    /// The world goes on for a few events.
    Wait(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let propagation =
        prop_oneof![Just(Propagation::Default), Just(Propagation::Background), Just(Propagation::Foreground), Just(Propagation::Orphan),];
    prop_oneof![
        4 => (0..8u8, prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..3))
            .prop_map(|(name, owners)| Step::Create(name, owners)),
        2 => (0..8u8, propagation).prop_map(|(name, propagation)| Step::Delete(name, propagation)),
        1 => (0..6u8).prop_map(Step::Wait),
    ]
}

fn key(name: u8) -> ObjectKey {
    ObjectKey::new("sei", format!("p{name}"))
}

fn carry_out(machine: &mut Machine, created: &mut Vec<Object<AuthorizationPolicy>>, step: &Step) {
    match step {
        Step::Create(name, owners) => {
            let mut object: Object<AuthorizationPolicy> = Object::new(Meta::new(key(*name)), json!({}));
            if !created.is_empty() {
                let mut references: Vec<api::OwnerRef> = Vec::new();
                for (owner, block) in owners {
                    let reference = owner.get(created).owner_ref();
                    if references.iter().all(|other| other.uid != reference.uid) {
                        references.push(api::OwnerRef { controller: false, block_owner_deletion: *block, ..reference });
                    }
                }
                object.meta_mut().owners = Arc::from(references);
            }
            if let Ok(stored) = machine.ask(Request::Create(object.into_any())).0 {
                created.extend(stored[0].typed());
            }
        }
        Step::Delete(name, propagation) => {
            let options = DeleteOptions { propagation: *propagation, ..DeleteOptions::default() };
            drop(machine.ask(Request::Delete { info: info(), key: key(*name), options }));
        }
        Step::Wait(events) => {
            let _ = (0..*events).all(|_| machine.step());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn no_dependent_outlives_all_of_its_owners(steps in prop::collection::vec(step(), 0..40)) {
        let (mut machine, mut created) = (Machine::new(1), Vec::new());
        steps.iter().for_each(|step| carry_out(&mut machine, &mut created, step));
        machine.rest();
        let stored: Vec<&AnyObject> = machine.cluster.objects(info()).collect();
        for object in &stored {
            let owners = &object.meta.owners;
            let there = |owner: &api::OwnerRef| stored.iter().any(|other| other.meta.uid == Some(owner.uid));
            prop_assert!(owners.is_empty() || owners.iter().any(there), "{:?} has no owner left", object.meta);
            prop_assert!(object.meta.deleting.is_none(), "{:?} is still terminating", object.meta);
        }
        prop_assert!(!machine.out.iter().any(|output| matches!(output, simkube::Output::Unmodelled(_))));
    }
}
