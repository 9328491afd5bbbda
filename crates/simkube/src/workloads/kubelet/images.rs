//! What the machines hold beside pods: pulled images, and addresses to give.

use crate::workloads::machines::Machine;
use std::collections::BTreeSet;

/// The image caches of all machines, and the pod network's next address.
#[derive(Clone, Default)]
pub(super) struct Images {
    pulled: BTreeSet<(Machine, String)>,
    addresses: u32,
}

impl Images {
    /// Whether the machine has the image. Images are never removed, and every image exists.
    pub fn has(&self, machine: Machine, image: &str) -> bool {
        self.pulled.contains(&(machine, image.to_owned()))
    }

    /// The machine has pulled the image.
    pub fn add(&mut self, machine: Machine, image: String) {
        self.pulled.insert((machine, image));
    }

    /// An address that no pod has had: 10.0.0.1, 10.0.0.2, ...
    pub fn next_address(&mut self) -> String {
        self.addresses += 1;
        let [_, a, b, c] = self.addresses.to_be_bytes();
        format!("10.{a}.{b}.{c}")
    }
}
