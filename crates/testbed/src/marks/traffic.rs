//! Marks of traffic: where clients go, and when that changes.

use super::{Mark, Passed};
use crate::history::Happened;
use std::sync::Arc;

/// Where clients went last, and what the external Service selected.
#[derive(Clone, Debug, Default)]
pub(super) struct Traffic {
    reached: bool,
    selector: Option<Arc<str>>,
    switched: bool,
}

impl Traffic {
    /// Looks at a change that a reader of objects would notice.
    pub fn see(&mut self, happened: &Happened, passed: &mut Passed) {
        match happened {
            Happened::Selector { selector, .. } => {
                self.switched |= self.selector.replace(selector.clone()).is_some();
                if self.switched {
                    passed.note(Mark::SelectorSwitched);
                }
            }
            Happened::PodReady { pod, ready: false } if self.switched && is_entrant(pod) => passed.note(Mark::EntrantUnreadyAfterSwitch),
            _ => {}
        }
    }

    /// Clients now go to these pods.
    pub fn reach(&mut self, pods: &[Arc<str>], passed: &mut Passed) {
        if pods.is_empty() && self.reached {
            passed.note(Mark::NobodyReached);
        }
        self.reached = !pods.is_empty();
        let entrants = pods.iter().filter(|pod| is_entrant(pod)).count();
        if (1..pods.len()).contains(&entrants) {
            passed.note(Mark::BothReached);
        }
    }
}

/// Whether a StatefulSet's pod is an entrant's, by the operator's naming: `{group}-g{generation}-{ordinal}-0`.
fn is_entrant(pod: &str) -> bool {
    let mut parts = pod.rsplit('-').skip(2);
    parts.next().is_some_and(|part| part.strip_prefix('g').is_some_and(|number| number.parse::<u64>().is_ok()))
}
