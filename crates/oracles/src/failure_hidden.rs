//! `failure-hidden`: what has failed is there to be seen until a person does something about it.
//!
//! Where a failure is seen is said in `failure`: a group may clear its failed plan, as long as its status still says that one failed; what
//! begins a new plan hides the old one's failure. A node in phase Failed stays in it, and stays. A person acts on a group by any write of
//! it, and with it on all its nodes; on a node by any write of the node.

use crate::docket::{Class, Docket, EventNumber, Finding, LawInfo, ObjectRef};
use crate::failure;
use crate::sight::{Fact, Sight};
use api::node::NodePhase;
use api::plan::plan_of;
use api::{AnyObject, Kind, SeiNode, SeiNodeDeployment};
use simkube::{Actor, StoreChange};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The law.
pub const LAW: LawInfo =
    LawInfo { id: "failure-hidden", class: Class::Safety, law: "a failed plan or node stays visible in status until someone acts on it" };

/// Failures that nobody has acted on yet.
#[derive(Clone, Debug, Default)]
pub struct FailureHidden {
    open: BTreeMap<(ObjectRef, What), Failure>,
}

/// What has failed of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Plan,
    Node,
}

#[derive(Clone, Debug)]
struct Failure {
    /// The group of the node.
    group: Option<Arc<str>>,
    event: EventNumber,
}

impl FailureHidden {
    /// Looks at a fact.
    pub fn observe(&mut self, sight: &Sight<'_>, fact: &Fact<'_>, docket: &mut Docket) {
        let Fact::Stored(change) = fact else { return };
        let object = change.object();
        if object.info.kind != SeiNode::INFO.kind && object.info.kind != SeiNodeDeployment::INFO.kind {
            return;
        }
        if change.actor == Actor::Person {
            self.acted_on(object);
        }
        self.judge(sight, change, docket);
        if let Some(new) = &change.new {
            self.note_failures(sight, change.old.as_ref(), new);
        }
    }

    /// A person has done something to an object.
    fn acted_on(&mut self, object: &AnyObject) {
        let (kind, name) = (object.info.kind, &object.meta.key.name);
        self.open.retain(|(of, _), failure| {
            let itself = of.kind == kind && of.name == *name;
            let its_group = kind == SeiNodeDeployment::INFO.kind && failure.group.as_ref() == Some(name);
            !itself && !its_group
        });
    }

    fn note_failures(&mut self, sight: &Sight<'_>, old: Option<&AnyObject>, new: &AnyObject) {
        for what in [What::Plan, What::Node] {
            if has(new, what) && !old.is_some_and(|old| has(old, what)) {
                let group = new.meta.controller().map(|owner| owner.name.clone());
                self.open.insert((reference(new), what), Failure { group, event: sight.event });
            }
        }
    }

    fn judge(&mut self, sight: &Sight<'_>, change: &StoreChange, docket: &mut Docket) {
        if self.open.is_empty() {
            return;
        }
        for what in [What::Plan, What::Node] {
            let key = (reference(change.object()), what);
            let Some(failure) = self.open.get(&key) else { continue };
            if change.new.as_ref().is_some_and(|new| is_visible(new, what)) {
                continue;
            }
            let failed = match what {
                What::Plan => format!("the plan of {}", key.0),
                What::Node => key.0.to_string(),
            };
            let how = if change.new.is_some() { "its status no longer says so" } else { "it is gone" };
            let message = format!("{failed} failed, nobody has acted on it, and {how}");
            let events = vec![failure.event, sight.event];
            docket.violated(&LAW, sight.now, Finding { since: sight.now, objects: vec![key.0.clone()], events, message });
            self.open.remove(&key);
        }
    }
}

fn reference(object: &AnyObject) -> ObjectRef {
    ObjectRef::new(object.info.kind, object.meta.key.name.clone())
}

fn has(object: &AnyObject, what: What) -> bool {
    match what {
        What::Plan => failure::has_failed(plan_of(object)),
        What::Node => object.status_as::<SeiNode>().is_some_and(|status| status.phase == Some(NodePhase::Failed)),
    }
}

fn is_visible(object: &AnyObject, what: What) -> bool {
    let told_by_group = || object.status_as::<SeiNodeDeployment>().is_some_and(failure::is_told_by);
    has(object, what) || (what == What::Plan && (has(object, What::Node) || told_by_group()))
}
