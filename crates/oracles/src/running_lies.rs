//! `running-lies`: a node that its status calls Running does run.
//!
//! From the moment a SeiNode enters phase Running, its seid must answer RPC and execute a block, if the chain has one: at the latest 60 s
//! after its first block sync ended, in whichever way, or 120 s after the entry if no block sync began by then. Where the chain has stood still since the entry
//! and makes its first block just before, that leaves as much time as the end of a block sync: it need not have been executed yet.

use crate::docket::{Class, Docket, EventNumber, Finding, LawInfo, ObjectRef};
use crate::sight::{Fact, Sight, id_of};
use api::node::NodePhase;
use api::{Height, ObjectKey, SeiNode};
use simchain::Happening;
use simcore::SimTime;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The law.
pub const LAW: LawInfo = LawInfo {
    id: "running-lies",
    class: Class::Safety,
    law: "a SeiNode in phase Running has answered RPC and executed a block (if the chain had one) since it entered the phase, at the latest 60 s after its first block sync ended (by exit too), or 120 s after entry if none began",
};

const AFTER_SYNC: Duration = Duration::from_secs(60);
const WITHOUT_SYNC: Duration = Duration::from_secs(120);
/// Within what time a node at the tip has executed a block: two blocks' time, and some.
const EXECUTED: Duration = Duration::from_secs(2);

/// Nodes that call themselves Running and have not shown it yet.
#[derive(Clone, Debug, Default)]
pub struct RunningLies {
    unproven: BTreeMap<Arc<str>, Claim>,
}

/// One node's claim to run.
#[derive(Clone, Copy, Debug)]
struct Claim {
    entered: SimTime,
    entry: EventNumber,
    network: Height,
    app: Option<Height>,
    answered: bool,
    first_sync: FirstSync,
    deadline: SimTime,
}

/// The first block sync since the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FirstSync {
    NotBegun,
    On,
    Ended,
}

impl RunningLies {
    /// Looks at a fact.
    pub fn observe(&mut self, sight: &Sight<'_>, fact: &Fact<'_>, docket: &mut Docket) {
        match fact {
            Fact::Stored(change) => {
                let phase = |object: &Option<api::AnyObject>| object.as_ref()?.status_as::<SeiNode>()?.phase;
                let (old, new) = (phase(&change.old), phase(&change.new));
                let name = &change.object().meta.key.name;
                if new == Some(NodePhase::Running) && old != new {
                    self.enter(sight, &change.object().meta.key, docket);
                } else if change.object().info.kind == "SeiNode" && new != Some(NodePhase::Running) {
                    self.unproven.remove(name);
                }
            }
            Fact::Chain { node, what, .. } => self.follow(sight, node, what, docket),
            Fact::DataPlane(_) | Fact::Disturbed => {}
            Fact::TimePassed => self.judge(sight, docket),
        }
    }

    fn enter(&mut self, sight: &Sight<'_>, node: &ObjectKey, docket: &mut Docket) {
        let view = sight.pod_of(node).and_then(|pod| sight.view(pod));
        let claim = Claim {
            entered: sight.now,
            entry: sight.event,
            network: sight.chain.network_height(sight.now),
            app: view.as_ref().map(|view| view.app),
            answered: view.as_ref().is_some_and(|view| view.rpc),
            first_sync: if view.is_some_and(|view| view.rpc) { FirstSync::On } else { FirstSync::NotBegun },
            deadline: sight.now + WITHOUT_SYNC,
        };
        docket.look_again(claim.deadline);
        self.unproven.insert(node.name.clone(), claim);
    }

    fn follow(&mut self, sight: &Sight<'_>, node: &str, what: &Happening, docket: &mut Docket) {
        let Some(claim) = self.unproven.get_mut(node) else { return };
        match what {
            Happening::SeidStarted { app, .. } => claim.app = Some(claim.app.map_or(*app, |held| held.min(*app))),
            Happening::RpcUp { .. } => {
                claim.answered = true;
                if claim.first_sync == FirstSync::NotBegun {
                    claim.first_sync = FirstSync::On;
                }
            }
            Happening::SeidExited { app, .. } if claim.answered && claim.app.is_some_and(|before| *app > before) => {
                self.unproven.remove(node);
            }
            Happening::InConsensus { .. } | Happening::SeidExited { .. } if claim.first_sync == FirstSync::On => {
                claim.first_sync = FirstSync::Ended;
                claim.deadline = sight.now + AFTER_SYNC;
                docket.look_again(claim.deadline);
            }
            _ => {}
        }
    }

    fn judge(&mut self, sight: &Sight<'_>, docket: &mut Docket) {
        self.unproven.retain(|node, claim| {
            if sight.now < claim.deadline {
                return true;
            }
            let key = ObjectKey::new(sight.group.namespace.clone(), node.clone());
            let app = sight.pod_of(&key).and_then(|pod| sight.app_height(id_of(pod)));
            let executed = app.zip(claim.app).is_some_and(|(now, before)| now > before);
            if claim.answered && executed {
                return false;
            }
            if claim.first_sync == FirstSync::On {
                return true;
            }
            let idle_chain = sight.chain.network_height(sight.now) == claim.network;
            let first_block = sight.chain.time_of(claim.network.plus(1)).filter(|made| claim.answered && *made + EXECUTED > claim.deadline);
            if let Some(later) = first_block.filter(|_| !idle_chain).map(|made| made + AFTER_SYNC).filter(|later| sight.now < *later) {
                claim.deadline = later;
                docket.look_again(later);
                return true;
            }
            if !(claim.answered && idle_chain) {
                let lacks = if claim.answered { "executed no block" } else { "answered no request" };
                let finding = Finding {
                    since: claim.entered,
                    objects: vec![ObjectRef::node(node.clone())],
                    events: vec![claim.entry],
                    message: format!("SeiNode {node} is in phase Running since {} and has {lacks}", claim.entered),
                };
                docket.violated(&LAW, sight.now, finding);
            }
            false
        });
    }
}
