//! `double-sign`: one running node a consensus key.
//!
//! A validator whose key signs twice is punished for ever. The law is broken as soon as two nodes run with one key, before any block is
//! signed twice.

use crate::docket::{Class, Docket, EventNumber, Finding, LawInfo, ObjectRef};
use crate::sight::{Fact, Sight};
use simchain::Happening;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The law.
pub const LAW: LawInfo = LawInfo { id: "double-sign", class: Class::Safety, law: "no two running nodes hold one consensus key" };

/// When each node that signs was started last, and the pairs that have been told of.
#[derive(Clone, Debug, Default)]
pub struct DoubleSign {
    started: BTreeMap<Arc<str>, EventNumber>,
    told: BTreeSet<(Arc<str>, Arc<str>)>,
}

impl DoubleSign {
    /// Looks at a fact.
    pub fn observe(&mut self, sight: &Sight<'_>, fact: &Fact<'_>, docket: &mut Docket) {
        let Fact::Chain { node, what: Happening::SeidStarted { .. }, .. } = fact else { return };
        let Some(key) = sight.profile.validators.key_of(node) else { return };
        self.started.insert((*node).into(), sight.event);
        let twin = sight
            .profile
            .validators
            .nodes
            .iter()
            .map(|own| &own.node)
            .find(|twin| ***twin != **node && sight.profile.validators.key_of(twin) == Some(key) && sight.chain.seid_runs(twin));
        let Some(twin) = twin else { return };
        let pair = (Arc::<str>::from(*node).min(twin.clone()), Arc::<str>::from(*node).max(twin.clone()));
        if self.told.insert(pair) {
            docket.violated(
                &LAW,
                sight.now,
                Finding {
                    since: sight.now,
                    objects: vec![ObjectRef::node(*node), ObjectRef::node(twin.clone())],
                    events: self.started.get(twin).copied().into_iter().chain([sight.event]).collect(),
                    message: format!("{node} and {twin} run with the one consensus key {key}"),
                },
            );
        }
    }
}
