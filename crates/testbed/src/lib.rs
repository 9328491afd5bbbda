//! A world from scenario, design and seed: the operator's real controllers in a simulated cluster beside a simulated chain.

pub mod history;
pub mod marks;
mod measure;
mod outcome;
mod plans;
mod rehearse;
pub mod scenario;
pub mod states;
mod trace;
mod trunk;
pub mod world;

pub use measure::Counters;
pub use outcome::{EndState, ToldViolation, WorldResult, seconds};
pub use plans::{PlanRecord, TaskRecord};
pub use rehearse::{Failure, Settled};
pub use trace::TARGET as TRACE_TARGET;
pub use trunk::{Parting, Trunk};
pub use world::{FaultRecord, Struck};
