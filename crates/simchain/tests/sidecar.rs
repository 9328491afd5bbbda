//! The sidecar as its clients and its probes see it.

mod harness;

use api::task::{AwaitAction, DiscoverySource};
use api::{Height, SidecarTask};
use harness::*;
use ports::{SidecarError, SidecarState, TaskReport, TaskRequest, TaskState};
use simchain::profile::SidecarImage;
use simchain::{Endpoint, Happening, Interference, Output, Program, Signal};
use simcore::{Grid, StableHasher};
use std::time::Duration;
use uuid::Uuid;

fn state(world: &World, node: Node, id: Uuid) -> TaskState {
    world.chain.task(node.pod, id).expect("known").state
}

fn pod(seed: u64) -> (World, Node) {
    let mut world = World::new(profile(), seed);
    let volume = world.volume();
    let node = world.pod("n-0", volume, exec(OLD));
    (world, node)
}

/// The kubelet starts the sidecar again, and it boots.
fn restart(world: &mut World, node: &mut Node, image: &str) {
    node.sidecar = world.launch(node.pod, node.volume, Program::Sidecar { image: image.into() });
    world.run_until(world.now + Duration::from_secs(4));
}

/// How often a task began.
fn began(world: &World, node: Node, wanted: &str) -> usize {
    world.happenings(node).into_iter().filter(|(_, what)| matches!(what, Happening::TaskStarted { kind } if *kind == wanted)).count()
}

#[test]
fn a_sidecar_answers_only_once_it_has_booted() {
    let mut world = World::new(profile(), 1);
    let volume = world.volume();
    let mut node = world.pod("n-0", volume, exec(OLD));
    world.signal(node.sidecar, Signal::Kill);
    assert_eq!(world.exit_code(node.sidecar), Some(137));
    node.sidecar = world.launch(node.pod, volume, Program::Sidecar { image: "seictl".into() });
    assert!(!world.chain.sidecar_answers(node.pod));
    let unreachable = SidecarError::Unreachable("connection refused");
    assert_eq!(world.chain.sidecar_state(node.pod), Err(unreachable.clone()));
    let request = TaskRequest { id: None, task: SidecarTask::MarkReady };
    assert_eq!(world.chain.preview_submit(node.pod, &request), Some(Err(unreachable)));
    world.run_until(world.now + Duration::from_secs(3));
    assert_eq!(world.chain.sidecar_state(node.pod), Ok(SidecarState::Initializing));
    assert_eq!(world.answers(node, Endpoint::Livez).iter().map(|(_, ok)| *ok).collect::<Vec<_>>(), [true, false, true]);
}

#[test]
fn posting_a_running_or_completed_task_again_does_nothing() {
    let (mut world, node) = pod(1);
    let id = world.submit(node, restore(START));
    let again = TaskRequest { id: Some(id), task: restore(START) };
    assert_eq!(world.chain.preview_submit(node.pod, &again), Some(Ok(id)));
    let said = world.log.len();
    world.submit_as(node, id, restore(START));
    assert_eq!((world.log.len(), state(&world, node, id)), (said, TaskState::Running));
    world.rest();
    assert_eq!(state(&world, node, id), TaskState::Completed);
    assert_eq!(world.chain.preview_submit(node.pod, &again), Some(Ok(id)));
    assert_eq!(world.chain.task(node.pod, Uuid::nil()), Err(SidecarError::NotFound));
}

#[test]
fn posting_a_failed_task_again_runs_it_with_the_new_parameters() {
    let (mut world, node) = pod(1);
    let id = world.submit(node, restore(1));
    world.rest();
    let failed = TaskReport { state: TaskState::Failed, error: Some("no snapshot at or below height 1".into()) };
    assert_eq!(world.chain.task(node.pod, id), Ok(failed));
    assert_eq!(world.chain.preview_submit(node.pod, &TaskRequest { id: Some(id), task: restore(START) }), None);
    world.submit_as(node, id, restore(START));
    world.rest();
    assert_eq!(world.chain.task(node.pod, id), Ok(TaskReport { state: TaskState::Completed, error: None }));
}

#[test]
fn how_often_a_task_has_failed_alike_is_no_other_state() {
    let (mut world, node) = pod(1);
    let mut fingerprint = |attempts: bool| {
        if attempts {
            world.perform(node, restore(1)).expect_err("there is no such snapshot");
        }
        let mut hasher = StableHasher::default();
        world.chain.fingerprint(world.now, &mut hasher);
        hasher.fingerprint()
    };
    let (none, once, twice) = (fingerprint(false), fingerprint(true), fingerprint(true));
    assert!(none != once && once == twice);
}

