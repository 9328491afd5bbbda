//! `lineage-diverged`: no node of ours has another state than the network.
//!
//! A *lineage* stands for the app hash: it differs from the block on that was executed otherwise, though the node itself learns of it one block
//! later at the earliest. The law looks at what a node's state is whenever its programs do something that may have changed it.

use crate::docket::{Class, Docket, Finding, LawInfo, ObjectRef};
use crate::sight::{Fact, Sight};
use simchain::Happening;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The law.
pub const LAW: LawInfo =
    LawInfo { id: "lineage-diverged", class: Class::Safety, law: "no managed node's lineage differs from the network's" };

/// Nodes that have been told of.
#[derive(Clone, Debug, Default)]
pub struct LineageDiverged {
    told: BTreeSet<Arc<str>>,
}

impl LineageDiverged {
    /// Looks at a fact.
    pub fn observe(&mut self, sight: &Sight<'_>, fact: &Fact<'_>, docket: &mut Docket) {
        let Fact::Chain { node, pod, what } = fact else { return };
        let differs = match what {
            Happening::Diverged { .. } => true,
            Happening::Executed { .. } | Happening::UpgradeApplied { .. } | Happening::InConsensus { .. } | Happening::RpcUp { .. } => {
                sight.chain.view(sight.now, simchain::PodId(pod.0)).is_some_and(|view| view.diverged)
            }
            Happening::SeidStarted { app, .. } if app.0 == 0 => {
                self.told.remove(*node);
                return;
            }
            _ => return,
        };
        if differs && !self.told.contains(*node) {
            self.told.insert((*node).into());
            docket.violated(
                &LAW,
                sight.now,
                Finding {
                    since: sight.now,
                    objects: vec![ObjectRef::node(*node)],
                    events: vec![sight.event],
                    message: format!("the state of {node} is not the network's"),
                },
            );
        }
    }
}
