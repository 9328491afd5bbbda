//! Upgrade rules at block h with plan (name, U): chain.md, section 2.

use crate::harness::{NEW, OLD, START, U, World, binary, exec, executed, profile};
use crate::world::{applied, at_tip, ends, exits, from_snapshot, syncing};
use api::Height;
use simchain::profile::{PlanChange, UpgradeKind};
use simchain::{ChainProfile, Rule};

fn kind(kind: UpgradeKind) -> ChainProfile {
    let mut profile = profile();
    profile.upgrades[0].kind = kind;
    profile
}

#[test]
fn at_u_with_the_handler_known_migrations_run_once_and_it_goes_on() {
    let (mut world, node) = at_tip(kind(UpgradeKind::Minor), exec(NEW));
    world.run_to(node, executed(U + 1));
    world.rest();
    assert_eq!((applied(&world, node), exits(&world, node)), (vec![U], vec![]));
}

#[test]
fn at_u_with_the_handler_unknown_a_major_upgrade_panics_with_exit_2_and_u_is_in_the_block_store() {
    let (mut world, node) = at_tip(kind(UpgradeKind::Major), exec(OLD));
    assert_eq!(ends(&mut world, node), ((2, U - 1, U), Some(Rule::UpgradeNeeded)));
}

#[test]
fn at_u_with_the_handler_unknown_a_minor_upgrade_panics_with_exit_2_and_u_is_in_the_block_store() {
    let (mut world, node) = at_tip(kind(UpgradeKind::Minor), exec(OLD));
    assert_eq!(ends(&mut world, node), ((2, U - 1, U), Some(Rule::UpgradeNeeded)));
}

#[test]
fn at_u_in_block_sync_the_old_binary_panics_as_it_does_in_consensus() {
    let (mut world, node) = syncing(profile(), U + 3000, exec(OLD));
    assert_eq!(ends(&mut world, node), ((2, U - 1, U), Some(Rule::UpgradeNeeded)));
}

#[test]
fn the_next_start_replays_u_with_whatever_binary_runs_and_an_old_one_crash_loops_before_rpc_is_up() {
    let (mut world, mut node) = at_tip(profile(), exec(OLD));
    ends(&mut world, node);
    world.restart(&mut node, exec(OLD));
    assert_eq!(ends(&mut world, node), ((2, U - 1, U), Some(Rule::UpgradeNeeded)));
    let rpc = world.happenings(node).into_iter().filter(|(_, what)| crate::harness::rpc_up(what)).count();
    assert_eq!(rpc, 1, "only the first process answered");
    world.restart(&mut node, exec(NEW));
    world.run_to(node, executed(U + 1));
    assert_eq!(applied(&world, node), [U]);
}

#[test]
fn below_u_with_the_handler_known_a_major_upgrade_panics_with_exit_2() {
    let (mut world, node) = syncing(kind(UpgradeKind::Major), START + 3000, exec(NEW));
    assert_eq!(ends(&mut world, node), ((2, START, START + 1), Some(Rule::UpdatedTooEarly)));
}

#[test]
fn below_u_in_consensus_the_binary_that_came_too_early_leaves_its_block_out_of_the_block_store() {
    let mut profile = kind(UpgradeKind::Major);
    profile.upgrades[0].passed_at = Height(START + 3000);
    let (mut world, node) = at_tip(profile, exec(NEW));
    assert_eq!(ends(&mut world, node), ((2, START + 3000, START + 3000), Some(Rule::UpdatedTooEarly)));
}

#[test]
fn below_u_with_the_handler_known_a_minor_upgrade_goes_on() {
    let (mut world, node) = at_tip(kind(UpgradeKind::Minor), exec(NEW));
    world.run_to(node, executed(U - 1));
    assert_eq!(exits(&world, node), []);
}

#[test]
fn a_plan_done_earlier_whose_handler_is_unknown_is_a_wrong_app_version_with_exit_2() {
    let (mut world, node) = from_snapshot(profile(), U + 1000, OLD);
    assert_eq!(ends(&mut world, node), ((2, U + 1000, U + 1001), Some(Rule::WrongAppVersion)));
}

#[test]
fn without_a_plan_in_state_yet_there_is_no_check_at_all() {
    let mut profile = kind(UpgradeKind::Major);
    profile.upgrades[0].passed_at = Height(U - 1);
    let (mut world, node) = at_tip(profile, exec(NEW));
    world.run_to(node, executed(U + 1));
    assert_eq!((applied(&world, node), exits(&world, node)), (vec![U], vec![]), "the plan came with the block before");
}

#[test]
fn a_cancelled_plan_checks_nothing_any_more() {
    let mut profile = profile();
    profile.upgrades[0].changes.push(PlanChange { passed_at: Height(U - 100), height: None });
    let (mut world, node) = at_tip(profile, exec(OLD));
    world.run_until(world.chain.time_of(Height(U + 500)).expect("made"));
    assert_eq!(exits(&world, node), []);
    assert!(world.app(node) > U + 490, "nothing waits at U either");
}

#[test]
fn a_moved_plan_takes_effect_at_its_new_height_only() {
    let mut profile = profile();
    profile.upgrades[0].changes.push(PlanChange { passed_at: Height(U - 100), height: Some(Height(U + 700)) });
    let (mut world, node) = at_tip(profile, exec(OLD));
    assert_eq!(ends(&mut world, node), ((2, U + 699, U + 700), Some(Rule::UpgradeNeeded)));
}

#[test]
fn a_plan_that_is_cancelled_after_its_height_was_carried_out_all_the_same() {
    let mut profile = profile();
    profile.upgrades[0].changes.push(PlanChange { passed_at: Height(U), height: None });
    let (mut world, node) = at_tip(profile, exec(OLD));
    assert_eq!(ends(&mut world, node), ((2, U - 1, U), Some(Rule::UpgradeNeeded)));
}

#[test]
fn patch_releases_that_share_handlers_panic_neither_way() {
    let mut profile = profile();
    profile.binaries.push(binary("sei:v6.4.1", &["v6.4"]));
    let (mut world, mut node) = from_snapshot(profile, U + 1000, NEW);
    world.run_to(node, crate::harness::in_consensus);
    for image in ["sei:v6.4.1", NEW] {
        world.signal(node.seid, simchain::Signal::Kill);
        world.restart(&mut node, exec(image));
        world.run_to(node, crate::harness::in_consensus);
    }
    assert_eq!(exits(&world, node).iter().map(|(code, ..)| *code).collect::<Vec<_>>(), [137, 137]);
}

#[test]
fn an_upgrade_table_of_a_world_and_the_rules_alone_agree() {
    use simchain::rules::{Verdict, verdict};
    let profile = profile();
    let new = &profile.binaries[profile.binary(NEW).expect("there")];
    assert!(matches!(verdict(&profile, new, Height(U)), Verdict::Migrates(_)));
    assert_eq!(verdict(&profile, new, Height(U + 1)), Verdict::GoesOn);
    let world = World::new(profile, 1);
    assert!(world.chain.time_of(Height(U + 1)) > world.chain.time_of(Height(U)));
}
