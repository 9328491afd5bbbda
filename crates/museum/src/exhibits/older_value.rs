//! Reads that are answered with an older state than there is.

use super::{BLUE_GREEN, BOOTSTRAP, BOOTSTRAP_REFRESHED, DEFECT_AHEAD};
use crate::kit::{creates, writing};
use crate::{Bend, Exhibit, Mutation, Sent, Shown};
use api::kinds::Service;
use api::names::label;
use api::plan::TaskStatus;
use api::{AnyObject, Group, Kind, Node, Object, SeiNode, SeiNodeDeployment};
use controller::Controller;

/// In seconds.
const AN_HOUR: i64 = 3600;

pub(super) const HALL: &[Exhibit] = &[
    Exhibit {
        name: "entrants-from-the-old-template",
        mutation: Mutation::ReadOlderValue,
        defect: "Entrants are made from the template as the process first saw it, not as it is when the plan is carried out.",
        base: BOOTSTRAP,
        oracle: "entrant-misconfigured",
        shown: Shown::FaultFree(1),
        bends: &[
            Bend::Read(|scene, _, read| {
                let group = read.as_ref().ok().and_then(|object| object.typed::<SeiNodeDeployment>());
                if let Some(group) = group.filter(|group| scene.recall("template", &group.meta.key.name).is_none()) {
                    scene.keep("template", &group.meta.key.name.clone(), group.into_any());
                }
                read
            }),
            Bend::Send(|scene, request| {
                let entrant = scene.is_at("create-entrant-nodes") && creates::<SeiNode>(&request);
                let old = scene.recall("template", &scene.key.name).filter(|_| entrant);
                let image = old.and_then(|old| Some(old.spec_as::<SeiNodeDeployment>()?.template.spec.image.clone()));
                let Some(image) = image else { return Sent::only(request) };
                Sent::only(writing(request, |node: &mut Node| node.spec_mut().image = image))
            }),
        ],
    },
    Exhibit {
        name: "service-of-the-rollouts-start",
        mutation: Mutation::ReadOlderValue,
        defect: "The external Service is applied as it was when the rollout began: its selector never follows the switch.",
        base: BLUE_GREEN,
        oracle: "selector-matches-nothing",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Send(|scene, request| {
            Sent::only(writing(request, |service: &mut Object<Service>| {
                let selects_revision = service.spec.selector.as_ref().is_some_and(|selector| selector.contains_key(label::REVISION));
                if scene.controller != Controller::Group || !selects_revision {
                    return;
                }
                let name = service.meta.key.name.clone();
                match scene.recall("service", &name).and_then(|kept| kept.typed::<Service>()) {
                    Some(kept) => *service = kept,
                    None => scene.keep("service", &name, service.clone().into_any()),
                }
            }))
        })],
    },
    Exhibit {
        name: "gate-looks-every-hour",
        mutation: Mutation::ReadOlderValue,
        defect: "The gate reads entrants from a cache of its own that it fills once an hour: clients go on being sent to incumbents that have panicked.",
        base: DEFECT_AHEAD,
        oracle: "dead-fork-serving",
        shown: Shown::FaultFree(1),
        bends: &[Bend::List(|scene, listed| {
            if !scene.is_at("await-nodes-running") {
                return listed;
            }
            let seen = |node: AnyObject| match node.info.kind == SeiNode::INFO.kind {
                true => scene.seen_at_most_each(AN_HOUR, &node.meta.key.name.clone(), Ok(node)).expect("it was listed"),
                false => node,
            };
            listed.into_iter().map(seen).collect()
        })],
    },
    Exhibit {
        name: "plan-from-the-copy-it-began-with",
        mutation: Mutation::ReadOlderValue,
        defect: "When a task of the group completes, the list of tasks is written from the copy that the plan began with, and earlier ones are pending again.",
        base: BLUE_GREEN,
        oracle: "plan-regression",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Send(|scene, request| {
            let before = scene.task().map(|task| task.id);
            Sent::only(writing(request, |group: &mut Group| {
                let Some(before) = before else { return };
                let tasks = group.status_mut().plan.iter_mut().flat_map(|plan| &mut plan.tasks);
                tasks.filter(|task| task.id != before).for_each(|task| task.status = TaskStatus::Pending);
            }))
        })],
    },
    Exhibit {
        name: "halt-height-of-the-last-fork",
        mutation: Mutation::ReadOlderValue,
        defect: "The bootstrap's target comes from the node that was made before, whose snapshot lies far below this halt height.",
        base: BOOTSTRAP_REFRESHED,
        oracle: "entrant-misconfigured",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Send(|scene, request| {
            let entrant = scene.is_at("create-entrant-nodes") && creates::<SeiNode>(&request);
            let group = scene.group().filter(|_| entrant);
            let incumbent = group.and_then(|group| scene.cached::<SeiNode>(group.status.incumbent_nodes.first()?));
            let target = incumbent.and_then(|node| Some(node.spec.snapshot()?.s3.as_ref()?.target_height));
            let Some(target) = target else { return Sent::only(request) };
            Sent::only(writing(request, |node: &mut Node| {
                let s3 = node.spec_mut().snapshot_mut().and_then(|snapshot| snapshot.s3.as_mut());
                s3.into_iter().for_each(|s3| s3.target_height = target);
            }))
        })],
    },
];
