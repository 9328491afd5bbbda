//! Start: lock, handshake, state sync, then RPC (chain.md, section 2).

use crate::harness::{Node, OLD, START, World, binary, config, exec, exited, in_consensus, peers, profile, rpc_up};
use crate::world::{ends, exits, of_mode};
use api::task::{ConfigApply, ConfigureStateSync};
use api::{Height, SidecarTask};
use simchain::profile::CodeFork;
use simchain::{ChainProfile, Endpoint, Happening, Interference, Rule, Signal};
use simcore::Span;
use std::sync::Arc;
use std::time::Duration;

fn state_sync() -> SidecarTask {
    SidecarTask::ConfigureStateSync(Arc::new(ConfigureStateSync {
        use_local_snapshot: false,
        trust_period: String::new(),
        backfill_blocks: 0,
    }))
}

fn quiet() -> ChainProfile {
    let mut profile = profile();
    profile.upgrades.clear();
    profile.binaries = vec![binary(OLD, &[])];
    profile
}

/// A pod with peers and state sync configured, marked ready, on an empty volume.
fn syncing(mut world: World) -> (World, Node) {
    world.run_until(world.chain.time_of(Height(START + 5000)).expect("made"));
    let volume = world.volume();
    let node = world.pod("n-0", volume, exec(OLD));
    world.perform(node, config("archive")).expect("a configuration");
    world.perform(node, peers()).expect("peers");
    world.perform(node, state_sync()).expect("a block to trust");
    world.perform(node, SidecarTask::MarkReady).expect("ready");
    (world, node)
}

fn landed(world: &World, node: Node) -> Option<u64> {
    world
        .happenings(node)
        .into_iter()
        .find_map(|(_, what)| if let Happening::StateSynced { height } = what { Some(height.0) } else { None })
}

#[test]
fn a_data_directory_held_by_another_seid_is_exit_1() {
    let mut world = World::new(quiet(), 2);
    let first = world.node("n-0", START, exec(OLD));
    world.run_to(first, rpc_up);
    let second = world.pod("n-0", first.volume, exec(OLD));
    world.submit(second, SidecarTask::MarkReady);
    world.run_to(second, exited);
    assert_eq!(exits(&world, second)[0].0, 1);
    assert!(world.first(second, |what| *what == Happening::DataDirectoryLocked).is_some());
}

#[test]
fn an_archive_loses_up_to_100_app_blocks_on_a_hard_kill_and_the_handshake_executes_them_again() {
    let mut lost = Vec::new();
    for seed in 0..40 {
        let mut world = World::new(quiet(), seed);
        let mut node = of_mode(&mut world, "archive", exec(OLD));
        world.run_until(world.chain.time_of(Height(START + 3000)).expect("made"));
        let before = world.app(node);
        world.signal(node.seid, Signal::Kill);
        let (code, app, store) = exits(&world, node)[0];
        assert_eq!((code, store), (137, before), "blocks are kept");
        lost.push(before - app);
        world.restart(&mut node, exec(OLD));
        world.run_to(node, rpc_up);
        assert_eq!(world.app(node), before, "the handshake brings it back");
    }
    assert!(lost.iter().all(|blocks| *blocks <= 100) && lost.iter().any(|blocks| *blocks > 70) && lost.iter().any(|blocks| *blocks < 30));
}

#[test]
fn a_replayer_loses_as_many_app_blocks_as_its_commit_buffer_holds() {
    let mut lost = Vec::new();
    for seed in 0..20 {
        let mut world = World::new(quiet(), seed);
        let mut node = of_mode(&mut world, "full", exec(OLD));
        world.run_to(node, in_consensus);
        let buffer = ("storage.state_commit.async_commit_buffer".to_owned(), "100".to_owned());
        let replayer = ConfigApply { mode: "full".to_owned(), overrides: [buffer].into(), incremental: false, target_version: 0 };
        world.perform(node, SidecarTask::ConfigApply(Arc::new(replayer))).expect("a configuration");
        world.perform(node, peers()).expect("peers");
        world.signal(node.seid, Signal::Kill);
        world.restart(&mut node, exec(OLD));
        world.run_to(node, in_consensus);
        world.run_until(world.now + Duration::from_secs(600));
        let before = world.app(node);
        world.signal(node.seid, Signal::Kill);
        lost.push(before - exits(&world, node)[1].1);
    }
    assert!(lost.iter().all(|blocks| *blocks <= 100) && lost.iter().any(|blocks| *blocks > 50), "{lost:?}");
}

