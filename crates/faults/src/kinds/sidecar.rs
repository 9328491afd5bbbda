//! A node's sidecar does not answer, answers late, forgets, or is asked twice.

use super::{Kind, Layer, What};
use crate::lapse::Lapse;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Faults of a sidecar.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum SidecarFault {
    /// It refuses connections.
    Unreachable {
        /// The node.
        node: Arc<str>,
        /// For how long.
        lasts: Lapse,
    },
    /// It takes longer to accept a task.
    Slow {
        /// The node.
        node: Arc<str>,
        /// How much.
        by: Lapse,
        /// For how long.
        lasts: Lapse,
    },
    /// It restarts: what it held in memory is gone, so it is no longer ready.
    Restarts {
        /// The node.
        node: Arc<str>,
    },
    /// It is killed as soon as a task is at work, which stays marked running.
    RestartsAtWork {
        /// The node.
        node: Arc<str>,
    },
    /// A task that failed before is not run again when it is submitted again: the old failure is the answer.
    StaleFailure {
        /// The node.
        node: Arc<str>,
        /// For how long.
        lasts: Lapse,
    },
    /// A submission is delivered twice.
    DuplicateSubmission {
        /// The node.
        node: Arc<str>,
    },
}

impl From<SidecarFault> for What {
    fn from(fault: SidecarFault) -> Self {
        Self::Sidecar(fault)
    }
}

impl fmt::Display for SidecarFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable { node, lasts } => write!(f, "the sidecar of {node} refuses connections for {lasts}"),
            Self::Slow { node, by, lasts } => write!(f, "the sidecar of {node} takes {by} longer to accept a task, for {lasts}"),
            Self::Restarts { node } => write!(f, "the sidecar of {node} restarts"),
            Self::RestartsAtWork { node } => write!(f, "the sidecar of {node} is killed at its next task, which stays marked running"),
            Self::StaleFailure { node, lasts } => {
                write!(f, "the sidecar of {node} answers old failures instead of trying again, for {lasts}")
            }
            Self::DuplicateSubmission { node } => write!(f, "the next submission to the sidecar of {node} arrives twice"),
        }
    }
}

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "unreachable",
        layer: Layer::SidecarCall,
        draw: |d, o| {
            let (node, lasts) = (d.pick(&o.nodes())?.clone(), d.lapse(5, 1200));
            d.anytime(o, SidecarFault::Unreachable { node, lasts })
        },
    },
    Kind {
        name: "slow",
        layer: Layer::SidecarCall,
        draw: |d, o| {
            let (node, by, lasts) = (d.pick(&o.nodes())?.clone(), d.lapse(1, 10), d.lapse(90, 3600));
            d.anytime(o, SidecarFault::Slow { node, by, lasts })
        },
    },
    Kind {
        name: "restarts",
        layer: Layer::Sidecar,
        draw: |d, o| {
            let node = d.pick(&o.nodes())?.clone();
            d.anytime(o, SidecarFault::Restarts { node })
        },
    },
    Kind {
        name: "restarts-at-work",
        layer: Layer::Sidecar,
        draw: |d, o| {
            let (node, until) = d.submission(o)?;
            d.within(o, until, SidecarFault::RestartsAtWork { node })
        },
    },
    Kind {
        name: "stale-failure",
        layer: Layer::Sidecar,
        draw: |d, o| {
            let (node, lasts) = (d.pick(&o.nodes())?.clone(), d.lapse(300, 7200));
            d.anytime(o, SidecarFault::StaleFailure { node, lasts })
        },
    },
    Kind {
        name: "duplicate-submission",
        layer: Layer::SidecarCall,
        draw: |d, o| {
            let (node, until) = d.submission(o)?;
            d.within(o, until, SidecarFault::DuplicateSubmission { node })
        },
    },
];
