//! Marks: situations that a good exploration meets sometimes.
//!
//! An oracle that stays green may be green for want of trying. A mark names a situation in which things go wrong in the field: a conflict on a
//! plan's last write, a crash between a write and its record, a halt that overshot. Worlds note which marks they pass, exploration counts
//! them, and a mark that thousands of worlds never pass is a hole in the scenarios or in the faults.
//!
//! Most marks are read off the history as it is written, a file a theme; a few are noted where the world knows more than it tells.

mod chain;
mod cluster;
mod operator;
mod plans;
mod traffic;

use crate::history::Entry;
use chain::Chains;
use cluster::Pods;
use plans::PlansSeen;
use std::fmt;
use traffic::Traffic;

macro_rules! marks {
    ($($variant:ident = $name:literal: $about:literal,)*) => {
        /// A situation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "each is told in full by `about`")]
        pub enum Mark { $($variant,)* }

        impl Mark {
            /// Every mark.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The situation that it stands for.
            pub fn about(self) -> &'static str {
                match self { $(Self::$variant => $about,)* }
            }
        }
    };
}

marks! {
    ConflictOnLastWrite = "conflict-on-last-write": "a conflict on the write that would have recorded a plan's end",
    ConflictOnTaskRecord = "conflict-on-task-record": "a conflict on the write that would have recorded a task's end",
    PlanCompleted = "plan-completed": "a group's plan came to its end",
    PlanFailed = "plan-failed": "a group's plan failed",
    PlanCleared = "plan-cleared": "a group's plan was removed from its status",
    SecondPlan = "second-plan": "a group got another plan after its first",
    NodePlanFailed = "node-plan-failed": "a node's plan failed",
    GroupDegraded = "group-degraded": "a group entered phase Degraded",
    NodeFailed = "node-failed": "a node entered phase Failed",
    EditDuringPlan = "edit-during-plan": "a person changed the group's spec while its plan was active",
    RefusedEdit = "refused-edit": "the API server refused what a person asked for",
    GroupDeletedDuringPlan = "group-deleted-during-plan": "the group was deleted while its plan was active",
    CrashBetweenWriteAndRecord = "crash-between-write-and-record": "the operator died after a task's call and before the task's record",
    CrashWhileIdle = "crash-while-idle": "the operator died with no reconcile in progress",
    LandedAfterDeath = "landed-after-death": "a call took effect whose sender had died meanwhile",
    SecondLeaderLanded = "second-leader-landed": "a call took effect that a process sent which led no longer",
    LeaseLost = "lease-lost": "a process came back from a stall and ended itself since its lease had run out",
    TwoProcesses = "two-processes": "two processes of the operator reconciled at the same time",
    LostReply = "lost-reply": "a call took effect and its caller was told that it had failed",
    CallRefused = "call-refused": "a call failed that had changed nothing",
    FoundItsOwn = "found-its-own": "a create was answered AlreadyExists",
    RelistAfterMissedEvents = "relist-after-missed-events": "a new list told a process what it had missed",
    WroteFromStaleCopy = "wrote-from-stale-copy": "a write without a precondition landed on a newer object than it was computed from",
    SidecarTimedOut = "sidecar-timed-out": "a request to a sidecar ran into its client's timeout",
    JobGoneUnseen = "job-gone-unseen": "a finished bootstrap Job was removed while the node's plan still waited for it",
    BootstrapCompleted = "bootstrap-completed": "a bootstrap Job completed",
    BootstrapFailed = "bootstrap-failed": "a bootstrap Job failed",
    BootstrapWaited = "bootstrap-waited": "a bootstrap followed the tip before its target height was made",
    HaltedClean = "halted-clean": "seid halted at its halt height with exit 0",
    HaltedDirty = "halted-dirty": "seid halted at its halt height with another exit code",
    HaltOvershot = "halt-overshot": "seid halted beyond its halt height",
    HaltMissed = "halt-missed": "seid with a halt height ended below it",
    OldBinaryPanicked = "old-binary-panicked": "a binary panicked for want of an upgrade's handler",
    NewBinaryTooEarly = "new-binary-too-early": "a binary panicked since an upgrade that it knows had not come",
    UpgradeApplied = "upgrade-applied": "an upgrade's migrations ran on one of our nodes",
    StuckAlive = "stuck-alive": "seid panicked in consensus and stayed alive with its height frozen",
    Diverged = "diverged": "a node's state came to differ from the network's",
    Wedged = "wedged": "a node with another state than the network's stayed alive without peers",
    KilledHard = "killed-hard": "seid was killed",
    CrashLoop = "crash-loop": "seid of a node ended with an error three times in a row",
    RestoreFailed = "restore-failed": "a snapshot could not be restored",
    PeersNotFound = "peers-not-found": "a sidecar found no peers",
    TaskRunAgain = "task-run-again": "a sidecar task that had failed was run again",
    SidecarRestarted = "sidecar-restarted": "a sidecar's container was started again",
    SeidRestarted = "seid-restarted": "seid's container was started again",
    PodMoved = "pod-moved": "a pod came up on another machine than the one before it under its name",
    PodFailed = "pod-failed": "a pod of a StatefulSet came to phase Failed",
    ImageMissing = "image-missing": "a container waited for an image that could not be pulled",
    SelectorSwitched = "selector-switched": "the external Service came to select another set of pods",
    BothReached = "both-reached": "clients reached incumbents and entrants at the same time",
    NobodyReached = "nobody-reached": "clients that had reached a pod reached none",
    EntrantUnreadyAfterSwitch = "entrant-unready-after-switch": "an entrant ceased to be Ready once traffic had been switched",
    StruckBeforeSwitch = "struck-before-switch": "a fault struck between the gate and the switch of traffic",
    StruckAfterSwitch = "struck-after-switch": "a fault struck between the switch of traffic and the end of the plan",
    TwoFaultsAtOnce = "two-faults-at-once": "a fault struck while another lasted",
    Livelocked = "livelocked": "a world repeated itself for ever",
    RestedUnconverged = "rested-unconverged": "a world came to rest without having converged",
}

