//! `double-sign`: one running node a consensus key.
//!
//! A validator whose key signs twice is punished for ever. The law is broken as soon as two nodes run with one key, before any block is
//! signed twice, and once more each time that one of them is started beside the other.

use crate::docket::{Class, Docket, EventNumber, Finding, LawInfo, ObjectRef};
use crate::sight::{Fact, Sight};
use simchain::Happening;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The law.
pub const LAW: LawInfo = LawInfo { id: "double-sign", class: Class::Safety, law: "no two running nodes hold one consensus key" };

/// When each node that signs was started last.
#[derive(Clone, Debug, Default)]
pub struct DoubleSign {
    started: BTreeMap<Arc<str>, EventNumber>,
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
