//! create-exporter: the node of another chain whose state a genesis fork starts from.

use super::{Call, Executed, TaskError};
use api::names::label;
use api::node::{FullNode, NodePhase, S3Snapshot, SnapshotSource};
use api::task::CreateExporter;
use api::{Group, Meta, Node, ObjectKey, SeiNode, SeiNodeSpec};
use ports::{ApiError, DeleteOptions, Ports, Propagation};
use std::sync::Arc;

/// A failed exporter is deleted first, to be made anew at a later look.
pub(super) async fn execute<P: Ports>(call: &Call<'_, P>, group: &Group, params: &CreateExporter) -> Result<Executed, TaskError> {
    match call.node(&params.namespace, &params.exporter_name).await {
        Ok(exporter) if exporter.status.phase == Some(NodePhase::Failed) => {
            let options = DeleteOptions { propagation: Propagation::Background, ..DeleteOptions::default() };
            call.ports.delete::<SeiNode>(&exporter.meta.key, options).await.map_err(TaskError::transient)?;
            Ok(Executed::Begun)
        }
        Ok(_) => Ok(Executed::Done),
        Err(ApiError::NotFound(_)) => {
            call.ports.create(exporter(group, params)).await.map_err(TaskError::transient)?;
            Ok(Executed::Done)
        }
        Err(error) => Err(TaskError::transient(error)),
    }
}

/// A full node of the other chain that bootstraps up to the export's height.
fn exporter(group: &Group, params: &CreateExporter) -> Node {
    let labels = [(label::GROUP, params.group_name.to_string()), (label::ROLE, label::EXPORTER.to_owned())];
    let meta = Meta {
        labels: Arc::new(labels.map(|(key, value)| (key.to_owned(), value)).into()),
        owners: Arc::from([group.owner_ref()]),
        ..Meta::new(ObjectKey { namespace: params.namespace.clone(), name: params.exporter_name.clone() })
    };
    let template = &group.spec.template.spec;
    let snapshot = SnapshotSource {
        s3: Some(S3Snapshot { target_height: params.export_height }),
        bootstrap_image: Some(params.source_image.clone()),
        ..SnapshotSource::default()
    };
    let spec = SeiNodeSpec {
        chain_id: params.source_chain_id.clone(),
        image: params.source_image.clone(),
        sidecar: template.sidecar.clone(),
        peers: template.peers.clone(),
        full_node: Some(FullNode { snapshot: Some(snapshot), snapshot_generation: None }),
        ..SeiNodeSpec::default()
    };
    Node::new(meta, spec)
}
