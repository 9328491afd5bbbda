//! What previews have decided, for the moment at which the same requests take effect.
//!
//! A client's effective write is decided twice: when it is sent, to learn whether it changes anything, and when it lands. What was decided
//! of one object still holds if that object has not been written in between. A debug build decides again and compares.

use super::{Effect, Server};
use crate::boundary::Request;
use api::memo::is_spot_checked;
use api::{AnyObject, ResourceVersion};
use simcore::SimTime;
use std::collections::VecDeque;
use std::sync::Arc;

/// How many decisions are kept: more than there are writes under way at a time.
const KEPT: usize = 4;

/// The latest decisions that have an effect.
#[derive(Clone, Default)]
pub(super) struct Foresight(VecDeque<Foreseen>);

#[derive(Clone)]
struct Foreseen {
    request: Request,
    /// The version of the object that it was decided on; none if it was absent.
    version: Option<ResourceVersion>,
    effect: Effect,
}

impl Server {
    /// Keeps what was decided, if it hangs on nothing but request and object.
    pub(super) fn foresee(&mut self, request: &Request, effect: &Effect) {
        if !hangs_on_object_alone(request) {
            return;
        }
        let foreseen = Foreseen { request: request.clone(), version: self.version_of(request), effect: effect.clone() };
        if self.foresight.0.len() == KEPT {
            self.foresight.0.pop_front();
        }
        self.foresight.0.push_back(foreseen);
    }

    /// The effect that was foreseen for this very request, if it still holds.
    pub(super) fn foreseen(&mut self, now: SimTime, request: &Request) -> Option<Effect> {
        let place = self.foresight.0.iter().position(|foreseen| is_same(&foreseen.request, request))?;
        let foreseen = self.foresight.0.remove(place).expect("it was just found");
        if foreseen.version != self.version_of(request) {
            return None;
        }
        let still_holds = || self.decide(now, request).is_ok_and(|effect| comes_to_the_same(&effect, &foreseen.effect));
        debug_assert!(!is_spot_checked() || still_holds(), "{request:?}");
        Some(foreseen.effect)
    }

    fn version_of(&self, request: &Request) -> Option<ResourceVersion> {
        self.object(request.info(), request.key()?)?.meta.resource_version
    }
}

fn hangs_on_object_alone(request: &Request) -> bool {
    match request {
        Request::Create(object) => !object.meta.name().is_empty(),
        Request::Update(_) | Request::UpdateStatus(_) | Request::Patch { .. } | Request::PatchStatus { .. } | Request::Apply { .. } => true,
        _ => false,
    }
}

/// Whether two requests are one and the same, by the parts of which they are made.
fn is_same(a: &Request, b: &Request) -> bool {
    match (a, b) {
        (Request::Create(a), Request::Create(b))
        | (Request::Update(a), Request::Update(b))
        | (Request::UpdateStatus(a), Request::UpdateStatus(b)) => shares_all(a, b),
        (Request::Apply { manager: a_manager, object: a }, Request::Apply { manager: b_manager, object: b }) => {
            a_manager == b_manager && shares_all(a, b)
        }
        (
            Request::Patch { base: a_base, desired: a, precondition: a_precondition },
            Request::Patch { base: b_base, desired: b, precondition: b_precondition },
        )
        | (
            Request::PatchStatus { base: a_base, desired: a, precondition: a_precondition },
            Request::PatchStatus { base: b_base, desired: b, precondition: b_precondition },
        ) => a_precondition == b_precondition && shares_all(a_base, b_base) && shares_all(a, b),
        _ => false,
    }
}

fn shares_all(a: &AnyObject, b: &AnyObject) -> bool {
    a.info == b.info && Arc::ptr_eq(&a.meta, &b.meta) && Arc::ptr_eq(&a.spec, &b.spec) && Arc::ptr_eq(&a.status, &b.status)
}

fn comes_to_the_same(a: &Effect, b: &Effect) -> bool {
    match (a, b) {
        (Effect::Create { new: a, .. }, Effect::Create { new: b, .. })
        | (Effect::Replace { new: a, .. }, Effect::Replace { new: b, .. })
        | (Effect::Remove(a), Effect::Remove(b)) => a == b,
        _ => false,
    }
}
