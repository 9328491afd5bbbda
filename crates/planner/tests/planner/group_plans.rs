//! The plans of groups: controller.md, section 2.

use crate::parameters::{PLAN, check_plan, types};
use crate::specs::rolling_out;
use api::condition::{Condition, ConditionStatus};
use api::group::StrategyType::{BlueGreen, HardFork};
use api::group::condition_type::{FORK_GENESIS_CEREMONY_NEEDED, GENESIS_CEREMONY_NEEDED};
use api::group::{Deployment, Genesis, GenesisFork};
use api::{Group, Height, Meta, ObjectKey, TaskPlan, Time};
use planner::group::{entrant_names, entrant_revision, incumbent_revision, plan_for};
use planner::{Design, PlanError, SpecEdit};
use proptest::prelude::*;
use serde_json::{Value, json};

const TODAY: [&str; 6] =
    ["create-entrant-nodes", "await-nodes-running", "submit-halt-signal", "await-nodes-at-height", "switch-traffic", "teardown-nodes"];
const PROPOSED: [&str; 4] = ["create-entrant-nodes", "await-nodes-running", "switch-traffic", "teardown-nodes"];
const BLUE_GREEN: [&str; 5] = ["create-entrant-nodes", "await-nodes-running", "await-nodes-caught-up", "switch-traffic", "teardown-nodes"];

fn plan(group: &Group, design: &str) -> Option<TaskPlan> {
    plan_for(group, &Design::preset(design).expect("a preset"), || PLAN).expect("a rollout can be planned")
}

fn names(group: &Group) -> Vec<String> {
    let generation = group.meta.generation.expect("a stored group has one");
    (0..group.spec.replicas).map(|ordinal| format!("rpc-g{generation}-{ordinal}")).collect()
}

fn params(plan: &TaskPlan) -> Vec<Value> {
    plan.tasks.iter().map(|task| task.task.params().expect("every task of a group has parameters")).collect()
}

proptest! {
    #![proptest_config(crate::fixed())]

    #[test]
    fn a_hard_fork_of_today_has_its_six_tasks_with_their_parameters(group in rolling_out(HardFork)) {
        for design in ["halt-signal", "blue-green"] {
            let plan = plan(&group, design).expect("a rollout has a plan");
            check_plan(&plan);
            prop_assert_eq!(types(&plan), TODAY);
            let halt = group.spec.update_strategy.as_ref().and_then(|s| s.hard_fork.as_ref()).expect("a hard fork").halt_height;
            let revision = group.meta.generation.expect("set").to_string();
            prop_assert_eq!(params(&plan), [
                json!({ "groupName": "rpc", "namespace": "sei", "entrantRevision": revision, "nodeNames": names(&group) }),
                json!({ "groupName": "rpc", "namespace": "sei", "expected": group.spec.replicas, "nodeNames": names(&group) }),
                json!({ "namespace": "sei", "nodeNames": group.status.incumbent_nodes, "haltHeight": halt }),
                json!({ "namespace": "sei", "nodeNames": names(&group), "targetHeight": halt }),
                json!({ "groupName": "rpc", "namespace": "sei", "entrantRevision": revision }),
                json!({ "namespace": "sei", "nodeNames": group.status.incumbent_nodes }),
            ]);
        }
    }

    #[test]
    fn the_proposed_hard_fork_has_four_tasks_and_injects_image_and_height(group in rolling_out(HardFork)) {
        let plan = plan(&group, "bootstrap").expect("a rollout has a plan");
        check_plan(&plan);
        prop_assert_eq!(types(&plan), PROPOSED);
        let halt = group.spec.update_strategy.as_ref().and_then(|s| s.hard_fork.as_ref()).expect("a hard fork").halt_height;
        let image = group.status.deployment.as_ref().and_then(|d| d.incumbent_image.as_deref()).unwrap_or("");
        prop_assert_eq!(&params(&plan)[0]["hardFork"], &json!({ "incumbentImage": image, "haltHeight": halt }));
    }

    #[test]
    fn one_plan_serves_both_strategies_and_injects_where_a_halt_height_is_set(fork in rolling_out(HardFork), release in rolling_out(BlueGreen)) {
        let design = Design::preset("bootstrap").and_then(|design| design.with("strategies=one")).expect("a design");
        for (group, injects) in [(fork, true), (release, false)] {
            let plan = plan_for(&group, &design, || PLAN).expect("it can be planned").expect("a rollout has a plan");
            check_plan(&plan);
            prop_assert_eq!(types(&plan), BLUE_GREEN);
            prop_assert_eq!(params(&plan)[0].get("hardFork").is_some(), injects);
        }
    }

    #[test]
    fn blue_green_has_its_five_tasks_in_every_design_and_injects_nothing(group in rolling_out(BlueGreen)) {
        for design in Design::presets() {
            let plan = plan(&group, &design.name).expect("a rollout has a plan");
            check_plan(&plan);
            prop_assert_eq!(types(&plan), BLUE_GREEN);
            // A design that replaces plans keeps the names that its rollout began with.
            let begun = group.status.deployment.as_ref().filter(|_| design.spec_edit == SpecEdit::Replanned);
            let wanted = begun.map_or_else(|| names(&group), |begun| begun.entrant_nodes.iter().map(ToString::to_string).collect());
            prop_assert_eq!(&params(&plan)[2], &json!({ "namespace": "sei", "nodeNames": wanted }));
            prop_assert!(params(&plan)[0].get("hardFork").is_none());
        }
    }

    #[test]
    fn no_task_of_a_rollout_is_retried_where_a_design_decides_as_the_operator_does(group in rolling_out(HardFork)) {
        for design in Design::presets().into_iter().filter(|design| &*design.name != "rehearsed") {
            let plan = plan(&group, &design.name).expect("a rollout has a plan");
            prop_assert!(plan.tasks.iter().all(|task| task.max_retries == 0));
        }
    }

    #[test]
    fn a_hard_fork_of_every_ready_node_waits_for_one_entrant_before_the_switch_and_may_ask_sidecars_there(group in rolling_out(HardFork)) {
        let plan = plan(&group, "rehearsed").expect("a rollout has a plan");
        prop_assert_eq!(types(&plan), PROPOSED);
        prop_assert_eq!(&params(&plan)[1]["expected"], &json!(1));
        prop_assert!(plan.tasks[2].max_retries > 0);
    }

    #[test]
    fn a_stored_plan_or_no_rollout_means_no_plan(group in rolling_out(HardFork)) {
        let mut planned = group.clone();
        planned.status_mut().plan = plan(&group, "bootstrap");
        prop_assert_eq!(plan(&planned, "bootstrap"), None);
        let mut quiet = group;
        quiet.status_mut().deployment = None;
        prop_assert_eq!(plan(&quiet, "bootstrap"), None);
    }

    #[test]
    fn entrants_are_named_by_generation_and_ordinal(group in rolling_out(BlueGreen)) {
        prop_assert_eq!(entrant_names(&group).iter().map(ToString::to_string).collect::<Vec<_>>(), names(&group));
        prop_assert_eq!(&*entrant_revision(&group), &group.meta.generation.expect("set").to_string());
    }
}

