//! `old-binary-past-halt`: no process without an upgrade's code executes a block at or beyond its height.

use crate::docket::{Class, Docket, Finding, LawInfo, ObjectRef};
use crate::sight::{Fact, Sight};
use simchain::Happening;

/// The law.
pub const LAW: LawInfo =
    LawInfo { id: "old-binary-past-halt", class: Class::Safety, law: "no process without U's code executes a block h >= U" };

/// Remembers nothing: an execution is wrong by itself.
#[derive(Clone, Debug, Default)]
pub struct OldBinaryPastHalt;

impl OldBinaryPastHalt {
    /// Looks at a fact.
    pub fn observe(&mut self, sight: &Sight<'_>, fact: &Fact<'_>, docket: &mut Docket) {
        let Fact::Chain { node, what: Happening::Executed { height, image }, .. } = fact else { return };
        let passed = (sight.profile.upgrades.iter())
            .find(|upgrade| upgrade.applies_at().is_some_and(|due| *height >= due) && !sight.handles(image, &upgrade.name));
        if let Some(upgrade) = passed {
            docket.violated(
                &LAW,
                sight.now,
                Finding {
                    since: sight.now,
                    objects: vec![ObjectRef::node(*node)],
                    events: vec![sight.event],
                    message: format!(
                        "{node} executed block {height} with {image}, which lacks {} of height {}",
                        upgrade.name, upgrade.height
                    ),
                },
            );
        }
    }
}
