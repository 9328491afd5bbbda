//! Designs as data: one value per decision.
//!
//! A design says which plans a group gets and how the reconciler works where that is up for debate. Planner, executors and reconcilers
//! read each decision in one place. The presets are faithful to the operator (`halt-signal`, `blue-green`) and to the design document
//! (`bootstrap`); `Design::with` makes any other combination.

use api::group::StrategyType;
use std::hash::{Hash, Hasher};
use std::mem::discriminant;
use std::sync::Arc;

/// One value per decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Design {
    /// The preset it started from, followed by the decisions that were changed.
    pub name: Arc<str>,
    /// Which strategy type the design is an answer to. No behaviour depends on it; scenarios use it to choose the spec they apply.
    pub answers: StrategyType,
    /// Which plan a group of type HardFork gets.
    pub hard_fork: HardForkPlan,
    /// What the difference of a group's status patch is taken from.
    pub status_base: StatusBase,
}

impl Hash for Design {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.name, discriminant(&self.answers), self.hard_fork, self.status_base).hash(state);
    }
}

/// Decision `hard-fork`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HardForkPlan {
    /// Today's six tasks: incumbents are told to stop at the halt height.
    HaltSignal,
    /// The proposed four: the incumbents' image is recorded, and entrants bootstrap themselves with it up to the halt height.
    Bootstrap,
}

/// Decision `status-base`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StatusBase {
    /// The copy taken at the start of the reconcile, which any later write of the group makes stale.
    Once,
    /// The group as read again after each such write.
    Refreshed,
}

/// A decision point, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Its name.
    pub name: &'static str,
    /// Its values.
    pub values: &'static [&'static str],
    /// The value that the operator has today.
    pub faithful: &'static str,
    /// What it decides and which document argues for it.
    pub about: &'static str,
}

const DECISIONS: [Decision; 2] = [
    Decision {
        name: "hard-fork",
        values: &["halt-signal", "bootstrap"],
        faithful: "halt-signal",
        about: "the plan of a group of type HardFork (controller.md, section 2): today's six tasks, or the design document's four with \
                the incumbents' image injected into the entrants",
    },
    Decision {
        name: "status-base",
        values: &["once", "refreshed"],
        faithful: "once",
        about: "what a group's status patch is a difference from (controller.md, section 7, step 3): the copy taken at the start of the \
                reconcile, or the group read again after another write",
    },
];

/// Every decision point.
pub fn decisions() -> &'static [Decision] {
    &DECISIONS
}

impl Design {
    /// All presets.
    pub fn presets() -> [Self; 3] {
        let preset = |name: &str, answers, hard_fork| Self { name: name.into(), answers, hard_fork, status_base: StatusBase::Once };
        [
            preset("halt-signal", StrategyType::HardFork, HardForkPlan::HaltSignal),
            preset("bootstrap", StrategyType::HardFork, HardForkPlan::Bootstrap),
            preset("blue-green", StrategyType::BlueGreen, HardForkPlan::HaltSignal),
        ]
    }

    /// The preset of that name. The error lists what there is.
    pub fn preset(name: &str) -> Result<Self, String> {
        Self::presets().into_iter().find(|design| &*design.name == name).ok_or_else(|| {
            let known = Self::presets().map(|design| design.name.to_string());
            format!("there is no design {name:?}; expected one of {}", known.join(", "))
        })
    }

    /// What a design's name says: its preset, and the changes by which it differs, as `decision=value`.
    pub fn parts_of(name: &str) -> (&str, Vec<&str>) {
        let mut parts = name.split(',');
        (parts.next().unwrap_or_default(), parts.collect())
    }

    /// The value of a decision. Panics if there is no such decision.
    pub fn value(&self, decision: &str) -> &'static str {
        match (decision, self.hard_fork, self.status_base) {
            ("hard-fork", HardForkPlan::HaltSignal, _) => "halt-signal",
            ("hard-fork", HardForkPlan::Bootstrap, _) => "bootstrap",
            ("status-base", _, StatusBase::Once) => "once",
            ("status-base", _, StatusBase::Refreshed) => "refreshed",
            _ => panic!("there is no decision {decision}"),
        }
    }

    /// The design with one decision taken differently, as `decision=value`. The error lists what there is.
    pub fn with(&self, change: &str) -> Result<Self, String> {
        let mut design = self.clone();
        match change {
            "hard-fork=halt-signal" => design.hard_fork = HardForkPlan::HaltSignal,
            "hard-fork=bootstrap" => design.hard_fork = HardForkPlan::Bootstrap,
            "status-base=once" => design.status_base = StatusBase::Once,
            "status-base=refreshed" => design.status_base = StatusBase::Refreshed,
            _ => return Err(unknown_change(change)),
        }
        if design != *self {
            design.name = format!("{},{change}", self.name).into();
        }
        Ok(design)
    }
}

fn unknown_change(change: &str) -> String {
    let known: Vec<_> = DECISIONS.iter().map(|decision| format!("{}={}", decision.name, decision.values.join("|"))).collect();
    format!("{change:?} is no decision with a value; known are {}", known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_of_every_decision_can_be_chosen_and_only_those() {
        let [today, ..] = Design::presets();
        for decision in decisions() {
            assert!(decision.values.contains(&decision.faithful), "{}", decision.name);
            let chosen: Vec<_> =
                decision.values.iter().map(|value| today.with(&format!("{}={value}", decision.name)).expect("a listed value")).collect();
            for (i, design) in chosen.iter().enumerate() {
                assert_eq!(design.value(decision.name), decision.values[i]);
                assert_eq!(design.name == today.name, decision.values[i] == decision.faithful, "{}", design.name);
                assert!(chosen[..i].iter().all(|other| other != design));
            }
        }
        let error = today.with("status-base=sometimes").expect_err("no such value");
        assert!(error.contains("status-base=once|refreshed") && error.contains("hard-fork=halt-signal|bootstrap"), "{error}");
    }

    #[test]
    fn a_preset_is_found_by_its_name() {
        for design in Design::presets() {
            assert_eq!(Design::preset(&design.name), Ok(design));
        }
        let refused = "there is no design \"canary\"; expected one of halt-signal, bootstrap, blue-green";
        assert_eq!(Design::preset("canary"), Err(refused.to_owned()));
    }
}
