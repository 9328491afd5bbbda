//! `replica-count`: in the end the group owns the nodes that it asks for, and no others.
//!
//! Judged at rest, or throughout a livelock's cycle. Every node with a controller owner reference to the group counts, whatever its
//! revision, and also one that is being deleted: at rest it will not go. Where a failure state is allowed, a node in phase Failed does not
//! count beside another of its ordinal, nor one whose ordinal is not asked for: it has to stay visible until someone acts on it (`failure-hidden`).

use crate::at_end::Wrong;
use crate::docket::{Class, LawInfo, ObjectRef};
use crate::failure;
use crate::sight::Sight;
use api::Node;
use api::names::label;

/// The law.
pub const LAW: LawInfo = LawInfo {
    id: "replica-count",
    class: Class::Liveness,
    law: "at rest, or throughout a livelock's cycle, the group owns exactly `replicas` nodes, one an ordinal",
};

/// What is wrong at a moment of the end.
pub fn wrongs(sight: &Sight<'_>) -> Vec<Wrong> {
    let Some(group) = sight.group() else { return Vec::new() };
    let (failed, mut nodes): (Vec<Node>, Vec<Node>) =
        sight.nodes().into_iter().partition(|node| sight.failure_allowed && failure::is_failed(node));
    for node in failed.into_iter().filter(|node| ordinal(node).is_none_or(|ordinal| ordinal < group.spec.replicas)) {
        if nodes.iter().all(|other| ordinal(other) != ordinal(&node)) {
            nodes.push(node);
        }
    }
    let mut ordinals: Vec<Option<i32>> = nodes.iter().map(ordinal).collect();
    ordinals.sort_unstable();
    if ordinals.into_iter().eq((0..group.spec.replicas).map(Some)) {
        return Vec::new();
    }
    let owned: Vec<String> = nodes.iter().map(told).collect();
    let message =
        format!("the group asks for {} nodes, one an ordinal, and owns {}: {}", group.spec.replicas, nodes.len(), owned.join(", "));
    let objects = std::iter::once(sight.group_ref()).chain(nodes.iter().map(|node| ObjectRef::node(node.meta.key.name.clone())));
    vec![Wrong { objects: objects.collect(), message }]
}

fn ordinal(node: &Node) -> Option<i32> {
    node.meta.labels.get(label::ORDINAL)?.parse().ok()
}

fn told(node: &Node) -> String {
    match ordinal(node) {
        Some(ordinal) => format!("{} (ordinal {ordinal})", node.name()),
        None => format!("{} (no ordinal)", node.name()),
    }
}
