//! Where a world stands when it offers a place to a fault: what tells whether the same fault was already placed where another world stood alike.
//!
//! A standing is the state that a livelock is told by (cluster, chain, queues, store; no ids, versions, moments or positions of random
//! streams), with the calls in flight and how near the chain is to the upgrade. Left out, beside those, is what laws remember: two worlds
//! that stand alike may still differ in their luck and in what laws have seen before. While a fault goes on, and once one has struck that
//! excuses violations or makes success impossible, a world stands like no other.

use crate::history::{Entry, Happened};
use crate::world::sim::Sim;
use simcore::{SimTime, StableHasher};
use simkube::StoreState;
use std::hash::{Hash, Hasher};

/// Where a world has stood.
#[derive(Clone, Debug, Default)]
pub(super) struct Standings {
    pub noted: Vec<(SimTime, Option<u64>)>,
    last_store: StoreState,
    calls_read: usize,
    entries_read: usize,
}

impl Sim {
    /// Writes down where the world stands after an event that offered something, if anyone asks for it.
    pub(in crate::world) fn note_standing(&mut self) {
        let Some(recorder) = &mut self.recorder else { return };
        let calls = recorder.calls();
        let Some(mut standings) = recorder.standings().take() else { return };
        let entries = self.history.entries();
        let offers = calls > standings.calls_read || entries[standings.entries_read..].iter().any(|(_, entry)| is_offer(entry));
        (standings.calls_read, standings.entries_read) = (calls, entries.len());
        if offers {
            let standing = if self.faults.leave_their_mark(self.now) { None } else { Some(self.standing(&mut standings.last_store)) };
            standings.noted.push((self.now, standing));
        }
        *self.recorder.as_mut().expect("it was there").standings() = Some(standings);
    }

    fn standing(&self, last_store: &mut StoreState) -> u64 {
        *last_store = self.cluster.store_state(last_store);
        let mut hasher = StableHasher::default();
        (self.outline(), last_store.fingerprint(), crate::states::nearness(&self.sight())).hash(&mut hasher);
        self.calls.values().for_each(|call| call.add_to(&mut hasher));
        hasher.finish()
    }
}

fn is_offer(entry: &Entry) -> bool {
    use Happened::{Phase, PlanStored, PodPhase, Task};
    matches!(entry, Entry::Noticed(PlanStored { .. } | Task { .. } | Phase { .. } | PodPhase { .. }))
}
