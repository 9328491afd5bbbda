//! Tasks as they stand in a stored plan: exact keys, reading back, ids.

use api::plan::{PlannedTask, TaskStatus};
use api::task::{SubTaskPurpose, Task, export_id, sub_task_id, task_id};
use serde_json::{Value, json};
use uuid::Uuid;

/// Every task type with parameters as the operator writes them; `null` for those without.
fn every_type() -> Vec<(&'static str, Value)> {
    [group_tasks(), bootstrap_and_genesis_tasks(), sidecar_tasks(), ceremony_tasks()].concat()
}

fn group_tasks() -> Vec<(&'static str, Value)> {
    vec![
        ("create-entrant-nodes", json!({ "groupName": "g", "namespace": "n", "entrantRevision": "2", "nodeNames": ["g-g2-0"] })),
        (
            "create-entrant-nodes",
            json!({
                "groupName": "g", "namespace": "n", "entrantRevision": "2", "nodeNames": ["g-g2-0"],
                "hardFork": { "incumbentImage": "sei:v1", "haltHeight": 100 },
            }),
        ),
        ("await-nodes-running", json!({ "groupName": "g", "namespace": "n", "expected": 1, "nodeNames": ["g-g2-0"] })),
        ("submit-halt-signal", json!({ "namespace": "n", "nodeNames": ["g-0"], "haltHeight": 100 })),
        ("await-nodes-at-height", json!({ "namespace": "n", "nodeNames": ["g-g2-0"], "targetHeight": 100 })),
        ("await-nodes-caught-up", json!({ "namespace": "n", "nodeNames": ["g-g2-0"] })),
        ("switch-traffic", json!({ "groupName": "g", "namespace": "n", "entrantRevision": "2" })),
        ("teardown-nodes", json!({ "namespace": "n", "nodeNames": ["g-0"] })),
    ]
}

fn bootstrap_and_genesis_tasks() -> Vec<(&'static str, Value)> {
    let exporter = json!({ "exporterName": "g-exporter", "namespace": "n" });
    vec![
        ("deploy-bootstrap-service", json!({ "serviceName": "g-0", "namespace": "n" })),
        ("deploy-bootstrap-job", json!({ "jobName": "g-0-bootstrap", "namespace": "n" })),
        ("await-bootstrap-complete", json!({ "jobName": "g-0-bootstrap", "namespace": "n" })),
        ("teardown-bootstrap", json!({ "jobName": "g-0-bootstrap", "serviceName": "g-0", "namespace": "n" })),
        ("collect-and-set-peers", json!({ "groupName": "g", "namespace": "n", "nodeNames": ["g-0"] })),
        (
            "create-exporter",
            json!({
                "groupName": "g", "exporterName": "g-exporter", "namespace": "n",
                "sourceChainId": "pacific-1", "sourceImage": "sei:v1", "exportHeight": 7,
            }),
        ),
        ("await-exporter-running", exporter.clone()),
        ("submit-export-state", json!({ "exporterName": "g-exporter", "namespace": "n", "exportHeight": 7, "sourceChainId": "pacific-1" })),
        ("teardown-exporter", exporter),
    ]
}

fn sidecar_tasks() -> Vec<(&'static str, Value)> {
    let sources = json!([
        { "type": "ec2Tags", "region": "r", "tags": { "a": "b" } },
        { "type": "static", "addresses": ["id@host:26656"] },
        { "type": "dnsEndpoints", "endpoints": ["a.b"] },
    ]);
    vec![
        ("snapshot-restore", json!({ "targetHeight": 100 })),
        ("configure-genesis", Value::Null),
        ("config-apply", json!({ "mode": "full", "overrides": { "a.b": "c" }, "incremental": false, "targetVersion": 0 })),
        ("config-validate", Value::Null),
        ("discover-peers", json!({ "sources": sources })),
        ("configure-state-sync", json!({ "useLocalSnapshot": false, "trustPeriod": "9999h0m0s", "backfillBlocks": 0 })),
        ("mark-ready", Value::Null),
        ("await-condition", json!({ "condition": "height", "targetHeight": 100 })),
        ("await-condition", json!({ "condition": "height", "targetHeight": 100, "action": "SIGTERM_SEID" })),
        ("snapshot-upload", Value::Null),
        ("result-export", json!({ "bucket": "b", "region": "r", "prefix": "p", "canonicalRpc": "http://x" })),
    ]
}

