//! A seid stops before its halt height, beyond it, or is told to at the wrong time.

use super::{Kind, Layer, What};
use crate::lapse::Lapse;
use crate::opportunities::Opportunities;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Faults of halting.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum PrematureHaltFault {
    /// seid of a node, not its container, gets a signal, whatever its height.
    Interrupted {
        /// The node.
        node: Arc<str>,
        /// The signal.
        signal: Interrupt,
    },
    /// Binaries that start from now on look at their halt height otherwise.
    HaltSlips {
        /// How.
        slip: HaltSlip,
        /// For how long.
        lasts: Lapse,
    },
    /// A sidecar tells seid to stop though the height it waits for has not come.
    SignalEarly {
        /// The node.
        node: Arc<str>,
    },
    /// A sidecar tells seid to stop twice.
    SignalTwice {
        /// The node.
        node: Arc<str>,
        /// How long after the first.
        after: Lapse,
    },
    /// A sidecar tells seid to stop late.
    SignalLate {
        /// The node.
        node: Arc<str>,
        /// How much.
        by: Lapse,
    },
    /// A sidecar reports that it has told seid to stop, and has not.
    SignalNever {
        /// The node.
        node: Arc<str>,
    },
    /// A node's pod is started anew.
    Restarted {
        /// The node.
        node: Arc<str>,
    },
}

/// A signal to seid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs, reason = "the signals' own names")]
pub enum Interrupt {
    Sigint,
    Sigterm,
    Sigkill,
}

/// How a halt height is missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HaltSlip {
    /// The block below it is the last one committed.
    OneEarly,
    /// The block above it is.
    OneLate,
    /// The halt comes before its block's commit.
    BeforeCommit,
}

impl From<PrematureHaltFault> for What {
    fn from(fault: PrematureHaltFault) -> Self {
        Self::PrematureHalt(fault)
    }
}

impl fmt::Display for PrematureHaltFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interrupted { node, signal } => write!(f, "seid of {node} gets {signal}"),
            Self::HaltSlips { slip: HaltSlip::OneEarly, lasts } => write!(f, "seid halts one block early, for {lasts}"),
            Self::HaltSlips { slip: HaltSlip::OneLate, lasts } => write!(f, "seid halts one block late, for {lasts}"),
            Self::HaltSlips { slip: HaltSlip::BeforeCommit, lasts } => write!(f, "seid halts before the commit, for {lasts}"),
            Self::SignalEarly { node } => write!(f, "the sidecar of {node} stops seid before the height it waits for"),
            Self::SignalTwice { node, after } => write!(f, "the sidecar of {node} stops seid again {after} after the first time"),
            Self::SignalLate { node, by } => write!(f, "the sidecar of {node} stops seid {by} late"),
            Self::SignalNever { node } => write!(f, "the sidecar of {node} says that it stops seid and does not"),
            Self::Restarted { node } => write!(f, "the pod of {node} is started anew"),
        }
    }
}

impl fmt::Display for Interrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sigint => "SIGINT",
            Self::Sigterm => "SIGTERM",
            Self::Sigkill => "SIGKILL",
        })
    }
}

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "interrupted",
        layer: Layer::Seid,
        draw: |d, o| {
            let node = d.pick(&o.nodes())?.clone();
            let signal = *d.pick(&[Interrupt::Sigint, Interrupt::Sigterm, Interrupt::Sigkill]).expect("three signals");
            d.anytime(o, PrematureHaltFault::Interrupted { node, signal })
        },
    },
    Kind {
        name: "halt-slips",
        layer: Layer::Seid,
        draw: |d, o| {
            (!o.bootstraps.is_empty()).then_some(())?;
            let slip = *d.pick(&[HaltSlip::OneEarly, HaltSlip::OneLate, HaltSlip::BeforeCommit]).expect("three slips");
            let lasts = d.lapse(600, 7200);
            d.anytime(o, PrematureHaltFault::HaltSlips { slip, lasts })
        },
    },
    Kind { name: "signal-early", layer: Layer::Sidecar, draw: |d, o| halted(o, |node| PrematureHaltFault::SignalEarly { node }, d) },
    Kind {
        name: "signal-twice",
        layer: Layer::Sidecar,
        draw: |d, o| {
            let after = d.lapse(1, 180);
            halted(o, |node| PrematureHaltFault::SignalTwice { node, after }, d)
        },
    },
    Kind {
        name: "signal-late",
        layer: Layer::Sidecar,
        draw: |d, o| {
            let by = d.lapse(5, 600);
            halted(o, |node| PrematureHaltFault::SignalLate { node, by }, d)
        },
    },
    Kind { name: "signal-never", layer: Layer::Sidecar, draw: |d, o| halted(o, |node| PrematureHaltFault::SignalNever { node }, d) },
    Kind {
        name: "restarted",
        layer: Layer::Cluster,
        draw: |d, o| {
            let node = d.pick(&o.incumbents)?.clone();
            d.anytime(o, PrematureHaltFault::Restarted { node })
        },
    },
];

/// A fault of the halt signal, where a plan sends one.
fn halted(
    o: &Opportunities,
    what: impl FnOnce(Arc<str>) -> PrematureHaltFault,
    d: &mut crate::draw::Draw,
) -> Option<crate::schedule::Fault> {
    let told = o.tasks.iter().any(|(_, task)| &*task.task == "submit-halt-signal");
    let node = d.pick(&o.incumbents).filter(|_| told)?.clone();
    d.anytime(o, what(node))
}
