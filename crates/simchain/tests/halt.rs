//! A halt at a halt height, and every other way in which seid's process ends.

mod harness;

use api::{Height, SidecarTask};
use harness::*;
use simchain::{Happening, ProcessId, Program, Rule, Signal};
use simcore::Span;
use std::collections::BTreeMap;
use std::time::Duration;

fn exits(world: &World, node: Node) -> Vec<(i32, u64)> {
    let all = world.happenings(node).into_iter();
    all.filter_map(|(_, what)| if let Happening::SeidExited { code, app, .. } = what { Some((code, app.0)) } else { None }).collect()
}

fn started_at(world: &World, node: Node) -> Vec<u64> {
    let all = world.happenings(node).into_iter();
    all.filter_map(|(_, what)| if let Happening::SeidStarted { app, .. } = what { Some(app.0) } else { None }).collect()
}

/// Bootstraps of an image that begin when the chain is so many blocks ahead of their snapshot: (code, blocks beyond target) with counts.
fn halts(image: &str, ahead: u64, target: u64, seeds: u64) -> BTreeMap<(i32, u64), usize> {
    let mut counts = BTreeMap::new();
    for seed in 0..seeds {
        let mut world = World::new(profile(), seed);
        let target = START + target;
        let volume = world.volume();
        world.run_until(world.chain.time_of(Height(START + ahead)).expect("made"));
        let node = world.pod("n-0", volume, bootstrap(image, target));
        world.prepare(node, START);
        world.perform(node, SidecarTask::MarkReady).expect("ready");
        world.run_to(node, exited);
        let (code, app) = exits(&world, node)[0];
        *counts.entry((code, app - target)).or_insert(0) += 1;
    }
    counts
}

#[test]
fn a_bootstrap_that_waits_at_the_tip_never_overshoots() {
    assert_eq!(halts(OLD, 1000, 5000, 60), BTreeMap::from([((0, 0), 60)]));
    let later: Vec<_> = halts(OLD_RACY, 1000, 5000, 60).into_keys().collect();
    assert!(later.iter().all(|(code, beyond)| [0, 143].contains(code) && *beyond == 0), "{later:?}");
}

#[test]
fn a_halt_in_block_sync_overshoots_with_the_tables_probabilities() {
    let earlier = halts(OLD, 4000, 2000, 600);
    let share = |code, beyond| earlier.get(&(code, beyond)).copied().unwrap_or(0) as i64 * 1000 / 600;
    assert!((share(0, 0) - 480).abs() < 70 && (share(0, 1) - 300).abs() < 70 && (share(0, 2) - 120).abs() < 50, "{earlier:?}");
    let later = halts(OLD_RACY, 4000, 2000, 600);
    assert!(later.keys().all(|ending| [(0, 0), (130, 1), (143, 1), (143, 0)].contains(ending)), "{later:?}");
    assert!(later[&(130, 1)] > 180 && later[&(0, 0)] > 200, "{later:?}");
}

