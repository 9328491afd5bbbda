//! How both reconcilers set a condition: stamped with the clock's time, `observedGeneration` left unset but where a design asks for it.

use api::condition::{self, Condition, ConditionStatus};
use ports::Clock;

/// What a condition is to say.
#[derive(Clone, Copy, Debug)]
pub struct Saying<'a> {
    /// The condition's type.
    pub kind: &'static str,
    /// Whether it holds.
    pub holds: bool,
    /// Why, for programs.
    pub reason: &'static str,
    /// Why, for people.
    pub message: &'a str,
}

impl Saying<'_> {
    /// Whether the list says exactly this already.
    pub fn is_said(&self, conditions: &[Condition]) -> bool {
        condition::find(conditions, self.kind)
            .is_some_and(|old| old.status == self.status() && &*old.reason == self.reason && &*old.message == self.message)
    }

    /// Sets the condition; its transition time moves only when its status changes.
    pub fn set(&self, clock: &impl Clock, conditions: &mut Vec<Condition>) {
        self.set_of(None, clock, conditions);
    }

    /// As [`Self::set`], saying of which generation it speaks.
    pub fn set_of(&self, generation: Option<i64>, clock: &impl Clock, conditions: &mut Vec<Condition>) {
        let new = Condition {
            last_transition_time: clock.now(),
            message: self.message.into(),
            observed_generation: generation,
            reason: self.reason.into(),
            status: self.status(),
            kind: self.kind.into(),
        };
        condition::set(conditions, new);
    }

    fn status(&self) -> ConditionStatus {
        if self.holds { ConditionStatus::True } else { ConditionStatus::False }
    }
}
