//! GET and LIST.

use super::refusal::{Refusal, not_found};
use super::{Effect, Server};
use crate::selector::Selector;
use api::{AnyObject, KindInfo, Labels, ObjectKey};

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

    /// LIST by any selector.
    pub(super) fn decide_select(&self, info: &KindInfo, namespace: &str, selector: &Selector) -> Result<Effect, Refusal> {
        Ok(Effect::Nothing(self.selected(info, namespace, selector).cloned().collect()))
    }

    /// The objects of a kind in a namespace (in all, if it is empty) that a selector selects, by name.
    pub(super) fn selected<'a>(
        &'a self,
        info: &KindInfo,
        namespace: &'a str,
        selector: &'a Selector,
    ) -> impl Iterator<Item = &'a AnyObject> {
        let objects = self.tables.of(info).within(namespace);
        objects.map(|stored| &stored.object).filter(move |object| selector.selects(&object.meta.labels))
    }
}
