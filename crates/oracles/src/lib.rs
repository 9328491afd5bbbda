//! The laws that worlds are held to.
//!
//! A law watches a world from outside, with perfect sight: it is told every [`Fact`] as it happens and may look at everything. It says what
//! is wrong on the [`Docket`], or asks there to be looked at again at a computed moment when its bound runs out. No law reads what a
//! controller believes, unless the law is about what a controller says. One law a file.

mod docket;
mod excuses;
mod incumbent_deleted_early;
mod new_binary_before_halt;
mod no_endpoint;
mod not_converged;
mod old_binary_past_halt;
mod running_lies;
mod sight;

pub use docket::{Class, Docket, EventNumber, Finding, LawInfo, ObjectRef, Violation};
pub use excuses::{CHAIN_OVER, DEFECTIVE_BINARY, EXCUSES, Excuse, Fired, MACHINES_LOST, PERSON_INTERFERES, Scope, excuse};
pub use sight::{Fact, Sight};

use incumbent_deleted_early::IncumbentDeletedEarly;
use new_binary_before_halt::NewBinaryBeforeHalt;
use no_endpoint::NoEndpoint;
pub use not_converged::others_serve;
use old_binary_past_halt::OldBinaryPastHalt;
use running_lies::RunningLies;
use simcore::SimTime;

/// Every law, safety first.
pub const LAWS: &[LawInfo] = &[
    incumbent_deleted_early::LAW,
    new_binary_before_halt::LAW,
    no_endpoint::LAW,
    old_binary_past_halt::LAW,
    running_lies::LAW,
    not_converged::LAW,
];

/// All laws with what they remember of one world.
#[derive(Clone, Debug, Default)]
pub struct Laws {
    incumbent_deleted_early: IncumbentDeletedEarly,
    new_binary_before_halt: NewBinaryBeforeHalt,
    no_endpoint: NoEndpoint,
    old_binary_past_halt: OldBinaryPastHalt,
    running_lies: RunningLies,
}

impl Laws {
    /// Shows every safety law what has just happened.
    pub fn observe(&mut self, sight: &Sight<'_>, fact: &Fact<'_>, docket: &mut Docket) {
        self.incumbent_deleted_early.observe(sight, fact, docket);
        self.new_binary_before_halt.observe(sight, fact, docket);
        self.no_endpoint.observe(sight, fact, docket);
        self.old_binary_past_halt.observe(sight, fact, docket);
        self.running_lies.observe(sight, fact, docket);
    }
}

/// Whether the world has converged, judged at every moment of a livelock's cycle.
pub fn has_converged(sight: &Sight<'_>) -> bool {
    not_converged::has_converged(sight)
}

/// What is missing for the world to have converged, judged at rest; `None` if nothing is.
pub fn unconverged(sight: &Sight<'_>) -> Option<String> {
    not_converged::missing(sight)
}

/// Writes the verdict of `not-converged` on the docket, as of the moment from which on nothing happens.
pub fn judge_convergence(missing: String, since: SimTime, sight: &Sight<'_>, docket: &mut Docket) {
    let objects = vec![ObjectRef::new("SeiNodeDeployment", sight.group.name.clone())];
    docket.violated(&not_converged::LAW, since, Finding { since, objects, events: vec![sight.event], message: missing });
}