fn group() -> Group {
    let mut group = Group::new(Meta { generation: Some(4), ..Meta::new(ObjectKey::new("sei", "rpc")) }, Default::default());
    group.spec_mut().replicas = 2;
    group
}

#[test]
fn the_incumbents_revision_is_the_recorded_one_or_the_last_generation_carried_out() {
    let mut group = group();
    assert_eq!(&*incumbent_revision(&group), "0");
    group.status_mut().observed_generation = Some(3);
    assert_eq!(&*incumbent_revision(&group), "3");
    group.status_mut().deployment = Some(Deployment::default());
    assert_eq!(&*incumbent_revision(&group), "3");
    group.status_mut().deployment = Some(Deployment { incumbent_revision: "2".into(), ..Deployment::default() });
    assert_eq!(&*incumbent_revision(&group), "2");
}

#[test]
fn an_error_in_choosing_a_plan_differs_from_one_in_building_it() {
    let mut group = group();
    group.status_mut().deployment = Some(Deployment::default());
    let plan = |group: &Group| plan_for(group, &Design::preset("bootstrap").expect("a preset"), || PLAN);
    assert!(matches!(plan(&group), Err(PlanError::Choosing(_))), "no strategy");
    group.spec_mut().update_strategy = Some(api::group::UpdateStrategy { kind: HardFork, hard_fork: None });
    assert!(matches!(plan(&group), Err(PlanError::Building(_))), "no halt height");
}

/// A group in which a ceremony is wanted.
fn ceremony(condition: &str, fork: Option<GenesisFork>) -> Group {
    let mut group = group();
    group.spec_mut().genesis =
        Some(Genesis { chain_id: "new-1".into(), account_balance: Some("5usei".into()), fork, ..Genesis::default() });
    group.status_mut().incumbent_nodes = ["rpc-0", "rpc-1"].map(Into::into).into();
    group.status_mut().conditions = vec![Condition {
        last_transition_time: Time::from_unix(0),
        message: "".into(),
        observed_generation: None,
        reason: "GenesisConfigured".into(),
        status: ConditionStatus::True,
        kind: condition.into(),
    }];
    group
}

#[test]
fn a_ceremony_assembles_the_genesis_and_sets_peers() {
    let plan = plan(&ceremony(GENESIS_CEREMONY_NEEDED, None), "halt-signal").expect("a ceremony is wanted");
    check_plan(&plan);
    assert_eq!(types(&plan), ["assemble-and-upload-genesis", "collect-and-set-peers", "await-nodes-running"]);
    assert_eq!(plan.tasks.iter().map(|task| task.max_retries).collect::<Vec<_>>(), [180, 0, 0]);
    let nodes = json!([{ "name": "rpc-0" }, { "name": "rpc-1" }]);
    assert_eq!(params(&plan)[0], json!({ "accountBalance": "5usei", "namespace": "sei", "nodes": nodes }));
}

#[test]
fn a_forked_ceremony_exports_the_other_chains_state_first() {
    let fork = GenesisFork { source_chain_id: "old-1".into(), source_image: "sei:old".into(), export_height: Height(9) };
    let plan = plan(&ceremony(FORK_GENESIS_CEREMONY_NEEDED, Some(fork)), "halt-signal").expect("a ceremony is wanted");
    check_plan(&plan);
    assert_eq!(
        types(&plan),
        [
            "create-exporter",
            "await-exporter-running",
            "submit-export-state",
            "teardown-exporter",
            "assemble-genesis-fork",
            "collect-and-set-peers",
            "await-nodes-running",
        ]
    );
    assert_eq!(params(&plan)[0]["exporterName"], "rpc-exporter");
    assert_eq!((&params(&plan)[4]["sourceChainId"], &params(&plan)[4]["chainId"]), (&json!("old-1"), &json!("new-1")));
}

#[test]
fn a_ceremony_waits_for_all_its_validators_and_for_its_condition() {
    let mut lacking = ceremony(GENESIS_CEREMONY_NEEDED, None);
    lacking.status_mut().incumbent_nodes.pop();
    assert_eq!(plan(&lacking, "halt-signal"), None);
    let mut unwanted = ceremony(GENESIS_CEREMONY_NEEDED, None);
    unwanted.status_mut().conditions.clear();
    assert_eq!(plan(&unwanted, "halt-signal"), None);
}
