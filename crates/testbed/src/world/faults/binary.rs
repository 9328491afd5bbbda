//! A binary is defective. Permanent by nature: nothing heals it but another image.

use super::{Blow, Ends};
use crate::scenario::Act;
use crate::world::sim::Sim;
use faults::BinaryFault;
use simchain::Interference;
use std::sync::Arc;

impl Sim {
    pub(super) fn strike_binary(&mut self, fault: &BinaryFault) -> Blow {
        let (new, old) = (self.wanted_image(), self.setup.first_image.clone());
        let upgrade = self.next_upgrade();
        let spoil = |sim: &mut Self, at| sim.interfere(Interference::BadBinary { image: new.clone(), at });
        let befell = match fault {
            BinaryFault::PanicsAtUpgrade => upgrade.is_some_and(|at| spoil(self, Some(at))),
            BinaryFault::PanicsAfterUpgrade { blocks } => upgrade.is_some_and(|at| spoil(self, Some(at.plus(*blocks)))),
            BinaryFault::PanicsAtStart => spoil(self, None),
            BinaryFault::RefusesBelowUpgrade => self.interfere(Interference::RefuseBeforeUpgrade),
            BinaryFault::RunsPastUpgrade => upgrade.is_some() && self.interfere(Interference::IgnoreUpgrades { image: old }),
            BinaryFault::WrongImageTag => {
                self.kube(|cluster, cx| cluster.set_image_exists(cx, &new, false));
                true
            }
        };
        Blow { befell, objects: Vec::new(), ends: if befell { Ends::Never } else { Ends::AtOnce } }
    }

    /// The image that is wanted now, or that the scenario's last change of it will ask for.
    pub(super) fn wanted_image(&self) -> Arc<str> {
        let stored = self.sight().group_spec().map(|spec| Arc::from(spec.template.spec.image.as_str()));
        let asked_for = self.setup.timeline.iter().rev().find_map(|action| match &action.act {
            Act::Patch(patch) => patch.pointer("/spec/template/spec/image")?.as_str().map(Arc::from),
            _ => None,
        });
        let first = self.setup.first_image.clone();
        stored.filter(|image| *image != first).or(asked_for).unwrap_or(first)
    }
}
