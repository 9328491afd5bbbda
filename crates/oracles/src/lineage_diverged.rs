//! `lineage-diverged`: no node of ours has another state than the network.
//!
//! A *lineage* stands for the app hash: it differs from the block on that was executed otherwise, though the node itself learns of it one block
//! later at the earliest. A state that has parted from the network's stays so whatever runs on it, so that it parts once; a node that is made
//! anew on an empty volume has another state, which may part too.

use crate::docket::{Class, Docket, EventNumber, Finding, LawInfo, ObjectRef};
use crate::sight::{Fact, Sight};
use simchain::Happening;
use simkube::PodId;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The law.
pub const LAW: LawInfo =
    LawInfo { id: "lineage-diverged", class: Class::Safety, law: "no managed node's lineage differs from the network's" };

/// The image of each process that runs, and when it was started, by pod.
#[derive(Clone, Debug, Default)]
pub struct LineageDiverged {
    running: BTreeMap<PodId, (Arc<str>, EventNumber)>,
}

impl LineageDiverged {
    /// Looks at a fact.
    pub fn observe(&mut self, sight: &Sight<'_>, fact: &Fact<'_>, docket: &mut Docket) {
        let Fact::Chain { node, pod, what } = fact else { return };
        match what {
            Happening::SeidStarted { image, .. } => {
                self.running.insert(*pod, (image.clone(), sight.event));
            }
            Happening::SeidExited { .. } => {
                self.running.remove(pod);
            }
            Happening::LineageParted { height } => {
                let running = self.running.get(pod);
                let with = running.map_or_else(String::new, |(image, _)| format!(" with {image}"));
                let finding = Finding {
                    since: sight.now,
                    objects: vec![ObjectRef::node(*node)],
                    events: running.map(|(_, started)| *started).into_iter().chain([sight.event]).collect(),
                    message: format!("{node} executed block {height}{with}, and its state is not the network's from there on"),
                };
                docket.violated(&LAW, sight.now, finding);
            }
            _ => {}
        }
    }
}
