//! Plans of the genesis ceremony and its fork. Source: controller.md, section 2, last paragraph.
//!
//! The operator starts a chain with them; the testbed, whose subject is rollouts, refuses to carry them out.

use super::{await_running, incumbents, name, namespace};
use crate::draft::{CEREMONY_RETRIES, Draft};
use api::condition::is_true;
use api::group::condition_type::{FORK_GENESIS_CEREMONY_NEEDED, GENESIS_CEREMONY_NEEDED};
use api::group::{Genesis, GenesisFork};
use api::names::exporter;
use api::task::{
    AssembleGenesis, AssembleGenesisFork, CollectAndSetPeers, ControllerTask, CreateExporter, ExporterName, NamedNode, SidecarTask,
    SubmitExportState,
};
use api::{Group, SeiNodeDeploymentStatus};
use std::sync::Arc;

/// The ceremony, if it is asked for, wanted now, and all its validators are there.
pub(super) fn needed(group: &Group) -> Option<&Genesis> {
    let SeiNodeDeploymentStatus { conditions, incumbent_nodes, .. } = &*group.status;
    let wanted = is_true(conditions, GENESIS_CEREMONY_NEEDED) || is_true(conditions, FORK_GENESIS_CEREMONY_NEEDED);
    let complete = i32::try_from(incumbent_nodes.len()).is_ok_and(|nodes| nodes >= group.spec.replicas);
    group.spec.genesis.as_ref().filter(|_| wanted && complete)
}

/// The ceremony's tasks.
pub(super) fn tasks(group: &Group, genesis: &Genesis) -> Draft {
    let mut draft = Draft::default();
    if let Some(fork) = &genesis.fork {
        export(&mut draft, group, fork);
    }
    let validators = incumbents(group);
    draft.retried(assemble(group, genesis), CEREMONY_RETRIES);
    draft.task(ControllerTask::CollectAndSetPeers(Arc::new(CollectAndSetPeers {
        group_name: name(group),
        namespace: validators.namespace,
        node_names: validators.node_names.clone(),
    })));
    draft.task(await_running(group, validators.node_names, group.spec.replicas));
    draft
}

/// The other chain's state is exported first.
fn export(draft: &mut Draft, group: &Group, fork: &GenesisFork) {
    let exporter_name: Arc<str> = exporter(group.name()).into();
    let named = Arc::new(ExporterName { exporter_name: exporter_name.clone(), namespace: namespace(group) });
    draft
        .task(ControllerTask::CreateExporter(Arc::new(CreateExporter {
            group_name: name(group),
            exporter_name: exporter_name.clone(),
            namespace: namespace(group),
            source_chain_id: fork.source_chain_id.clone(),
            source_image: fork.source_image.clone(),
            export_height: fork.export_height,
        })))
        .task(ControllerTask::AwaitExporterRunning(named.clone()))
        .task(ControllerTask::SubmitExportState(Arc::new(SubmitExportState {
            exporter_name,
            namespace: namespace(group),
            export_height: fork.export_height,
            source_chain_id: fork.source_chain_id.clone(),
        })))
        .task(ControllerTask::TeardownExporter(named));
}

fn assemble(group: &Group, genesis: &Genesis) -> SidecarTask {
    let account_balance = genesis.account_balance.clone().unwrap_or_default();
    let nodes = group.status.incumbent_nodes.iter().map(|name| NamedNode { name: name.to_string() }).collect();
    let namespace = group.namespace().to_owned();
    match &genesis.fork {
        None => SidecarTask::AssembleAndUploadGenesis(Arc::new(AssembleGenesis { account_balance, namespace, nodes })),
        Some(fork) => SidecarTask::AssembleGenesisFork(Arc::new(AssembleGenesisFork {
            account_balance,
            namespace,
            nodes,
            source_chain_id: fork.source_chain_id.clone(),
            chain_id: genesis.chain_id.clone(),
        })),
    }
}
