//! A simulated chain with the programs that follow it: seid and its sidecar.
//!
//! It knows no Kubernetes. To it a pod is an id under which processes share localhost, a volume an id under which a data directory lies. A
//! [`Chain`] is a plain value: drive it with [`Chain::handle`], read what it says in [`Output`]s.

mod boundary;
mod calls;
mod chain;
mod event;
mod fingerprint;
mod interference;
mod lag;
mod lineage;
mod network;
pub mod profile;
mod quorum;
mod seid;
mod sidecar;
mod slips;
mod volume;

pub use boundary::{Endpoint, Happening, NodeView, Output, PodId, ProcessId, Program, SeidProgram, Signal, Start, VolumeId};
pub use chain::Chain;
pub use event::Event;
pub use interference::{Interference, TaskFault};
pub use profile::ChainProfile;
pub use seid::{Rule, rules};
pub use slips::SignalSlip;

/// The context in which a [`Chain`] is driven.
pub type Context<'a> = simcore::Context<'a, Event, Output>;
