//! What a controller has at hand while it looks at one key: the moment, the server, the marked keys, and the ways to write.

use super::event::Event;
use super::keys::{Controller, Keys};
use super::machines::Machines;
use crate::Context;
use crate::boundary::{Actor, Output, Request};
use crate::profile::ClusterProfile;
use crate::server::Server;
use api::{Kind, Object, ObjectKey};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::Timestamp;
use ports::{DeleteOptions, Precondition, Propagation};
use simcore::{SimTime, Span, Subject};
use std::hash::Hash;
use std::time::Duration;

/// One look of one controller.
pub(super) struct Step<'a, 'c> {
    pub cx: &'a mut Context<'c>,
    pub server: &'a mut Server,
    pub profile: &'a ClusterProfile,
    pub keys: &'a mut Keys,
    pub machines: &'a Machines,
}

impl Step<'_, '_> {
    /// The moment.
    pub fn now(&self) -> SimTime {
        self.cx.now
    }

    /// The wall clock as objects carry it.
    pub fn wall(&self) -> Time {
        Time(Timestamp::from_second(self.server.wall(self.cx.now).unix()).unwrap_or(Timestamp::MAX))
    }

    /// How long something takes this time.
    pub fn draw(&mut self, purpose: &'static str, subject: &(impl Hash + ?Sized), span: Span) -> Duration {
        self.cx.luck.duration(purpose, subject, span)
    }

    /// Schedules an event at a moment.
    pub fn at(&mut self, at: SimTime, subject: &(impl Hash + ?Sized), event: Event) {
        self.cx.at(at, Subject::of(subject), crate::Event::Workload(event));
    }

    /// Schedules an event after a while.
    pub fn after(&mut self, wait: Duration, subject: &(impl Hash + ?Sized), event: Event) {
        self.cx.after(wait, Subject::of(subject), crate::Event::Workload(event));
    }

    /// Has a controller look at the key soon.
    pub fn mark(&mut self, controller: Controller, key: &ObjectKey) {
        self.keys.mark(self.cx, self.profile, controller, key);
    }

    /// Ends the world: what was asked for is not modelled.
    pub fn unmodelled(&mut self, what: String) {
        self.cx.tell(Output::Unmodelled(what));
    }

    /// Creates an object.
    pub fn create<K: Kind>(&mut self, actor: Controller, object: Object<K>) {
        self.write(actor, Request::Create(object.into_any()));
    }

    /// Changes metadata and spec of the stored object to what is desired.
    pub fn patch<K: Kind>(&mut self, actor: Controller, base: &Object<K>, desired: Object<K>) {
        if *base != desired {
            let (base, desired) = (base.clone().into_any(), desired.into_any());
            self.write(actor, Request::Patch { base, desired, precondition: Precondition::None });
        }
    }

    /// Changes the status of the stored object to what is desired.
    pub fn patch_status<K: Kind>(&mut self, actor: Controller, base: &Object<K>, desired: Object<K>) {
        if base.status != desired.status {
            let (base, desired) = (base.clone().into_any(), desired.into_any());
            self.write(actor, Request::PatchStatus { base, desired, precondition: Precondition::None });
        }
    }

    /// Deletes this very object.
    pub fn delete<K: Kind>(&mut self, actor: Controller, object: &Object<K>, propagation: Propagation) {
        let options = DeleteOptions { propagation, uid: object.meta.uid, ..DeleteOptions::default() };
        self.write(actor, Request::Delete { info: &const { K::INFO }, key: object.meta.key.clone(), options });
    }

    /// A controller that reads and writes at one moment cannot be refused, unless it asked for something it should not have.
    fn write(&mut self, actor: Controller, request: Request) {
        if let Err(error) = self.server.perform(self.cx, request, Actor::System(actor.name())) {
            self.unmodelled(format!("{}: {error}", actor.name()));
        }
    }
}
