//! The catalogue: every fault there is, a file a group.
//!
//! A group's file holds its faults as data, the sentence that tells each, and a table of [`Kind`]s: which layer each touches, and how one is
//! drawn for a scenario in which it can strike.

mod api_server;
mod binary;
mod bootstrap;
mod chain;
mod cluster;
mod controller;
mod person;
mod premature_halt;
mod sidecar;
mod switch_races;

pub use api_server::ApiServerFault;
pub use binary::BinaryFault;
pub use bootstrap::BootstrapFault;
pub use chain::ChainFault;
pub use cluster::{ClusterFault, Container};
pub(crate) use controller::CACHED;
pub use controller::ControllerFault;
pub use person::PersonFault;
pub use premature_halt::{HaltSlip, Interrupt, PrematureHaltFault};
pub use sidecar::SidecarFault;
pub use switch_races::SwitchRacesFault;

use crate::draw::Draw;
use crate::opportunities::Opportunities;
use crate::schedule::Fault;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// What befalls the world, by group.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum What {
    /// An entrant's bootstrap goes wrong.
    Bootstrap(BootstrapFault),
    /// A seid stops before its halt height, beyond it, or not as it was told.
    PrematureHalt(PrematureHaltFault),
    /// The spec changes, or traffic lags, while a plan is at work.
    SwitchRaces(SwitchRacesFault),
    /// The operator's own process fails.
    Controller(ControllerFault),
    /// Calls to the API server fail.
    ApiServer(ApiServerFault),
    /// Machines, volumes, containers and the network fail.
    Cluster(ClusterFault),
    /// A node's sidecar fails.
    Sidecar(SidecarFault),
    /// Blocks and upgrades come otherwise than planned.
    Chain(ChainFault),
    /// A binary is defective. For good: no later moment heals it.
    Binary(BinaryFault),
    /// A person interferes with what the operator owns.
    Person(PersonFault),
}

/// A group of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the variants of `What`")]
pub enum Group {
    Bootstrap,
    PrematureHalt,
    SwitchRaces,
    Controller,
    ApiServer,
    Cluster,
    Sidecar,
    Chain,
    Binary,
    Person,
}

impl Group {
    /// All groups, as the specification lists them.
    pub const ALL: [Self; 10] = [
        Self::Bootstrap,
        Self::PrematureHalt,
        Self::SwitchRaces,
        Self::Controller,
        Self::ApiServer,
        Self::Cluster,
        Self::Sidecar,
        Self::Chain,
        Self::Binary,
        Self::Person,
    ];

    /// Its name in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bootstrap => "bootstrap",
            Self::PrematureHalt => "premature-halt",
            Self::SwitchRaces => "switch-races",
            Self::Controller => "controller",
            Self::ApiServer => "api-server",
            Self::Cluster => "cluster",
            Self::Sidecar => "sidecar",
            Self::Chain => "chain",
            Self::Binary => "binary",
            Self::Person => "person",
        }
    }

    /// Its faults.
    pub fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Bootstrap => bootstrap::KINDS,
            Self::PrematureHalt => premature_halt::KINDS,
            Self::SwitchRaces => switch_races::KINDS,
            Self::Controller => controller::KINDS,
            Self::ApiServer => api_server::KINDS,
            Self::Cluster => cluster::KINDS,
            Self::Sidecar => sidecar::KINDS,
            Self::Chain => chain::KINDS,
            Self::Binary => binary::KINDS,
            Self::Person => person::KINDS,
        }
    }
}

/// The part of the simulated world that a fault touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// The operator's process and its caches.
    Operator,
    /// A call between the operator and the API server.
    ApiCall,
    /// A call between the operator and a sidecar.
    SidecarCall,
    /// Objects in the store, written by a person.
    Store,
    /// Machines, pods, volumes, images, endpoints, names.
    Cluster,
    /// The sidecar's process and its table of tasks.
    Sidecar,
    /// seid and its binaries.
    Seid,
    /// Blocks, peers, snapshots and upgrade plans.
    Chain,
}

/// One fault of the catalogue.
#[derive(Clone, Copy)]
pub struct Kind {
    /// Its name within its group.
    pub name: &'static str,
    /// What it touches.
    pub layer: Layer,
    /// Draws one that can strike in a scenario; `None` if none can.
    pub draw: fn(&mut Draw, &Opportunities) -> Option<Fault>,
}

/// Every fault, with its group, in order.
pub fn catalogue() -> impl Iterator<Item = (Group, &'static Kind)> {
    Group::ALL.into_iter().flat_map(|group| group.kinds().iter().map(move |kind| (group, kind)))
}

impl What {
    /// Its group.
    pub fn group(&self) -> Group {
        match self {
            Self::Bootstrap(_) => Group::Bootstrap,
            Self::PrematureHalt(_) => Group::PrematureHalt,
            Self::SwitchRaces(_) => Group::SwitchRaces,
            Self::Controller(_) => Group::Controller,
            Self::ApiServer(_) => Group::ApiServer,
            Self::Cluster(_) => Group::Cluster,
            Self::Sidecar(_) => Group::Sidecar,
            Self::Chain(_) => Group::Chain,
            Self::Binary(_) => Group::Binary,
            Self::Person(_) => Group::Person,
        }
    }

    /// Whether it decides what becomes of the call at which it strikes, or of the reconcile that makes it; others strike after that moment's event.
    pub fn decides_its_call(&self) -> bool {
        match self {
            Self::ApiServer(fault) => fault.befalls_its_call(),
            Self::Controller(fault) => fault.ends_its_reconcile(),
            _ => false,
        }
    }

    /// `group/fault`, without parameters.
    pub fn id(&self) -> String {
        let written = serde_json::to_value(self).expect("a fault has a written form");
        let fault = written.as_object().and_then(|groups| groups.values().next());
        let name = match fault {
            Some(Value::String(name)) => name.as_str(),
            Some(Value::Object(fields)) => fields.keys().next().map_or("", String::as_str),
            _ => unreachable!("a fault is written under its group"),
        };
        format!("{}/{name}", self.group().name())
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bootstrap(fault) => fault.fmt(f),
            Self::PrematureHalt(fault) => fault.fmt(f),
            Self::SwitchRaces(fault) => fault.fmt(f),
            Self::Controller(fault) => fault.fmt(f),
            Self::ApiServer(fault) => fault.fmt(f),
            Self::Cluster(fault) => fault.fmt(f),
            Self::Sidecar(fault) => fault.fmt(f),
            Self::Chain(fault) => fault.fmt(f),
            Self::Binary(fault) => fault.fmt(f),
            Self::Person(fault) => fault.fmt(f),
        }
    }
}