#[test]
fn an_older_sidecar_answers_with_the_old_failure_for_ever() {
    let mut profile = profile();
    profile.sidecars = vec![SidecarImage { image: "seictl".into(), reruns_failed_tasks: false }];
    let mut world = World::new(profile, 1);
    let volume = world.volume();
    let node = world.pod("n-0", volume, exec(OLD));
    let id = world.submit(node, restore(1));
    world.rest();
    world.submit_as(node, id, restore(START));
    world.rest();
    assert_eq!(state(&world, node, id), TaskState::Failed);
}

#[test]
fn a_sidecar_told_to_keep_old_failures_answers_as_an_older_one_until_it_is_told_otherwise() {
    let (mut world, node) = pod(1);
    let id = world.submit(node, restore(1));
    world.rest();
    let stay = |world: &mut World, stay| {
        world.with(|chain, cx| chain.interfere(cx, Interference::OldFailures { node: "n-0".into(), stay }));
    };
    stay(&mut world, true);
    assert_eq!(world.chain.preview_submit(node.pod, &TaskRequest { id: Some(id), task: restore(START) }), Some(Ok(id)));
    world.submit_as(node, id, restore(START));
    world.rest();
    assert_eq!(state(&world, node, id), TaskState::Failed);
    stay(&mut world, false);
    world.submit_as(node, id, restore(START));
    world.rest();
    assert_eq!(state(&world, node, id), TaskState::Completed);
}

