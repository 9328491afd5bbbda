//! The sidecar's tasks (chain.md, section 4), one or more rows a task.

use crate::harness::{Node, OLD, START, U, World, await_height, config, exec, in_consensus, peers, profile, restore, rpc_up, sources};
use api::task::{AwaitAction, ConfigureStateSync, DiscoverySource, ResultExportParams};
use api::{Height, SidecarTask};
use ports::{TaskRequest, TaskState};
use simchain::profile::{OddSnapshot, SidecarImage};
use simchain::{ChainProfile, Happening, Interference, Output, Program, Signal, TaskFault};
use simcore::Span;
use std::sync::Arc;
use std::time::Duration;

fn pod_of(profile: ChainProfile) -> (World, Node) {
    let mut world = World::new(profile, 1);
    let volume = world.volume();
    let node = world.pod("n-0", volume, exec(OLD));
    (world, node)
}

fn pod() -> (World, Node) {
    pod_of(profile())
}

fn state_sync() -> SidecarTask {
    SidecarTask::ConfigureStateSync(Arc::new(ConfigureStateSync {
        use_local_snapshot: false,
        trust_period: String::new(),
        backfill_blocks: 0,
    }))
}

fn restored(world: &World, node: Node) -> Option<u64> {
    world.happenings(node).into_iter().find_map(|(_, what)| match what {
        Happening::TaskEnded { height: Some(height), .. } => Some(height.0),
        _ => None,
    })
}

/// How long a task took.
fn takes(world: &mut World, node: Node, task: SidecarTask) -> Duration {
    let began = world.now;
    world.perform(node, task).expect("it works");
    world.now.since(began)
}

#[test]
fn snapshot_restore_takes_the_highest_snapshot_at_or_below_the_target_not_a_newer_one() {
    let (mut world, node) = pod();
    world.perform(node, restore(START - 1)).expect("a snapshot");
    assert_eq!(restored(&world, node), Some(START - 2000));
}

#[test]
fn snapshot_restore_without_a_snapshot_at_or_below_the_target_fails() {
    let (mut world, node) = pod();
    assert_eq!(world.perform(node, restore(1999)), Err("no snapshot at or below height 1999".into()));
}

#[test]
fn snapshot_restore_does_not_find_a_snapshot_that_is_not_published_yet() {
    let mut profile = profile();
    profile.snapshots.published_after = Span::seconds(7200, 7200);
    let (mut world, node) = pod_of(profile);
    world.perform(node, restore(START)).expect("an older one");
    assert!(restored(&world, node).expect("restored") <= START - 18_000);
}

#[test]
fn snapshot_restore_does_not_find_a_snapshot_that_has_expired() {
    let mut profile = profile();
    profile.snapshots.kept = Duration::from_secs(4 * 86_400);
    let (mut world, node) = pod_of(profile);
    assert_eq!(world.perform(node, restore(10_000)), Err("no snapshot at or below height 10000".into()), "made 4.5 days before");
}

#[test]
fn snapshot_restore_of_a_corrupt_snapshot_fails_after_its_time_and_again_when_posted_again() {
    let mut profile = profile();
    profile.snapshots.odd = vec![OddSnapshot { height: Height(START), corrupt: true, ..OddSnapshot::default() }];
    let (mut world, node) = pod_of(profile);
    for _ in 0..2 {
        let error = world.perform(node, restore(START)).expect_err("corrupt");
        assert!(error.contains("snapshot 1000000"), "{error}");
    }
    world.perform(node, restore(START - 1)).expect("the one below is sound");
}

#[test]
fn snapshot_restore_passes_over_a_missing_snapshot() {
    let (mut world, node) = pod();
    let odd = OddSnapshot { height: Height(START), missing: true, ..OddSnapshot::default() };
    world.with(|chain, cx| chain.interfere(cx, Interference::Snapshot(odd)));
    world.perform(node, restore(START)).expect("a snapshot");
    assert_eq!(restored(&world, node), Some(START - 2000));
}

