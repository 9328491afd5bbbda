//! A simulated chain with the programs that follow it: seid and its sidecar.
//!
//! It knows no Kubernetes. To it a pod is an id under which processes share localhost, a volume an id under which a data directory lies. A
//! [`Chain`] is a plain value: drive it with [`Chain::handle`], read what it says in [`Output`]s.

mod boundary;
mod chain;
mod event;
mod fingerprint;
mod network;
pub mod profile;
mod seid;
mod sidecar;
mod volume;

pub use boundary::{Endpoint, Happening, NodeView, Output, PodId, ProcessId, Program, SeidProgram, Signal, Start, VolumeId};
pub use chain::Chain;
pub use event::Event;
pub use profile::ChainProfile;

/// The context in which a [`Chain`] is driven.
pub type Context<'a> = simcore::Context<'a, Event, Output>;
