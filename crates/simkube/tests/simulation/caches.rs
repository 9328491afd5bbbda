//! Informer caches: initial list, lag, order, relist, resync.
//!
//! Source: Kubernetes API Concepts, "Efficient detection of changes"; client-go `tools/cache`; specification, "Watches and caches".

use crate::harness::{PROCESS, World, info, labels, node, policy};
use api::kinds::AuthorizationPolicy;
use api::{Object, SeiNode};
use ports::Propagation;
use simcore::Span;
use simkube::{ClusterProfile, Event, StoreState};
use std::time::Duration;

const LONGEST_LAG: Duration = Duration::from_millis(50);

fn connected() -> World {
    let mut world = World::new();
    world.connect(&[info::<SeiNode>(), info::<AuthorizationPolicy>()]);
    world
}

fn relabelled(world: &mut World, object: &Object<SeiNode>, count: u32) {
    for n in 0..count {
        let stored = world.get(object).expect("it is there");
        world.patch(&stored, |node| node.meta_mut().labels = labels([("n", &n.to_string())])).expect("a valid patch");
    }
}

#[test]
fn what_exists_arrives_as_initial_creations_by_name() {
    let mut world = World::new();
    for name in ["b", "a"] {
        world.create(node(name)).expect("a valid node");
    }
    world.connect(&[info::<SeiNode>()]);
    let arrived: Vec<_> =
        world.deliveries().iter().map(|d| (d.initial, d.old.is_none(), d.new.as_ref().map(|n| n.meta.name().to_owned()))).collect();
    assert_eq!(arrived, [(true, true, Some("a".to_owned())), (true, true, Some("b".to_owned()))]);
    assert_eq!(world.cluster.cache_version(PROCESS, info::<SeiNode>()), 2);
}

#[test]
fn a_write_reaches_the_cache_1_to_50_milliseconds_later() {
    let mut world = connected();
    let stored = world.create(node("n")).expect("a valid node");
    world.run_for(Duration::from_micros(999));
    assert_eq!(world.cached(&stored), None);
    world.run_for(LONGEST_LAG);
    assert_eq!(world.cached(&stored), Some(stored));
}

#[test]
fn changes_of_a_kind_arrive_in_the_order_of_their_versions() {
    let mut world = connected();
    let object = world.create(node("n")).expect("a valid node");
    relabelled(&mut world, &object, 100);
    world.run_for(LONGEST_LAG);
    let deliveries = world.deliveries();
    assert_eq!(deliveries.len(), 101);
    for pair in deliveries.windows(2) {
        assert_eq!(pair[0].new, pair[1].old, "each change begins where the last one ended");
    }
    assert_eq!(world.cluster.cache_version(PROCESS, info::<SeiNode>()), 101);
}

#[test]
fn kinds_overtake_each_other() {
    let mut world = connected();
    let mut overtaken = false;
    for n in 0..20 {
        let first = world.create(node(&format!("n{n}"))).expect("a valid node");
        let second = world.create(policy(&format!("p{n}"))).expect("a valid policy");
        for _ in 0..60 {
            world.run_for(Duration::from_millis(1));
            overtaken |= world.cached(&second).is_some() && world.cached(&first).is_none();
        }
    }
    assert!(overtaken);
}

#[test]
fn a_removal_empties_the_cache_and_hands_over_the_last_state() {
    let mut world = connected();
    let object = world.create(node("n")).expect("a valid node");
    world.run_for(LONGEST_LAG);
    world.delete(&object, Propagation::Background).expect("it is there");
    world.run_for(LONGEST_LAG);
    assert_eq!(world.cached(&object), None);
    let removal = world.deliveries().pop().expect("a removal");
    let last = removal.old.expect("a removal shows what went");
    assert!(removal.new.is_none() && last.meta.uid == object.meta.uid);
    assert!(last.meta.deleting.is_some() && last.meta.resource_version > object.meta.resource_version);
}