#[test]
fn snapshot_restore_of_a_slow_snapshot_takes_hours() {
    let mut profile = profile();
    profile.snapshots.odd = vec![OddSnapshot { restore: Some(Span::seconds(7200, 7200)), ..OddSnapshot::default() }];
    let (mut world, node) = pod_of(profile);
    assert_eq!(takes(&mut world, node, restore(START)), Duration::from_secs(7200));
}

#[test]
fn snapshot_restore_interrupted_begins_from_zero_in_the_next_process() {
    let mut profile = profile();
    profile.snapshots.restore = Span::seconds(600, 600);
    let (mut world, mut node) = pod_of(profile);
    let id = world.submit(node, restore(START));
    world.run_until(world.now + Duration::from_secs(500));
    world.signal(node.sidecar, Signal::Kill);
    node.sidecar = world.launch(node.pod, node.volume, Program::Sidecar { image: "seictl".into() });
    let started = world.now;
    world.rest();
    let ended = world.first(node, |what| matches!(what, Happening::TaskEnded { .. })).expect("ended");
    assert!(ended.since(started) >= Duration::from_secs(600));
    assert_eq!(world.chain.task(node.pod, id).expect("known").state, TaskState::Completed);
}

#[test]
fn snapshot_restore_done_is_a_no_op_when_it_runs_again() {
    let (mut world, node) = pod();
    world.perform(node, restore(START)).expect("a snapshot");
    world.perform(node, restore(1)).expect("the marker is there");
    assert!(takes(&mut world, node, restore(1)) <= Duration::from_millis(50));
}

#[test]
fn configure_genesis_takes_its_time_once_and_fails_without_the_object() {
    let (mut world, node) = pod();
    assert!(takes(&mut world, node, SidecarTask::ConfigureGenesis) >= Duration::from_millis(100));
    assert!(takes(&mut world, node, SidecarTask::ConfigureGenesis) <= Duration::from_millis(50));
    let (mut world, node) = pod_of(ChainProfile { genesis_available: false, ..profile() });
    assert_eq!(world.perform(node, SidecarTask::ConfigureGenesis), Err("no genesis file of chain pacific-1".into()));
}

#[test]
fn config_apply_drops_peers_and_state_sync() {
    let (mut world, node) = pod();
    world.prepare(node, START);
    world.perform(node, config("full")).expect("a configuration");
    assert_eq!(world.perform(node, state_sync()), Err("no peers configured".into()));
}

#[test]
fn config_validate_takes_milliseconds() {
    let (mut world, node) = pod();
    assert!(takes(&mut world, node, SidecarTask::ConfigValidate) <= Duration::from_millis(50));
}

#[test]
fn discover_peers_asks_unreachable_endpoints_in_sequence() {
    let mut profile = profile();
    profile.sidecar.peer_unreachable = Span::seconds(10, 10);
    profile.peers.upgrade_after = Span::seconds(300, 300);
    let (mut world, node) = pod_of(profile);
    world.run_until(world.chain.time_of(Height(U)).expect("made") + Duration::from_secs(10));
    let began = world.now;
    assert_eq!(world.perform(node, peers()), Err("no reachable peers found".into()));
    assert_eq!(world.now.since(began), Duration::from_secs(80), "8 peers, 10 s each");
}

#[test]
fn discover_peers_takes_50_ms_a_peer_that_answers() {
    let (mut world, node) = pod();
    assert_eq!(takes(&mut world, node, peers()), Duration::from_millis(400));
}

#[test]
fn discover_peers_needs_the_rpc_of_our_own_nodes_to_be_up() {
    let (mut world, asking) = pod();
    let named = || sources(DiscoverySource::DnsEndpoints { endpoints: vec!["n-1-0.n-1.default.svc.cluster.local".into()] });
    assert!(world.perform(asking, named()).is_err());
    let node = world.node("n-1", START, exec(OLD));
    world.run_to(node, rpc_up);
    world.perform(asking, named()).expect("it answers");
}

#[test]
fn configure_state_sync_fails_without_peers() {
    let (mut world, node) = pod();
    assert_eq!(world.perform(node, state_sync()), Err("no peers configured".into()));
}

