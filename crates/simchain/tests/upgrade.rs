//! What a planned upgrade does to old and new binaries, from the incumbents' panic to the entrants' first block.

mod harness;

use api::Height;
use harness::*;
use simchain::profile::UpgradeKind;
use simchain::{Endpoint, Happening, Signal};
use std::time::Duration;

fn panicked(text: &'static str) -> impl Fn(&Happening) -> bool {
    move |what| matches!(what, Happening::Panicked { message, .. } if message.contains(text))
}

fn first_block(world: &World, node: Node) -> Vec<u64> {
    let heights = world.happenings(node).into_iter();
    heights.filter_map(|(_, what)| if let Happening::FirstBlock { height } = what { Some(height.0) } else { None }).collect()
}

fn exits(world: &World, node: Node) -> Vec<(i32, u64, u64)> {
    let all = world.happenings(node).into_iter();
    all.filter_map(|(_, what)| if let Happening::SeidExited { code, app, store } = what { Some((code, app.0, store.0)) } else { None })
        .collect()
}

#[test]
fn an_old_binary_panics_at_u_and_crash_loops_before_rpc() {
    let mut world = World::new(profile(), 1);
    let mut node = world.node("rpc-0", START, exec(OLD));
    world.run_to(node, exited);
    for _ in 0..2 {
        world.restart(&mut node, exec(OLD));
        world.run_to(node, exited);
    }
    assert_eq!(exits(&world, node), [(2, U - 1, U); 3]);
    let rpc = world.happenings(node).into_iter().filter(|(_, what)| rpc_up(what)).count();
    assert_eq!((rpc, world.exit_code(node.seid)), (1, Some(2)));
    assert!(world.first(node, panicked("UPGRADE \"v6.4\" NEEDED at height: 1009000")).is_some());
}

#[test]
fn block_u_comes_on_time_and_the_next_one_only_after_the_network_has_upgraded() {
    for seed in 0..50 {
        let world = World::new(profile(), seed);
        let gap = |height: u64| {
            let at = |height| world.chain.time_of(Height(height)).expect("made");
            at(height).since(at(height - 1))
        };
        let block = Duration::from_millis(400);
        assert!(gap(U) < 2 * block && gap(U + 2) < 2 * block);
        assert!(gap(U + 1) >= Duration::from_secs(59) && gap(U + 1) <= Duration::from_secs(601), "{:?}", gap(U + 1));
    }
}

#[test]
fn an_old_bootstrap_and_a_new_binary_meet_at_u() {
    for seed in 0..40 {
        let mut world = World::new(profile(), seed);
        let volume = world.volume();
        let job = world.pod("rpc-g2-0", volume, bootstrap(OLD, U - 1));
        world.prepare(job, START);
        world.submit(job, harness::await_height(U - 1, None));
        world.perform(job, api::SidecarTask::MarkReady).expect("ready");
        let halted = world.run_to(job, exited);
        assert_eq!((exits(&world, job), world.exit_code(job.seid)), (vec![(0, U - 1, U - 1)], Some(0)), "seed {seed}");
        assert!(halted.since(world.chain.time_of(Height(U - 1)).expect("made")) < Duration::from_secs(22));
        world.signal(job.sidecar, Signal::Terminate);
        world.run_until(world.now + Duration::from_secs(60));

        let node = world.pod("rpc-g2-0", volume, exec(NEW));
        while world.perform(node, config("full")).is_err() || world.perform(node, peers()).is_err() {
            world.run_until(world.now + Duration::from_secs(60));
        }
        world.perform(node, api::SidecarTask::MarkReady).expect("ready");
        world.run_to(node, executed(U + 1));
        assert_eq!(first_block(&world, node), [U]);
        let applied = world.happenings(node).into_iter().filter(|(_, what)| matches!(what, Happening::UpgradeApplied { .. })).count();
        assert_eq!(applied, 1, "seed {seed}");
        world.rest();
        assert!(world.chain.lag(world.now, node.pod).expect("runs") <= 2);
    }
}

#[test]
fn a_new_binary_before_u_refuses_a_major_upgrade_and_runs_a_minor_one() {
    let mut world = World::new(profile(), 3);
    let node = world.node("rpc-0", START, exec(NEW));
    world.run_to(node, exited);
    assert_eq!(first_block(&world, node), [START + 1]);
    assert_eq!(exits(&world, node), [(2, START, START + 1)], "in block sync the block is in the store");
    assert!(world.first(node, panicked("BINARY UPDATED BEFORE TRIGGER")).is_some());

    let mut world = World::new(profile_with(UpgradeKind::Minor), 3);
    let node = world.node("rpc-0", START, exec(NEW));
    world.run_to(node, executed(U + 1));
    assert!(exits(&world, node).is_empty());
}

