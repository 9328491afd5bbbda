//! Groups and nodes to test with, stored as far as a server would have them.

use crate::fake::Fake;
use api::group::{Deployment, SeiNodeDeploymentSpec};
use api::names::label;
use api::node::{FullNode, NodePhase, S3Snapshot, SnapshotSource};
use api::task::{ControllerTask, task_id};
use api::{Group, Height, Meta, Node, ObjectKey, PlannedTask, SeiNodeSpec, Task, TaskPlan};
use std::sync::Arc;
use uuid::Uuid;

pub const PLAN: Uuid = Uuid::from_u128(7);

pub fn names(names: &[&str]) -> Vec<Arc<str>> {
    names.iter().map(|&name| name.into()).collect()
}

/// A plan of these tasks, without retries.
pub fn plan(tasks: Vec<Task>) -> TaskPlan {
    plan_with_retries(tasks, 0)
}

pub fn plan_with_retries(tasks: Vec<Task>, max_retries: i64) -> TaskPlan {
    let pending = |(index, task): (usize, Task)| {
        let id = task_id(PLAN, task.type_name(), index);
        PlannedTask::pending(task, id, max_retries)
    };
    TaskPlan::new(PLAN, tasks.into_iter().enumerate().map(pending).collect())
}

/// Group `rpc` of two full nodes in a rollout to generation 2, with a plan of one task.
pub fn group(fake: &Fake, task: ControllerTask) -> Group {
    group_with(fake, plan(vec![task.into()]))
}

pub fn group_with(fake: &Fake, plan: TaskPlan) -> Group {
    let mut spec = SeiNodeDeploymentSpec { replicas: 2, ..SeiNodeDeploymentSpec::default() };
    spec.template.spec = node_spec();
    let mut group = Group::new(Meta::new(ObjectKey::new("sei", "rpc")), spec);
    group.meta_mut().generation = Some(2);
    let status = group.status_mut();
    status.plan = Some(plan);
    status.incumbent_nodes = names(&["rpc-0", "rpc-1"]);
    status.deployment = Some(Deployment {
        incumbent_revision: "1".into(),
        entrant_revision: "2".into(),
        entrant_nodes: names(&["rpc-g2-0", "rpc-g2-1"]),
        incumbent_image: None,
    });
    fake.store(group)
}

/// A full node's spec with a snapshot, a bootstrap image and a label of its own.
pub fn node_spec() -> SeiNodeSpec {
    let snapshot = SnapshotSource {
        s3: Some(S3Snapshot { target_height: Height(100) }),
        bootstrap_image: Some("sei:bootstrap".into()),
        ..SnapshotSource::default()
    };
    SeiNodeSpec {
        chain_id: "pacific-1".into(),
        image: "sei:v6.4.0".into(),
        pod_labels: [("team".to_owned(), "rpc".to_owned())].into(),
        full_node: Some(FullNode { snapshot: Some(snapshot), snapshot_generation: None }),
        ..SeiNodeSpec::default()
    }
}

/// A node of group `rpc` in a phase.
pub fn node(fake: &Fake, name: &str, phase: NodePhase) -> Node {
    let meta = Meta { labels: Arc::new([(label::GROUP.to_owned(), "rpc".to_owned())].into()), ..Meta::new(ObjectKey::new("sei", name)) };
    let mut node = Node::new(meta, node_spec());
    node.status_mut().phase = Some(phase);
    fake.store(node)
}

/// Node `rpc-0` with a plan of its own.
pub fn planned_node(fake: &Fake, plan: TaskPlan) -> Node {
    let mut planned = node(fake, "rpc-0", NodePhase::Initializing);
    planned.status_mut().plan = Some(plan);
    fake.store(planned)
}
