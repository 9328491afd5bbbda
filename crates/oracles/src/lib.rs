//! The laws that worlds are held to.
//!
//! A law watches a world from outside, with perfect sight: it is told every [`Fact`] as it happens and may look at everything. It says what
//! is wrong on the [`Docket`], or asks there to be looked at again at a computed moment when its bound runs out. No law reads what a
//! controller believes, unless the law is about what a controller says. One law a file.

mod at_end;
mod bootstrap_overshoot;
mod call;
mod data_dir_shared;
mod dead_fork_serving;
mod docket;
mod double_sign;
mod entrant_misconfigured;
mod excuses;
mod failure;
mod failure_hidden;
mod foreign_object;
mod incumbent_deleted_early;
mod leftover;
mod lineage_diverged;
mod lost_update;
mod new_binary_before_halt;
mod no_endpoint;
mod not_converged;
mod not_quiet;
mod not_stable;
mod old_binary_past_halt;
mod plan_regression;
mod reached;
mod ready_lies;
mod replica_count;
mod running_lies;
mod selector_matches_nothing;
mod sight;
mod stale_serving;

pub use at_end::{EndVerdicts, Wrong};
pub use bootstrap_overshoot::is_bootstrap;
pub use call::{Called, OperatorCall};
pub use docket::{Class, Docket, EventNumber, Finding, LawInfo, ObjectRef, Violation};
pub use excuses::*;
pub use incumbent_deleted_early::{deletion_begins, ordinal_of};
pub use leftover::ownerless;
pub use not_converged::{all_serving, has_converged, has_failed_safely, missing as unconverged, others_serve};
pub use not_quiet::judge as judge_quiet;
pub use sight::{Fact, Sight, id_of, is_ready};

use bootstrap_overshoot::BootstrapOvershoot;
use data_dir_shared::DataDirShared;
use dead_fork_serving::DeadForkServing;
use double_sign::DoubleSign;
use entrant_misconfigured::EntrantMisconfigured;
use failure_hidden::FailureHidden;
use foreign_object::ForeignObject;
use incumbent_deleted_early::IncumbentDeletedEarly;
use lineage_diverged::LineageDiverged;
use lost_update::LostUpdate;
use new_binary_before_halt::NewBinaryBeforeHalt;
use no_endpoint::NoEndpoint;
use not_stable::NotStable;
use old_binary_past_halt::OldBinaryPastHalt;
use plan_regression::PlanRegression;
use ready_lies::ReadyLies;
use running_lies::RunningLies;
use selector_matches_nothing::SelectorMatchesNothing;
use simcore::SimTime;
use stale_serving::StaleServing;

/// Every law, safety first.
pub const LAWS: &[LawInfo] = &[
    bootstrap_overshoot::LAW,
    data_dir_shared::LAW,
    dead_fork_serving::LAW,
    double_sign::LAW,
    entrant_misconfigured::LAW,
    failure_hidden::LAW,
    foreign_object::LAW,
    incumbent_deleted_early::LAW,
    lineage_diverged::LAW,
    lost_update::LAW,
    new_binary_before_halt::LAW,
    no_endpoint::LAW,
    old_binary_past_halt::LAW,
    plan_regression::LAW,
    ready_lies::LAW,
    running_lies::LAW,
    selector_matches_nothing::LAW,
    stale_serving::LAW,
    leftover::LAW,
    not_converged::LAW,
    not_quiet::LAW,
    not_stable::LAW,
    replica_count::LAW,
];

/// All laws with what they remember of one world.
#[derive(Clone, Debug, Default)]
pub struct Laws {
    bootstrap_overshoot: BootstrapOvershoot,
    data_dir_shared: DataDirShared,
    dead_fork_serving: DeadForkServing,
    double_sign: DoubleSign,
    entrant_misconfigured: EntrantMisconfigured,
    failure_hidden: FailureHidden,
    foreign_object: ForeignObject,
    incumbent_deleted_early: IncumbentDeletedEarly,
    lineage_diverged: LineageDiverged,
    lost_update: LostUpdate,
    new_binary_before_halt: NewBinaryBeforeHalt,
    no_endpoint: NoEndpoint,
    not_stable: NotStable,
    old_binary_past_halt: OldBinaryPastHalt,
    plan_regression: PlanRegression,
    ready_lies: ReadyLies,
    running_lies: RunningLies,
    selector_matches_nothing: SelectorMatchesNothing,
    stale_serving: StaleServing,
}

impl Laws {
    /// Shows every law that watches what has just happened.
    pub fn observe(&mut self, sight: &Sight<'_>, fact: &Fact<'_>, docket: &mut Docket) {
        self.bootstrap_overshoot.observe(sight, fact, docket);
        self.data_dir_shared.observe(sight, fact, docket);
        self.dead_fork_serving.observe(sight, fact, docket);
        self.double_sign.observe(sight, fact, docket);
        self.entrant_misconfigured.observe(sight, fact, docket);
        self.failure_hidden.observe(sight, fact, docket);
        self.foreign_object.observe(sight, fact, docket);
        self.incumbent_deleted_early.observe(sight, fact, docket);
        self.lineage_diverged.observe(sight, fact, docket);
        self.lost_update.observe(sight, fact, docket);
        self.new_binary_before_halt.observe(sight, fact, docket);
        self.no_endpoint.observe(sight, fact, docket);
        self.not_stable.observe(sight, fact, docket);
        self.old_binary_past_halt.observe(sight, fact, docket);
        self.plan_regression.observe(sight, fact, docket);
        self.ready_lies.observe(sight, fact, docket);
        self.running_lies.observe(sight, fact, docket);
        self.selector_matches_nothing.observe(sight, fact, docket);
        self.stale_serving.observe(sight, fact, docket);
    }

    /// Shows the moment from which on nothing disturbs the world from outside to the laws that count from there.
    pub fn begin_calm(&mut self, sight: &Sight<'_>, docket: &mut Docket) {
        self.not_stable.look(sight, sight.now, docket);
    }

    /// Shows the world's end to the laws that watch until then, for verdicts as of the moment from which on nothing new happens.
    pub fn at_end(&mut self, sight: &Sight<'_>, at: SimTime, docket: &mut Docket) {
        self.not_stable.look(sight, at, docket);
    }
}