#[test]
fn a_full_node_and_a_validator_lose_no_block_on_a_hard_kill() {
    for mode in ["full", "validator"] {
        let mut world = World::new(quiet(), 3);
        let node = of_mode(&mut world, mode, exec(OLD));
        world.run_to(node, in_consensus);
        world.run_until(world.now + Duration::from_secs(600));
        let before = world.app(node);
        world.signal(node.seid, Signal::Kill);
        assert_eq!(exits(&world, node), [(137, before, before)]);
    }
}

#[test]
fn an_archive_stopped_gracefully_loses_nothing() {
    let mut world = World::new(quiet(), 3);
    let node = of_mode(&mut world, "archive", exec(OLD));
    world.run_to(node, in_consensus);
    world.run_until(world.now + Duration::from_secs(600));
    world.signal(node.seid, Signal::Terminate);
    let ((code, app, store), _) = ends(&mut world, node);
    assert_eq!((code, app), (0, store));
}

#[test]
fn app_below_state_executes_again_with_the_binary_now_running_and_a_lineage_mismatch_is_exit_1() {
    let mut profile = quiet();
    profile.code_forks = vec![CodeFork { name: "gas".into(), height: Height(START + 2990) }];
    profile.binaries = vec![binary(OLD, &[]), binary("sei:v6.5.1", &[])];
    profile.binaries[1].code_forks = vec!["gas".into()];
    let seed = (0..50).find(|seed| {
        let mut world = World::new(profile.clone(), *seed);
        let mut node = of_mode(&mut world, "archive", exec("sei:v6.5.1"));
        world.run_until(world.chain.time_of(Height(START + 3000)).expect("made"));
        world.signal(node.seid, Signal::Kill);
        if exits(&world, node)[0].1 >= START + 2990 {
            return false;
        }
        world.restart(&mut node, exec(OLD));
        let ((code, ..), rule) = ends(&mut world, node);
        assert_eq!((code, rule), (1, Some(Rule::LineageMismatch)));
        true
    });
    assert!(seed.is_some(), "some kill loses the fork's block");
}

#[test]
fn an_empty_state_is_state_synced_to_a_recent_snapshot_of_the_peers_before_rpc_comes_up() {
    let (mut world, node) = syncing(World::new(quiet(), 4));
    let up = world.run_to(node, rpc_up);
    let height = landed(&world, node).expect("landed");
    assert_eq!((height % 2000, world.first(node, |what| matches!(what, Happening::StateSynced { .. }))), (0, Some(up)));
    assert!(world.chain.network_height(world.now).above(Height(height)) < 6000);
    world.run_to(node, in_consensus);
}

#[test]
fn state_sync_is_skipped_if_state_exists() {
    let (mut world, mut node) = syncing(World::new(quiet(), 4));
    world.run_to(node, in_consensus);
    world.signal(node.seid, Signal::Kill);
    world.restart(&mut node, exec(OLD));
    world.run_to(node, in_consensus);
    let synced = world.happenings(node).into_iter().filter(|(_, what)| matches!(what, Happening::StateSynced { .. })).count();
    assert_eq!(synced, 1);
}

#[test]
fn state_sync_with_fewer_than_two_peers_waits_for_ever() {
    let mut profile = quiet();
    profile.peers.count = 1;
    profile.peers.snapshotters = 1;
    let (mut world, node) = syncing(World::new(profile, 4));
    world.rest();
    let view = world.chain.view(world.now, node.pod).expect("alive");
    assert_eq!((view.rule, view.rpc, landed(&world, node)), (Rule::EmptyStateSyncs, false, None));
}

#[test]
fn without_state_sync_an_empty_state_syncs_from_block_1_if_an_archive_holds_it() {
    for (archives, height) in [(0, 0), (1, 1)] {
        let mut profile = quiet();
        profile.peers.archives = archives;
        let mut world = World::new(profile, 4);
        let volume = world.volume();
        let node = world.pod("n-0", volume, exec(OLD));
        world.perform(node, config("full")).expect("a configuration");
        world.perform(node, peers()).expect("peers");
        world.perform(node, SidecarTask::MarkReady).expect("ready");
        world.run_to(node, rpc_up);
        world.run_until(world.now + Duration::from_secs(60));
        assert_eq!(world.app(node).min(1), height);
    }
}

