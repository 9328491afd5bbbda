//! Stores: an upgrade that adds or deletes them needs the upgrade-info file at start-up (chain.md, section 2).

use crate::harness::{NEW, Node, OLD, START, U, World, bootstrap, exec, executed, profile};
use crate::world::{at_tip, ends, exits, next_pod};
use api::Height;
use simchain::profile::{MissedStores, UpgradeKind};
use simchain::{ChainProfile, Happening, Rule};
use simcore::Span;
use std::time::Duration;

fn stores(without: MissedStores) -> ChainProfile {
    let mut profile = profile();
    profile.upgrades[0].adds_or_deletes_stores = true;
    profile.upgrades[0].without_info_file = without;
    profile
}

/// The old binary halts cleanly at U - 1; then a pod with the new one.
fn halted_then_new(profile: ChainProfile) -> (World, Node) {
    let mut world = World::new(profile, 1);
    let node = world.node("n-0", START, bootstrap(OLD, U - 1));
    assert_eq!(ends(&mut world, node).0, (0, U - 1, U - 1), "a clean halt");
    world.signal(node.sidecar, simchain::Signal::Terminate);
    world.run_until(world.now + Duration::from_secs(1));
    let node = next_pod(&mut world, node, "full", exec(NEW));
    (world, node)
}

#[test]
fn after_the_old_binarys_panic_the_new_one_finds_the_file_and_changes_the_stores() {
    let (mut world, mut node) = at_tip(stores(MissedStores::Diverges), exec(OLD));
    ends(&mut world, node);
    world.restart(&mut node, exec(NEW));
    world.run_to(node, executed(U + 1));
    world.run_until(world.now + Duration::from_secs(60));
    assert!(!world.chain.view(world.now, node.pod).expect("alive").diverged);
}

#[test]
fn after_a_clean_halt_and_an_image_swap_the_state_differs_and_u_plus_1_shows_it() {
    let mut profile = stores(MissedStores::Diverges);
    profile.peers.upgrade_after = Span::seconds(0, 0);
    profile.resume_after = Span::seconds(600, 600);
    let (mut world, node) = halted_then_new(profile);
    world.run_to(node, executed(U));
    assert!(world.chain.view(world.now, node.pod).expect("alive").diverged);
    world.run_to(node, |what| *what == Happening::Diverged { height: Height(U + 1), wedged: false });
    assert_eq!(ends(&mut world, node), ((2, U, U), Some(Rule::DivergenceEnds)));
}

#[test]
fn an_entrant_that_block_syncs_past_u_without_the_file_is_wedged_there() {
    let mut profile = stores(MissedStores::Diverges);
    profile.peers.upgrade_after = Span::seconds(300, 300);
    profile.resume_after = Span::seconds(60, 60);
    let (mut world, node) = halted_then_new(profile);
    world.run_to(node, |what| *what == Happening::Diverged { height: Height(U + 1), wedged: true });
    assert_eq!(exits(&world, node), []);
}

#[test]
fn after_a_clean_halt_and_an_image_swap_the_new_binary_can_fail_at_start_and_again_at_each_restart() {
    let (mut world, mut node) = halted_then_new(stores(MissedStores::FailsAtStart));
    for _ in 0..2 {
        assert_eq!(ends(&mut world, node), ((1, U - 1, U - 1), Some(Rule::StoresMissingAtStart)));
        world.restart(&mut node, exec(NEW));
    }
}

#[test]
fn running_the_old_binary_into_u_writes_the_file_and_heals_a_failed_start() {
    let (mut world, mut node) = halted_then_new(stores(MissedStores::FailsAtStart));
    ends(&mut world, node);
    world.restart(&mut node, exec(OLD));
    assert_eq!(ends(&mut world, node).1, Some(Rule::UpgradeNeeded));
    world.restart(&mut node, exec(NEW));
    world.run_to(node, executed(U + 1));
}

#[test]
fn a_new_binary_of_a_minor_upgrade_that_runs_through_u_misses_the_stores() {
    let mut profile = stores(MissedStores::Diverges);
    profile.upgrades[0].kind = UpgradeKind::Minor;
    let (mut world, node) = at_tip(profile, exec(NEW));
    assert_eq!(ends(&mut world, node), ((2, U, U), Some(Rule::DivergenceEnds)));
}

#[test]
fn without_store_changes_a_clean_halt_and_an_image_swap_is_fine() {
    let (mut world, node) = halted_then_new(profile());
    world.run_to(node, executed(U + 1));
    assert_eq!(exits(&world, node), []);
}

#[test]
fn state_from_above_u_needs_no_file() {
    let (mut world, node) = crate::world::from_snapshot(stores(MissedStores::FailsAtStart), U + 1000, NEW);
    world.run_to(node, crate::harness::in_consensus);
    assert_eq!(exits(&world, node), []);
}
