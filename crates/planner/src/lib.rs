//! Plans as pure functions: which tasks an object gets, with which parameters, and which objects a node consists of.
//!
//! Nothing here reads a cluster or a clock. A plan is built once from an object and stored in its status; the executor carries it out.
//! Designs (the decisions in which plans differ) are data, in [`design`]. The behaviour is that of the operator, also where it looks odd.

pub mod design;
mod draft;
mod error;
pub mod group;
pub mod node;
pub mod objects;
mod settings;

pub use design::{
    Arrival, BootstrapEnd, CaughtUp, Children, ClaimRemoval, Design, Entrants, FailedBootstrap, FailedTask, HardForkPlan, LostVolume,
    Namesake, PlanEnd, ProgressDeadline, Reads, Running, ServiceUpdate, SidecarRestart, SpecEdit, StatusBase, Strategies, Teardown,
    Traffic, WithoutS3,
};
pub use error::PlanError;
pub use settings::{Bucket, Settings, Size};