#[test]
fn a_syncer_older_than_every_peers_oldest_block_stalls_alive_and_catching_up_for_ever() {
    let mut profile = quiet();
    profile.peers.full_retention = 1000;
    profile.peers.snapshotter_retention = 500;
    let mut world = World::new(profile, 4);
    world.run_until(world.chain.time_of(Height(START + 3000)).expect("made"));
    let node = world.node("n-0", START, exec(OLD));
    world.rest();
    let view = world.chain.view(world.now, node.pod).expect("alive");
    assert_eq!((view.rule, view.app, view.rpc, view.catching_up, view.wedged), (Rule::PeersPruned, Height(START), true, true, true));
}

#[test]
fn block_sync_turns_to_consensus_at_the_best_peers_height_less_1_with_two_peers() {
    let mut world = World::new(quiet(), 4);
    world.run_until(world.chain.time_of(Height(START + 20_000)).expect("made"));
    let node = world.node("n-0", START, exec(OLD));
    let up = world.run_to(node, rpc_up);
    world.run_until(up + Duration::from_secs(60));
    assert_eq!(world.chain.view(world.now, node.pod).expect("alive").rule, Rule::BlockSyncs);
    world.run_to(node, in_consensus);
    assert!(world.chain.network_height(world.now).above(Height(world.app(node))) <= 1);
    let view = world.chain.view(world.now, node.pod).expect("alive");
    assert_eq!((view.rule, view.catching_up), (Rule::FollowsTip, false));
}

#[test]
fn rpc_comes_up_3_to_30_s_after_the_start() {
    for seed in 0..30 {
        let mut world = World::new(quiet(), seed);
        let node = world.node("n-0", START, exec(OLD));
        let started = world.run_to(node, |what| matches!(what, Happening::SeidStarted { .. }));
        let took = world.run_to(node, rpc_up).since(started);
        assert!((Duration::from_secs(3)..=Duration::from_secs(30)).contains(&took));
    }
}

#[test]
fn at_the_tip_with_fewer_than_two_peers_consensus_does_not_begin_and_block_sync_goes_on() {
    let mut profile = quiet();
    profile.peers.count = 1;
    profile.peers.snapshotters = 0;
    let mut world = World::new(profile, 4);
    let node = world.node("n-0", START, exec(OLD));
    world.run_until(world.now + Duration::from_secs(3600));
    assert!(world.first(node, in_consensus).is_none());
    let view = world.chain.view(world.now, node.pod).expect("alive");
    assert_eq!((view.rule, view.catching_up, view.wedged), (Rule::NeedsSecondPeer, true, false));
    let behind = world.chain.network_height(world.now).above(view.app);
    assert!((1..=3).contains(&behind), "block h needs block h + 1: {behind}");
    let answers = world.answers(node, Endpoint::LagStatus);
    assert!(answers.iter().any(|(_, ok)| *ok) && answers.last().is_some_and(|(_, ok)| *ok), "{answers:?}");
}

#[test]
fn consensus_begins_once_a_second_peer_is_back() {
    let mut world = World::new(quiet(), 4);
    let count = usize::try_from(quiet().peers.count).expect("few") - 1;
    let gone = Interference::PeersGone { count, lasts: Duration::from_secs(3600) };
    world.with(|chain, cx| chain.interfere(cx, gone));
    let back = world.now + Duration::from_secs(3600);
    let node = world.node("n-0", START, exec(OLD));
    world.run_until(back - Duration::from_secs(1));
    assert!(world.first(node, in_consensus).is_none());
    let begins = world.run_to(node, in_consensus);
    assert!(begins >= back && begins < back + Duration::from_secs(1), "{begins}");
    assert!(world.chain.lag(world.now, node.pod).expect("alive") <= 2);
}

#[test]
fn the_signal_handler_is_there_15_s_after_rpc_in_full_mode_and_at_once_for_a_validator() {
    for (mode, code) in [("full", 143), ("archive", 143), ("validator", 0)] {
        let mut profile = quiet();
        profile.seid.graceful_stop = Span::seconds(1, 1);
        let mut world = World::new(profile, 5);
        let node = of_mode(&mut world, mode, exec(OLD));
        let up = world.run_to(node, rpc_up);
        world.run_until(up + Duration::from_secs(14));
        world.signal(node.seid, Signal::Terminate);
        world.run_until(world.now + Duration::from_secs(2));
        assert_eq!(world.exit_code(node.seid), Some(code), "{mode}");
    }
}
