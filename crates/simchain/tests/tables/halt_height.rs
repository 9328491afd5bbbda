//! Halt height: phases and outcomes (chain.md, section 2). The shares over 100 000 draws are tested beside the draw, in `seid/halt.rs`.

use crate::harness::{NEW, Node, OLD, OLD_RACY, START, U, World, bootstrap, exec, in_consensus, profile};
use crate::world::{ends, exits, of_mode, syncing};
use simchain::profile::HaltSemantics;
use simchain::{ChainProfile, Interference, Rule, SeidProgram, Signal};
use simcore::Span;
use std::time::Duration;

const HALT: u64 = START + 2000;

fn certain(change: impl Fn(&mut ChainProfile)) -> ChainProfile {
    let mut profile = profile();
    change(&mut profile);
    profile
}

fn exec_to(image: &str, halt: u64) -> SeidProgram {
    SeidProgram { halt_height: Some(api::Height(halt)), ..exec(image) }
}

fn tip(profile: ChainProfile, image: &str) -> ((i32, u64, u64), Option<Rule>) {
    let mut world = World::new(profile, 1);
    let node = world.node("n-0", START, exec_to(image, HALT));
    ends(&mut world, node)
}

fn sync(profile: ChainProfile, image: &str) -> (i32, u64, u64) {
    let (mut world, node) = syncing(profile, START + 5000, exec_to(image, HALT));
    ends(&mut world, node).0
}

fn early(weights: [u32; 2]) -> (World, Node) {
    let profile = certain(|p| {
        p.halt.before_handler = weights;
        p.seid.peers_connected = Span::seconds(2, 2);
    });
    let mut world = World::new(profile, 1);
    let node = world.node("n-0", START, exec_to(OLD_RACY, START + 1));
    (world, node)
}

#[test]
fn before_the_signal_handler_is_installed_it_dies_with_130_at_h() {
    let (mut world, node) = early([1, 0]);
    assert_eq!(ends(&mut world, node), ((130, START + 1, START + 1), Some(Rule::HaltHeight)));
}

#[test]
fn before_the_signal_handler_is_installed_it_can_die_with_143_at_h() {
    let (mut world, node) = early([0, 1]);
    assert_eq!(ends(&mut world, node).0, (143, START + 1, START + 1));
}

#[test]
fn before_the_signal_handler_the_state_height_stays_one_below_and_the_next_start_finishes_the_block() {
    let (mut world, mut node) = early([1, 0]);
    ends(&mut world, node);
    world.restart(&mut node, exec(OLD_RACY));
    world.run_to(node, in_consensus);
    let executed = world.happenings(node).into_iter().filter(|(_, what)| crate::harness::executed(START + 1)(what)).count();
    assert_eq!(executed, 1, "the handshake uses the recorded results");
}

#[test]
fn a_validator_has_its_signal_handler_at_once() {
    let profile = certain(|p| {
        p.halt.consensus = [1, 0];
        p.halt.block_sync = [1, 0, 0, 0];
        p.seid.peers_connected = Span::seconds(2, 2);
    });
    let mut world = World::new(profile, 1);
    let node = of_mode(&mut world, "validator", exec_to(OLD_RACY, START + 1));
    assert_eq!(ends(&mut world, node).0, (0, START + 1, START + 1));
}

#[test]
fn in_consensus_v6_3_3_and_later_exits_with_0_at_h() {
    assert_eq!(tip(certain(|p| p.halt.consensus = [1, 0]), OLD_RACY), ((0, HALT, HALT), Some(Rule::HaltHeight)));
}

#[test]
fn in_consensus_v6_3_3_and_later_can_exit_with_143_at_h() {
    assert_eq!(tip(certain(|p| p.halt.consensus = [0, 1]), OLD_RACY).0, (143, HALT, HALT));
}

#[test]
fn in_consensus_earlier_versions_exit_with_0_at_h() {
    assert_eq!(tip(certain(|p| p.halt.consensus = [0, 1]), OLD).0, (0, HALT, HALT));
}

#[test]
fn in_block_sync_v6_3_3_and_later_can_exit_with_0_at_h() {
    assert_eq!(sync(certain(|p| p.halt.block_sync = [1, 0, 0, 0]), OLD_RACY), (0, HALT, HALT));
}

#[test]
fn in_block_sync_v6_3_3_and_later_can_go_one_block_further_and_exit_with_130() {
    assert_eq!(sync(certain(|p| p.halt.block_sync = [0, 1, 0, 0]), OLD_RACY), (130, HALT + 1, HALT + 1));
}

