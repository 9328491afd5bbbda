//! Marks that the history alone does not tell: the world knows more of calls, processes and caches than it writes down.

use super::process::Who;
use super::sim::Sim;
use crate::marks::Mark;
use ports::Precondition;
use simkube::{ProcessId, Request};

impl Sim {
    /// A call of a worker takes effect.
    pub(super) fn mark_landing(&mut self, who: Who) {
        if self.process(who.process).is_none() {
            self.mark(Mark::LandedAfterDeath);
        } else if self.leader() != Some(who.process) {
            self.mark(Mark::SecondLeaderLanded);
        }
    }

    /// A request is about to be carried out.
    pub(super) fn mark_stale(&mut self, request: &Request) {
        let (Request::Patch { base, precondition, .. } | Request::PatchStatus { base, precondition, .. }) = request else { return };
        let stored = self.cluster.object(base.info, &base.meta.key).and_then(|stored| stored.meta.resource_version);
        if *precondition == Precondition::None && stored > base.meta.resource_version {
            self.mark(Mark::WroteFromStaleCopy);
        }
    }

    /// A process of the operator dies.
    pub(super) fn mark_death(&mut self, id: ProcessId) {
        let busy: Vec<_> = self.workers().into_iter().filter(|who| who.process == id).filter_map(|who| self.unrecorded(who)).collect();
        if busy.is_empty() {
            self.mark(Mark::CrashWhileIdle);
        } else if busy.contains(&true) {
            self.mark(Mark::CrashBetweenWriteAndRecord);
        }
    }

    /// Whether the reconcile that a worker is in has made a call for a task whose end is not recorded; `None` if it is in none.
    fn unrecorded(&mut self, who: Who) -> Option<bool> {
        let busy = self.worker(who).busy_mut()?;
        let (key, landed) = (busy.key.clone(), busy.landed);
        Some(landed > 0 && self.current_task(who.controller, &key).is_some())
    }
}
