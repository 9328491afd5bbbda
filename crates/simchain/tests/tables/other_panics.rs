//! Other panics while executing, and what `/status` and `/lag_status` show of a process that stays (chain.md, section 2).

use crate::harness::{NEW, Node, START, U, World, binary, exec, in_consensus, profile};
use crate::world::{at_tip, ends, exits, syncing};
use api::Height;
use simchain::profile::UpgradeKind;
use simchain::{ChainProfile, Endpoint, Happening, Rule, Signal};
use std::time::Duration;

const BAD: u64 = START + 2000;

fn defective() -> ChainProfile {
    let mut profile = profile();
    profile.upgrades.clear();
    profile.binaries = vec![binary(NEW, &[]), binary("sei:v6.4.1", &[])];
    profile.binaries[0].panics_at = Some(Height(BAD));
    profile
}

fn stuck() -> (World, Node) {
    let (mut world, node) = at_tip(defective(), exec(NEW));
    world.run_to(node, |what| matches!(what, Happening::Panicked { stuck: true, .. }));
    (world, node)
}

#[test]
fn in_consensus_the_process_stays_alive_and_stuck_with_rpc_up_and_its_height_frozen() {
    let (mut world, node) = stuck();
    world.run_until(world.now + Duration::from_secs(3600));
    let view = world.chain.view(world.now, node.pod).expect("alive");
    assert_eq!((view.app, view.store, view.rpc, view.wedged), (Height(BAD - 1), Height(BAD), true, true));
    assert_eq!(view.rule, Rule::DefectSticks);
}

#[test]
fn a_stuck_process_that_is_told_to_stop_is_stuck_until_it_has() {
    let (mut world, node) = stuck();
    world.signal(node.seid, Signal::Terminate);
    let view = world.chain.view(world.now, node.pod).expect("not gone yet");
    assert_eq!((view.rpc, view.wedged, view.rule), (true, true, Rule::StopsGracefully));
}

#[test]
fn catching_up_stays_false_once_consensus_started_however_stuck() {
    let (world, node) = stuck();
    assert!(!world.chain.view(world.now, node.pod).expect("alive").catching_up);
}

#[test]
fn lag_status_of_a_stuck_process_turns_417_when_it_is_more_than_300_blocks_behind() {
    let (mut world, node) = stuck();
    world.run_until(world.chain.time_of(Height(BAD + 295)).expect("made"));
    assert_eq!(world.answers(node, Endpoint::LagStatus).last().map(|(_, ok)| *ok), Some(true));
    world.run_until(world.chain.time_of(Height(BAD + 301)).expect("made") + Duration::from_secs(10));
    assert_eq!(world.answers(node, Endpoint::LagStatus).last().map(|(_, ok)| *ok), Some(false));
}

#[test]
fn lag_status_stays_200_when_the_whole_chain_is_halted() {
    let mut profile = defective();
    profile.halts_for_ever_at = Some(Height(BAD));
    let (mut world, node) = at_tip(profile, exec(NEW));
    world.rest();
    world.run_until(world.now + Duration::from_secs(86_400));
    assert_eq!(world.answers(node, Endpoint::LagStatus).last().map(|(_, ok)| *ok), Some(true));
}

#[test]
fn in_block_sync_it_exits_with_2() {
    let (mut world, node) = syncing(defective(), START + 6000, exec(NEW));
    assert_eq!(ends(&mut world, node), ((2, BAD - 1, BAD), Some(Rule::DefectEnds)));
}

#[test]
fn in_the_handshake_it_exits_with_1_and_again_at_each_restart() {
    let (mut world, mut node) = stuck();
    world.signal(node.seid, Signal::Kill);
    for _ in 0..2 {
        world.restart(&mut node, exec(NEW));
        assert_eq!(ends(&mut world, node), ((1, BAD - 1, BAD), Some(Rule::DefectEnds)));
    }
    world.restart(&mut node, exec("sei:v6.4.1"));
    world.run_to(node, in_consensus);
    assert!(world.app(node) >= BAD, "another binary executes the block");
}

#[test]
fn a_binary_that_panics_at_start_exits_with_2_before_rpc() {
    let mut profile = profile();
    profile.binaries[2].panics_at_start = true;
    let (mut world, node) = at_tip(profile, exec(NEW));
    assert_eq!(ends(&mut world, node), ((2, START, START), Some(Rule::PanicsAtStart)));
}

#[test]
fn a_binary_that_panics_at_u_sticks_there_in_consensus() {
    let mut profile = profile();
    profile.upgrades[0].kind = UpgradeKind::Minor;
    profile.binaries[2].panics_at = Some(Height(U));
    let (mut world, node) = at_tip(profile, exec(NEW));
    world.run_to(node, |what| matches!(what, Happening::Panicked { stuck: true, .. }));
    assert_eq!((world.app(node), exits(&world, node).len()), (U - 1, 0));
}

#[test]
fn a_binary_that_panics_some_blocks_after_u_runs_until_there() {
    let mut profile = profile();
    profile.upgrades[0].kind = UpgradeKind::Minor;
    profile.binaries[2].panics_at = Some(Height(U + 5));
    let (mut world, node) = at_tip(profile, exec(NEW));
    world.run_to(node, |what| matches!(what, Happening::Panicked { stuck: true, .. }));
    assert_eq!(world.app(node), U + 4);
}
