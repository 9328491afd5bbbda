//! `entrant-misconfigured`: every entrant is created as claim C02 says.
//!
//! Where the template restores an s3 snapshot, an entrant of a HardFork carries the new image, the image that the incumbents run as its bootstrap
//! image, and the last block before the halt height as its target; an entrant of a BlueGreen rollout carries no bootstrap beyond the
//! template's own (C04). The law is about what an entrant needs to get across the fork, so it asks so of every plan that answers HardFork.
//! What the incumbents run is read off their pods, not off any status; if none has a pod, nothing can be said of it.
//!
//! It is judged when an entrant is created, by the spec as it then stands: a plan that goes on with what it was built from, though the spec
//! has been edited since, makes entrants that nobody wants any more. Entrants are the nodes that the rollout in progress names as its own.

use crate::docket::{Class, Docket, Finding, LawInfo, ObjectRef};
use crate::sight::{Fact, Sight};
use api::group::StrategyType;
use api::kinds::Pod;
use api::{AnyObject, Height, Kind, SeiNode, SeiNodeDeployment, SeiNodeDeploymentSpec, SeiNodeSpec, names};
use simkube::Actor;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The law.
pub const LAW: LawInfo = LawInfo { id: "entrant-misconfigured", class: Class::Safety, law: "every entrant carries what C02 says" };

/// Remembers nothing: an entrant is right or wrong when it is created.
#[derive(Clone, Debug, Default)]
pub struct EntrantMisconfigured;

impl EntrantMisconfigured {
    /// Looks at a fact.
    pub fn observe(&mut self, sight: &Sight<'_>, fact: &Fact<'_>, docket: &mut Docket) {
        let Fact::Stored(change) = fact else { return };
        let (None, Some(new), Actor::Operator(_)) = (&change.old, &change.new, change.actor) else { return };
        if new.info.kind != SeiNode::INFO.kind || !entrants(sight).contains(&new.meta.key.name) {
            return;
        }
        let (Some(entrant), Some(group)) = (new.spec_as::<SeiNode>(), sight.group_spec()) else { return };
        let wrong = wrongs(sight, entrant, group);
        if !wrong.is_empty() {
            let message = format!("entrant {} is created with {}", new.meta.name(), wrong.join(", "));
            let objects = vec![ObjectRef::node(new.meta.key.name.clone())];
            docket.violated(&LAW, sight.now, Finding { since: sight.now, objects, events: vec![sight.event], message });
        }
    }
}

/// What an entrant carries otherwise than it should.
fn wrongs(sight: &Sight<'_>, entrant: &SeiNodeSpec, group: &SeiNodeDeploymentSpec) -> Vec<String> {
    let template = &group.template.spec;
    let mut wrong = Vec::new();
    if entrant.image != template.image {
        wrong.push(format!("image {} instead of {}", entrant.image, template.image));
    }
    let Some(strategy) = &group.update_strategy else { return wrong };
    let bootstrap = |spec: &SeiNodeSpec| spec.snapshot().and_then(|snapshot| snapshot.bootstrap_image.clone());
    let target = |spec: &SeiNodeSpec| spec.snapshot().and_then(|snapshot| snapshot.s3.as_ref()).map(|s3| s3.target_height);
    let shown = |image: &Option<String>| image.as_deref().unwrap_or("none").to_owned();
    let height = |height: Option<Height>| height.map_or_else(|| "none".to_owned(), |height| height.to_string());
    match (strategy.kind, target(template), &strategy.hard_fork) {
        (StrategyType::HardFork, Some(_), Some(fork)) => {
            let running = images_of_incumbents(sight);
            if !running.is_empty() && !bootstrap(entrant).is_some_and(|image| running.contains(&image)) {
                let running = running.into_iter().collect::<Vec<_>>().join(" and ");
                wrong.push(format!("bootstrap image {} while incumbents run {running}", shown(&bootstrap(entrant))));
            }
            let wanted = names::last_old_block(fork.halt_height);
            if target(entrant) != Some(wanted) {
                wrong.push(format!("target height {} instead of {wanted}", height(target(entrant))));
            }
        }
        (StrategyType::BlueGreen, ..) if bootstrap(entrant) != bootstrap(template) || target(entrant) != target(template) => {
            wrong.push(format!("bootstrap image {} and target height {}", shown(&bootstrap(entrant)), height(target(entrant))));
        }
        _ => {}
    }
    wrong
}

/// The images that seid runs in the pods of the group's nodes that are not the rollout's own.
fn images_of_incumbents(sight: &Sight<'_>) -> BTreeSet<String> {
    let image = |pod: &AnyObject| pod.spec_as::<Pod>()?.containers.iter().find(|container| container.name == "seid")?.image.clone();
    let incumbents = sight.stored_nodes().filter(|node| !entrants(sight).contains(&node.meta.key.name));
    incumbents.filter_map(|node| sight.pod_of(&node.meta.key).and_then(image)).collect()
}

/// The names of the entrants of the rollout in progress.
fn entrants<'a>(sight: &Sight<'a>) -> &'a [Arc<str>] {
    let rollout = sight.stored_group().and_then(AnyObject::status_as::<SeiNodeDeployment>).and_then(|status| status.deployment.as_ref());
    rollout.map_or(&[], |rollout| &rollout.entrant_nodes)
}