#[test]
fn a_cached_list_is_by_namespace_and_labels() {
    let mut world = connected();
    for (name, group) in [("b", "rpc"), ("a", "rpc"), ("c", "archive")] {
        let mut object = node(name);
        object.meta_mut().labels = labels([("group", group)]);
        world.create(object).expect("a valid node");
    }
    let names = |world: &World| -> Vec<String> {
        let selector = labels([("group", "rpc")]);
        let list = world.cluster.cached_list(PROCESS, info::<SeiNode>(), "sei", &selector);
        list.iter().map(|object| object.meta.name().to_owned()).collect()
    };
    assert_eq!(names(&world), [""; 0]);
    world.run_for(LONGEST_LAG);
    assert_eq!(names(&world), ["a", "b"]);
}

#[test]
fn a_disconnected_process_hears_nothing_more() {
    let mut world = connected();
    let object = world.create(node("n")).expect("a valid node");
    world.act(|cluster, _| cluster.disconnect(PROCESS));
    world.run_for(LONGEST_LAG);
    assert!(world.deliveries().is_empty() && world.cached(&object).is_none());
}

#[test]
fn a_resync_hands_every_object_over_as_an_update_from_itself_every_9_to_11_hours() {
    let mut world = connected();
    world.create(node("n")).expect("a valid node");
    world.run_for(Duration::from_secs(9 * 3600 - 1));
    let before = world.deliveries().len();
    world.run_for(Duration::from_secs(2 * 3600 + 2));
    let [resync] = &world.deliveries()[before..] else { panic!("not one delivery") };
    assert!(resync.initial && resync.old == resync.new);
}

#[test]
fn a_resync_alone_keeps_no_world_awake() {
    let resync = Event::Resync { process: PROCESS, info: info::<SeiNode>() };
    let deliver = Event::Deliver { process: PROCESS, info: info::<SeiNode>(), version: api::ResourceVersion(1) };
    assert!(!resync.keeps_awake() && deliver.keeps_awake());
}

#[test]
fn a_clone_goes_its_own_way() {
    let mut world = connected();
    let object = world.create(node("n")).expect("a valid node");
    let copy = world.cluster.clone();
    world.delete(&object, Propagation::Background).expect("it is there");
    assert!(copy.object(info::<SeiNode>(), &object.meta.key).is_some() && world.get(&object).is_none());
}

#[test]
fn a_fingerprint_is_the_same_for_states_that_differ_in_ids_versions_and_moments_only() {
    let fingerprint = |detour: bool, image: &str| {
        let profile = ClusterProfile { watch_lag: Span::millis(1, 1), ..ClusterProfile::default() };
        let mut world = World::with(profile);
        if detour {
            let other = world.create(node("n")).expect("a valid node");
            world.delete(&other, Propagation::Background).expect("it is there");
            world.run_for(Duration::from_secs(100));
        }
        let mut object = node("n");
        object.spec_mut().image = image.to_owned();
        world.create(object).expect("a valid node");
        world.settle();
        let mut hasher = simcore::StableHasher::default();
        world.cluster.fingerprint(world.now, &mut hasher);
        (world.cluster.store_state(&StoreState::default()), hasher.fingerprint())
    };
    assert_eq!(fingerprint(false, "seid:v6.3.0"), fingerprint(true, "seid:v6.3.0"));
    assert_ne!(fingerprint(false, "seid:v6.3.0"), fingerprint(false, "seid:v6.4.0"));
}

#[test]
fn a_state_that_shares_parts_with_an_earlier_one_comes_to_what_it_comes_to_alone() {
    let mut world = World::new();
    let (mut before, empty) = (StoreState::default(), StoreState::default());
    let mut seen = Vec::new();
    for round in 0..4 {
        for name in ["a", "b", "c"] {
            match world.get(&node(name)) {
                None => drop(world.create(node(name)).expect("a valid node")),
                Some(stored) if round == 3 => world.delete(&stored, Propagation::Background).expect("it is there"),
                Some(stored) => {
                    world.patch(&stored, |node| node.spec_mut().image = format!("seid:{round}")).expect("a valid patch");
                }
            }
            before = world.cluster.store_state(&before);
            seen.push((before.clone(), world.cluster.store_state(&empty)));
        }
    }
    assert!(seen.windows(2).all(|pair| pair[0].0 != pair[1].0), "every change is another state");
    for (shares, alone) in &seen {
        assert!(seen.iter().all(|(other, other_alone)| (shares == other) == (alone == other_alone)));
    }
}