#[test]
fn readiness_dies_with_the_process_and_a_completed_mark_ready_does_not_bring_it_back() {
    let (mut world, mut node) = pod(1);
    let id = world.submit(node, SidecarTask::MarkReady);
    world.run_until(world.now + Duration::from_secs(1));
    assert_eq!(world.chain.sidecar_state(node.pod), Ok(SidecarState::Ready));
    world.signal(node.sidecar, Signal::Kill);
    restart(&mut world, &mut node, "seictl");
    assert_eq!((world.chain.sidecar_state(node.pod), state(&world, node, id)), (Ok(SidecarState::Initializing), TaskState::Completed));
    world.submit_as(node, id, SidecarTask::MarkReady);
    world.run_until(world.now + Duration::from_secs(1));
    assert_eq!(world.chain.sidecar_state(node.pod), Ok(SidecarState::Initializing));
    assert_eq!(world.answers(node, Endpoint::Healthz).iter().map(|(_, ok)| *ok).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn tasks_that_were_running_begin_again_in_the_next_process_and_no_others() {
    let (mut world, mut node) = pod(1);
    world.perform(node, SidecarTask::ConfigureGenesis).expect("a genesis");
    let id = world.submit(node, restore(START));
    world.signal(node.sidecar, Signal::Kill);
    restart(&mut world, &mut node, "seictl");
    assert_eq!((began(&world, node, "snapshot-restore"), began(&world, node, "configure-genesis")), (2, 1));
    world.rest();
    assert_eq!(state(&world, node, id), TaskState::Completed);
}

#[test]
fn a_graceful_stop_fails_about_half_of_what_runs() {
    let mut failed = 0;
    for seed in 0..200 {
        let (mut world, mut node) = pod(seed);
        let id = world.submit(node, SidecarTask::SnapshotUpload);
        world.signal(node.sidecar, Signal::Terminate);
        assert!(!world.chain.sidecar_answers(node.pod));
        world.run_until(world.now + Duration::from_secs(1));
        assert_eq!(world.exit_code(node.sidecar), Some(0));
        restart(&mut world, &mut node, "seictl");
        let report = world.chain.task(node.pod, id).expect("known");
        match report.state {
            TaskState::Failed => {
                assert_eq!(report.error.as_deref(), Some("context canceled"));
                failed += 1;
            }
            TaskState::Running => {}
            TaskState::Completed => panic!("it never ends"),
        }
    }
    assert!((70..130).contains(&failed), "{failed}");
}

#[test]
fn restoring_a_snapshot_is_done_once_a_volume() {
    let (mut world, node) = pod(1);
    world.perform(node, restore(START)).expect("a snapshot");
    let height = world.happenings(node).into_iter().find_map(|(_, what)| match what {
        Happening::TaskEnded { kind: "snapshot-restore", height, .. } => height,
        _ => None,
    });
    assert_eq!(height, Some(Height(START)));
    world.perform(node, restore(1)).expect("the marker makes it a no-op");
    world.perform(node, config("full")).expect("a configuration");
    world.perform(node, peers()).expect("peers");
    world.perform(node, SidecarTask::MarkReady).expect("ready");
    let started = world.run_to(node, |what| matches!(what, Happening::SeidStarted { app, .. } if *app == Height(START)));
    assert!(started > secs(1));
}

#[test]
fn seid_starts_at_the_shells_first_look_after_mark_ready() {
    let mut world = World::new(profile(), 1);
    let volume = world.volume();
    let launched = world.now;
    let node = world.pod("n-0", volume, exec(OLD));
    world.run_until(launched + Duration::from_secs(63));
    world.perform(node, SidecarTask::MarkReady).expect("ready");
    let ready = world.now;
    let started = world.run_to(node, |what| matches!(what, Happening::SeidStarted { .. }));
    let looks = Grid { anchor: launched, period: Duration::from_secs(5) };
    assert_eq!(started, looks.at_or_after(ready));
}

#[test]
fn await_condition_sees_a_height_at_the_first_tenth_of_a_second_after_it() {
    let mut world = World::new(profile(), 1);
    let node = world.node("n-0", START, exec(OLD));
    world.run_to(node, in_consensus);
    let target = START + 1000;
    let began = world.now;
    let id = world.submit(node, await_height(target, None));
    let ended = world.run_to(node, |what| matches!(what, Happening::TaskEnded { kind: "await-condition", error: None, .. }));
    assert_eq!(state(&world, node, id), TaskState::Completed);
    let made = world.chain.time_of(Height(target)).expect("made");
    assert!(ended >= made && ended.since(made) <= Duration::from_millis(700));
    assert_eq!(Grid { anchor: began, period: Duration::from_millis(100) }.at_or_after(ended), ended);
    assert!(world.app(node) >= target);
}

#[test]
fn await_condition_waits_for_ever_for_a_height_that_does_not_come() {
    let (mut world, node) = pod(1);
    let id = world.submit(node, await_height(START + 1000, None));
    world.rest();
    assert!(world.queue.is_empty(), "nothing polls");
    assert_eq!(state(&world, node, id), TaskState::Running);
}

#[test]
fn await_condition_stops_seid_at_a_height_and_completes_when_it_is_gone() {
    let mut world = World::new(profile(), 1);
    let node = world.node("n-0", START, exec(OLD));
    world.run_to(node, in_consensus);
    let id = world.submit(node, await_height(START + 1000, Some(AwaitAction::SigtermSeid)));
    world.run_to(node, exited);
    assert_eq!((world.exit_code(node.seid), state(&world, node, id)), (Some(0), TaskState::Completed));
    assert!(world.queue.iter().count() > 0 && world.queue.iter().all(|(_, event)| !world.chain.counts(event)), "nothing is to come");
}

#[test]
fn an_await_at_u_sees_the_old_binary_only_in_the_milliseconds_before_it_dies() {
    let mut seen = 0;
    for seed in 0..60 {
        let mut world = World::new(profile(), seed);
        let node = world.node("n-0", START, exec(OLD));
        world.run_to(node, in_consensus);
        let id = world.submit(node, await_height(U, Some(AwaitAction::SigtermSeid)));
        world.run_to(node, exited);
        world.run_until(world.now + Duration::from_secs(60));
        assert_eq!(world.exit_code(node.seid), Some(2));
        seen += usize::from(state(&world, node, id) == TaskState::Completed);
    }
    assert!((3..30).contains(&seen), "a quarter of 60 is expected: {seen}");
}

#[test]
fn discover_peers_fails_while_every_peer_waits_for_its_upgrade() {
    let mut profile = profile();
    profile.peers.upgrade_after = simcore::Span::seconds(300, 300);
    let mut world = World::new(profile, 1);
    let volume = world.volume();
    let node = world.pod("n-0", volume, exec(NEW));
    let at_u = world.chain.time_of(Height(U)).expect("made");
    world.run_until(at_u + Duration::from_secs(10));
    assert_eq!(world.perform(node, peers()), Err("no reachable peers found".into()));
    world.run_until(at_u + Duration::from_secs(301));
    assert_eq!(world.perform(node, peers()), Ok(()));
}

#[test]
fn discover_peers_finds_our_own_nodes_by_name_once_their_rpc_is_up() {
    let mut world = World::new(profile(), 1);
    let volume = world.volume();
    let asking = world.pod("n-1", volume, exec(OLD));
    let source = || sources(DiscoverySource::DnsEndpoints { endpoints: vec!["n-0-0.n-0.default.svc.cluster.local".into()] });
    let node = world.node("n-0", START, exec(OLD));
    assert!(world.perform(asking, source()).is_err());
    world.run_to(node, rpc_up);
    assert_eq!(world.perform(asking, source()), Ok(()));
}

#[test]
fn every_change_that_a_client_could_see_is_told() {
    let (mut world, node) = pod(1);
    let said = |world: &World| world.log.iter().filter(|(_, output)| matches!(output, Output::SidecarChanged { .. })).count();
    let before = said(&world);
    world.perform(node, SidecarTask::ConfigValidate).expect("valid");
    assert_eq!(said(&world), before + 2, "the row appears, the row completes");
    world.signal(node.sidecar, Signal::Kill);
    assert_eq!(said(&world), before + 3);
}
