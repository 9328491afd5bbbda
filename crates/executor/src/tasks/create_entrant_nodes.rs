//! create-entrant-nodes: the nodes of the coming revision, from the group's template as it is now.

use super::{Call, Executed, TaskError, entrants};
use api::names::{self, label};
use api::task::{CreateEntrantNodes, HardForkInjection};
use api::{Group, Meta, Node, ObjectKey, SeiNodeSpec};
use planner::{Design, Entrants, WithoutS3};
use ports::{ApiError, Ports};
use std::sync::Arc;

/// A node that exists is taken as it is, whatever its owner, revision or spec.
pub(super) async fn execute<P: Ports>(call: &Call<'_, P>, group: &Group, params: &CreateEntrantNodes) -> Result<Executed, TaskError> {
    if call.design.entrants == Entrants::Ensured {
        refuse_passed_fork(call, group, params).await?;
        entrants::ensure(call, group).await?;
        return Ok(Executed::Done);
    }
    for (ordinal, name) in params.node_names.iter().enumerate() {
        match call.node(&params.namespace, name).await {
            Ok(_) => continue,
            Err(ApiError::NotFound(_)) => {}
            Err(error) => return Err(TaskError::transient(error)),
        }
        match call.ports.create(entrant(call.design, group, params, ordinal, name)).await {
            Ok(_) | Err(ApiError::AlreadyExists(_)) => {}
            Err(error) => return Err(TaskError::transient(error)),
        }
    }
    Ok(Executed::Done)
}

/// Incumbents that have bootstrapped themselves across this very fork, or a later one, run an image that does not execute the blocks before it: no
/// entrant could bootstrap itself with that.
async fn refuse_passed_fork<P: Ports>(call: &Call<'_, P>, group: &Group, params: &CreateEntrantNodes) -> Result<(), TaskError> {
    let Some(injection) = &params.hard_fork else { return Ok(()) };
    let has_crossed = |node: &Node| {
        let Some(snapshot) = node.spec.snapshot().filter(|_| *node.spec.image == *injection.incumbent_image) else { return false };
        let by_another = snapshot.bootstrap_image.as_ref().is_some_and(|image| *image != node.spec.image);
        by_another && snapshot.s3.as_ref().is_some_and(|s3| s3.target_height >= names::last_old_block(injection.halt_height))
    };
    let nodes = entrants::own_nodes(call, group).await.map_err(TaskError::transient)?;
    match nodes.iter().find(|node| !params.node_names.contains(&node.meta.key.name) && has_crossed(node)) {
        Some(node) => Err(TaskError::Terminal(format!("node {} has come across the halt height already", node.name()).into())),
        None => Ok(()),
    }
}

/// The group's label, ordinal and revision, but none of the template's labels and annotations.
pub(super) fn entrant(design: &Design, group: &Group, params: &CreateEntrantNodes, ordinal: usize, name: &Arc<str>) -> Node {
    let group_name = params.group_name.to_string();
    let revision = params.entrant_revision.to_string();
    let labels = [(label::GROUP, group_name.clone()), (label::ORDINAL, ordinal.to_string()), (label::REVISION, revision.clone())];
    let meta = Meta {
        labels: Arc::new(labels.map(|(key, value)| (key.to_owned(), value)).into()),
        owners: Arc::from([group.owner_ref()]),
        ..Meta::new(ObjectKey { namespace: params.namespace.clone(), name: name.clone() })
    };
    let mut spec = group.spec.template.spec.clone();
    spec.pod_labels.insert(label::GROUP.into(), group_name);
    spec.pod_labels.insert(label::REVISION.into(), revision);
    if let Some(injection) = &params.hard_fork {
        inject(design, &mut spec, injection);
    }
    Node::new(meta, spec)
}

/// The proposed hard fork: the incumbents' image takes the entrant to the last block of the old binary. An image that could not be read
/// is the empty text, which is none.
fn inject(design: &Design, spec: &mut SeiNodeSpec, injection: &HardForkInjection) {
    let Some(snapshot) = spec.snapshot_mut() else { return };
    if snapshot.s3.is_none() && design.without_s3 == WithoutS3::StateSynced {
        return;
    }
    snapshot.bootstrap_image = Some(injection.incumbent_image.to_string()).filter(|image| !image.is_empty());
    if let Some(s3) = &mut snapshot.s3 {
        s3.target_height = names::last_old_block(injection.halt_height);
    }
}
