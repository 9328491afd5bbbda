//! GET and LIST.

use super::refusal::{Refusal, not_found};
use super::{Effect, Server};
use api::{KindInfo, Labels, ObjectKey};

impl Server {
    /// GET.
    pub(super) fn decide_get(&self, info: &KindInfo, key: &ObjectKey) -> Result<Effect, Refusal> {
        let object = self.object(info, key).ok_or_else(|| not_found(info, key))?;
        Ok(Effect::Nothing(vec![object.clone()]))
    }

    /// LIST.
    pub(super) fn decide_list(&self, info: &KindInfo, namespace: &str, selector: &Labels) -> Result<Effect, Refusal> {
        Ok(Effect::Nothing(self.labelled(info, namespace, selector).cloned().collect()))
    }
}
