//! Answers of DNS that outlive what they say.
//!
//! When a pod's name loses its address, resolvers and clients may still hold the old answer for up to its time to live. How long they do is
//! drawn once for each change, and holds for all clients alike (a model choice); until then the name leads where nobody is. Denials are not
//! held: the zone of the cluster's names lets NXDOMAIN live for 5 s only, which is counted as nothing (a named shortcut).

use super::event::Event;
use super::machines::Machine;
use super::step::Step;
use crate::boundary::{Output, PodId};
use api::ObjectKey;
use simcore::{SimTime, Span};
use std::collections::BTreeMap;
use std::time::Duration;

/// A pod's name: its Service and its hostname there.
pub(super) type Name = (ObjectKey, String);

/// The answers that outlive their truth.
#[derive(Clone, Default)]
pub(super) struct StaleNames {
    held: BTreeMap<Name, Stale>,
}

#[derive(Clone, Copy, Debug)]
struct Stale {
    pod: PodId,
    machine: Option<Machine>,
    until: SimTime,
}

impl StaleNames {
    /// A name no longer has the address of this pod. What is held of an earlier one is not held longer.
    pub fn hold(&mut self, step: &mut Step<'_, '_>, name: Name, pod: PodId, machine: Option<Machine>) {
        let Some(span) = Span::between(Duration::ZERO, step.profile.dns_ttl).filter(|span| !span.max().is_zero()) else { return };
        if self.held.contains_key(&name) {
            return;
        }
        let until = step.now() + step.draw("stale name", &name, span);
        let (service, hostname) = name.clone();
        step.at(until, &("stale name", &name), Event::NameForgotten { service, hostname });
        self.held.insert(name, Stale { pod, machine, until });
    }

    /// The time to live is over.
    pub fn forget(&mut self, step: &mut Step<'_, '_>, name: &Name) {
        if self.held.get(name).is_some_and(|stale| stale.until <= step.now()) {
            self.held.remove(name);
            step.cx.tell(Output::NamesChanged { service: name.0.clone() });
        }
    }

    /// The pod, and its machine, that the name is still held to lead to.
    pub fn held(&self, service: &ObjectKey, hostname: &str) -> Option<(PodId, Option<Machine>)> {
        if self.held.is_empty() {
            return None;
        }
        self.held.get(&(service.clone(), hostname.to_owned())).map(|stale| (stale.pod, stale.machine))
    }

    /// The names that are held.
    pub fn census(&self) -> impl Iterator<Item = &Name> {
        self.held.keys()
    }
}