#[test]
fn in_block_sync_v6_3_3_and_later_can_go_one_block_further_and_exit_with_143() {
    assert_eq!(sync(certain(|p| p.halt.block_sync = [0, 0, 1, 0]), OLD_RACY), (143, HALT + 1, HALT + 1));
}

#[test]
fn in_block_sync_v6_3_3_and_later_can_exit_with_143_at_h() {
    assert_eq!(sync(certain(|p| p.halt.block_sync = [0, 0, 0, 1]), OLD_RACY), (143, HALT, HALT));
}

#[test]
fn in_block_sync_earlier_versions_exit_with_0_at_h_or_some_blocks_further() {
    for further in 0..4 {
        let mut weights = [0; 5];
        weights[further] = 1;
        let at = HALT + further as u64;
        assert_eq!(sync(certain(|p| p.halt.block_sync_before_6_3_3 = weights), OLD), (0, at, at));
    }
}

#[test]
fn in_block_sync_earlier_versions_can_go_more_than_three_blocks_further() {
    let (code, app, _) = sync(certain(|p| p.halt.block_sync_before_6_3_3 = [0, 0, 0, 0, 1]), OLD);
    assert!(code == 0 && (HALT + 4..=HALT + 10).contains(&app), "{app}");
}

#[test]
fn at_the_tip_there_is_no_overshoot_whatever_the_weights_of_block_sync() {
    let never = certain(|p| {
        p.halt.block_sync = [0, 1, 0, 0];
        p.halt.consensus = [1, 0];
    });
    assert_eq!(tip(never, OLD_RACY).0, (0, HALT, HALT));
}

#[test]
fn an_overshoot_block_that_is_u_panics_the_old_binary_with_exit_2() {
    let profile = certain(|p| p.halt.block_sync = [0, 1, 0, 0]);
    let (mut world, node) = syncing(profile, U + 2000, bootstrap(OLD_RACY, U - 1));
    assert_eq!(ends(&mut world, node), ((2, U - 1, U), Some(Rule::UpgradeNeeded)));
}

#[test]
fn started_at_or_above_the_halt_height_it_commits_one_more_block_and_each_restart_again() {
    let (mut world, mut node) = early([1, 0]);
    let mut heights = vec![ends(&mut world, node).0.1];
    for _ in 0..2 {
        world.restart(&mut node, exec_to(OLD_RACY, START + 1));
        heights.push(ends(&mut world, node).0.1);
    }
    assert_eq!(heights, [START + 1, START + 2, START + 3]);
}

#[test]
fn the_shell_of_a_bootstrap_maps_130_to_success() {
    let profile = certain(|p| p.halt.block_sync = [0, 1, 0, 0]);
    let (mut world, node) = syncing(profile, START + 5000, bootstrap(OLD_RACY, HALT));
    ends(&mut world, node);
    assert_eq!(world.exit_code(node.seid), Some(0));
}

#[test]
fn sigterm_is_no_halt_the_same_image_goes_on_in_seconds() {
    let mut world = World::new(profile(), 1);
    let mut node = world.node("n-0", START, exec(OLD));
    world.run_to(node, in_consensus);
    world.run_until(world.now + Duration::from_secs(60));
    world.signal(node.seid, Signal::Terminate);
    let ((code, app, _), rule) = ends(&mut world, node);
    assert_eq!((code, rule), (0, Some(Rule::StopsGracefully)));
    world.restart(&mut node, exec(OLD));
    world.run_to(node, in_consensus);
    assert!(world.app(node) >= app);
}

#[test]
fn a_halt_before_commit_leaves_the_block_to_the_next_binary() {
    let profile = certain(|p| {
        p.halt.semantics = HaltSemantics::BeforeCommit;
        p.halt.consensus = [1, 0];
    });
    let mut world = World::new(profile, 1);
    let mut node = world.node("n-0", START, exec_to(OLD_RACY, U));
    assert_eq!(ends(&mut world, node).0, (0, U - 1, U));
    world.restart(&mut node, exec(NEW));
    world.run_to(node, crate::harness::executed(U));
    assert_eq!(exits(&world, node).len(), 1, "the handshake executes U with the new binary");
}

#[test]
fn a_halt_that_is_off_by_one_leaves_one_block_too_few_or_too_many() {
    for (semantics, app) in [(HaltSemantics::OneBlockEarly, HALT - 1), (HaltSemantics::OneBlockLate, HALT + 1)] {
        let mut world = World::new(certain(|p| p.halt.consensus = [1, 0]), 1);
        world.with(|chain, cx| chain.interfere(cx, Interference::Halts(semantics)));
        let node = world.node("n-0", START, exec_to(OLD_RACY, HALT));
        assert_eq!(ends(&mut world, node).0, (0, app, app));
    }
}
