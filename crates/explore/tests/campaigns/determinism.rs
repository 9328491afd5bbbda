//! Leaks of the machine into a world are found, and pinned to the entry in which they first show.

#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "the leaks under test")]

use crate::common::stage;
use api::{Meta, Object, ObjectKey, kinds::Lease};
use explore::{Difference, Parting, Stage, run_twice};
use faults::{Profile, Schedule};
use simcore::SimTime;
use simkube::{Actor, Request};
use std::time::Duration;
use testbed::history::{Entry, Stored};
use testbed::world::Sim;

/// When the leaks happen.
const MOMENT: Duration = Duration::from_secs(15 * 60);

/// A person makes a Lease of that name.
fn make(sim: &mut Sim, name: &str) {
    let lease = Object::<Lease>::new(Meta::new(ObjectKey::new("default", name)), Default::default());
    sim.request(Request::Create(lease.into_any()), Actor::Person).expect("a Lease can be made");
}

/// Runs a world twice, in which something happens at the moment.
fn leaking(stage: &Stage, leak: impl Fn(&mut Sim)) -> Box<Difference> {
    let run = |history| {
        let mut world = stage.settled.world_under(7, &Schedule::default(), history);
        world.run_until(Some(SimTime::ZERO + MOMENT));
        world.act(&leak);
        let stop = world.run();
        world.judge(7, &stop)
    };
    run_twice(run).expect_err("a leak is a difference")
}

/// Where the two runs part, which is at the leak: what each of them made there.
fn made(difference: &Difference) -> [String; 2] {
    assert_ne!(difference.hashes[0], difference.hashes[1]);
    let Parting { entries, .. } = difference.parting.as_ref().expect("the difference is seen again");
    entries.clone().map(|entry| match entry {
        Some((at, Entry::Stored { how: Stored::Created, kind: "Lease", name, .. })) => {
            assert_eq!(at, SimTime::ZERO + MOMENT);
            name.to_string()
        }
        other => panic!("they part at the leak: {other:?}"),
    })
}

#[test]
fn a_walk_over_an_unordered_map_is_pinned_to_its_first_step() {
    let stage = stage("bootstrap", Profile::None);
    let difference = leaking(&stage, |sim| {
        let map: std::collections::HashMap<String, ()> = (0..32).map(|n| (format!("walked-{n}"), ())).collect();
        map.keys().for_each(|name| make(sim, name));
    });
    let [one, other] = made(&difference);
    assert!(one.starts_with("walked-") && other.starts_with("walked-") && one != other, "{one} {other}");
    let told = difference.to_string();
    let number = difference.parting.as_ref().expect("seen").number;
    assert!(told.contains(&format!("first in entry {number}:")) && told.contains(&one) && told.contains(&other), "{told}");
    assert!(told.contains("00:15:00.000"), "{told}");
}

#[test]
fn the_wall_clock_is_pinned_to_where_it_is_read() {
    let stage = stage("bootstrap", Profile::None);
    let difference = leaking(&stage, |sim| {
        make(sim, "before");
        let nanos = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_nanos();
        make(sim, &format!("at-{nanos}"));
    });
    assert!(made(&difference).iter().all(|name| name.starts_with("at-")), "what came before was the same");
}

#[test]
fn compared_addresses_are_pinned_to_where_they_decide() {
    let stage = stage("bootstrap", Profile::None);
    let difference = leaking(&stage, |sim| {
        // Never freed, so that no two runs have the same addresses; spread, so that their order is not that of allocation.
        let mut things: Vec<&'static u64> = (0..16).map(|n| &*Box::leak(Box::new(n))).collect();
        things.sort_by_key(|thing| std::ptr::from_ref(*thing).addr().wrapping_mul(0x9e37_79b9_7f4a_7c15));
        things.iter().for_each(|thing| make(sim, &format!("thing-{thing}")));
    });
    assert!(made(&difference).iter().all(|name| name.starts_with("thing-")));
}

#[test]
fn a_world_without_a_leak_is_the_same_twice() {
    let stage = stage("bootstrap", Profile::Swarm);
    for seed in 0..20 {
        let once = stage.run(seed, false).expect("the testbed does not fail");
        let twice = stage.run(seed, true).expect("no difference");
        assert_eq!(once.history_hash, twice.history_hash);
    }
}
