//! The spec changes while a plan is at work, or traffic follows late.

use super::{Kind, Layer, What};
use crate::lapse::Lapse;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Races around a plan and its switch of traffic.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum SwitchRacesFault {
    /// A person sets the image.
    ImageEdited {
        /// To this one.
        image: Arc<str>,
    },
    /// A person moves the halt height.
    HaltHeightEdited {
        /// By so many blocks; negative: down.
        by: i64,
    },
    /// A person sets the number of replicas.
    ReplicasEdited {
        /// To this one.
        to: i32,
    },
    /// A person changes a configuration override.
    OverridesEdited,
    /// A person deletes the group.
    GroupDeleted,
    /// A person starts another rollout: the same strategy, another change of the template.
    SecondRollout,
    /// EndpointSlices follow late.
    EndpointsLag {
        /// How much.
        by: Lapse,
        /// For how long.
        lasts: Lapse,
    },
    /// The data plane follows late.
    DataPlaneLag {
        /// How much.
        by: Lapse,
        /// For how long.
        lasts: Lapse,
    },
    /// seid of an entrant is killed.
    EntrantCrashes {
        /// The entrant.
        node: Arc<str>,
    },
    /// The load balancer's address comes late.
    LoadBalancerLate {
        /// How much.
        by: Lapse,
    },
}

impl From<SwitchRacesFault> for What {
    fn from(fault: SwitchRacesFault) -> Self {
        Self::SwitchRaces(fault)
    }
}

impl fmt::Display for SwitchRacesFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ImageEdited { image } => write!(f, "a person sets the image to {image}"),
            Self::HaltHeightEdited { by } => write!(f, "a person moves the halt height by {by:+} blocks"),
            Self::ReplicasEdited { to } => write!(f, "a person sets replicas to {to}"),
            Self::OverridesEdited => f.write_str("a person changes an override"),
            Self::GroupDeleted => f.write_str("a person deletes the group"),
            Self::SecondRollout => f.write_str("a person starts another rollout"),
            Self::EndpointsLag { by, lasts } => write!(f, "EndpointSlices follow {by} late, for {lasts}"),
            Self::DataPlaneLag { by, lasts } => write!(f, "the data plane follows {by} late, for {lasts}"),
            Self::EntrantCrashes { node } => write!(f, "seid of {node} is killed"),
            Self::LoadBalancerLate { by } => write!(f, "the load balancer's address comes {by} late"),
        }
    }
}

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "image-edited",
        layer: Layer::Store,
        draw: |d, o| {
            // The wanted image is stored already, unless another fault has edited it.
            let image = if d.chance(1, 4) { o.wanted_image.clone() } else { o.first_image.clone() };
            d.anytime(o, SwitchRacesFault::ImageEdited { image })
        },
    },
    Kind {
        name: "halt-height-edited",
        layer: Layer::Store,
        draw: |d, o| {
            o.upgrade?;
            let by = *d.pick(&[-1000, -1, 1, 1000]).expect("four distances");
            d.anytime(o, SwitchRacesFault::HaltHeightEdited { by })
        },
    },
    Kind {
        name: "replicas-edited",
        layer: Layer::Store,
        draw: |d, o| {
            let to = *d.pick(&[(o.replicas - 1).max(1), o.replicas + 1]).expect("two numbers");
            d.anytime(o, SwitchRacesFault::ReplicasEdited { to })
        },
    },
    Kind { name: "overrides-edited", layer: Layer::Store, draw: |d, o| d.anytime(o, SwitchRacesFault::OverridesEdited) },
    Kind { name: "group-deleted", layer: Layer::Store, draw: |d, o| d.anytime(o, SwitchRacesFault::GroupDeleted) },
    Kind { name: "second-rollout", layer: Layer::Store, draw: |d, o| d.anytime(o, SwitchRacesFault::SecondRollout) },
    Kind {
        name: "endpoints-lag",
        layer: Layer::Cluster,
        draw: |d, o| {
            let (by, lasts) = (d.lapse(1, 90), d.lapse(90, 3600));
            d.within(o, o.switch?, SwitchRacesFault::EndpointsLag { by, lasts })
        },
    },
    Kind {
        name: "data-plane-lag",
        layer: Layer::Cluster,
        draw: |d, o| {
            let (by, lasts) = (d.lapse(2, 90), d.lapse(90, 3600));
            d.within(o, o.switch?, SwitchRacesFault::DataPlaneLag { by, lasts })
        },
    },
    Kind {
        name: "entrant-crashes",
        layer: Layer::Seid,
        draw: |d, o| {
            let node = d.pick(&o.entrants)?.clone();
            d.within(o, o.switch?, SwitchRacesFault::EntrantCrashes { node })
        },
    },
    Kind {
        name: "load-balancer-late",
        layer: Layer::Cluster,
        draw: |d, o| {
            o.load_balancer.then_some(())?;
            let by = d.lapse(90, 3600);
            d.anytime(o, SwitchRacesFault::LoadBalancerLate { by })
        },
    },
];
