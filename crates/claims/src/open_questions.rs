//! The document's open questions: C24 (without an s3 source), C25 (state sync on either side of H), C28 (any halt height will do).

use crate::court::Court;
use crate::rollout::{Rollout, about, about_group, image_of, pod_of};
use api::{Height, ObjectKey};
use oracles::{Fact, Finding, ObjectRef, Sight};
use simchain::Happening;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where the state of entrants came from.
#[derive(Clone, Debug, Default)]
pub(crate) struct OpenQuestions {
    synced: BTreeMap<Arc<str>, Height>,
}

impl OpenQuestions {
    /// Looks at a fact.
    pub fn observe(&mut self, _: &Sight<'_>, fact: &Fact<'_>, rollout: &Rollout, _: &mut Court) {
        if let Fact::Chain { node, what: Happening::StateSynced { height }, .. } = fact
            && rollout.entrants.contains(*node)
        {
            self.synced.insert(Arc::from(*node), *height);
        }
    }

    /// Looks at the end.
    pub fn end(&mut self, sight: &Sight<'_>, rollout: &Rollout, court: &mut Court) {
        let unconverged = oracles::unconverged(sight);
        if rollout.is_fork() && !rollout.restores && !rollout.edited && !sight.failure_allowed {
            court.test("C24");
            if let Some(missing) = &unconverged {
                court.refute("C24", "not-converged", sight.now, about_group(sight, sight.now, format!("without an s3 source {missing}")));
            }
        }
        self.state_sync(sight, rollout, court);
        if rollout.is_fork() {
            court.test("C28");
            let touched = touched(sight, rollout);
            if let Some(missing) = unconverged.filter(|_| !touched.is_empty()) {
                let message = format!("{missing}, and {} of {} incumbents are not what they were", touched.len(), rollout.incumbents.len());
                let objects = touched.into_iter().map(ObjectRef::node).collect();
                let finding = Finding { since: rollout.began, objects, events: vec![sight.event], message };
                court.refute("C28", "incumbent-deleted-early", sight.now, finding);
            }
        }
    }

    /// Of entrants whose state came from peers, or was to come from there.
    fn state_sync(&self, sight: &Sight<'_>, rollout: &Rollout, court: &mut Court) {
        let owned = sight.nodes();
        for node in rollout.entrants.iter().filter(|node| !rollout.restores || self.synced.contains_key(*node)) {
            if sight.failure_allowed || rollout.edited || !owned.iter().any(|owned| owned.meta.key.name == *node) {
                continue;
            }
            court.test("C25");
            if !pod_of(sight, node).is_some_and(|pod| sight.at_tip(pod)) {
                let side = |height: &Height| if rollout.halt.is_some_and(|halt| *height >= halt) { "past" } else { "before" };
                let from = self.synced.get(node).map_or_else(
                    || "never state-syncs".to_owned(),
                    |height| format!("state-syncs to a snapshot at {height}, {} H, and is not at the tip in the end", side(height)),
                );
                court.refute("C25", "not-converged", sight.now, about(sight, node, format!("entrant {node} {from}")));
            }
        }
    }
}

/// The incumbents that are gone or run another image than before.
fn touched(sight: &Sight<'_>, rollout: &Rollout) -> Vec<Arc<str>> {
    let owned = sight.nodes();
    let untouched = |node: &Arc<str>| {
        let key = ObjectKey::new(sight.group.namespace.clone(), node.clone());
        let image = sight.pod_of(&key).and_then(image_of);
        owned.iter().any(|owned| owned.meta.key.name == *node) && image.is_some_and(|image| rollout.old_images.contains(&image))
    };
    rollout.incumbents.iter().filter(|node| !untouched(node)).cloned().collect()
}