#[test]
fn configure_state_sync_asks_only_the_first_peer_and_fails_while_its_rpc_is_down() {
    let (mut world, node) = pod();
    world.perform(node, peers()).expect("peers");
    world.with(|chain, cx| chain.interfere(cx, Interference::PeersGone { count: 1, lasts: Duration::from_secs(600) }));
    assert_eq!(world.perform(node, state_sync()), Err("the first peer's RPC does not answer".into()), "seven others are up");
    world.run_until(world.now + Duration::from_secs(600));
    world.perform(node, state_sync()).expect("it is back");
}

#[test]
fn configure_state_sync_fails_at_a_pruned_height() {
    let mut profile = profile();
    profile.peers.snapshotter_retention = 1000;
    let (mut world, node) = pod_of(profile);
    world.perform(node, peers()).expect("peers");
    let error = world.perform(node, state_sync()).expect_err("pruned");
    assert!(error.contains("is not available, lowest height is"), "{error}");
}

#[test]
fn configure_state_sync_done_is_a_no_op_even_after_its_settings_were_dropped() {
    let (mut world, node) = pod();
    world.perform(node, peers()).expect("peers");
    world.perform(node, state_sync()).expect("a block to trust");
    world.perform(node, config("full")).expect("a configuration");
    world.perform(node, state_sync()).expect("the marker is there, the settings are not");
    world.perform(node, peers()).expect("peers");
    world.perform(node, SidecarTask::MarkReady).expect("ready");
    world.run_to(node, rpc_up);
    world.rest();
    assert_eq!(world.app(node), 0, "block 1 is nobody's any more");
}

#[test]
fn mark_ready_lets_seid_start_within_5_s_and_is_lost_with_the_process() {
    let (mut world, mut node) = pod();
    world.perform(node, SidecarTask::MarkReady).expect("ready");
    let ready = world.now;
    let started = world.run_to(node, |what| matches!(what, Happening::SeidStarted { .. }));
    assert!(started.since(ready) <= Duration::from_secs(5));
    world.signal(node.sidecar, Signal::Kill);
    node.sidecar = world.launch(node.pod, node.volume, Program::Sidecar { image: "seictl".into() });
    world.run_until(world.now + Duration::from_secs(4));
    assert_eq!(world.chain.sidecar_state(node.pod), Ok(ports::SidecarState::Initializing));
}

#[test]
fn await_condition_has_no_deadline() {
    let (mut world, node) = pod();
    let id = world.submit(node, await_height(START + 10, None));
    world.run_until(world.now + Duration::from_secs(30 * 86_400));
    assert_eq!(world.chain.task(node.pod, id).expect("known").state, TaskState::Running);
}

#[test]
fn await_condition_with_sigterm_kills_a_seid_that_does_not_stop_within_30_s() {
    let mut profile = profile();
    profile.seid.graceful_stop = Span::seconds(40, 40);
    let mut world = World::new(profile, 1);
    let node = world.node("n-0", START, exec(OLD));
    world.run_to(node, in_consensus);
    world.submit(node, await_height(START + 1000, Some(AwaitAction::SigtermSeid)));
    world.run_to(node, crate::harness::exited);
    assert_eq!(world.exit_code(node.seid), Some(137));
}

#[test]
fn await_condition_run_again_after_a_restart_fires_at_once() {
    let mut world = World::new(profile(), 1);
    let mut node = world.node("n-0", START, exec(OLD));
    world.run_to(node, in_consensus);
    let reached = world.app(node);
    world.signal(node.sidecar, Signal::Kill);
    node.sidecar = world.launch(node.pod, node.volume, Program::Sidecar { image: "seictl".into() });
    world.run_until(world.now + Duration::from_secs(4));
    let began = world.now;
    world.perform(node, await_height(reached, None)).expect("reached");
    assert!(world.now.since(began) <= Duration::from_millis(100));
}

