//! The tasks of a genesis ceremony: controller.md, section 5.

use crate::fake::Fake;
use crate::samples::{PLAN, group, group_with, names, node, plan};
use api::names::label;
use api::node::NodePhase;
use api::task::{
    AssembleGenesis, CollectAndSetPeers, ControllerTask, CreateExporter, ExporterName, SidecarTask, SubmitExportState, export_id, task_id,
};
use api::{Group, Height, SeiNode, Time};
use executor::{NOW, POLL};
use ports::{ApiError, TaskState};
use std::sync::Arc;

fn exporter() -> Arc<ExporterName> {
    Arc::new(ExporterName { exporter_name: "rpc-exporter".into(), namespace: "sei".into() })
}

fn creating(fake: &Fake) -> Group {
    let params = CreateExporter {
        group_name: "rpc".into(),
        exporter_name: "rpc-exporter".into(),
        namespace: "sei".into(),
        source_chain_id: "atlantic-2".into(),
        source_image: "sei:old".into(),
        export_height: Height(900),
    };
    group(fake, ControllerTask::CreateExporter(Arc::new(params)))
}

fn failure(group: &Group) -> Option<&str> {
    group.status.plan.as_ref().and_then(|plan| plan.failed_task_detail.as_ref()).map(|detail| &*detail.error)
}

#[test]
fn a_groups_sidecar_task_goes_to_the_first_node_by_name_with_the_groups_label() {
    let fake = Fake::default();
    for name in ["rpc-1", "rpc-0", "a-stranger"] {
        node(&fake, name, NodePhase::Running);
    }
    fake.sidecar("a-stranger");
    let params = AssembleGenesis { account_balance: "1usei".into(), namespace: "sei".into(), nodes: vec![] };
    let task = SidecarTask::AssembleAndUploadGenesis(Arc::new(params));
    let mut group = group_with(&fake, plan(vec![task.into()]));
    assert_eq!(fake.advance(&mut group), Ok(Some(POLL)));
    assert_eq!(fake.submitted("a-stranger")[0].id, Some(task_id(PLAN, "assemble-and-upload-genesis", 0)));
}

#[test]
fn peers_are_set_once_all_nodes_have_told_their_id() {
    let fake = Fake::default();
    let params = CollectAndSetPeers { group_name: "rpc".into(), namespace: "sei".into(), node_names: names(&["rpc-0", "rpc-1"]) };
    let mut group = group(&fake, ControllerTask::CollectAndSetPeers(Arc::new(params)));
    node(&fake, "rpc-0", NodePhase::Running);
    node(&fake, "rpc-1", NodePhase::Running);
    fake.sidecar("rpc-0");
    assert_eq!(fake.advance(&mut group), Ok(Some(POLL)));
    assert!(fake.take_log().is_empty(), "one id is missing, so no node is patched");

    fake.sidecar("rpc-1");
    assert_eq!(fake.advance(&mut group), Ok(Some(NOW)));
    assert_eq!(fake.take_log()[..2], ["patch SeiNode rpc-0 None", "patch SeiNode rpc-1 None"]);
    let peers = &fake.stored::<SeiNode>("rpc-1").expect("stored").spec.peers;
    let addresses = &peers[0].fixed.as_ref().expect("a static list").addresses;
    assert_eq!(addresses[1], "id-of-rpc-1@rpc-1-0.rpc-1.sei.svc.cluster.local:26656");
    assert_eq!((peers.len(), addresses.len()), (1, 2));
}

#[test]
fn an_exporter_is_a_bootstrapping_node_of_the_other_chain() {
    let fake = Fake::default();
    let mut group = creating(&fake);
    assert_eq!(fake.advance(&mut group), Ok(Some(NOW)));
    let exporter = fake.stored::<SeiNode>("rpc-exporter").expect("created");
    assert_eq!((&*exporter.spec.chain_id, &*exporter.spec.image), ("atlantic-2", "sei:old"));
    assert!(planner::node::needs_bootstrap(&exporter.spec));
    assert_eq!(exporter.meta.labels.get(label::ROLE).map(String::as_str), Some(label::EXPORTER));
}

