//! Where laws write what they found.

use simcore::SimTime;

/// What kind of law: something bad never happens, or something good happens in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Never.
    Safety,
    /// In the end.
    Liveness,
}

/// The name and text of a law.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LawInfo {
    /// Its id.
    pub id: &'static str,
    /// Its class.
    pub class: Class,
    /// The law, in one sentence.
    pub law: &'static str,
}

/// A law that was broken.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Violation {
    /// The law's id.
    pub oracle: &'static str,
    /// Its class.
    pub class: Class,
    /// When it was broken; for laws with a bound, when the bound ran out.
    pub at: SimTime,
    /// What is wrong, naming the objects.
    pub message: String,
}

/// Collects violations and wishes to be called again.
#[derive(Clone, Debug, Default)]
pub struct Docket {
    violations: Vec<Violation>,
    looks: Vec<SimTime>,
}

impl Docket {
    /// Writes down a violation.
    pub fn violated(&mut self, law: &LawInfo, at: SimTime, message: String) {
        self.violations.push(Violation { oracle: law.id, class: law.class, at, message });
    }

    /// Asks for a [`Fact::TimePassed`](crate::Fact) at a moment.
    pub fn look_again(&mut self, at: SimTime) {
        self.looks.push(at);
    }

    /// Takes the violations written since the last call.
    pub fn take_violations(&mut self) -> Vec<Violation> {
        std::mem::take(&mut self.violations)
    }

    /// Takes the wishes made since the last call.
    pub fn take_looks(&mut self) -> Vec<SimTime> {
        std::mem::take(&mut self.looks)
    }
}
