//! Machines, zones, volumes, containers, clocks, names and networks fail.

use super::{Kind, Layer, What};
use crate::lapse::Lapse;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Faults of the cluster. A machine is named by the node whose pod is on it when the fault strikes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum ClusterFault {
    /// A machine loses its power.
    MachineLost {
        /// A node on it.
        under: Arc<str>,
        /// When it is back.
        returns_after: Lapse,
    },
    /// A person drains a machine.
    MachineDrained {
        /// A node on it.
        under: Arc<str>,
        /// When it is open again.
        reopens_after: Lapse,
    },
    /// Every machine of a zone loses its power.
    ZoneLost {
        /// A node in it.
        under: Arc<str>,
        /// When they are back.
        returns_after: Lapse,
    },
    /// Volumes attach slowly.
    SlowAttach {
        /// How much longer it takes.
        by: Lapse,
        /// For how long.
        lasts: Lapse,
    },
    /// Volumes detach slowly.
    SlowDetach {
        /// How much longer it takes.
        by: Lapse,
        /// For how long.
        lasts: Lapse,
    },
    /// A container's process is killed.
    ContainerKilled {
        /// The node.
        node: Arc<str>,
        /// The container.
        container: Container,
    },
    /// A liveness probe fails for good, and the kubelet restarts the container.
    LivenessKill {
        /// The node.
        node: Arc<str>,
        /// The container.
        container: Container,
    },
    /// The clock of the operator's machine is wrong.
    ClockSkew {
        /// How much.
        by: Lapse,
        /// Whether it is ahead.
        ahead: bool,
        /// For how long.
        lasts: Lapse,
    },
    /// A pod's name does not resolve.
    DnsFails {
        /// The node.
        node: Arc<str>,
        /// For how long.
        lasts: Lapse,
    },
    /// The operator cannot reach a node's sidecar: nothing answers until its client gives up.
    SidecarCut {
        /// The node.
        node: Arc<str>,
        /// For how long.
        lasts: Lapse,
    },
    /// A node cannot reach any peer.
    PeersCut {
        /// The node.
        node: Arc<str>,
        /// For how long.
        lasts: Lapse,
    },
}

/// A container of a node's pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Container {
    /// seid.
    Seid,
    /// The sidecar.
    Sidecar,
}

impl From<ClusterFault> for What {
    fn from(fault: ClusterFault) -> Self {
        Self::Cluster(fault)
    }
}

impl fmt::Display for ClusterFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MachineLost { under, returns_after } => write!(f, "the machine under {under} is lost, back after {returns_after}"),
            Self::MachineDrained { under, reopens_after } => {
                write!(f, "the machine under {under} is drained, open again after {reopens_after}")
            }
            Self::ZoneLost { under, returns_after } => write!(f, "the zone of {under} is lost, back after {returns_after}"),
            Self::SlowAttach { by, lasts } => write!(f, "volumes attach {by} slower, for {lasts}"),
            Self::SlowDetach { by, lasts } => write!(f, "volumes detach {by} slower, for {lasts}"),
            Self::ContainerKilled { node, container } => write!(f, "the {container} of {node} is killed"),
            Self::LivenessKill { node, container } => write!(f, "the kubelet finds the {container} of {node} dead"),
            Self::ClockSkew { by, ahead, lasts } => {
                write!(f, "the operator's clock is {by} {}, for {lasts}", if *ahead { "ahead" } else { "behind" })
            }
            Self::DnsFails { node, lasts } => write!(f, "the name of {node}'s pod does not resolve for {lasts}"),
            Self::SidecarCut { node, lasts } => write!(f, "the operator is cut off from the sidecar of {node} for {lasts}"),
            Self::PeersCut { node, lasts } => write!(f, "{node} is cut off from its peers for {lasts}"),
        }
    }
}

impl fmt::Display for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Seid => "seid",
            Self::Sidecar => "sidecar",
        })
    }
}

macro_rules! under {
    ($name:literal, $variant:ident, $heals:ident, $from:literal, $to:literal) => {
        Kind {
            name: $name,
            layer: Layer::Cluster,
            draw: |d, o| {
                let (under, $heals) = (d.pick(&o.nodes())?.clone(), d.lapse($from, $to));
                d.anytime(o, ClusterFault::$variant { under, $heals })
            },
        }
    };
}

macro_rules! slow {
    ($name:literal, $variant:ident) => {
        Kind {
            name: $name,
            layer: Layer::Cluster,
            draw: |d, o| {
                let (by, lasts) = (d.lapse(20, 1200), d.lapse(300, 3600));
                d.anytime(o, ClusterFault::$variant { by, lasts })
            },
        }
    };
}

macro_rules! kill {
    ($name:literal, $variant:ident) => {
        Kind {
            name: $name,
            layer: Layer::Cluster,
            draw: |d, o| {
                let node = d.pick(&o.nodes())?.clone();
                let container = *d.pick(&[Container::Seid, Container::Sidecar]).expect("two containers");
                d.anytime(o, ClusterFault::$variant { node, container })
            },
        }
    };
}

macro_rules! cut {
    ($name:literal, $variant:ident) => {
        Kind {
            name: $name,
            layer: Layer::Cluster,
            draw: |d, o| {
                let (node, lasts) = (d.pick(&o.nodes())?.clone(), d.lapse(5, 1200));
                d.anytime(o, ClusterFault::$variant { node, lasts })
            },
        }
    };
}

pub(super) const KINDS: &[Kind] = &[
    under!("machine-lost", MachineLost, returns_after, 20, 3600),
    under!("machine-drained", MachineDrained, reopens_after, 90, 3600),
    under!("zone-lost", ZoneLost, returns_after, 20, 3600),
    slow!("slow-attach", SlowAttach),
    slow!("slow-detach", SlowDetach),
    kill!("container-killed", ContainerKilled),
    kill!("liveness-kill", LivenessKill),
    Kind {
        name: "clock-skew",
        layer: Layer::Operator,
        draw: |d, o| {
            let (by, ahead, lasts) = (d.lapse(1, 600), d.chance(1, 2), d.lapse(300, 7200));
            d.anytime(o, ClusterFault::ClockSkew { by, ahead, lasts })
        },
    },
    cut!("dns-fails", DnsFails),
    cut!("sidecar-cut", SidecarCut),
    cut!("peers-cut", PeersCut),
];
