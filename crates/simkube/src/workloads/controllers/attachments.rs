//! The attach-detach controller: a volume is on one machine at a time.
//!
//! A volume is wanted where a scheduled pod that has not ended mounts it. It is detached from where it is no longer wanted and attached to
//! where it is, one after the other; what has begun is finished first. So the next pod waits for detach and attach when it lands elsewhere,
//! and for nothing when it comes back to the machine in time. A lost machine does not say that a volume is unmounted: it is detached by force
//! a while after the pod object is gone, or as usual once the machine is back.

use crate::workloads::controllers::claims;
use crate::workloads::event::Event;
use crate::workloads::keys::Controller;
use crate::workloads::machines::Machine;
use crate::workloads::pods;
use crate::workloads::step::Step;
use api::ObjectKey;
use api::kinds::{PersistentVolumeClaim, Pod};
use simcore::SimTime;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use uuid::Uuid;

const NAME: &str = Controller::Attachment.name();

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Stage {
    Attaching,
    Attached,
    /// Nobody needs it there since this moment, but the machine is lost and does not say that it is unmounted.
    Stuck(SimTime),
    Detaching,
}

#[derive(Clone, Debug)]
struct Place {
    claim: ObjectKey,
    machine: Machine,
    stage: Stage,
}

/// Where each volume is. A volume that is nowhere has no entry.
#[derive(Clone, Default)]
pub(in crate::workloads) struct Attachments {
    places: BTreeMap<Uuid, Place>,
    /// How much longer than usual attaching and detaching take.
    delays: Delays,
}

/// How much longer than usual it takes to move volumes.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::workloads) struct Delays {
    pub attach: Duration,
    pub detach: Duration,
}

impl Attachments {
    /// Whether the volume can be mounted on the machine.
    pub fn is_attached(&self, volume: Uuid, machine: Machine) -> bool {
        self.places.get(&volume).is_some_and(|place| place.machine == machine && place.stage == Stage::Attached)
    }

    /// From now on moves that begin take so much longer.
    pub fn delay(&mut self, delays: Delays) {
        self.delays = delays;
    }

    /// A volume that no longer exists is nowhere.
    pub fn forget(&mut self, volume: Uuid) {
        self.places.remove(&volume);
    }

    /// How many volumes are being moved, and how many lie still on a machine.
    pub fn census(&self) -> (usize, usize) {
        let still = self.places.values().filter(|place| place.stage == Stage::Attached).count();
        (self.places.len() - still, still)
    }

    /// Has the volumes looked at that are on a machine which has come back.
    pub fn on_return(&self, step: &mut Step<'_, '_>, machine: Machine) {
        let there = self.places.values().filter(|place| place.machine == machine);
        there.for_each(|place| step.mark(Controller::Attachment, &place.claim));
    }

    /// Begins what the volume of a claim needs next.
    pub fn sync(&mut self, step: &mut Step<'_, '_>, key: &ObjectKey) {
        let Some(claim) = step.server.typed::<PersistentVolumeClaim>(key).filter(claims::is_bound) else { return };
        let volume = claim.meta.uid.expect("a stored claim has a uid");
        let wanted = wanted(step, key);
        let Some(place) = self.places.get_mut(&volume) else {
            let Some(machine) = wanted.first().copied() else { return };
            self.places.insert(volume, Place { claim: key.clone(), machine, stage: Stage::Attaching });
            let wait = step.draw(NAME, &("attach", key), step.profile.attach) + self.delays.attach;
            return step.after(wait, &(NAME, "moved", key), Event::VolumeMoved { claim: key.clone(), uid: volume });
        };
        let slower = self.delays.detach;
        let (needed, lost) = (wanted.contains(&place.machine), step.machines.is_lost(place.machine));
        match place.stage {
            Stage::Stuck(_) if needed => place.stage = Stage::Attached,
            Stage::Attached if !needed && lost => {
                let since = step.now();
                place.stage = Stage::Stuck(since);
                let event = Event::ForcedDetach { claim: key.clone(), uid: volume, since };
                step.after(step.profile.forced_detach, &(NAME, "forced", key), event);
            }
            Stage::Attached if !needed => begin_detach(step, place, volume, slower),
            Stage::Stuck(_) if !lost => begin_detach(step, place, volume, slower),
            Stage::Attaching | Stage::Attached | Stage::Stuck(_) | Stage::Detaching => {}
        }
    }

    /// The machine has not let go for long enough: the volume is detached all the same (`ForceDetachOnUnmountTimeout`).
    pub fn force(&mut self, step: &mut Step<'_, '_>, volume: Uuid, since: SimTime) {
        if let Some(place) = self.places.get_mut(&volume).filter(|place| place.stage == Stage::Stuck(since)) {
            begin_detach(step, place, volume, self.delays.detach);
        }
    }

    /// What was under way is done. Gives the machine that now has the volume.
    pub fn moved(&mut self, volume: Uuid) -> Option<Machine> {
        let place = self.places.get_mut(&volume)?;
        if place.stage == Stage::Detaching {
            self.places.remove(&volume);
            return None;
        }
        place.stage = Stage::Attached;
        Some(place.machine)
    }
}

fn begin_detach(step: &mut Step<'_, '_>, place: &mut Place, volume: Uuid, slower: Duration) {
    place.stage = Stage::Detaching;
    let claim = place.claim.clone();
    let wait = step.draw(NAME, &("detach", &claim), step.profile.detach) + slower;
    step.after(wait, &(NAME, "moved", &claim), Event::VolumeMoved { claim: claim.clone(), uid: volume });
}

/// The machines on which pods need the claim's volume.
fn wanted(step: &Step<'_, '_>, claim: &ObjectKey) -> BTreeSet<Machine> {
    let alive = pods::of_claim(step.server, claim).filter(|pod| pod.status_as::<Pod>().is_some_and(|status| !pods::is_terminal(status)));
    alive.filter_map(|pod| Machine::named(pod.spec_as::<Pod>()?.node_name.as_deref()?)).collect()
}
