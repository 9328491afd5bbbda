//! What holds of every plan: ids, statuses, complete parameters, a form that survives storage.

use api::plan::{PlanPhase, TaskStatus};
use api::{Task, TaskPlan};
use std::collections::BTreeSet;
use uuid::Uuid;

pub const PLAN: Uuid = Uuid::from_u128(0x1234_5678_9abc_4def_8123_4567_89ab_cdef);

pub fn types(plan: &TaskPlan) -> Vec<&str> {
    plan.tasks.iter().map(|task| task.task.type_name()).collect()
}

/// The parameters that a task of the type has, as JSON keys; optional ones in brackets.
fn keys(task_type: &str) -> &'static str {
    match task_type {
        "create-entrant-nodes" => "groupName namespace entrantRevision nodeNames [hardFork]",
        "await-nodes-running" => "groupName namespace expected nodeNames",
        "submit-halt-signal" => "namespace nodeNames haltHeight",
        "await-nodes-at-height" => "namespace nodeNames targetHeight",
        "await-nodes-caught-up" | "teardown-nodes" => "namespace nodeNames",
        "switch-traffic" => "groupName namespace entrantRevision",
        "snapshot-restore" => "targetHeight",
        "config-apply" => "mode overrides incremental targetVersion",
        "discover-peers" => "sources",
        "configure-state-sync" => "useLocalSnapshot trustPeriod backfillBlocks",
        "deploy-bootstrap-service" => "serviceName namespace",
        "deploy-bootstrap-job" | "await-bootstrap-complete" => "jobName namespace",
        "teardown-bootstrap" => "jobName serviceName namespace",
        "generate-identity" => "chainId moniker",
        "generate-gentx" => "chainId stakingAmount accountBalance genesisParams",
        "upload-genesis-artifacts" => "nodeName",
        "create-exporter" => "groupName exporterName namespace sourceChainId sourceImage exportHeight",
        "await-exporter-running" | "teardown-exporter" => "exporterName namespace",
        "submit-export-state" => "exporterName namespace exportHeight sourceChainId",
        "assemble-and-upload-genesis" => "accountBalance namespace nodes",
        "assemble-genesis-fork" => "accountBalance namespace nodes sourceChainId chainId",
        "collect-and-set-peers" => "groupName namespace nodeNames",
        "configure-genesis" | "config-validate" | "mark-ready" | "set-genesis-peers" => "",
        other => panic!("{other} is in no table"),
    }
}

fn check_parameters(task: &Task) {
    let params = task.params();
    let actual: BTreeSet<_> = params.iter().flat_map(|params| params.as_object().expect("an object").keys().cloned()).collect();
    let known = keys(task.type_name());
    let required: BTreeSet<_> = known.split_whitespace().filter(|key| !key.starts_with('[')).map(str::to_owned).collect();
    let optional: BTreeSet<_> = known.split_whitespace().map(|key| key.trim_matches(['[', ']']).to_owned()).collect();
    assert!(actual.is_superset(&required) && actual.is_subset(&optional), "{}: {actual:?}", task.type_name());
    assert_eq!(params.is_none(), known.is_empty());
}

/// Checks everything that holds of a new plan whatever it is for.
pub fn check_plan(plan: &TaskPlan) {
    const TASKS: Uuid = uuid::uuid!("b7e89c3a-4f12-4d8b-9a6e-1c2d3e4f5a6b");
    assert_eq!((plan.id, plan.phase, plan.failed_task_index), (Some(PLAN), PlanPhase::Active, None));
    for (index, task) in plan.tasks.iter().enumerate() {
        let name = format!("{PLAN}/{}/{index}", task.task.type_name());
        assert_eq!(task.id, Uuid::new_v5(&TASKS, name.as_bytes()));
        assert_eq!((task.status, task.submitted_at, &task.error, task.retry_count), (TaskStatus::Pending, None, &None, 0));
        check_parameters(&task.task);
    }
    let ids: BTreeSet<_> = plan.tasks.iter().map(|task| task.id).collect();
    assert_eq!(ids.len(), plan.tasks.len(), "ids are unique");
    let stored = serde_json::to_string(plan).expect("a plan has a wire form");
    assert_eq!(&serde_json::from_str::<TaskPlan>(&stored).expect("a stored plan reads"), plan);
}