#[test]
fn the_shell_turns_130_into_success_and_nothing_else() {
    let (mut successes, mut failures) = (0, 0);
    for seed in 0..80 {
        let mut world = World::new(profile(), seed);
        let node = world.node("n-0", START, bootstrap(OLD_RACY, START + 1));
        world.run_to(node, exited);
        let (code, _) = exits(&world, node)[0];
        match (code, world.exit_code(node.seid)) {
            (130 | 0, Some(0)) => successes += 1,
            (143, Some(143)) => failures += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(successes > failures);
}

#[test]
fn a_process_started_at_its_halt_height_commits_one_more_block_and_each_restart_again() {
    let mut profile = profile();
    profile.seid.peers_connected = Span::seconds(2, 2);
    let mut world = World::new(profile, 1);
    let mut node = world.node("n-0", START, bootstrap(OLD, START + 1));
    world.run_to(node, exited);
    assert_eq!(exits(&world, node), [(130, START + 1)]);
    world.restart(&mut node, bootstrap(OLD, START + 1));
    world.run_to(node, exited);
    world.restart(&mut node, bootstrap(OLD, START + 1));
    world.run_to(node, exited);
    assert_eq!(exits(&world, node)[1..], [(130, START + 2), (130, START + 3)], "2 s after RPC there is no signal handler yet");
    assert_eq!(started_at(&world, node), [START, START + 1, START + 2]);
}

#[test]
fn an_overshoot_block_that_is_u_panics_the_old_binary() {
    let mut panics = 0;
    for seed in 0..30 {
        let mut world = World::new(profile(), seed);
        world.run_until(world.chain.time_of(Height(U + 3000)).expect("made"));
        let node = world.node("n-0", START, bootstrap(OLD, U - 1));
        world.run_to(node, exited);
        match exits(&world, node)[0] {
            (0, app) => assert_eq!(app, U - 1),
            (2, app) => {
                panics += 1;
                assert_eq!((app, world.exit_code(node.seid)), (U - 1, Some(2)));
            }
            other => panic!("{other:?}"),
        }
    }
    assert!((5..25).contains(&panics), "{panics}");
}

#[test]
fn sigterm_stops_seid_gracefully_once_its_handler_is_installed() {
    for (wait, code) in [(1, 143), (60, 0)] {
        let mut world = World::new(profile(), 2);
        let node = world.node("n-0", START, exec(OLD));
        let up = world.run_to(node, rpc_up);
        world.run_until(up + Duration::from_secs(wait));
        world.signal(node.seid, Signal::Terminate);
        world.signal(node.seid, Signal::Terminate);
        let told = world.now;
        world.run_until(told + Duration::from_secs(21));
        assert_eq!((world.exit_code(node.seid), exits(&world, node)[0].0), (Some(code), code), "{wait} s after RPC");
    }
}

#[test]
fn sigterm_to_the_shell_of_a_bootstrap_takes_seid_down_hard() {
    let mut world = World::new(profile(), 2);
    let node = world.node("n-0", START, bootstrap(OLD, U - 1));
    world.run_to(node, in_consensus);
    world.run_until(world.now + Duration::from_secs(60));
    let app = world.app(node);
    world.signal(node.seid, Signal::Terminate);
    assert_eq!((world.exit_code(node.seid), exits(&world, node)), (Some(143), vec![(137, app)]));
}

#[test]
fn a_shell_that_still_waits_dies_of_sigterm_without_seid() {
    let mut world = World::new(profile(), 2);
    let volume = world.volume();
    let node = world.pod("n-0", volume, exec(OLD));
    world.signal(node.seid, Signal::Terminate);
    assert_eq!((world.exit_code(node.seid), exits(&world, node)), (Some(143), vec![]));
}

#[test]
fn a_second_seid_on_a_data_directory_exits_with_1() {
    let mut world = World::new(profile(), 2);
    let first = world.node("n-0", START, exec(OLD));
    world.run_to(first, rpc_up);
    let second = world.pod("n-0", first.volume, exec(OLD));
    world.submit(second, SidecarTask::MarkReady);
    world.run_to(second, exited);
    assert!(world.first(second, |what| *what == Happening::DataDirectoryLocked).is_some());
    assert_eq!(world.exit_code(second.seid), Some(1));
    world.signal(first.seid, Signal::Kill);
    assert_eq!(world.exit_code(first.seid), Some(137));
}

#[test]
fn seid_init_ends_with_success_and_makes_a_node_id_that_stays() {
    let mut world = World::new(profile(), 2);
    let volume = world.volume();
    let node = world.pod("n-0", volume, exec(OLD));
    let id = world.chain.node_id(node.pod).expect("made by seid init");
    assert_eq!(id.len(), 40);
    assert_eq!(world.exit_code(ProcessId(node.sidecar.0 - 1)), Some(0));
    world.launch(node.pod, volume, Program::SeidInit { image: OLD.into() });
    world.run_until(world.now + Duration::from_secs(5));
    assert_eq!(world.chain.node_id(node.pod), Ok(id));
}

#[test]
fn what_a_killed_seid_had_executed_stays_on_the_volume() {
    let mut world = World::new(profile(), 2);
    let mut node = world.node("n-0", START, exec(OLD));
    world.run_to(node, in_consensus);
    world.run_until(world.now + Duration::from_secs(1000));
    let app = world.app(node);
    world.signal(node.seid, Signal::Kill);
    world.restart(&mut node, exec(OLD));
    world.run_to(node, rpc_up);
    assert_eq!((world.app(node), *started_at(&world, node).last().expect("two")), (app, app));
}

#[test]
fn a_node_that_stops_gracefully_does_not_catch_up_again() {
    let mut world = World::new(profile(), 4);
    let node = world.node("n-0", START, exec(OLD));
    world.run_to(node, in_consensus);
    world.run_until(world.now + Duration::from_secs(60));
    world.signal(node.seid, Signal::Terminate);
    let view = world.chain.view(world.now, node.pod).expect("it takes a second at least");
    assert_eq!((view.rpc, view.catching_up, view.rule), (true, false, Rule::StopsGracefully));
}
