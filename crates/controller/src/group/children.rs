//! Steps 6a and 6b: the children `{group}-{ordinal}`, created where missing and brought up to date in place; and who the incumbents are.

use super::wanted::Wanted;
use super::{conditions, selector};
use crate::Operator;
use api::memo::Memo;
use api::names::{self, label};
use api::node::{GenesisCeremony, SidecarConfig};
use api::{Group, Labels, Meta, Node, Object, ObjectKey, SeiNode, SeiNodeSpec};
use executor::read;
use ports::{ApiError, EventKind, Ports};
use std::sync::Arc;

thread_local! {
    static DESIRED: Memo<Wanted, Arc<[Node]>> = const { Memo::new() };
}

/// Ensures each ordinal's child. A child that exists is compared in what propagates, and updated with its cached version as precondition.
pub async fn ensure<P: Ports>(ports: &P, operator: &Operator, group: &Group) -> Result<(), ApiError> {
    let build = || (0..group.spec.replicas).map(|ordinal| desired(group, ordinal)).collect();
    let children = DESIRED.with(|memo| memo.of(&Wanted::by(operator, group), build));
    for desired in children.iter() {
        match read::one::<P, SeiNode>(ports, operator.design.reads, &desired.meta.key).await {
            Err(ApiError::NotFound(_)) => {
                let created = ports.create(desired.clone()).await?;
                conditions::event(ports, group, EventKind::Normal, "SeiNodeCreated", format_args!("created SeiNode {}", created.name()));
            }
            Err(error) => return Err(error),
            Ok(mut child) => {
                if bring_up_to_date(&mut child, desired) {
                    ports.update(child).await?;
                }
            }
        }
    }
    Ok(())
}

/// Records the names of owned children that the current selector matches, in the cache's order; exporters are none.
pub async fn record_incumbents<P: Ports>(ports: &P, operator: &Operator, group: &mut Group) -> Result<(), ApiError> {
    let children = selected(ports, operator, group).await?;
    let serving = children.iter().filter(|child| child.meta.labels.get(label::ROLE).is_none_or(|role| role != label::EXPORTER));
    let names: Vec<Arc<str>> = serving.map(|child| child.meta.key.name.clone()).collect();
    if group.status.incumbent_nodes != names {
        group.status_mut().incumbent_nodes = names;
    }
    Ok(())
}

/// Owned children that the current selector matches, exporters too, in the cache's order.
pub async fn selected<P: Ports>(ports: &P, operator: &Operator, group: &Group) -> Result<Vec<Node>, ApiError> {
    owned(ports, operator, group, &selector::current(operator, group)).await
}

/// Owned children with these labels.
pub async fn owned<P: Ports>(ports: &P, operator: &Operator, group: &Group, labels: &Labels) -> Result<Vec<Node>, ApiError> {
    let mut children = read::many::<P, SeiNode>(ports, operator.design.reads, group.namespace(), labels).await?;
    children.retain(|child| child.meta.is_controlled_by(group.meta.uid));
    Ok(children)
}

/// The child of an ordinal, as the template has it.
pub fn desired(group: &Group, ordinal: i32) -> Node {
    let template = &group.spec.template;
    let own = [(label::GROUP, group.name()), (label::REVISION, &selector::active_revision(group))];
    let with_own = |labels: &Labels| -> Labels {
        let own = own.iter().map(|&(key, value)| (key.to_owned(), value.to_owned()));
        labels.clone().into_iter().chain(own).collect()
    };
    let (labels, annotations) = template.metadata.clone().map(|meta| (meta.labels, meta.annotations)).unwrap_or_default();
    let mut labels = with_own(&labels);
    labels.insert(label::ORDINAL.into(), ordinal.to_string());

    let name = names::child(group.name(), ordinal);
    let mut meta = Meta::new(ObjectKey { namespace: group.meta.key.namespace.clone(), name: name.into() });
    meta.labels = Arc::new(labels);
    meta.annotations = Arc::new(annotations);
    meta.owners = Arc::from([group.owner_ref()]);

    let mut spec = template.spec.clone();
    spec.pod_labels = with_own(&spec.pod_labels);
    join_ceremony(group, ordinal, &mut spec);
    Object::new(meta, spec)
}

/// With genesis, a validator gets its part in the ceremony. Amounts are the spec's, which the schema's defaults have filled in.
fn join_ceremony(group: &Group, ordinal: i32, spec: &mut SeiNodeSpec) {
    let (Some(genesis), Some(validator)) = (&group.spec.genesis, &mut spec.validator) else { return };
    validator.genesis_ceremony = Some(GenesisCeremony {
        chain_id: genesis.chain_id.clone(),
        staking_amount: genesis.staking_amount.clone().unwrap_or_default(),
        account_balance: genesis.account_balance.clone().unwrap_or_default(),
        // Absent is the wire form of "".
        genesis_params: (!genesis.overrides.is_empty())
            .then(|| serde_json::to_string(&genesis.overrides).expect("a map of strings has a wire form")),
        index: ordinal,
    });
}

/// Brings what propagates to its desired value: labels, annotations, pod labels, image, entrypoint, sidecar image and port. Returns
/// whether anything differed.
fn bring_up_to_date(child: &mut Node, desired: &Node) -> bool {
    let meta_differs = child.meta.labels != desired.meta.labels || child.meta.annotations != desired.meta.annotations;
    if meta_differs {
        let meta = child.meta_mut();
        meta.labels = desired.meta.labels.clone();
        meta.annotations = desired.meta.annotations.clone();
    }
    let spec_differs = propagated(&child.spec) != propagated(&desired.spec);
    if spec_differs {
        propagate(child.spec_mut(), &desired.spec);
    }
    meta_differs || spec_differs
}

/// Brings a node's whole spec to the template, but for what the operator puts in itself.
pub fn bring_up_to_date_all(child: &mut Node, template: &SeiNodeSpec) {
    let own = child.spec.clone();
    let spec = child.spec_mut();
    spec.clone_from(template);
    for (key, value) in &own.pod_labels {
        spec.pod_labels.entry(key.clone()).or_insert_with(|| value.clone());
    }
    if let (Some(new), Some(old)) = (spec.snapshot_mut(), own.snapshot()) {
        new.bootstrap_image.clone_from(&old.bootstrap_image);
        new.s3.clone_from(&old.s3);
    }
    if let (Some(new), Some(old)) = (&mut spec.validator, &own.validator) {
        new.genesis_ceremony.clone_from(&old.genesis_ceremony);
    }
}

fn propagated(spec: &SeiNodeSpec) -> impl PartialEq + '_ {
    let sidecar = spec.sidecar.as_ref().map(|sidecar| (&sidecar.image, sidecar.port));
    (&spec.pod_labels, &spec.image, &spec.entrypoint, sidecar)
}

fn propagate(spec: &mut SeiNodeSpec, desired: &SeiNodeSpec) {
    spec.pod_labels.clone_from(&desired.pod_labels);
    spec.image.clone_from(&desired.image);
    spec.entrypoint.clone_from(&desired.entrypoint);
    spec.sidecar = desired.sidecar.as_ref().map(|wanted| SidecarConfig {
        image: wanted.image.clone(),
        port: wanted.port,
        resources: spec.sidecar.take().and_then(|sidecar| sidecar.resources),
    });
}