#[test]
fn snapshot_upload_runs_for_ever() {
    let (mut world, node) = pod();
    let id = world.submit(node, SidecarTask::SnapshotUpload);
    world.run_until(world.now + Duration::from_secs(30 * 86_400));
    assert_eq!(world.chain.task(node.pod, id).expect("known").state, TaskState::Running);
}

#[test]
fn result_export_runs_for_ever() {
    let (mut world, node) = pod();
    let text = String::new;
    let params = ResultExportParams { bucket: text(), region: text(), prefix: text(), canonical_rpc: text() };
    let id = world.submit(node, SidecarTask::ResultExport(Arc::new(params)));
    world.run_until(world.now + Duration::from_secs(30 * 86_400));
    assert_eq!(world.chain.task(node.pod, id).expect("known").state, TaskState::Running);
}

#[test]
fn a_monitor_task_interrupted_by_a_graceful_stop_is_failed_or_still_running_and_only_then_runs_again() {
    let (mut failed, mut running) = (0, 0);
    for seed in 0..100 {
        let mut world = World::new(profile(), seed);
        let volume = world.volume();
        let mut node = world.pod("n-0", volume, exec(OLD));
        let id = world.submit(node, SidecarTask::SnapshotUpload);
        world.signal(node.sidecar, Signal::Terminate);
        world.run_until(world.now + Duration::from_secs(1));
        node.sidecar = world.launch(node.pod, node.volume, Program::Sidecar { image: "seictl".into() });
        world.run_until(world.now + Duration::from_secs(4));
        let report = world.chain.task(node.pod, id).expect("the row is on the volume");
        let began = world.happenings(node).into_iter().filter(|(_, what)| matches!(what, Happening::TaskStarted { .. })).count();
        match (report.state, began) {
            (TaskState::Failed, 1) => failed += 1,
            (TaskState::Running, 2) => running += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(failed > 30 && running > 30, "{failed} {running}");
}

#[test]
fn the_tasks_of_the_genesis_ceremony_are_not_modelled() {
    let (world, node) = pod();
    let (mut chain, mut luck, mut later, mut out) = (world.chain.clone(), world.luck.clone(), Vec::new(), Vec::new());
    let mut cx = simchain::Context { now: world.now, luck: &mut luck, later: &mut later, out: &mut out };
    let request = TaskRequest { id: None, task: SidecarTask::SetGenesisPeers };
    chain.submit(&mut cx, node.pod, request).expect("accepted");
    assert!(out.iter().any(|output| matches!(output, Output::Unmodelled(what) if what.contains("set-genesis-peers"))));
}

#[test]
fn a_failed_id_posted_again_runs_again_with_the_default_image() {
    let (mut world, node) = pod();
    let id = world.submit(node, restore(1));
    world.rest();
    world.submit_as(node, id, restore(START));
    world.rest();
    assert_eq!(world.chain.task(node.pod, id).expect("known").state, TaskState::Completed);
}

#[test]
fn a_failed_id_posted_again_answers_the_old_failure_for_ever_with_an_older_image() {
    let mut profile = profile();
    profile.sidecars = vec![SidecarImage { image: "seictl".into(), reruns_failed_tasks: false }];
    let (mut world, node) = pod_of(profile);
    let id = world.submit(node, restore(1));
    world.rest();
    world.submit_as(node, id, restore(START));
    world.rest();
    assert_eq!(world.chain.task(node.pod, id).expect("known").state, TaskState::Failed);
}

#[test]
fn a_task_type_can_be_made_to_fail_n_times_or_for_ever() {
    let (mut world, node) = pod();
    let fault = |times| Interference::FailTask(TaskFault { node: Some("n-0".into()), kind: "config-apply".into(), times });
    world.with(|chain, cx| chain.interfere(cx, fault(Some(2))));
    assert_eq!([0; 3].map(|_| world.perform(node, config("full")).is_ok()), [false, false, true]);
    world.with(|chain, cx| chain.interfere(cx, fault(None)));
    assert_eq!([0; 3].map(|_| world.perform(node, config("full")).is_ok()), [false; 3]);
    world.perform(node, SidecarTask::ConfigValidate).expect("other types work");
}
