//! The exhibits, by what was done to the operator.

mod complete_early;
mod delete_step;
mod drop_precondition;
mod ignore_error;
mod older_value;
mod remember;
mod swap_steps;
mod two_faults;
mod weaken_guard;

pub use two_faults::RETRIES_FROM_MEMORY;

use crate::{Base, Exhibit};

/// Every exhibit.
pub fn all() -> Vec<Exhibit> {
    let halls = [
        delete_step::HALL,
        swap_steps::HALL,
        weaken_guard::HALL,
        drop_precondition::HALL,
        ignore_error::HALL,
        remember::HALL,
        older_value::HALL,
        complete_early::HALL,
        two_faults::HALL,
    ];
    halls.concat()
}

macro_rules! base {
    ($(#[$doc:meta])* $name:ident, $folder:literal $scenario:literal, $design:literal, $with:expr) => {
        $(#[$doc])*
        const $name: Base = Base {
            scenario: $scenario,
            text: include_str!(concat!("../../", $folder, $scenario, ".yaml")),
            design: $design,
            with: $with,
        };
    };
}

base!(/// The planned upgrade as it is done today: the plan never gets beyond its entrants.
    HALT_SIGNAL, "../../scenarios/" "hardfork/planned-upgrade", "halt-signal", &[]);
base!(/// The planned upgrade as it is proposed; the plan's end is lost in a conflict.
    BOOTSTRAP, "../../scenarios/" "hardfork/planned-upgrade", "bootstrap", &[]);
base!(/// The same with the plan's end written.
    BOOTSTRAP_REFRESHED, "../../scenarios/" "hardfork/planned-upgrade", "bootstrap", &["status-base=refreshed"]);
base!(/// The proposed upgrade, applied when the chain has passed it.
    LATE, "scenarios/" "hardfork/late-rollout", "bootstrap", &[]);
base!(/// The patch release; the plan's end is lost in a conflict.
    BLUE_GREEN, "../../scenarios/" "bluegreen/image-change", "blue-green", &[]);
base!(/// The same with the plan's end written.
    BLUE_GREEN_REFRESHED, "../../scenarios/" "bluegreen/image-change", "blue-green", &["status-base=refreshed"]);
base!(/// The patch release with a code fork ahead.
    CODE_FORK, "scenarios/" "bluegreen/code-fork-ahead", "blue-green", &[]);
base!(/// A third node.
    SCALE_UP, "scenarios/" "inplace/scale-up", "halt-signal", &[]);
base!(/// One node less. Nothing is violated without a fault.
    SCALE_DOWN, "scenarios/" "inplace/scale-down", "halt-signal", &[]);
base!(/// A validator that is updated in place.
    VALIDATOR, "scenarios/" "inplace/validator-image-change", "halt-signal", &[]);
base!(/// A minor upgrade ahead, at which the old release does not stop.
    UPGRADE_IGNORED, "scenarios/" "bluegreen/upgrade-ignored", "blue-green", &[]);
base!(/// A third node, made while the operator crashes and a sidecar cannot be reached.
    SCALE_UP_UNDER_FAULTS, "scenarios/" "inplace/scale-up-under-faults", "halt-signal", &[]);
base!(/// A release that mends one which panics in an hour, by the design in which every remedy is on.
    DEFECT_AHEAD, "scenarios/" "hardfork/defect-ahead", "rehearsed", &[]);
base!(/// The planned upgrade by the design in which every remedy is on.
    REHEARSED, "../../scenarios/" "hardfork/planned-upgrade", "rehearsed", &[]);