#[test]
fn a_failed_exporter_is_deleted_before_another_is_created() {
    let fake = Fake::default();
    let mut group = creating(&fake);
    node(&fake, "rpc-exporter", NodePhase::Failed);
    assert_eq!(fake.advance(&mut group), Ok(Some(POLL)));
    assert_eq!(fake.take_log(), ["delete SeiNode rpc-exporter Background"]);
    assert_eq!(fake.advance(&mut group), Ok(Some(NOW)));
    assert_eq!(fake.take_log()[0], "create SeiNode rpc-exporter");
}

#[test]
fn an_exporter_that_exists_will_do_unless_it_failed() {
    let fake = Fake::default();
    let mut group = creating(&fake);
    node(&fake, "rpc-exporter", NodePhase::Initializing);
    assert_eq!(fake.advance(&mut group), Ok(Some(NOW)));
    assert!(!fake.take_log().iter().any(|line| line.starts_with("create")));
}

#[test]
fn an_exporter_is_awaited_until_it_runs_fails_or_is_gone() {
    for (phase, expected) in [
        (Some(NodePhase::Initializing), Ok(Some(POLL))),
        (Some(NodePhase::Running), Ok(Some(NOW))),
        (Some(NodePhase::Failed), Ok(None)),
        (None, Ok(None)),
    ] {
        let fake = Fake::default();
        let mut group = group(&fake, ControllerTask::AwaitExporterRunning(exporter()));
        if let Some(phase) = phase {
            node(&fake, "rpc-exporter", phase);
        }
        assert_eq!(fake.advance(&mut group), expected, "{phase:?}");
    }
}

#[test]
fn an_export_fails_six_hours_after_the_exporters_creation() {
    let fake = Fake::default();
    let params = SubmitExportState {
        exporter_name: "rpc-exporter".into(),
        namespace: "sei".into(),
        export_height: Height(900),
        source_chain_id: "atlantic-2".into(),
    };
    let mut group = group(&fake, ControllerTask::SubmitExportState(Arc::new(params)));
    node(&fake, "rpc-exporter", NodePhase::Running);
    fake.change::<SeiNode>("rpc-exporter", |node| node.meta_mut().created = Some(Time::from_unix(1000)));
    fake.sidecar("rpc-exporter");
    fake.now.set(1000 + 6 * 3600 - 1);
    assert_eq!(fake.advance(&mut group), Ok(Some(POLL)));
    let SidecarTask::ExportState(export) = &fake.submitted("rpc-exporter")[0].task else { panic!("an export") };
    assert_eq!((&*export.s3_key, export.height), ("atlantic-2/exported-state.json", Height(900)));

    let mut finished = group.clone();
    fake.now.set(1000 + 6 * 3600);
    assert_eq!(fake.advance(&mut group), Ok(None));
    assert!(failure(&group).is_some());

    finished.meta_mut().resource_version = group.meta.resource_version;
    fake.report("rpc-exporter", export_id("rpc-exporter"), TaskState::Completed, None);
    assert_eq!(fake.advance(&mut finished), Ok(Some(NOW)), "an export that has ended is not late");
}

#[test]
fn an_exporter_is_deleted_and_waited_for() {
    let fake = Fake::default();
    let mut group = group(&fake, ControllerTask::TeardownExporter(exporter()));
    node(&fake, "rpc-exporter", NodePhase::Running);
    fake.fail("delete SeiNode", ApiError::NotFound("rpc-exporter".into()));
    assert_eq!(fake.advance(&mut group), Ok(Some(POLL)), "the cache still shows it");
    fake.remove::<SeiNode>("rpc-exporter");
    assert_eq!(fake.advance(&mut group), Ok(Some(NOW)));
}