fn ceremony_tasks() -> Vec<(&'static str, Value)> {
    vec![
        ("generate-identity", json!({ "chainId": "c", "moniker": "g-0" })),
        ("generate-gentx", json!({ "chainId": "c", "stakingAmount": "1usei", "accountBalance": "2usei", "genesisParams": "" })),
        ("upload-genesis-artifacts", json!({ "nodeName": "g-0" })),
        ("set-genesis-peers", Value::Null),
        ("assemble-and-upload-genesis", json!({ "accountBalance": "2usei", "namespace": "n", "nodes": [{ "name": "g-0" }] })),
        (
            "assemble-genesis-fork",
            json!({
                "accountBalance": "2usei", "namespace": "n", "nodes": [{ "name": "g-0" }],
                "sourceChainId": "pacific-1", "chainId": "c",
            }),
        ),
        ("export-state", json!({ "height": 7, "chainId": "c", "s3Bucket": "b", "s3Key": "k", "s3Region": "r" })),
    ]
}

fn stored(kind: &str, params: &Value) -> Value {
    let mut task = json!({ "type": kind, "id": "11111111-2222-4333-8444-555555555555", "status": "Pending" });
    if !params.is_null() {
        task["params"] = params.clone();
    }
    task
}

#[test]
fn every_task_type_reads_and_is_written_back_with_the_same_keys() {
    for (kind, params) in every_type() {
        let wire = stored(kind, &params);
        let planned: PlannedTask = serde_json::from_value(wire.clone()).unwrap();
        assert!(!matches!(&*planned.task, Task::Unreadable { .. }), "{kind} {params}");
        assert_eq!(planned.task.type_name(), kind);
        assert_eq!(serde_json::to_value(&planned).unwrap(), wire);
    }
}

#[test]
fn without_any_one_required_parameter_a_task_is_unreadable_and_keeps_what_is_stored() {
    for (kind, params) in every_type() {
        for key in params.as_object().into_iter().flatten().map(|(key, _)| key).filter(|key| !matches!(key.as_str(), "hardFork" | "action"))
        {
            let mut fewer = params.clone();
            fewer.as_object_mut().unwrap().remove(key);
            let wire = stored(kind, &fewer);
            let planned: PlannedTask = serde_json::from_value(wire.clone()).unwrap();
            assert!(matches!(&*planned.task, Task::Unreadable { .. }), "{kind} without {key}");
            assert_eq!(serde_json::to_value(&planned).unwrap(), wire);
        }
    }
}

#[test]
fn a_task_of_unknown_type_is_unreadable_and_keeps_what_is_stored() {
    for params in [Value::Null, json!({ "any": ["thing"] })] {
        let wire = stored("make-coffee", &params);
        let planned: PlannedTask = serde_json::from_value(wire.clone()).unwrap();
        assert_eq!(*planned.task, Task::Unreadable { kind: "make-coffee".into(), params: Some(params).filter(|params| !params.is_null()) });
        assert_eq!(serde_json::to_value(&planned).unwrap(), wire);
    }
}

#[test]
fn progress_is_written_only_where_there_is_some() {
    let mut wire = stored("mark-ready", &Value::Null);
    for (key, value) in [
        ("status", json!("Failed")),
        ("submittedAt", json!("2025-01-31T12:00:00Z")),
        ("error", json!("why")),
        ("maxRetries", json!(180)),
        ("retryCount", json!(3)),
    ] {
        wire[key] = value;
    }
    let planned: PlannedTask = serde_json::from_value(wire.clone()).unwrap();
    assert_eq!((planned.status, planned.max_retries, planned.retry_count), (TaskStatus::Failed, 180, 3));
    assert_eq!(serde_json::to_value(&planned).unwrap(), wire);
    assert!(serde_json::from_value::<PlannedTask>(json!({ "type": "mark-ready", "id": planned.id, "status": "Done" })).is_err());
}

/// The expected ids were computed with another implementation of UUID v5.
#[test]
fn ids_are_uuid_v5_in_the_operators_namespaces() {
    let plan: Uuid = "11111111-2222-4333-8444-555555555555".parse().unwrap();
    let create = task_id(plan, "create-entrant-nodes", 0);
    assert_eq!(create.to_string(), "284dab81-be34-5073-96e1-678151e77ac8");
    assert_eq!(task_id(plan, "teardown-nodes", 3).to_string(), "6ebcb226-3ad7-5786-87ec-49e7a4a9b111");
    assert_eq!(export_id("fork-test-exporter").to_string(), "5d551f96-9a3d-5edd-b0b9-b060dd989550");
    let await_height = sub_task_id("pacific-1-rpc-g2-0", SubTaskPurpose::AwaitHeight, create);
    assert_eq!(await_height.to_string(), "16ffd106-4de5-5ad2-9814-117336d7f710");
    let halt_signal = sub_task_id("pacific-1-rpc-0", SubTaskPurpose::HaltSignal, create);
    assert_eq!(halt_signal.to_string(), "45da8a67-54f5-528f-8067-1d42b96d15f5");
}
