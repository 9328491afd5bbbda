//! A person interferes with what the operator owns.

use super::{Kind, Layer, What};
use crate::lapse::Lapse;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// What a person does with kubectl.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum PersonFault {
    /// Deletes an entrant's SeiNode.
    DeletesEntrant {
        /// The node.
        node: Arc<str>,
    },
    /// Deletes an incumbent's SeiNode.
    DeletesIncumbent {
        /// The node.
        node: Arc<str>,
    },
    /// Deletes a bootstrap's Job.
    DeletesJob {
        /// The entrant.
        node: Arc<str>,
    },
    /// Deletes a node's volume claim.
    DeletesPvc {
        /// The node.
        node: Arc<str>,
    },
    /// Sets the external Service's selector to the group's label alone.
    EditsService,
    /// Scales the group, and back.
    Scales {
        /// To so many replicas.
        to: i32,
        /// And back after this.
        back_after: Lapse,
    },
    /// Scales the operator's Deployment to zero, and back.
    Pauses {
        /// For how long.
        lasts: Lapse,
    },
    /// Applies a spec that the API server must refuse.
    AppliesInvalidSpec,
}

impl From<PersonFault> for What {
    fn from(fault: PersonFault) -> Self {
        Self::Person(fault)
    }
}

impl fmt::Display for PersonFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DeletesEntrant { node } => write!(f, "a person deletes entrant {node}"),
            Self::DeletesIncumbent { node } => write!(f, "a person deletes incumbent {node}"),
            Self::DeletesJob { node } => write!(f, "a person deletes the bootstrap Job of {node}"),
            Self::DeletesPvc { node } => write!(f, "a person deletes the volume claim of {node}"),
            Self::EditsService => f.write_str("a person edits the external Service's selector"),
            Self::Scales { to, back_after } => write!(f, "a person scales the group to {to}, and back after {back_after}"),
            Self::Pauses { lasts } => write!(f, "a person pauses the operator for {lasts}"),
            Self::AppliesInvalidSpec => f.write_str("a person applies an invalid spec"),
        }
    }
}

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "deletes-entrant",
        layer: Layer::Store,
        draw: |d, o| {
            let node = d.pick(&o.entrants)?.clone();
            d.anytime(o, PersonFault::DeletesEntrant { node })
        },
    },
    Kind {
        name: "deletes-incumbent",
        layer: Layer::Store,
        draw: |d, o| {
            let node = d.pick(&o.incumbents)?.clone();
            d.anytime(o, PersonFault::DeletesIncumbent { node })
        },
    },
    Kind {
        name: "deletes-job",
        layer: Layer::Store,
        draw: |d, o| {
            let (node, stretch) = d.pick(&o.bootstraps)?.clone();
            d.within(o, stretch, PersonFault::DeletesJob { node })
        },
    },
    Kind {
        name: "deletes-pvc",
        layer: Layer::Store,
        draw: |d, o| {
            let node = d.pick(&o.nodes())?.clone();
            d.anytime(o, PersonFault::DeletesPvc { node })
        },
    },
    Kind { name: "edits-service", layer: Layer::Store, draw: |d, o| d.anytime(o, PersonFault::EditsService) },
    Kind {
        name: "scales",
        layer: Layer::Store,
        draw: |d, o| {
            let to = *d.pick(&[(o.replicas - 1).max(1), o.replicas + 1]).expect("two numbers");
            let back_after = d.lapse(40, 3600);
            d.anytime(o, PersonFault::Scales { to, back_after })
        },
    },
    Kind {
        name: "pauses",
        layer: Layer::Operator,
        draw: |d, o| {
            let lasts = d.lapse(90, 14_400);
            d.anytime(o, PersonFault::Pauses { lasts })
        },
    },
    Kind { name: "applies-invalid-spec", layer: Layer::Store, draw: |d, o| d.anytime(o, PersonFault::AppliesInvalidSpec) },
];
