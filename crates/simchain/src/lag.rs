//! How far a pod's seid is behind the network, and when it will be.

use crate::boundary::PodId;
use crate::chain::Chain;
use crate::seid::Seid;
use simcore::SimTime;

impl Chain {
    /// The tip lag of the seid that runs in a pod: network height less block-store height.
    pub fn lag(&self, now: SimTime, pod: PodId) -> Option<u64> {
        self.view(now, pod).map(|view| self.network_height(now).above(view.store))
    }

    /// From when on the seid that runs in a pod is more than so many blocks behind the network, if all goes on as it does: a moment that has
    /// come, if it is so far behind now. `None`: never, or no seid runs there.
    pub fn falls_behind(&self, now: SimTime, pod: PodId, most: u64) -> Option<SimTime> {
        let seid = self.pods.get(&pod)?.seid.as_ref().filter(|seid| Seid::is_process(seid))?;
        seid.falls_behind(&self.network, self.volumes.get(&seid.volume)?, now, most)
    }
}
