//! The plan of a node: how its volume gets its first state and its seid starts. Source: controller.md, section 3.

mod config;
mod validation;

pub use validation::validate;

use crate::draft::{CEREMONY_RETRIES, Draft};
use crate::{BootstrapEnd, Design, PlanError};
use api::names::bootstrap_job;
use api::node::{GenesisCeremony, Mode, SnapshotSource};
use api::task::{
    AwaitCondition, Awaited, BootstrapJob, BootstrapService, ConfigureStateSync, ControllerTask, GenerateGentx, GenerateIdentity,
    SidecarTask, SnapshotRestore, TeardownBootstrap, UploadGenesisArtifacts,
};
use api::{Height, Node, SeiNodeSpec, TaskPlan};
use std::sync::Arc;
use uuid::Uuid;

/// The plan of a new node.
pub fn plan_for(node: &Node, design: &Design, new_id: impl FnOnce() -> Uuid) -> Result<TaskPlan, PlanError> {
    let mode = node.spec.mode().ok_or(PlanError::Choosing(validation::NO_MODE))?;
    let mut draft = Draft::for_node(design);
    if let Some(ceremony) = ceremony(mode) {
        ceremony_plan(&mut draft, node, mode, ceremony);
    } else if needs_bootstrap(&node.spec) {
        bootstrap_plan(&mut draft, design, node, mode);
    } else {
        base_plan(&mut draft, node, mode);
    }
    Ok(draft.plan(new_id()))
}

/// The plan of a node that has been ready, and whose sidecar has forgotten it.
pub fn resume(design: &Design, new_id: impl FnOnce() -> Uuid) -> TaskPlan {
    let mut draft = Draft::for_node(design);
    draft.task(SidecarTask::MarkReady);
    draft.plan(new_id())
}

/// Whether a Job fills the volume before the StatefulSet exists: a bootstrap image and an s3 target height are set.
pub fn needs_bootstrap(spec: &SeiNodeSpec) -> bool {
    spec.snapshot().is_some_and(|snapshot| has_bootstrap_image(snapshot) && restored_height(snapshot).is_some())
}

fn has_bootstrap_image(snapshot: &SnapshotSource) -> bool {
    snapshot.bootstrap_image.as_ref().is_some_and(|image| !image.is_empty())
}

/// The target height of an s3 snapshot, if it is one above 0.
fn restored_height(snapshot: &SnapshotSource) -> Option<Height> {
    snapshot.s3.as_ref().map(|s3| s3.target_height).filter(|height| *height > Height(0))
}

fn ceremony(mode: Mode<'_>) -> Option<&GenesisCeremony> {
    match mode {
        Mode::Validator(validator) => validator.genesis_ceremony.as_ref(),
        Mode::Full(_) | Mode::Archive(_) | Mode::Replayer(_) => None,
    }
}

/// How a node gets its first state.
enum Start<'a> {
    /// From a snapshot archive in a bucket.
    Restore(Height),
    /// From peers' snapshots.
    StateSync(Option<&'a SnapshotSource>),
    /// Block by block.
    Genesis,
}

fn start<'a>(spec: &'a SeiNodeSpec, mode: Mode<'_>) -> Start<'a> {
    match spec.snapshot() {
        Some(SnapshotSource { s3: Some(s3), .. }) => Start::Restore(s3.target_height),
        Some(snapshot) => Start::StateSync(Some(snapshot)),
        None if matches!(mode, Mode::Archive(_)) => Start::StateSync(None),
        None => Start::Genesis,
    }
}

/// The base progression.
fn base_plan(draft: &mut Draft, node: &Node, mode: Mode<'_>) {
    let start = start(&node.spec, mode);
    if let Start::Restore(target_height) = start {
        draft.task(SidecarTask::SnapshotRestore(Arc::new(SnapshotRestore { target_height })));
    }
    configure(draft, node, mode);
    if let Start::StateSync(snapshot) = start {
        draft.task(SidecarTask::ConfigureStateSync(Arc::new(ConfigureStateSync {
            use_local_snapshot: false,
            trust_period: snapshot.and_then(|s| s.trust_period.clone()).unwrap_or_default(),
            backfill_blocks: snapshot.and_then(|s| s.backfill_blocks).unwrap_or_default(),
        })));
    }
    draft.task(SidecarTask::ConfigValidate).task(SidecarTask::MarkReady);
}

/// A Job fills the volume by the base progression, in some designs up to a height that its sidecar is to see; then the StatefulSet's pod is configured without restoring anything.
fn bootstrap_plan(draft: &mut Draft, design: &Design, node: &Node, mode: Mode<'_>) {
    let namespace = &node.meta.key.namespace;
    let service_name = &node.meta.key.name;
    let job_name: Arc<str> = bootstrap_job(service_name).into();
    let job = Arc::new(BootstrapJob { job_name: job_name.clone(), namespace: namespace.clone() });
    let service = BootstrapService { service_name: service_name.clone(), namespace: namespace.clone() };
    draft.task(ControllerTask::DeployBootstrapService(Arc::new(service))).task(ControllerTask::DeployBootstrapJob(job.clone()));
    base_plan(draft, node, mode);
    if let (Start::Restore(target_height), BootstrapEnd::Height) = (start(&node.spec, mode), design.bootstrap_end) {
        let reached = AwaitCondition { condition: Awaited::Height, target_height, action: None };
        draft.task(SidecarTask::AwaitCondition(Arc::new(reached)));
    }
    draft.awaiting(ControllerTask::AwaitBootstrapComplete(job)).task(ControllerTask::TeardownBootstrap(Arc::new(TeardownBootstrap {
        job_name,
        service_name: service_name.clone(),
        namespace: namespace.clone(),
    })));
    configure(draft, node, mode);
    draft.task(SidecarTask::ConfigValidate).task(SidecarTask::MarkReady);
}

/// Genesis, configuration and, if there are any to find, peers.
fn configure(draft: &mut Draft, node: &Node, mode: Mode<'_>) {
    draft.task(SidecarTask::ConfigureGenesis).task(config::apply(node, mode));
    if let Some(discover) = config::discover_peers(node) {
        draft.task(discover);
    }
}

/// A validator's part in a genesis ceremony.
fn ceremony_plan(draft: &mut Draft, node: &Node, mode: Mode<'_>, ceremony: &GenesisCeremony) {
    draft
        .task(SidecarTask::GenerateIdentity(Arc::new(GenerateIdentity {
            chain_id: ceremony.chain_id.clone(),
            moniker: node.name().to_owned(),
        })))
        .task(SidecarTask::GenerateGentx(Arc::new(GenerateGentx {
            chain_id: ceremony.chain_id.clone(),
            staking_amount: ceremony.staking_amount.clone(),
            account_balance: ceremony.account_balance.clone(),
            genesis_params: ceremony.genesis_params.clone().unwrap_or_default(),
        })))
        .task(SidecarTask::UploadGenesisArtifacts(Arc::new(UploadGenesisArtifacts { node_name: node.name().to_owned() })))
        .retried(SidecarTask::ConfigureGenesis, CEREMONY_RETRIES)
        .task(config::apply(node, mode))
        .task(SidecarTask::SetGenesisPeers)
        .task(SidecarTask::ConfigValidate)
        .task(SidecarTask::MarkReady);
}
