//! Lineages: a code fork that is missed, and where the difference shows (chain.md, sections 1 and 2).

use crate::harness::{Node, START, World, binary, exec, in_consensus, profile};
use crate::world::{at_tip, ends, exits, syncing};
use api::Height;
use simchain::profile::CodeFork;
use simchain::{ChainProfile, Endpoint, Happening, Rule};
use std::time::Duration;

const FORK: u64 = START + 2000;
const PLAIN: &str = "sei:v6.5.0";
const FORKED: &str = "sei:v6.5.1";

fn forked() -> ChainProfile {
    let mut profile = profile();
    profile.upgrades.clear();
    profile.code_forks = vec![CodeFork { name: "gas".into(), height: Height(FORK) }];
    profile.binaries = vec![binary(PLAIN, &[]), binary(FORKED, &[])];
    profile.binaries[1].code_forks = vec!["gas".into()];
    profile
}

fn wedged() -> (World, Node) {
    let (mut world, mut node) = at_tip(forked(), exec(PLAIN));
    ends(&mut world, node);
    world.restart(&mut node, exec(PLAIN));
    world.run_to(node, |what| matches!(what, Happening::Diverged { wedged: true, .. }));
    (world, node)
}

#[test]
fn a_binary_that_carries_the_fork_passes_it_without_notice() {
    let (mut world, node) = at_tip(forked(), exec(FORKED));
    world.run_to(node, crate::harness::executed(FORK + 1));
    world.rest();
    let view = world.chain.view(world.now, node.pod).expect("alive");
    assert_eq!((view.diverged, exits(&world, node).len()), (false, 0));
}

#[test]
fn a_missed_fork_executes_its_height_and_differs_from_there_on() {
    let (mut world, node) = at_tip(forked(), exec(PLAIN));
    world.run_to(node, crate::harness::executed(FORK));
    assert!(world.chain.view(world.now, node.pod).expect("alive").diverged);
    let (mut other, good) = at_tip(forked(), exec(FORKED));
    other.run_to(good, crate::harness::executed(FORK));
    assert_ne!(world.chain.app_hash(node.volume), other.chain.app_hash(good.volume));
}

#[test]
fn divergence_at_h_shows_at_h_plus_1_in_consensus_with_exit_2() {
    let (mut world, node) = at_tip(forked(), exec(PLAIN));
    assert_eq!(ends(&mut world, node), ((2, FORK, FORK), Some(Rule::DivergenceEnds)));
}

#[test]
fn after_the_restart_block_sync_drops_its_peers_and_the_process_stays_wedged_and_catching_up_for_ever() {
    let (mut world, node) = wedged();
    world.run_until(world.now + Duration::from_secs(86_400));
    let view = world.chain.view(world.now, node.pod).expect("alive");
    assert_eq!((view.app, view.rpc, view.wedged, view.diverged, view.catching_up), (Height(FORK), true, true, true, true));
    assert_eq!((view.rule, exits(&world, node).len()), (Rule::DivergenceWedges, 1));
}

#[test]
fn a_wedged_process_without_peers_answers_lag_status_with_200() {
    let (mut world, node) = wedged();
    world.run_until(world.now + Duration::from_secs(3600));
    assert_eq!(world.answers(node, Endpoint::LagStatus).last().map(|(_, ok)| *ok), Some(true));
}

#[test]
fn divergence_in_block_sync_wedges_at_once() {
    let (mut world, node) = syncing(forked(), START + 6000, exec(PLAIN));
    world.run_to(node, |what| matches!(what, Happening::Diverged { wedged: true, .. }));
    let view = world.chain.view(world.now, node.pod).expect("alive");
    assert_eq!((view.app, view.wedged), (Height(FORK), true));
}

#[test]
fn the_right_binary_does_not_heal_a_state_that_differs() {
    let (mut world, mut node) = wedged();
    world.signal(node.seid, simchain::Signal::Kill);
    world.restart(&mut node, exec(FORKED));
    world.run_to(node, |what| matches!(what, Happening::Diverged { wedged: true, .. }));
    assert_eq!(world.app(node), FORK);
}

#[test]
fn a_fresh_snapshot_above_the_fork_does() {
    let mut world = World::new(forked(), 1);
    world.run_until(world.chain.time_of(Height(FORK + 3000)).expect("made"));
    let node = world.node("n-0", FORK + 2000, exec(PLAIN));
    world.run_to(node, in_consensus);
    assert!(!world.chain.view(world.now, node.pod).expect("alive").diverged);
}
