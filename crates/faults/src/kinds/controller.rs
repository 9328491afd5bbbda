//! The operator's own process crashes, stalls, or knows less than it should.

use super::{Kind, Layer, What};
use crate::lapse::Lapse;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Faults of the operator's process.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum ControllerFault {
    /// The process is killed, and started again. Strikes on either side of any call.
    Crash,
    /// The process is killed, and cannot be started again for a while.
    Outage {
        /// For how long.
        lasts: Lapse,
    },
    /// Watch events do not reach the process's caches.
    StaleCache {
        /// Of this kind; absent: of all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kind: Option<Arc<str>>,
        /// For how long; then they arrive, in order.
        lasts: Lapse,
    },
    /// Watch events are missed: the watch breaks, and what happened meanwhile is known from a new list alone.
    MissedEvents {
        /// Until the new list.
        lasts: Lapse,
    },
    /// Timers of the work queues fire late.
    DelayedRequeue {
        /// How much.
        by: Lapse,
        /// For how long.
        lasts: Lapse,
    },
    /// The process stalls: beyond its lease, another one leads, and both are effective for a moment.
    TwoLeaders {
        /// For how long.
        stalls: Lapse,
    },
}

impl ControllerFault {
    /// Whether the process in whose reconcile it strikes does nothing more of it, or later.
    pub fn ends_its_reconcile(&self) -> bool {
        matches!(self, Self::Crash | Self::Outage { .. } | Self::TwoLeaders { .. })
    }
}

impl From<ControllerFault> for What {
    fn from(fault: ControllerFault) -> Self {
        Self::Controller(fault)
    }
}

impl fmt::Display for ControllerFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Crash => f.write_str("the operator's process is killed"),
            Self::Outage { lasts } => write!(f, "the operator's process is killed and stays down for {lasts}"),
            Self::StaleCache { kind: Some(kind), lasts } => write!(f, "the operator's cache of {kind} hears nothing for {lasts}"),
            Self::StaleCache { kind: None, lasts } => write!(f, "the operator's caches hear nothing for {lasts}"),
            Self::MissedEvents { lasts } => write!(f, "the operator's watches break, and it lists again after {lasts}"),
            Self::DelayedRequeue { by, lasts } => write!(f, "the operator's timers fire {by} late, for {lasts}"),
            Self::TwoLeaders { stalls } => write!(f, "the operator's process stalls for {stalls}"),
        }
    }
}

/// The kinds that the operator caches.
pub(crate) const CACHED: [&str; 6] = ["SeiNodeDeployment", "SeiNode", "StatefulSet", "Job", "Service", "PersistentVolumeClaim"];

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "crash",
        layer: Layer::Operator,
        draw: |d, o| {
            let at_call = d.chance(4, 5).then(|| d.at_call(o, o.rollout?, ControllerFault::Crash)).flatten();
            at_call.or_else(|| d.anytime(o, ControllerFault::Crash))
        },
    },
    Kind {
        name: "outage",
        layer: Layer::Operator,
        draw: |d, o| {
            let lasts = d.lapse(40, 14_400);
            d.anytime(o, ControllerFault::Outage { lasts })
        },
    },
    Kind {
        name: "stale-cache",
        layer: Layer::Operator,
        draw: |d, o| {
            let kind = if d.chance(1, 3) { None } else { d.pick(&CACHED).map(|kind| (*kind).into()) };
            let lasts = d.lapse(1, 600);
            d.anytime(o, ControllerFault::StaleCache { kind, lasts })
        },
    },
    Kind {
        name: "missed-events",
        layer: Layer::Operator,
        draw: |d, o| {
            let lasts = d.lapse(1, 300);
            d.anytime(o, ControllerFault::MissedEvents { lasts })
        },
    },
    Kind {
        name: "delayed-requeue",
        layer: Layer::Operator,
        draw: |d, o| {
            let (by, lasts) = (d.lapse(1, 180), d.lapse(40, 3600));
            d.anytime(o, ControllerFault::DelayedRequeue { by, lasts })
        },
    },
    Kind {
        name: "two-leaders",
        layer: Layer::Operator,
        draw: |d, o| {
            let stalls = d.lapse(10, 1200);
            d.anytime(o, ControllerFault::TwoLeaders { stalls })
        },
    },
];
