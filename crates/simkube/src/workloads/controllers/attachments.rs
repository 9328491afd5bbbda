//! The attach-detach controller: a volume is on one machine at a time.
//!
//! A volume is wanted where a scheduled pod that has not ended mounts it. It is detached from where it is no longer wanted and attached to
//! where it is, one after the other; what has begun is finished first. So the next pod waits for detach and attach when it lands elsewhere,
//! and for nothing when it comes back to the machine in time.

use crate::workloads::controllers::claims;
use crate::workloads::event::Event;
use crate::workloads::keys::Controller;
use crate::workloads::machines::Machine;
use crate::workloads::pods;
use crate::workloads::step::Step;
use api::ObjectKey;
use api::kinds::{PersistentVolumeClaim, Pod};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const NAME: &str = Controller::Attachment.name();

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Stage {
    Attaching,
    Attached,
    Detaching,
}

/// Where each volume is. A volume that is nowhere has no entry.
#[derive(Clone, Default)]
pub(in crate::workloads) struct Attachments {
    places: BTreeMap<Uuid, (Machine, Stage)>,
}

impl Attachments {
    /// Whether the volume can be mounted on the machine.
    pub fn is_attached(&self, volume: Uuid, machine: Machine) -> bool {
        self.places.get(&volume) == Some(&(machine, Stage::Attached))
    }

    /// A volume that no longer exists is nowhere.
    pub fn forget(&mut self, volume: Uuid) {
        self.places.remove(&volume);
    }

    /// How many volumes are being moved, and how many lie still on a machine.
    pub fn census(&self) -> (usize, usize) {
        let still = self.places.values().filter(|(_, stage)| *stage == Stage::Attached).count();
        (self.places.len() - still, still)
    }

    /// Begins what the volume of a claim needs next.
    pub fn sync(&mut self, step: &mut Step<'_, '_>, key: &ObjectKey) {
        let Some(claim) = step.server.typed::<PersistentVolumeClaim>(key).filter(claims::is_bound) else { return };
        let volume = claim.meta.uid.expect("a stored claim has a uid");
        let wanted = wanted(step, key);
        let (place, wait) = match (self.places.get(&volume), wanted.first()) {
            (None, Some(machine)) => ((*machine, Stage::Attaching), step.draw(NAME, &("attach", key), step.profile.attach)),
            (Some((machine, Stage::Attached)), _) if !wanted.contains(machine) => {
                ((*machine, Stage::Detaching), step.draw(NAME, &("detach", key), step.profile.detach))
            }
            _ => return,
        };
        self.places.insert(volume, place);
        step.after(wait, &(NAME, "moved", key), Event::VolumeMoved { claim: key.clone(), uid: volume });
    }

    /// What was under way is done. Gives the machine that now has the volume.
    pub fn moved(&mut self, volume: Uuid) -> Option<Machine> {
        match self.places.get_mut(&volume)? {
            (_, Stage::Detaching) => {
                self.places.remove(&volume);
                None
            }
            (machine, stage) => {
                *stage = Stage::Attached;
                Some(*machine)
            }
        }
    }
}

/// The machines on which pods need the claim's volume.
fn wanted(step: &Step<'_, '_>, claim: &ObjectKey) -> BTreeSet<Machine> {
    let alive = pods::of_claim(step.server, claim).filter(|pod| pod.status_as::<Pod>().is_some_and(|status| !pods::is_terminal(status)));
    alive.filter_map(|pod| Machine::named(pod.spec_as::<Pod>()?.node_name.as_deref()?)).collect()
}
