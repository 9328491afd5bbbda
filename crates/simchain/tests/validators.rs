//! Our own validators: blocks that need them, keys that two processes share, and faults done to the chain itself.

mod harness;

use api::{Height, SidecarTask};
use harness::*;
use simchain::profile::{OwnValidator, UpgradeKind};
use simchain::{ChainProfile, Happening, Interference, Output, Signal};
use simcore::Span;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

fn own(node: &str, key: &str, power: u64) -> OwnValidator {
    OwnValidator { node: node.into(), key: key.into(), power }
}

/// Validators of ours with these powers beside an external power of 60.
fn profile_of(nodes: Vec<OwnValidator>) -> ChainProfile {
    let mut profile = profile();
    profile.validators.external_power = 60;
    profile.validators.nodes = nodes;
    profile
}

fn validator(world: &mut World, name: &str, image: &str) -> Node {
    let volume = world.volume();
    let node = world.pod(name, volume, exec(image));
    world.perform(node, restore(START)).expect("a snapshot");
    world.perform(node, SidecarTask::ConfigureGenesis).expect("a genesis");
    world.perform(node, config("validator")).expect("a configuration");
    world.perform(node, peers()).expect("peers");
    world.perform(node, SidecarTask::MarkReady).expect("ready");
    node
}

fn double_signs(world: &World) -> Vec<(String, String)> {
    let of = |(_, output): &(simcore::SimTime, Output)| match output {
        Output::Happened { node, what: Happening::DoubleSigned { key, .. }, .. } => Some((node.to_string(), key.to_string())),
        _ => None,
    };
    world.log.iter().filter_map(of).collect()
}

fn height(world: &World) -> u64 {
    world.chain.network_height(world.now).0
}

#[test]
fn a_validator_that_reaches_no_peer_does_not_sign() {
    let mut world = World::new(profile_of(vec![own("val-0", "a", 30)]), 1);
    let node = validator(&mut world, "val-0", OLD);
    world.run_to(node, in_consensus);
    world.run_until(world.now + 100 * SECOND);
    let cut = |world: &mut World, cut| world.with(|chain, cx| chain.interfere(cx, Interference::PeersCut { node: "val-0".into(), cut }));
    cut(&mut world, true);
    let met = height(&world);
    world.run_until(world.now + 100 * SECOND);
    assert!(height(&world) <= met + 1, "60 of 90 is not more than two thirds");
    cut(&mut world, false);
    world.run_until(world.now + 100 * SECOND);
    assert!(height(&world) > met + 200, "it is back: {}", height(&world));
}

#[test]
fn the_chain_stops_without_more_than_two_thirds_of_the_power_and_goes_on_with_it() {
    let mut world = World::new(profile_of(vec![own("val-0", "a", 30)]), 1);
    let mut node = validator(&mut world, "val-0", OLD);
    world.run_to(node, in_consensus);
    let met = height(&world);
    assert!(met < START + 10, "60 of 90 is not more than two thirds: {met}");
    world.run_until(world.now + 100 * SECOND);
    let running = height(&world);
    assert!(running > met + 200, "90 of 90: {running}");

    world.signal(node.seid, Signal::Kill);
    world.run_until(world.now + 3600 * SECOND);
    assert_eq!(height(&world), running, "nothing is made for an hour");
    world.restart(&mut node, exec(OLD));
    world.run_to(node, in_consensus);
    world.run_until(world.now + 100 * SECOND);
    assert!((running + 200..running + 260).contains(&height(&world)), "the hour is not made up for");
}

#[test]
fn a_chain_that_does_not_need_our_validators_goes_on_without_them() {
    let mut world = World::new(profile_of(vec![own("val-0", "a", 29)]), 1);
    world.run_until(secs(1000));
    let node = validator(&mut world, "val-0", OLD);
    world.signal(node.seid, Signal::Kill);
    world.run_until(secs(4000));
    assert!(height(&world) > START + 9000, "60 of 89 suffice");
}

#[test]
fn two_running_processes_with_one_key_sign_twice_and_the_key_is_tombstoned() {
    let mut world = World::new(profile_of(vec![own("val-0", "a", 10), own("val-g2-0", "a", 10)]), 1);
    let first = validator(&mut world, "val-0", OLD);
    world.run_to(first, in_consensus);
    assert_eq!(double_signs(&world), []);
    let second = validator(&mut world, "val-g2-0", OLD);
    world.run_to(second, in_consensus);
    assert_eq!(double_signs(&world).iter().map(|(_, key)| key.as_str()).collect::<Vec<_>>(), ["a"], "told once a key");
    world.run_until(world.now + 100 * SECOND);
    assert_eq!(double_signs(&world).len(), 1);
}

#[test]
fn one_key_handed_over_after_the_first_has_stopped_is_no_double_signing() {
    let mut world = World::new(profile_of(vec![own("val-0", "a", 10), own("val-g2-0", "a", 10)]), 1);
    let first = validator(&mut world, "val-0", OLD);
    world.run_to(first, in_consensus);
    world.signal(first.seid, Signal::Kill);
    let second = validator(&mut world, "val-g2-0", OLD);
    world.run_to(second, in_consensus);
    assert_eq!(double_signs(&world), []);
}