fn profile_with(kind: UpgradeKind) -> simchain::ChainProfile {
    let mut profile = profile();
    profile.upgrades[0].kind = kind;
    profile
}

#[test]
fn a_minor_upgrade_panics_an_old_binary_at_u_all_the_same() {
    let mut world = World::new(profile_with(UpgradeKind::Minor), 3);
    let node = world.node("rpc-0", START, exec(OLD));
    world.run_to(node, exited);
    assert_eq!(exits(&world, node), [(2, U - 1, U)]);
}

#[test]
fn an_old_binary_on_upgraded_state_finds_a_wrong_app_version() {
    let mut world = World::new(profile(), 4);
    world.run_until(world.chain.time_of(Height(U + 5000)).expect("made"));
    let node = world.node("rpc-0", U + 2000, exec(OLD));
    world.run_to(node, exited);
    assert!(world.first(node, panicked("Wrong app version")).is_some());
    assert_eq!(exits(&world, node)[0].0, 2);
}

#[test]
fn a_defect_at_u_leaves_the_process_alive_and_stuck_in_consensus() {
    let mut profile = profile_with(UpgradeKind::Minor);
    profile.binaries[2].panics_at = Some(Height(U));
    let mut world = World::new(profile, 5);
    let mut node = world.node("rpc-0", START, exec(NEW));
    world.run_to(node, |what| matches!(what, Happening::Panicked { stuck: true, .. }));
    world.rest();
    let view = world.chain.view(world.now, node.pod).expect("alive");
    assert_eq!((view.app, view.store, view.rpc, view.wedged), (Height(U - 1), Height(U), true, true));
    assert_eq!(world.answers(node, Endpoint::LagStatus).last().map(|(_, ok)| *ok), Some(false), "it lags more and more");

    world.signal(node.seid, Signal::Kill);
    world.restart(&mut node, exec(NEW));
    world.run_to(node, exited);
    assert_eq!(exits(&world, node), [(137, U - 1, U), (1, U - 1, U)], "the handshake replays the block and fails");
}

#[test]
fn a_plan_that_never_passes_changes_nothing() {
    let mut profile = profile();
    profile.upgrades[0].passed_at = Height(U);
    let mut world = World::new(profile, 6);
    let node = world.node("rpc-0", START, exec(OLD));
    world.rest();
    world.run_until(world.chain.time_of(Height(U + 100)).expect("made"));
    assert!(world.app(node) >= U + 97);
}

#[test]
fn a_follower_that_finds_no_upgraded_peer_waits_and_then_catches_up() {
    let mut profile = profile_with(UpgradeKind::Minor);
    profile.peers.upgrade_after = simcore::Span::seconds(800, 900);
    profile.resume_after = simcore::Span::seconds(60, 60);
    let mut world = World::new(profile, 7);
    let node = world.node("rpc-0", START, exec(NEW));
    let at_u = world.run_to(node, executed(U));
    world.run_until(at_u + Duration::from_secs(700));
    assert_eq!(world.app(node), U, "the network goes on, and nobody hands its blocks on");
    assert!(world.chain.lag(world.now, node.pod).expect("runs") > 1000);
    world.rest();
    assert!(world.chain.lag(world.now, node.pod).expect("runs") <= 2);
    assert_eq!(world.answers(node, Endpoint::LagStatus).last().map(|(_, ok)| *ok), Some(true));
}

#[test]
fn after_the_old_binarys_panic_the_new_one_replays_u_and_finds_the_upgrade_info_file() {
    let mut profile = profile();
    profile.upgrades[0].adds_or_deletes_stores = true;
    let mut world = World::new(profile, 8);
    let mut node = world.node("rpc-0", START, exec(OLD));
    world.run_to(node, exited);
    world.restart(&mut node, exec(NEW));
    let applied = world.run_to(node, |what| matches!(what, Happening::UpgradeApplied { height, .. } if height.0 == U));
    let rpc = world.happenings(node).into_iter().rfind(|(_, what)| rpc_up(what)).map(|(at, _)| at);
    assert_eq!(rpc, Some(applied), "the handshake replays the block that is in the block store");
    assert_eq!(first_block(&world, node), [START + 1, U]);
    world.run_to(node, executed(U + 1));
    assert!(world.now >= world.chain.time_of(Height(U + 1)).expect("made"));
}

#[test]
fn a_binary_that_panics_at_start_never_answers_rpc() {
    let mut profile = profile();
    profile.binaries[0].panics_at_start = true;
    let mut world = World::new(profile, 8);
    let node = world.node("rpc-0", START, exec(OLD));
    world.run_to(node, exited);
    assert_eq!((exits(&world, node), world.first(node, rpc_up)), (vec![(2, START, START)], None));
}
