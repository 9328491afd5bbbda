//! Images: what the machines hold, what the registry has, and how a kubelet tries again.
//!
//! Follows `EnsureImageExists` and the kubelet's image back-off of v1.33. An image that cannot be pulled is tried again after 10, 20, 40 .. 300 s.
//! As long as the registry does not have it, these tries are computed, not made: the first after the image has appeared is one event.
//!
//! Shortcuts: a failed try takes no time, and is shown as ErrImagePull once, not at each vain try; a try comes when its back-off is over, not at
//! the kubelet's next look at the pod; images are never removed from a machine that lives.

use crate::workloads::machines::Machine;
use simcore::{SimTime, Span};
use std::collections::BTreeSet;
use std::time::Duration;

/// From a failed pull to the kubelet's next look, which finds the image in back-off.
pub(super) const NEXT_LOOK: Span = Span::seconds(1, 2);
/// The wait after the first failure.
const FIRST_BACK_OFF: Duration = Duration::from_secs(10);
/// No wait is longer.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(300);

/// What starting a container asks of its image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// Nothing: it is on the machine.
    Nothing,
    /// It is pulled first.
    Pull,
    /// It cannot be pulled.
    Unpullable,
    /// It is not on the machine and must not be pulled.
    Forbidden,
}

/// Why a container's image is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PullFailure {
    /// When the first try failed.
    since: SimTime,
    /// When the last one did.
    pub last: SimTime,
    /// What the container waits for, as its status tells it.
    pub reason: &'static str,
    /// Whether its turn has come again.
    pub try_again: bool,
}

impl PullFailure {
    /// A try has failed, after others or as the first.
    pub fn pulling(earlier: Option<Self>, now: SimTime) -> Self {
        let since = earlier.map_or(now, |earlier| earlier.since);
        Self { since, last: now, reason: "ErrImagePull", try_again: false }
    }

    /// The policy is Never.
    pub fn forbidden(now: SimTime) -> Self {
        Self { since: now, last: now, reason: "ErrImageNeverPull", try_again: false }
    }

    /// Whether it is not for want of trying.
    pub fn is_forbidden(&self) -> bool {
        self.reason == "ErrImageNeverPull"
    }

    /// The first try that is not before the moment.
    pub fn next_try(&self, moment: SimTime) -> SimTime {
        let (mut at, mut wait) = (self.since + FIRST_BACK_OFF, FIRST_BACK_OFF);
        while at < moment {
            wait = (wait * 2).min(LONGEST_BACK_OFF);
            at = at + wait;
        }
        at
    }
}

/// The image caches of all machines, the images that the registry lacks, and the pod network's next address.
#[derive(Clone, Default)]
pub(super) struct Images {
    pulled: BTreeSet<(Machine, String)>,
    missing: BTreeSet<String>,
    addresses: u32,
}

impl Images {
    /// What a container with this image and `imagePullPolicy` needs. With Always, the registry is asked even for an image that is there.
    pub fn need(&self, machine: Machine, image: &str, policy: Option<&str>) -> Need {
        let here = self.pulled.contains(&(machine, image.to_owned()));
        match policy {
            Some("Never") if !here => Need::Forbidden,
            Some("Always") if self.is_missing(image) => Need::Unpullable,
            _ if here => Need::Nothing,
            _ if self.is_missing(image) => Need::Unpullable,
            _ => Need::Pull,
        }
    }

    /// Whether the registry lacks the image.
    pub fn is_missing(&self, image: &str) -> bool {
        self.missing.contains(image)
    }

    /// The registry loses the image.
    pub fn lose(&mut self, image: &str) {
        self.missing.insert(image.to_owned());
    }

    /// The registry has the image.
    pub fn publish(&mut self, image: &str) {
        self.missing.remove(image);
    }

    /// The machine has pulled the image.
    pub fn add(&mut self, machine: Machine, image: String) {
        self.pulled.insert((machine, image));
    }

    /// The machine's disk is gone.
    pub fn forget(&mut self, machine: Machine) {
        self.pulled.retain(|(holder, _)| *holder != machine);
    }

    /// An address that no pod has had: 10.0.0.1, 10.0.0.2, ...
    pub fn next_address(&mut self) -> String {
        self.addresses += 1;
        let [_, a, b, c] = self.addresses.to_be_bytes();
        format!("10.{a}.{b}.{c}")
    }

    /// The images that the registry lacks.
    pub fn census(&self) -> &BTreeSet<String> {
        &self.missing
    }
}
