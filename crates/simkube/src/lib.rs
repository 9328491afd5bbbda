//! A simulated Kubernetes: API server, caches, built-in controllers, scheduler and kubelet.
//!
//! It knows no chain. To it a container is something that starts, answers probes and exits; the world around it tells when. A
//! [`Cluster`] is a plain value: drive it with [`Cluster::handle`], read what it says in [`Output`]s.

mod boundary;
mod budgets;
mod by_kind;
mod cache;
mod cluster;
mod event;
mod faults;
mod fingerprint;
mod gc;
mod profile;
mod selector;
mod server;
mod sorted;
mod workloads;

pub use boundary::{
    Actor, Answer, ContainerId, ContainerStart, Delivery, Output, Part, PatchBody, PodId, Preview, ProcessId, Request, Route, Signal,
    StoreChange, Verb, WatchEvent,
};
pub use cluster::Cluster;
pub use event::Event;
pub use fingerprint::{StoreState, fingerprint_of};
pub use profile::{ClusterProfile, NetworkPace};
pub use selector::Selector;
pub use server::unreadable;

/// What a part of the cluster sees while it acts, and where it leaves what follows.
pub type Context<'a> = simcore::Context<'a, Event, Output>;
