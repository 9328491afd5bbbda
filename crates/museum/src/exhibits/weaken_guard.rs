//! Guards that let through what they should not.

use super::{BLUE_GREEN, BLUE_GREEN_REFRESHED, BOOTSTRAP, CODE_FORK, LATE, SCALE_UP, VALIDATOR};
use crate::kit::{changed, creates, planning_group, rewrite, writing, written};
use crate::{Bend, Exhibit, Mutation, Scene, Sent, Shown, Submitted};
use api::group::{StrategyType, UpdateStrategy};
use api::kinds::{Job, StatefulSet};
use api::names::{self, label};
use api::node::NodePhase;
use api::task::{ControllerTask, SidecarTask, SnapshotRestore};
use api::{Group, Height, Kind, Node, Object, SeiNode, SeiNodeDeployment};
use controller::Controller;
use planner::group::template_hash;
use planner::objects::stateful_set;
use ports::{Precondition, TaskRequest};
use simkube::Request;
use std::sync::Arc;

/// The label of a pod that is ready.
const SERVES: &str = "sei.io/serves";

pub(super) const HALL: &[Exhibit] = &[
    Exhibit {
        name: "in-place-groups-roll-out",
        mutation: Mutation::WeakenGuard,
        defect: "A group without an update strategy is rolled out too: a validator gets a second node with its key.",
        base: VALIDATOR,
        oracle: "double-sign",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Read(|_, _, read| {
            read.map(|object| {
                changed(object, |group: &mut Group| {
                    let rolls_out = UpdateStrategy { kind: StrategyType::BlueGreen, hard_fork: None };
                    group.spec_mut().update_strategy.get_or_insert(rolls_out);
                })
            })
        })],
    },
    Exhibit {
        name: "image-is-no-change",
        mutation: Mutation::WeakenGuard,
        defect: "The hash that tells whether a template has changed leaves out the image, so that a new one is never rolled out.",
        base: CODE_FORK,
        oracle: "lineage-diverged",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Read(|scene, _, read| match scene.controller {
            Controller::Group => read.map(|object| changed(object, without_changes)),
            Controller::Node => read,
        })],
    },
    Exhibit {
        name: "no-readiness-probe",
        mutation: Mutation::WeakenGuard,
        defect: "A node that joins a group has no readiness probe for seid: it is sent clients as soon as its process is there.",
        base: SCALE_UP,
        oracle: "stale-serving",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Send(|scene, request| {
            let joins = scene.node().is_some_and(|node| node.meta.labels.get(label::ORDINAL).is_some_and(|ordinal| ordinal == "2"));
            Sent::only(writing(request, |set: &mut Object<StatefulSet>| {
                let pod = set.spec_mut().template.spec.as_mut().filter(|_| joins);
                pod.into_iter().flat_map(|pod| &mut pod.containers).for_each(|container| container.readiness_probe = None);
            }))
        })],
    },
    Exhibit {
        name: "failed-node-is-done",
        mutation: Mutation::WeakenGuard,
        defect: "The gate counts the entrants that are not at work any more, and takes a failed one for a finished one.",
        base: BOOTSTRAP,
        oracle: "selector-matches-nothing",
        shown: Shown::Swarm(5),
        bends: &[Bend::Read(|scene, _, read| {
            if !scene.is_at("await-nodes-running") {
                return read;
            }
            let is_done = |node: &mut Node| {
                if node.status.phase == Some(NodePhase::Failed) {
                    node.status_mut().phase = Some(NodePhase::Running);
                }
            };
            read.map(|object| changed(object, is_done))
        })],
    },
    Exhibit {
        name: "failed-node-tries-again",
        mutation: Mutation::WeakenGuard,
        defect: "A node in phase Failed is taken up again by itself with a new plan, and nobody learns that it had failed.",
        base: BOOTSTRAP,
        oracle: "failure-hidden",
        shown: Shown::Swarm(5),
        bends: &[Bend::Read(|scene, _, read| {
            let tries_again = |node: &mut Node| {
                if node.status.phase == Some(NodePhase::Failed) {
                    node.status_mut().phase = Some(NodePhase::Pending);
                }
            };
            match scene.controller {
                Controller::Node => read.map(|object| changed(object, tries_again)),
                Controller::Group => read,
            }
        })],
    },
    Exhibit {
        name: "new-image-bootstraps",
        mutation: Mutation::WeakenGuard,
        defect: "The entrants' bootstrap image is the image of the template, which is the new one, not the one that the incumbents run.",
        base: BOOTSTRAP,
        oracle: "entrant-misconfigured",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Send(|_, request| {
            let image = written::<SeiNodeDeployment>(&request).map(|group| group.spec.template.spec.image.clone());
            Sent::only(planning_group(request, |plan| {
                rewrite(plan, |task| {
                    if let (ControllerTask::CreateEntrantNodes(create), Some(image)) = (task, &image) {
                        Arc::make_mut(create).hard_fork.iter_mut().for_each(|fork| fork.incumbent_image = image.as_str().into());
                    }
                });
            }))
        })],
    },
    Exhibit {
        name: "job-runs-the-nodes-image",
        mutation: Mutation::WeakenGuard,
        defect: "The bootstrap Job ignores bootstrapImage and runs the node's own image, which is the new one.",
        base: LATE,
        oracle: "new-binary-before-halt",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Send(|scene, request| {
            let image = scene.node().map(|node| node.spec.image.clone());
            Sent::only(writing(request, |job: &mut Object<Job>| {
                let pod = job.spec_mut().template.spec.as_mut();
                let containers = pod.into_iter().flat_map(|pod| &mut pod.containers);
                containers.filter(|container| container.name == "seid").for_each(|seid| seid.image.clone_from(&image));
            }))
        })],
    },
    Exhibit {
        name: "target-is-the-halt-height",
        mutation: Mutation::WeakenGuard,
        defect: "The bootstrap's target is the halt height itself, one block too far for the old binary.",
        base: BOOTSTRAP,
        oracle: "entrant-misconfigured",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Send(|scene, request| {
            let entrant = scene.controller == Controller::Group && creates::<SeiNode>(&request);
            Sent::only(writing(request, |node: &mut Node| {
                let target = node.spec_mut().snapshot_mut().and_then(|snapshot| snapshot.s3.as_mut());
                target.into_iter().filter(|_| entrant).for_each(|s3| s3.target_height = s3.target_height.plus(1));
            }))
        })],
    },
    Exhibit {
        name: "blue-green-bootstraps",
        mutation: Mutation::WeakenGuard,
        defect: "Blue-green entrants are given the bootstrap of a hard fork, with the incumbents' image.",
        base: BLUE_GREEN,
        oracle: "entrant-misconfigured",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Send(|scene, request| {
            let entrant = scene.is_at("create-entrant-nodes") && creates::<SeiNode>(&request);
            let incumbent = scene.group().and_then(|group| scene.cached::<SeiNode>(group.status.incumbent_nodes.first()?));
            let Some(incumbent) = incumbent.filter(|_| entrant) else { return Sent::only(request) };
            Sent::only(writing(request, |node: &mut Node| {
                let snapshot = node.spec_mut().snapshot_mut();
                snapshot.into_iter().for_each(|snapshot| snapshot.bootstrap_image = Some(incumbent.spec.image.clone()));
            }))
        })],
    },
    Exhibit {
        name: "blue-green-moves-the-target",
        mutation: Mutation::WeakenGuard,
        defect: "Blue-green entrants are given another target height than the template's, as if there were a fork to reach.",
        base: BLUE_GREEN,
        oracle: "entrant-misconfigured",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Send(|scene, request| {
            let entrant = scene.is_at("create-entrant-nodes") && creates::<SeiNode>(&request);
            Sent::only(writing(request, |node: &mut Node| {
                let s3 = node.spec_mut().snapshot_mut().and_then(|snapshot| snapshot.s3.as_mut());
                s3.into_iter().filter(|_| entrant).for_each(|s3| s3.target_height = s3.target_height.plus(1));
            }))
        })],
    },
    Exhibit {
        name: "every-snapshot-bootstraps",
        mutation: Mutation::WeakenGuard,
        defect: "A node of a rollout is bootstrapped, whether or not it has a bootstrap image: up to a height that its snapshot has passed.",
        base: BLUE_GREEN,
        oracle: "bootstrap-overshoot",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Read(|scene, _, read| match scene.controller {
            Controller::Group => read,
            Controller::Node => read.map(|object| {
                changed(object, |node: &mut Node| {
                    let image = node.spec.image.clone();
                    if !is_of_rollout(node) {
                        return;
                    }
                    if let Some(snapshot) = node.spec_mut().snapshot_mut().filter(|snapshot| snapshot.s3.is_some()) {
                        snapshot.bootstrap_image.get_or_insert(image);
                    }
                })
            }),
        })],
    },
    Exhibit {
        name: "restores-the-newest-snapshot",
        mutation: Mutation::WeakenGuard,
        defect: "The target height gets lost on the way to the sidecar, which restores the newest snapshot: one beyond the bootstrap's target.",
        base: LATE,
        oracle: "bootstrap-overshoot",
        shown: Shown::Swarm(8),
        bends: &[Bend::Submit(|_, request| {
            let task = match request.task {
                SidecarTask::SnapshotRestore(_) => SidecarTask::SnapshotRestore(Arc::new(SnapshotRestore { target_height: Height(0) })),
                task => task,
            };
            Submitted::Task(TaskRequest { id: request.id, task })
        })],
    },
    Exhibit {
        name: "node-wakes-its-group",
        mutation: Mutation::WeakenGuard,
        defect: "A node's reconcile annotates its group when the node begins to run, to wake the group's: an object that it does not own.",
        base: SCALE_UP,
        oracle: "foreign-object",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Send(|scene, request| {
            let runs = matches!(request, Request::PatchStatus { .. })
                && written::<SeiNode>(&request).is_some_and(|node| node.status.phase == Some(NodePhase::Running));
            let owner = scene.node().filter(|_| runs).and_then(|node| Some(node.meta.controller()?.name.clone()));
            let group = owner.and_then(|owner| scene.cached::<SeiNodeDeployment>(&owner));
            let woken = group.map(|base| {
                let mut desired = base.clone();
                Arc::make_mut(&mut desired.meta_mut().annotations).insert("sei.io/woken-by".into(), scene.key.name.to_string());
                Request::Patch { base: base.into_any(), desired: desired.into_any(), precondition: Precondition::None }
            });
            Sent::followed_by(request, woken)
        })],
    },
    Exhibit {
        name: "running-sets-are-applied",
        mutation: Mutation::WeakenGuard,
        defect: "The StatefulSet of a running node is applied once more when its pod is ready, with a label that says so: which starts the pod anew.",
        base: SCALE_UP,
        oracle: "not-converged",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Finally(labelled_when_ready)],
    },
    Exhibit {
        name: "entrants-share-an-ordinal",
        mutation: Mutation::WeakenGuard,
        defect: "Every entrant is labelled with ordinal 0.",
        base: BLUE_GREEN,
        oracle: "replica-count",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Send(|scene, request| {
            let entrant = scene.is_at("create-entrant-nodes") && creates::<SeiNode>(&request);
            Sent::only(writing(request, |node: &mut Node| {
                if entrant {
                    Arc::make_mut(&mut node.meta_mut().labels).insert(label::ORDINAL.into(), "0".into());
                }
            }))
        })],
    },
    Exhibit {
        name: "gate-does-not-ask",
        mutation: Mutation::WeakenGuard,
        defect: "The gate takes every entrant that exists for one that runs and has caught up.",
        base: BLUE_GREEN_REFRESHED,
        oracle: "ready-lies",
        shown: Shown::FaultFree(1),
        bends: &[
            Bend::Read(|scene, wanted, read| {
                if !scene.is_at("await-nodes-running") || wanted.info.kind != SeiNode::INFO.kind {
                    return read;
                }
                let runs = |node: &mut Node| node.status_mut().phase = Some(NodePhase::Running);
                read.map(|object| changed(object, runs))
            }),
            Bend::State(|_, _| Ok(ports::SidecarState::Ready)),
        ],
    },
];