/// The marks that a world has passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passed(u128);

impl Passed {
    /// Notes a mark.
    pub fn note(&mut self, mark: Mark) {
        self.0 |= 1 << mark as u32;
    }

    /// Whether a mark has been passed.
    pub fn has(self, mark: Mark) -> bool {
        self.0 & (1 << mark as u32) != 0
    }

    /// Every mark that has been passed.
    pub fn iter(self) -> impl Iterator<Item = Mark> {
        Mark::ALL.iter().copied().filter(move |mark| self.has(*mark))
    }
}

const _: () = assert!(Mark::ALL.len() <= 128, "marks are kept in 128 bits");

/// Reads marks off a history as it is written.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    /// The marks passed so far.
    pub passed: Passed,
    plans: PlansSeen,
    chains: Chains,
    pods: Pods,
    traffic: Traffic,
}

impl Marks {
    /// Looks at an entry of the history.
    pub fn see(&mut self, entry: &Entry) {
        match entry {
            Entry::Noticed(happened) => {
                self.plans.see(happened, &mut self.passed);
                self.pods.see(happened, &mut self.passed);
                self.traffic.see(happened, &mut self.passed);
            }
            Entry::Chain { node, what } => self.chains.see(node, what, &mut self.passed),
            Entry::DataPlane { pods, .. } => self.traffic.reach(pods, &mut self.passed),
            Entry::ReconcileFailed { name, conflict: true, .. } => self.plans.conflict(name, &mut self.passed),
            Entry::Acted { refused, .. } => self.plans.acted(refused.is_some(), &mut self.passed),
            Entry::Stored { how, kind, name, .. } => self.plans.stored(*how, kind, name, &mut self.passed),
            Entry::ContainerStarted { container, restarts, .. } => self.pods.started(container, *restarts, &mut self.passed),
            Entry::Call { verb, error, .. } => operator::called(*verb, error.as_deref(), &mut self.passed),
            Entry::Operator { what } => operator::told(what, &mut self.passed),
            Entry::Fault { how: "strikes", .. } => self.plans.struck(&mut self.passed),
            _ => {}
        }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