#[test]
fn one_data_directory_never_signs_twice_since_its_lock_lets_one_process_in() {
    let mut world = World::new(profile_of(vec![own("val-0", "a", 10)]), 1);
    let first = validator(&mut world, "val-0", OLD);
    world.run_to(first, in_consensus);
    let second = world.pod("val-0", first.volume, exec(OLD));
    world.submit(second, SidecarTask::MarkReady);
    world.run_to(second, exited);
    assert_eq!((world.exit_code(second.seid), double_signs(&world)), (Some(1), vec![]));
}

#[test]
fn a_tombstoned_key_that_the_chain_needed_has_left_the_set_and_blocks_go_on() {
    let mut world = World::new(profile_of(vec![own("val-0", "a", 40), own("val-g2-0", "a", 40)]), 1);
    let first = validator(&mut world, "val-0", OLD);
    world.run_to(first, in_consensus);
    let second = validator(&mut world, "val-g2-0", OLD);
    world.run_to(second, in_consensus);
    let before = height(&world);
    world.signal(first.seid, Signal::Kill);
    world.signal(second.seid, Signal::Kill);
    world.run_until(world.now + 100 * SECOND);
    assert!(height(&world) > before + 200, "60 of 60");
}

#[test]
fn the_block_after_u_waits_for_our_validators_to_run_the_new_binary() {
    let mut profile = profile_of(vec![own("val-0", "a", 40)]);
    profile.upgrades[0].kind = UpgradeKind::Major;
    profile.upgrades[0].resume_after = Some(Span::seconds(60, 60));
    profile.peers.upgrade_after = Span::seconds(30, 30);
    let mut world = World::new(profile, 1);
    let mut node = validator(&mut world, "val-0", OLD);
    world.run_to(node, exited);
    assert_eq!(height(&world), U, "block U appears and panics the old binary");
    world.run_until(world.now + 1800 * SECOND);
    assert_eq!(height(&world), U, "half an hour: the others are ready, ours is not");
    world.restart(&mut node, exec(NEW));
    world.run_to(node, executed(U + 1));
    assert!(world.chain.time_of(Height(U + 1)).expect("made") > secs(0) + 1800 * SECOND);
}

#[test]
fn a_stall_delays_every_block_to_come_and_none_that_was_made() {
    let mut world = World::new(profile(), 1);
    let node = world.node("n-0", START, exec(OLD));
    world.run_to(node, in_consensus);
    let (made, planned) = (world.chain.time_of(Height(START + 1)), world.chain.time_of(Height(START + 5000)).expect("planned"));
    world.with(|chain, cx| chain.interfere(cx, Interference::Stall { lasts: 600 * SECOND }));
    assert_eq!(world.chain.time_of(Height(START + 1)), made);
    assert_eq!(world.chain.time_of(Height(START + 5000)), Some(planned + 600 * SECOND));
    let seen = world.run_to(node, executed(U - 1));
    assert!(seen >= world.chain.time_of(Height(U - 1)).expect("made"));
}

#[test]
fn slow_blocks_come_at_their_pace_and_the_old_pace_returns() {
    let mut world = World::new(profile(), 1);
    let begins = height(&world) + 2;
    world.with(|chain, cx| chain.interfere(cx, Interference::Slow { blocks: 100, block_time: 2 * SECOND }));
    let at = |height: u64| world.chain.time_of(Height(height)).expect("made");
    let slow = at(begins + 90).since(at(begins));
    assert!((178 * SECOND..182 * SECOND).contains(&slow), "{slow:?}");
    let normal = at(begins + 200).since(at(begins + 101));
    assert!((39 * SECOND..41 * SECOND).contains(&normal), "{normal:?}");
    let mut last = at(begins - 2);
    for height in begins - 1..begins + 300 {
        assert!(at(height) > last);
        last = at(height);
    }
}

#[test]
fn a_seid_that_is_signalled_below_its_halt_height_stops_there() {
    let mut world = World::new(profile(), 1);
    let node = world.node("n-0", START, bootstrap(OLD, U - 1));
    world.run_to(node, in_consensus);
    world.run_until(world.now + 60 * SECOND);
    let app = world.app(node);
    world.with(|chain, cx| chain.interfere(cx, Interference::SignalSeid { node: "n-0".into(), signal: Signal::Terminate }));
    world.run_to(node, exited);
    assert_eq!(world.exit_code(node.seid), Some(0), "the Job takes it for success");
    assert!(
        app < U - 1
            && world.happenings(node).iter().any(|(_, what)| matches!(what, Happening::SeidExited { app: left, .. } if left.0 == app))
    );
}

#[test]
fn while_every_peer_is_gone_a_follower_gets_no_block_and_then_catches_up() {
    let mut world = World::new(profile(), 1);
    let node = world.node("n-0", START, exec(OLD));
    world.run_to(node, in_consensus);
    world.with(|chain, cx| chain.interfere(cx, Interference::PeersGone { count: 8, lasts: 600 * SECOND }));
    let (app, gone) = (world.app(node), world.now);
    world.run_until(gone + 590 * SECOND);
    assert!(world.app(node) <= app + 2, "what was on its way still comes");
    world.run_until(gone + 1200 * SECOND);
    assert!(world.chain.lag(world.now, node.pod).expect("runs") <= 2);
}

#[test]
fn an_image_that_turns_bad_panics_at_start_or_on_a_block() {
    let mut world = World::new(profile(), 1);
    world.with(|chain, cx| chain.interfere(cx, Interference::BadBinary { image: OLD.into(), at: None }));
    let node = world.node("n-0", START, exec(OLD));
    world.run_to(node, exited);
    assert_eq!(world.exit_code(node.seid), Some(2));
}
