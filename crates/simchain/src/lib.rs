//! A simulated chain with the programs that follow it: seid and its sidecar.
//!
//! It knows no Kubernetes. To it a pod is an id under which processes share localhost, a volume an id under which a data directory lies. A
//! [`Chain`] is a plain value: drive it with [`Chain::handle`], read what it says in [`Output`]s.

mod boundary;

pub use boundary::{Endpoint, Happening, NodeView, Output, PodId, ProcessId, Program, SeidProgram, Signal, Start, VolumeId};
