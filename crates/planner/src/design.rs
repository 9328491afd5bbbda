//! Designs as data: one value per decision.
//!
//! A design says which plans a group gets and how the reconciler works where that is up for debate. Planner, executors and reconcilers
//! read each decision in one place. The presets are faithful to the operator (`halt-signal`, `blue-green`) and to the design document
//! (`bootstrap`); `Design::with` makes any other combination.

use api::group::StrategyType;
use std::hash::{Hash, Hasher};
use std::mem::discriminant;
use std::sync::Arc;

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

/// Declares every decision: its type, its field of [`Design`], its name, its values (the faithful one first) and what it is about.
macro_rules! decisions {
    ($(
        $(#[$doc:meta])*
        $type:ident, $field:ident, $name:literal: { $(#[$today_doc:meta])* $today:ident $today_name:literal, $($(#[$other_doc:meta])* $other:ident $other_name:literal),+ $(,)? } $about:literal
    )*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
            pub enum $type {
                $(#[$today_doc])*
                #[default]
                $today,
                $($(#[$other_doc])* $other,)+
            }
        )*

        /// One value per decision.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Design {
            /// The preset it started from, followed by the decisions that were changed.
            pub name: Arc<str>,
            /// Which strategy types the design is an answer to. No behaviour depends on it; scenarios use it to choose the spec they apply.
            pub answers: StrategyType,
            $($(#[$doc])* pub $field: $type,)*
        }

        /// The name tells of every decision. What else goes in does so from before it did, and luck hangs on it.
        impl Hash for Design {
            fn hash<H: Hasher>(&self, state: &mut H) {
                (&self.name, discriminant(&self.answers), self.hard_fork, self.status_base).hash(state);
            }
        }

        const DECISIONS: &[Decision] = &[$(
            Decision { name: $name, values: &[$today_name, $($other_name),+], faithful: $today_name, about: $about },
        )*];

        impl Design {
            /// The design that decides everything as the operator does today.
            fn faithful(name: &str, answers: StrategyType) -> Self {
                Self { name: name.into(), answers, $($field: $type::default()),* }
            }

            /// The value of a decision. Panics if there is no such decision.
            pub fn value(&self, decision: &str) -> &'static str {
                match decision {
                    $($name => match self.$field { $type::$today => $today_name, $($type::$other => $other_name),+ },)*
                    _ => panic!("there is no decision {decision}"),
                }
            }

            /// Takes a decision, given as its name and a value. Whether there are such.
            fn decide(&mut self, decision: &str, value: &str) -> bool {
                match (decision, value) {
                    $(
                        ($name, $today_name) => self.$field = $type::$today,
                        $(($name, $other_name) => self.$field = $type::$other,)+
                    )*
                    _ => return false,
                }
                true
            }
        }
    };
}

decisions! {
    /// Decision `hard-fork`.
    HardForkPlan, hard_fork, "hard-fork": {
        /// Today's six tasks: incumbents are told to stop at the halt height.
        HaltSignal "halt-signal",
        /// The proposed four: the incumbents' image is recorded, and entrants bootstrap themselves with it up to the halt height.
        Bootstrap "bootstrap",
    } "the plan of a group of type HardFork (controller.md, section 2): today's six tasks, or the design document's four with the incumbents' image injected into the entrants"

    /// Decision `status-base`.
    StatusBase, status_base, "status-base": {
        /// The copy taken at the start of the reconcile, which any later write of the group makes stale.
        Once "once",
        /// The group as read again after each such write.
        Refreshed "refreshed",
    } "what a group's status patch is a difference from (controller.md, section 7, step 3): the copy taken at the start of the reconcile, or the group read again after another write"

    /// Decision `strategies`.
    Strategies, strategies, "strategies": {
        /// Each type of strategy has a plan of its own.
        Two "two",
        /// One plan serves both: a halt height, where one is set, has the entrants bootstrap themselves.
        One "one",
    } "whether strategies differ in their plans (claims.md, C26): one plan a type, or one plan with an optional halt height and the caught-up gate in either case"

    /// Decision `service-update`.
    ServiceUpdate, service_update, "service-update": {
        /// A later reconcile applies the Service.
        LaterReconcile "later-reconcile",
        /// switch-traffic patches the Service's selector itself.
        InSwitchTraffic "in-switch-traffic",
    } "who moves the external Service's selector at the switch (controller.md, section 5, switch-traffic; claims.md, C16): a later reconcile of the group, or the task itself"

    /// Decision `without-s3`.
    WithoutS3, without_s3, "without-s3": {
        /// It is injected all the same, and the planner of nodes refuses what comes of it.
        Injected "injected",
        /// It is not: the entrant state syncs with the wanted image.
        StateSynced "state-synced",
    } "what the proposed hard fork does with the incumbents' image where the template has no s3 snapshot (controller.md, sections 3 and 5; claims.md, C24): injects it all the same, which the planner of nodes refuses, or leaves it out"

    /// Decision `reads`.
    Reads, reads, "reads": {
        /// The process's cache, which may be behind.
        Cache "cache",
        /// The API server.
        Server "server",
    } "where reconcilers and tasks read what they decide by (controller.md, section 1, rule 5): the cache, which may be older than the process's own last write, or the API server"

    /// Decision `plan-end`.
    PlanEnd, plan_end, "plan-end": {
        /// In the reconcile whose executor call ended the plan, by a second write.
        SameCall "same-call",
        /// Whenever a reconcile finds an ended plan: the executor's write is the only one of its reconcile.
        Found "found",
    } "when an ended plan is taken out of the status (controller.md, section 7, step 7): in the call that ended it, or in any reconcile that finds it"

    /// Decision `children`.
    Children, children, "children": {
        /// Named by group and ordinal, and rewritten in place.
        ByName "by-name",
        /// Whatever node of the group has the ordinal; a new template comes by a rollout, if the group has a strategy.
        ByOrdinal "by-ordinal",
    } "which nodes a group has (controller.md, section 7, step 6): those of one name, created and rewritten outside of plans, or any that it owns, one an ordinal, where a new template is rolled out if there is a strategy"

    /// Decision `spec-edit`.
    SpecEdit, spec_edit, "spec-edit": {
        /// A plan goes on with what it was built from.
        Ignored "ignored",
        /// It is replaced by one of the present generation, or given up if nothing is left to roll out.
        Replanned "replanned",
    } "what an edit of the spec does to a plan at work (controller.md, section 2: parameters are computed once): nothing, or a new plan of the present generation takes its place"

    /// Decision `entrants`.
    Entrants, entrants, "entrants": {
        /// Created once; what is there is taken as it is.
        CreatedOnce "created-once",
        /// Made again when missing, and before the switch also when they are not what the plan says.
        Ensured "ensured",
    } "how entrants come to be (controller.md, section 5, create-entrant-nodes): by one task that takes what exists as it is, or by every task, until they are what the plan says"

    /// Decision `traffic`.
    Traffic, traffic, "traffic": {
        /// The external Service selects the active revision alone.
        ActiveRevision "active-revision",
        /// It selects every node of the group until the switch: readiness decides. A hard fork switches when the first entrant is past the fork.
        EveryReadyNode "every-ready-node",
    } "whom the external Service selects before the switch (controller.md, section 7, step 4): the incumbents' revision, which may all be dead at the halt height before the last entrant is there, or every node of the group that is ready, and in a hard fork only until the first entrant has gone past the fork"

    /// Decision `running`.
    Running, running, "running": {
        /// When its plan is complete, for ever.
        PlanComplete "plan-complete",
        /// While its plan is complete and its pod is ready.
        PodReady "pod-ready",
    } "when a node is in phase Running (controller.md, section 6): once its plan is complete, or while its pod is ready, too"

    /// Decision `arrival`.
    Arrival, arrival, "arrival": {
        /// In phase Running.
        Phase "phase",
        /// In phase Running for some time, and ready only after several good answers in a row.
        Settled "settled",
    } "when an entrant counts as arrived (controller.md, section 5, await-nodes-running): as soon as it is in phase Running, which one good answer of its pod makes it, or when its pod has answered well several times in a row and it has stayed so for a while, as successThreshold and minReadySeconds have it"

    /// Decision `caught-up`.
    CaughtUp, caught_up, "caught-up": {
        /// When its sidecar was marked ready.
        SidecarReady "sidecar-ready",
        /// When it has executed blocks beyond the snapshot, and has then stayed ready for a while.
        Height "height",
    } "when an entrant has caught up (controller.md, section 5, await-nodes-caught-up: the sidecar knows nothing of heights): when its sidecar is ready, or when it was seen beyond its snapshot and has stayed ready since, since a node without peers is ready wherever it is"

    /// Decision `sidecar-restart`.
    SidecarRestart, sidecar_restart, "sidecar-restart": {
        /// Nothing is sent again: the readiness that a sidecar held in memory is lost.
        Ignored "ignored",
        /// It is marked ready again.
        MarkedReady "marked-ready",
    } "what is done for a sidecar that has restarted (controller.md, section 6: no task is sent in phase Running): nothing, or mark-ready again"

    /// Decision `teardown`.
    Teardown, teardown, "teardown": {
        /// The incumbents named in the plan are deleted at once.
        AtOnce "at-once",
        /// Every other node of the group is, when clients have had time to leave and all entrants are ready; they are waited for.
        Drained "drained",
    } "when incumbents are deleted (controller.md, section 5, teardown-nodes): at once, by the names in the plan, or when clients have left them and the entrants serve"

    /// Decision `failed-task`.
    FailedTask, failed_task, "failed-task": {
        /// Fails the node.
        FailsNode "fails-node",
        /// Is tried again for hours first.
        Retried "retried",
    } "what a failed sidecar task does to a node (controller.md, section 3: no retries but the ceremony's): fails it at once, or is tried again first"

    /// Decision `failed-bootstrap`.
    FailedBootstrap, failed_bootstrap, "failed-bootstrap": {
        /// Fails the node.
        FailsNode "fails-node",
        /// Starts over on a new volume.
        StartsOver "starts-over",
    } "what a failed bootstrap Job does to a node (controller.md, section 5, await-bootstrap-complete): fails it, or starts it over on a new volume"

    /// Decision `bootstrap-end`.
    BootstrapEnd, bootstrap_end, "bootstrap-end": {
        /// By the exit code of seid, as the Job tells it.
        ExitCode "exit-code",
        /// By the height, as the sidecar has seen it.
        Height "height",
    } "how a bootstrap that is over is told from one that was cut short (controller.md, section 5, bootstrap Job: 130 counts as success, and an interrupted seid may end with 0, too): by the exit code, or by the target height, which the sidecar saw"

    /// Decision `lost-volume`.
    LostVolume, lost_volume, "lost-volume": {
        /// A new claim takes the place of one that is gone, and the plan goes on.
        Replaced "replaced",
        /// So does a new plan.
        StartsOver "starts-over",
    } "what becomes of a node whose volume claim is gone (controller.md, section 6, step 5: presence suffices): a new claim under the old plan, or a new plan, too"

    /// Decision `namesake`.
    Namesake, namesake, "namesake": {
        /// Its objects are taken over.
        TakenOver "taken-over",
        /// Its objects are waited for to go.
        WaitedFor "waited-for",
    } "what a node does about objects of an earlier node of its name (controller.md, section 5: AlreadyExists completes): takes them over, or waits until they are gone"

    /// Decision `progress-deadline`.
    ProgressDeadline, progress_deadline, "progress-deadline": {
        /// None: nodes may be on their way for ever.
        None "none",
        /// A node that is past its bootstrap and not ready after hours starts over; its rollout has failed after more hours.
        Hours "hours",
    } "how long nodes may be on their way once their bootstrap is over (controller.md, section 6): for ever, or until they start over, once, and then the rollout counts as failed"

    /// Decision `claim`.
    ClaimRemoval, claim, "claim": {
        /// The node's reconciler deletes it before the node goes.
        DeletedFirst "deleted-first",
        /// The garbage collector does, after the node has gone.
        Collected "collected",
    } "who deletes a node's volume claim (controller.md, section 6, step 1): the node's reconciler, before the node goes, or the garbage collector after it"
}

/// Every decision point.
pub fn decisions() -> &'static [Decision] {
    DECISIONS
}

impl Design {
    /// All presets.
    pub fn presets() -> [Self; 4] {
        let rehearsed = Self {
            hard_fork: HardForkPlan::Bootstrap,
            without_s3: WithoutS3::StateSynced,
            reads: Reads::Server,
            plan_end: PlanEnd::Found,
            children: Children::ByOrdinal,
            spec_edit: SpecEdit::Replanned,
            entrants: Entrants::Ensured,
            traffic: Traffic::EveryReadyNode,
            running: Running::PodReady,
            caught_up: CaughtUp::Height,
            arrival: Arrival::Settled,
            sidecar_restart: SidecarRestart::MarkedReady,
            teardown: Teardown::Drained,
            failed_task: FailedTask::Retried,
            failed_bootstrap: FailedBootstrap::StartsOver,
            bootstrap_end: BootstrapEnd::Height,
            lost_volume: LostVolume::StartsOver,
            namesake: Namesake::WaitedFor,
            progress_deadline: ProgressDeadline::Hours,
            claim: ClaimRemoval::Collected,
            ..Self::faithful("rehearsed", StrategyType::HardFork)
        };
        let bootstrap = Self { hard_fork: HardForkPlan::Bootstrap, ..Self::faithful("bootstrap", StrategyType::HardFork) };
        [Self::faithful("halt-signal", StrategyType::HardFork), bootstrap, Self::faithful("blue-green", StrategyType::BlueGreen), rehearsed]
    }

    /// The preset of that name. The error lists what there is.
    pub fn preset(name: &str) -> Result<Self, String> {
        Self::presets().into_iter().find(|design| &*design.name == name).ok_or_else(|| {
            let known = Self::presets().map(|design| design.name.to_string());
            format!("there is no design {name:?}; expected one of {}", known.join(", "))
        })
    }

    /// The design of a whole name, as designs bear it: a preset, and the changes by which it differs. The error lists what there is.
    pub fn named(name: &str) -> Result<Self, String> {
        let (preset, changes) = Self::parts_of(name);
        changes.into_iter().try_fold(Self::preset(preset)?, |design, change| design.with(change))
    }

    /// What a design's name says: its preset, and the changes by which it differs, as `decision=value`.
    pub fn parts_of(name: &str) -> (&str, Vec<&str>) {
        let mut parts = name.split(',');
        (parts.next().unwrap_or_default(), parts.collect())
    }

    /// The design with one decision taken differently, as `decision=value`. The error lists what there is.
    pub fn with(&self, change: &str) -> Result<Self, String> {
        let mut design = self.clone();
        if !change.split_once('=').is_some_and(|(decision, value)| design.decide(decision, value)) {
            return Err(unknown_change(change));
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
        let refused = "there is no design \"canary\"; expected one of halt-signal, bootstrap, blue-green, rehearsed";
        assert_eq!(Design::preset("canary"), Err(refused.to_owned()));
    }
}
