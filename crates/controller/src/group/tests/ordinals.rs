//! Rollouts of the design that knows nodes by ordinal: what is taken back, made again, changed in place, and told.

use super::rollout::{run, step, upgraded, upgraded_with};
use super::started;
use crate::Operator;
use crate::testing::fixtures::{bootstrapping_spec, group, hard_fork};
use crate::testing::{Fake, operator};
use api::group::{GroupPhase, StrategyType, UpdateStrategy};
use api::names::label;
use api::node::NodePhase;
use api::plan::PlanPhase;
use api::{SeiNode, SeiNodeDeployment, Time};

/// A rollout of the design of remedies whose entrants have been made.
fn under_way() -> (Fake, Operator) {
    let (fake, operator) = (upgraded(), operator("rehearsed", &[]));
    for _ in 0..5 {
        let _ = step(&fake, &operator);
    }
    (fake, operator)
}

/// The entrant was deleted before anything was written of the group.
fn assert_entrant_went_first(fake: &Fake) {
    let log = fake.log();
    let place = |call: &str| log.iter().position(|line| line.starts_with(call)).unwrap_or_else(|| panic!("{call}: {log:?}"));
    assert!(place("delete SeiNode rpc-g2-0") < place("patch-status SeiNodeDeployment rpc"));
}

#[test]
fn a_rollout_that_the_spec_takes_back_is_given_up_and_its_entrants_go_first() {
    let (fake, operator) = under_way();
    assert_eq!(fake.names::<SeiNode>(), ["rpc-0", "rpc-g2-0"]);
    fake.change::<SeiNodeDeployment>("rpc", |group| {
        group.spec_mut().template.spec.image = fake.have::<SeiNode>("rpc-0").spec.image.clone()
    });
    fake.log();
    for _ in 0..5 {
        let _ = step(&fake, &operator);
    }
    assert_eq!(fake.names::<SeiNode>(), ["rpc-0"]);
    let status = fake.have::<SeiNodeDeployment>("rpc").status;
    assert_eq!((&status.plan, &status.deployment), (&None, &None));
    assert_entrant_went_first(&fake);
}

#[test]
fn the_entrants_of_a_failed_rollout_go_before_its_failure_is_written_down() {
    let (fake, operator) = under_way();
    fake.change::<SeiNodeDeployment>("rpc", |group| group.status_mut().plan.as_mut().expect("a plan").phase = PlanPhase::Failed);
    fake.log();
    step(&fake, &operator).expect("nothing fails");
    assert_eq!(fake.names::<SeiNode>(), ["rpc-0"]);
    assert_entrant_went_first(&fake);
}

#[test]
fn an_edit_while_the_last_incumbent_goes_begins_no_other_rollout() {
    let (fake, operator) = under_way();
    fake.change::<SeiNode>("rpc-0", |node| node.meta_mut().deleting = Some(Time::from_unix(1_000_000)));
    fake.change::<SeiNodeDeployment>("rpc", |group| {
        group.spec_mut().template.spec.overrides.insert("mempool.size".into(), "6000".into());
    });
    for _ in 0..5 {
        let _ = step(&fake, &operator);
    }
    let rollout = fake.have::<SeiNodeDeployment>("rpc").status.deployment.clone().expect("a rollout");
    assert_eq!(rollout.entrant_nodes.iter().map(|name| &**name).collect::<Vec<_>>(), ["rpc-g2-0"]);
}

#[test]
fn a_spec_that_is_edited_between_the_failure_of_a_plan_and_the_word_of_it_has_not_failed() {
    let (fake, operator) = under_way();
    fake.change::<SeiNodeDeployment>("rpc", |group| {
        group.status_mut().plan.as_mut().expect("a plan").phase = PlanPhase::Failed;
        group.spec_mut().template.spec.image = fake.have::<SeiNode>("rpc-0").spec.image.clone();
    });
    run(&fake, &operator);
    let status = fake.have::<SeiNodeDeployment>("rpc").status;
    assert_eq!((status.phase, &status.plan, &status.deployment), (Some(GroupPhase::Ready), &None, &None));
}

