//! `new-binary-before-halt`: where an upgrade forbids it, the new binary does not touch blocks before the upgrade height.
//!
//! A major upgrade's handler makes a binary refuse every block below U. A node that is given the new image and state below U - 1 can
//! therefore never get anywhere by itself, whatever restarts it.

use crate::docket::{Class, Docket, EventNumber, Finding, LawInfo, ObjectRef};
use crate::sight::{Fact, Sight};
use simchain::Happening;
use simchain::profile::UpgradeKind;
use simkube::PodId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The law.
pub const LAW: LawInfo = LawInfo {
    id: "new-binary-before-halt",
    class: Class::Safety,
    law: "the first block that a binary with U's handler tries to execute is >= U where the upgrade forbids less",
};

/// The image that each pod's seid runs, and the pods that have been told of: a crash loop breaks the law once.
#[derive(Clone, Debug, Default)]
pub struct NewBinaryBeforeHalt {
    images: BTreeMap<PodId, (Arc<str>, EventNumber)>,
    told: BTreeSet<PodId>,
}

impl NewBinaryBeforeHalt {
    /// Looks at a fact.
    pub fn observe(&mut self, sight: &Sight<'_>, fact: &Fact<'_>, docket: &mut Docket) {
        let Fact::Chain { node, pod, what } = fact else { return };
        match what {
            Happening::SeidStarted { image, .. } => {
                self.images.insert(*pod, (image.clone(), sight.event));
            }
            Happening::FirstBlock { height } => {
                let Some((image, started)) = self.images.get(pod) else { return };
                let forbidden = sight.profile.upgrades.iter().find(|upgrade| {
                    let ahead = upgrade.applies_at().is_some_and(|due| *height < due);
                    upgrade.kind == UpgradeKind::Major && ahead && sight.handles(image, &upgrade.name)
                });
                if let Some(upgrade) = forbidden
                    && self.told.insert(*pod)
                {
                    docket.violated(
                        &LAW,
                        sight.now,
                        Finding {
                            since: sight.now,
                            objects: vec![ObjectRef::node(*node)],
                            events: vec![*started, sight.event],
                            message: format!(
                                "{node} tries block {height} with {image}, which may not run before {} at {}",
                                upgrade.name, upgrade.height
                            ),
                        },
                    );
                }
            }
            _ => {}
        }
    }
}