/// A watch that hears nothing for a minute.
fn held(world: &mut World, kind: Option<&str>, relist: bool) {
    let until = world.now + Duration::from_secs(60);
    assert!(world.cluster.hold_caches(PROCESS, kind, until, relist));
}

fn released(world: &mut World) {
    world.run_for(Duration::from_secs(60));
    world.act(|cluster, cx| cluster.release_caches(cx));
}

#[test]
fn a_held_cache_hears_nothing_and_then_everything_in_order() {
    let mut world = connected();
    let object = world.create(node("n")).expect("a valid node");
    held(&mut world, Some("SeiNode"), false);
    relabelled(&mut world, &object, 3);
    let other = world.create(policy("p")).expect("a valid policy");
    world.run_for(LONGEST_LAG);
    assert_eq!(world.cached(&object), None, "it was under way when the hold began");
    assert!(world.cached(&other).is_some(), "other kinds are not held");
    assert_eq!(world.cluster.cache_version(PROCESS, info::<SeiNode>()), 0);
    world.act(|cluster, cx| cluster.release_caches(cx));
    assert_eq!(world.cached(&object), None, "its time has not come");
    released(&mut world);
    let deliveries: Vec<_> = world.deliveries().into_iter().filter(|d| d.new.as_ref().is_some_and(|n| n.meta.name() == "n")).collect();
    assert_eq!(deliveries.len(), 4);
    for pair in deliveries.windows(2) {
        assert_eq!(pair[0].new, pair[1].old, "each change begins where the last one ended");
    }
    relabelled(&mut world, &object, 1);
    world.run_for(LONGEST_LAG);
    assert_eq!(world.cached(&object), world.get(&object), "from then on all is as before");
}

#[test]
fn what_is_still_under_way_when_a_hold_ends_arrives_at_its_own_time() {
    let mut world = connected();
    held(&mut world, None, false);
    world.run_for(Duration::from_secs(60));
    let object = world.create(node("n")).expect("a valid node");
    world.act(|cluster, cx| cluster.release_caches(cx));
    assert_eq!(world.cached(&object), None);
    world.run_for(LONGEST_LAG);
    assert_eq!(world.cached(&object), Some(object));
}

#[test]
fn a_cache_that_missed_events_is_told_the_difference_once() {
    let mut world = connected();
    let (changed, gone) = (world.create(node("changed")).expect("a valid node"), world.create(node("gone")).expect("a valid node"));
    let same = world.create(node("same")).expect("a valid node");
    world.run_for(LONGEST_LAG);
    held(&mut world, None, true);
    relabelled(&mut world, &changed, 3);
    world.delete(&gone, Propagation::Background).expect("it is there");
    let passing = world.create(node("passing")).expect("a valid node");
    world.delete(&passing, Propagation::Background).expect("it is there");
    let before = world.deliveries().len();
    released(&mut world);
    let told: Vec<_> = (world.deliveries()[before..].iter())
        .map(|d| (d.old.as_ref().map(|o| o.meta.name().to_owned()), d.new.as_ref().map(|n| n.meta.name().to_owned())))
        .collect();
    let name = |name: &str| Some(name.to_owned());
    assert_eq!(told, [(name("changed"), name("changed")), (name("gone"), None)], "not {}, and nothing of what came and went", same.name());
}

#[test]
fn a_relist_waits_until_the_cache_hears_again() {
    let mut world = connected();
    held(&mut world, None, false);
    let object = world.create(node("n")).expect("a valid node");
    world.act(|cluster, cx| cluster.relist(cx, PROCESS));
    assert_eq!(world.cached(&object), None);
    relabelled(&mut world, &object, 2);
    released(&mut world);
    assert_eq!(world.deliveries().len(), 1, "the list, not what led there");
    assert_eq!(world.cached(&object), world.get(&object));
}

#[test]
fn a_process_that_connects_anew_has_caches_that_nothing_holds() {
    let mut world = connected();
    held(&mut world, None, false);
    let object = world.create(node("n")).expect("a valid node");
    world.act(|cluster, cx| {
        cluster.disconnect(PROCESS);
        cluster.connect(cx, PROCESS, &[info::<SeiNode>()]);
    });
    assert_eq!(world.cached(&object), Some(object));
}
