//! `not-quiet`: in the end the operator leaves the world alone.
//!
//! A world that repeats itself is not at rest. It breaks the law if the operator has its part in the round: an effective call to the API
//! server or a sidecar, or a reconcile that fails. A container that crashes again and again while the operator looks on does not break it:
//! restarting it is what a kubelet does with a defective binary, whatever the operator is like, and the table of excuses knows none of this
//! law for such a binary. What such a round means for the group is for the other laws to say.

use crate::docket::{Class, Docket, EventNumber, Finding, LawInfo, ObjectRef};
use simcore::SimTime;
use std::time::Duration;

/// The law.
pub const LAW: LawInfo = LawInfo {
    id: "not-quiet",
    class: Class::Liveness,
    law: "the world comes to rest: nothing is written or retried for ever without progress",
};

/// Judges a livelock by what the operator did in its round: the objects it wrote to or failed on, and when last.
pub fn judge(busy_with: Vec<(ObjectRef, EventNumber)>, since: SimTime, round: Duration, at: SimTime, docket: &mut Docket) {
    if busy_with.is_empty() {
        return;
    }
    let (objects, events): (Vec<_>, Vec<_>) = busy_with.into_iter().unzip();
    let names: Vec<_> = objects.iter().map(ToString::to_string).collect();
    let message = format!("every {} s, for ever, the operator writes or fails again: {}", round.as_secs(), names.join(", "));
    docket.violated(&LAW, at, Finding { since, objects, events, message });
}