#[test]
fn after_a_failed_rollout_a_node_that_was_changed_in_place_before_it_stays_and_no_other_is_made_under_its_name() {
    let (fake, operator) = (upgraded_with(2), operator("rehearsed", &[]));
    fake.change::<SeiNode>("rpc-0", |node| node.spec_mut().image = "sei:v2".into());
    for _ in 0..5 {
        let _ = step(&fake, &operator);
    }
    fake.change::<SeiNodeDeployment>("rpc", |group| group.status_mut().plan.as_mut().expect("a plan").phase = PlanPhase::Failed);
    for _ in 0..5 {
        step(&fake, &operator).expect("nothing fails");
    }
    assert_eq!(fake.names::<SeiNode>(), ["rpc-0", "rpc-1"]);
}

#[test]
fn until_the_switch_an_incumbent_that_is_gone_is_made_again_with_its_own_image_and_after_it_it_is_not() {
    let (fake, operator) = (upgraded_with(2), operator("rehearsed", &[]));
    for _ in 0..5 {
        let _ = step(&fake, &operator);
    }
    fake.remove::<SeiNode>("rpc-1");
    let _ = step(&fake, &operator);
    assert_eq!(fake.names::<SeiNode>(), ["rpc-0", "rpc-g1-1", "rpc-g2-0", "rpc-g2-1"]);
    let again = fake.have::<SeiNode>("rpc-g1-1");
    assert_eq!((&*again.spec.image, &*again.meta.labels[label::REVISION], &*again.meta.labels[label::ORDINAL]), ("sei:v1", "1", "1"));
    fake.change::<SeiNodeDeployment>("rpc", |group| {
        let rollout = group.status_mut().deployment.as_mut().expect("a rollout");
        rollout.incumbent_revision = rollout.entrant_revision.clone();
    });
    fake.remove::<SeiNode>("rpc-g1-1");
    let _ = step(&fake, &operator);
    assert_eq!(fake.names::<SeiNode>(), ["rpc-0", "rpc-g2-0", "rpc-g2-1"]);
}

#[test]
fn an_incumbent_is_made_again_with_the_bootstrap_of_its_siblings() {
    let (fake, operator) = (upgraded_with(2), operator("rehearsed", &[]));
    for _ in 0..5 {
        let _ = step(&fake, &operator);
    }
    fake.change::<SeiNodeDeployment>("rpc", |group| group.spec_mut().template.spec.full_node = bootstrapping_spec().full_node);
    fake.change::<SeiNode>("rpc-0", |node| {
        node.spec_mut().full_node = bootstrapping_spec().full_node;
        node.spec_mut().snapshot_mut().expect("a snapshot").bootstrap_image = Some("sei:v0.9".into());
    });
    fake.remove::<SeiNode>("rpc-1");
    let _ = step(&fake, &operator);
    let again = fake.have::<SeiNode>("rpc-g1-1");
    assert_eq!(again.spec.snapshot().expect("a snapshot").bootstrap_image.as_deref(), Some("sei:v0.9"));
}

#[test]
fn a_node_that_gets_a_new_image_in_place_when_a_rollout_begins_gets_its_own_back() {
    let blue_green = Some(UpdateStrategy { kind: StrategyType::BlueGreen, hard_fork: None });
    for (came_up, strategy) in [(false, hard_fork()), (true, hard_fork()), (false, blue_green.clone()), (true, blue_green)] {
        let (fake, operator) = (upgraded_with(2), operator("rehearsed", &[]));
        fake.change::<SeiNodeDeployment>("rpc", |group| group.spec_mut().update_strategy = strategy);
        fake.change::<SeiNode>("rpc-0", |node| {
            node.spec_mut().image = "sei:v2".into();
            node.status_mut().phase = Some(if came_up { NodePhase::Running } else { NodePhase::Initializing });
            let saying = crate::conditions::Saying { kind: executor::ready::READY, holds: came_up, reason: "Pod", message: "" };
            saying.set_of(node.meta.generation, &fake, &mut node.status_mut().conditions);
        });
        let _ = step(&fake, &operator);
        assert!(fake.have::<SeiNodeDeployment>("rpc").status.deployment.is_some(), "a rollout has begun");
        assert_eq!(fake.have::<SeiNode>("rpc-0").spec.image, if came_up { "sei:v2" } else { "sei:v1" });
    }
}

