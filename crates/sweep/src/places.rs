//! Where a fault can be placed in a history.

use faults::{CallTrigger, Moment, Opportunities, Trigger};
use rustc_hash::FxHashSet;
use simcore::SimTime;
use std::collections::BTreeMap;
use std::num::NonZeroU32;

/// How many of the heights that a history offers are places: they stand for "some time or other".
const HEIGHTS: usize = 16;

/// A point of a history, with the moment at which the history came to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// When.
    pub at: SimTime,
    /// How a fault that strikes there waits for it.
    pub when: Trigger,
}

/// Every point of a history: each effective call before and after it takes effect, each status of a task, each phase of an object, a grid of
/// heights. In the order of the history, each once.
pub fn places(offered: &Opportunities) -> Vec<Place> {
    let calls = told_apart(&offered.calls).into_iter().flat_map(|(at, call)| {
        [Moment::Before, Moment::After].map(|moment| Place { at, when: Trigger::Call(CallTrigger { moment, ..call.clone() }) })
    });
    let tasks = offered.tasks.iter().map(|(at, task)| Place { at: *at, when: Trigger::Task(task.clone()) });
    let phases = offered.phases.iter().map(|(at, phase)| Place { at: *at, when: Trigger::Phase(phase.clone()) });
    let step = offered.heights.len().div_ceil(HEIGHTS).max(1);
    let heights = offered.heights.iter().step_by(step).map(|(at, height)| Place { at: *at, when: Trigger::Height(*height) });
    let mut all: Vec<Place> = calls.chain(tasks).chain(phases).chain(heights).collect();
    all.sort_by_key(|place| place.at);
    let mut seen = FxHashSet::default();
    all.retain(|place| seen.insert(place.when.clone()));
    all
}

/// The calls of a history, each named so that no other call is the first to answer to the name. One that is made outside of any task is
/// counted among all calls of its sort, since a trigger that names no task counts those within tasks too.
fn told_apart(calls: &[(SimTime, CallTrigger)]) -> Vec<(SimTime, CallTrigger)> {
    let mut of_sort = BTreeMap::new();
    let mut named = calls.to_vec();
    for (_, call) in &mut named {
        let count: &mut u32 = of_sort.entry((call.verb, call.kind.clone(), call.name.clone())).or_default();
        *count += 1;
        if call.during.is_none() {
            call.nth = NonZeroU32::new(*count).expect("just counted");
        }
    }
    named
}
