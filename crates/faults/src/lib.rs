//! What can befall a world, as data.
//!
//! A [`Fault`] is a [`What`] and a [`Trigger`]; a [`Schedule`] is a list of them. They are intents, not positions: "the reply to the first
//! create of SeiNode rpc-g2-1 during create-entrant-nodes is lost" means the same after unrelated changes of the code. This crate knows
//! what faults there are, how they are written, and how a [`Profile`] draws them for a seed from the [`Opportunities`] of a scenario. What
//! a fault does is the simulated world's business alone; the system under test never hears of it.

mod alphabet;
mod breed;
mod check;
mod describe;
mod draw;
mod kinds;
mod lapse;
mod opportunities;
mod profile;
mod schedule;
mod trigger;

pub use breed::{Breeder, Parent};
pub use check::{Ground, MOST_FAULTS, Refusal};
pub use describe::{Described, Parameter, described};
pub use draw::Draw;
pub use kinds::{
    ApiServerFault, BinaryFault, BootstrapFault, ChainFault, ClusterFault, Container, ControllerFault, Group, HaltSlip, Interrupt, Kind,
    Layer, PersonFault, PrematureHaltFault, SidecarFault, SwitchRacesFault, What, catalogue,
};
pub use lapse::Lapse;
pub use opportunities::{Opportunities, Stretch};
pub use profile::Profile;
pub use schedule::{Fault, Schedule};
pub use trigger::{CallTrigger, Moment, PhaseTrigger, TaskTrigger, Trigger, Verb, Worker, WriteTrigger};