#[test]
fn an_edit_in_place_reaches_the_next_node_once_the_one_before_has_run_with_it_for_a_while() {
    let fake = started(group(2));
    let says_ready = |name: &str| {
        fake.change::<SeiNode>(name, |node| {
            let generation = node.meta.generation;
            let saying = crate::conditions::Saying { kind: executor::ready::READY, holds: true, reason: "PodReady", message: "" };
            node.status_mut().phase = Some(NodePhase::Running);
            saying.set_of(generation, &fake, &mut node.status_mut().conditions);
        });
    };
    ["rpc-0", "rpc-1"].into_iter().for_each(says_ready);
    fake.time.set(fake.time.get() + 45);
    fake.change::<SeiNodeDeployment>("rpc", |group| group.spec_mut().template.spec.image = "sei:v2".into());
    let operator = operator("rehearsed", &[]);
    let images = || {
        step(&fake, &operator).expect("nothing fails");
        ["rpc-0", "rpc-1"].map(|name| fake.have::<SeiNode>(name).spec.image.clone())
    };
    assert_eq!(images(), ["sei:v2", "sei:v1"]);
    assert_eq!(images(), ["sei:v2", "sei:v1"], "the first still says that it runs, of what it was before");
    assert_eq!(fake.have::<SeiNodeDeployment>("rpc").status.ready_replicas, Some(0));
    says_ready("rpc-0");
    assert_eq!(fake.have::<SeiNode>("rpc-0").status.conditions[0].observed_generation, Some(2));
    assert_eq!(images(), ["sei:v2", "sei:v2"]);
}

#[test]
fn a_group_whose_node_has_not_been_ready_for_eight_hours_is_degraded() {
    let fake = started(group(2));
    let saying = crate::conditions::Saying { kind: executor::ready::READY, holds: false, reason: "PodNotReady", message: "" };
    fake.change::<SeiNode>("rpc-0", |node| {
        node.status_mut().phase = Some(NodePhase::Initializing);
        saying.set_of(node.meta.generation, &fake, &mut node.status_mut().conditions);
    });
    let operator = operator("rehearsed", &[]);
    let begun = fake.time.get();
    for (hours, phase) in [(7, GroupPhase::Initializing), (8, GroupPhase::Degraded)] {
        fake.time.set(begun + hours * 3600);
        step(&fake, &operator).expect("nothing fails");
        assert_eq!(fake.have::<SeiNodeDeployment>("rpc").status.phase, Some(phase));
    }
}

/// The rollout has failed, one of its entrants with it, and then the incumbents are changed.
fn failed_with_its_entrant(change: impl Fn(&Fake)) -> (Fake, Operator) {
    let (fake, operator) = under_way();
    fake.change::<SeiNode>("rpc-g2-0", |node| node.status_mut().phase = Some(NodePhase::Failed));
    change(&fake);
    fake.change::<SeiNodeDeployment>("rpc", |group| group.status_mut().plan.as_mut().expect("a plan").phase = PlanPhase::Failed);
    for _ in 0..5 {
        step(&fake, &operator).expect("nothing fails");
    }
    (fake, operator)
}

#[test]
fn a_node_that_has_failed_with_its_rollout_stays_though_the_old_one_carries_the_template_too() {
    let (fake, _) = failed_with_its_entrant(|fake| {
        let wanted = fake.have::<SeiNode>("rpc-g2-0").spec.image.clone();
        fake.change::<SeiNode>("rpc-0", |node| node.spec_mut().image.clone_from(&wanted));
    });
    assert_eq!(fake.names::<SeiNode>(), ["rpc-0", "rpc-g2-0"]);
}

#[test]
fn a_node_that_has_failed_is_not_the_right_one_for_its_ordinal_after_an_edit() {
    let (fake, operator) = failed_with_its_entrant(|_| {});
    fake.change::<SeiNodeDeployment>("rpc", |group| {
        group.spec_mut().template.spec.overrides.insert("mempool.size".into(), "6000".into());
    });
    for _ in 0..5 {
        let _ = step(&fake, &operator);
    }
    assert!(fake.names::<SeiNode>().iter().any(|name| name == "rpc-0"), "{:?}", fake.names::<SeiNode>());
}