/// Whether a node was made by a rollout: its revision is not the first.
fn is_of_rollout(node: &Node) -> bool {
    node.meta.labels.get(label::REVISION).is_some_and(|revision| revision != "1")
}

/// The group as it would be if what was rolled out last were what its template says now.
fn without_changes(group: &mut Group) {
    let rolled_out = template_hash(&group.spec.template.spec);
    if group.status.template_hash.is_some() && group.status.deployment.is_none() {
        group.status_mut().template_hash = Some(rolled_out);
    }
}

/// The StatefulSet of a running node whose pod is ready, with a label on its pod that says so.
fn labelled_when_ready(scene: &Scene<'_>) -> Option<Request> {
    let node = scene.node().filter(|node| node.status.phase == Some(NodePhase::Running) && node.meta.deleting.is_none())?;
    let set = scene.cached::<StatefulSet>(node.name())?;
    let labelled = |set: &Object<StatefulSet>| {
        let meta = set.spec.template.metadata.as_ref();
        meta.and_then(|meta| meta.labels.as_ref()).is_some_and(|labels| labels.contains_key(SERVES))
    };
    if set.status.ready_replicas != Some(1) && !labelled(&set) {
        return None;
    }
    let mut object = stateful_set(&node, &scene.operator.settings, &scene.operator.design);
    let meta = object.spec_mut().template.metadata.get_or_insert_default();
    meta.labels.get_or_insert_default().insert(SERVES.into(), "true".into());
    Some(Request::Apply { manager: names::NODE_MANAGER, object: object.into_any() })
}
