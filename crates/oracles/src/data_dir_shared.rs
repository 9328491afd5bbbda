//! `data-dir-shared`: one process a data directory.
//!
//! seid takes a lock on its data directory when it starts. A second process that finds it taken ends by itself, and yet the law is broken when
//! it tries: two pods that name one volume at a time are one mistake away from two writers.

use crate::docket::{Class, Docket, EventNumber, Finding, LawInfo, ObjectRef};
use crate::sight::{Fact, Sight};
use simchain::Happening;
use simkube::PodId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The law.
pub const LAW: LawInfo = LawInfo {
    id: "data-dir-shared",
    class: Class::Safety,
    law: "no process opens, or tries to open, a data directory that a live process holds",
};

/// Who started last on each node, and the pods that have been told of: one that tries again and again breaks the law once.
#[derive(Clone, Debug, Default)]
pub struct DataDirShared {
    started: BTreeMap<Arc<str>, EventNumber>,
    told: BTreeSet<PodId>,
}

impl DataDirShared {
    /// Looks at a fact.
    pub fn observe(&mut self, sight: &Sight<'_>, fact: &Fact<'_>, docket: &mut Docket) {
        let Fact::Chain { node, pod, what } = fact else { return };
        match what {
            Happening::SeidStarted { .. } => {
                self.started.insert((*node).into(), sight.event);
            }
            Happening::DataDirectoryLocked if self.told.insert(*pod) => {
                let holder = self.started.get(*node).copied();
                docket.violated(
                    &LAW,
                    sight.now,
                    Finding {
                        since: sight.now,
                        objects: vec![ObjectRef::node(*node)],
                        events: holder.into_iter().chain([sight.event]).collect(),
                        message: format!("a second seid of {node} tries to open its data directory while another one holds it"),
                    },
                );
            }
            _ => {}
        }
    }
}
