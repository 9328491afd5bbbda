//! `dryRun=All`: a request is decided and answered, and nothing is stored.
//!
//! Source: Kubernetes API Concepts, "Dry-run". As there, what only the storing gives (a new version, an address) is not in the answer.
//! Named shortcut: the uid in the answer to a create is the nil uid, since none is drawn from the seed for an object that never is.

use super::carry_out::raise_generation;
use super::refusal::Refusal;
use super::{Effect, Server};
use api::{AnyObject, Meta};
use simcore::SimTime;
use std::sync::Arc;
use uuid::Uuid;

impl Server {
    /// The answer that an effect would have, as a decision that has none.
    pub(super) fn without_effect(&self, now: SimTime, effect: Effect) -> Result<Effect, Refusal> {
        Ok(Effect::Nothing(match effect {
            Effect::Nothing(answer) | Effect::Several { answer, .. } => answer,
            Effect::Create { new, .. } if new.meta.name().is_empty() => {
                return Err(Refusal::Unmodelled("a dry run of a create with generateName".to_owned()));
            }
            Effect::Create { new, .. } => {
                let generation = new.info.has_generation.then_some(1);
                let meta = Meta { uid: Some(Uuid::nil()), generation, created: Some(self.wall(now)), ..Meta::clone(&new.meta) };
                vec![AnyObject { meta: Arc::new(meta), ..new }]
            }
            Effect::Replace { mut new, .. } => {
                if let Some(old) = self.object(new.info, &new.meta.key) {
                    raise_generation(old, &mut new);
                }
                vec![new]
            }
            Effect::Remove(last) => vec![last],
        }))
    }
}
