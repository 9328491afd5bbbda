//! Where laws write what they found.

use simcore::SimTime;
use std::fmt;
use std::sync::Arc;

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

/// The place of an entry in its history, from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventNumber(pub u64);

/// An object that a violation names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectRef {
    /// Its kind.
    pub kind: &'static str,
    /// Its name.
    pub name: Arc<str>,
}

impl ObjectRef {
    /// An object of a kind, by name.
    pub fn new(kind: &'static str, name: impl Into<Arc<str>>) -> Self {
        Self { kind, name: name.into() }
    }

    /// A node, by name.
    pub fn node(name: impl Into<Arc<str>>) -> Self {
        Self::new("SeiNode", name)
    }
}

impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.name)
    }
}

/// What a law found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Finding {
    /// When what is wrong began: before the verdict, for laws with a bound.
    pub since: SimTime,
    /// The objects it is about.
    pub objects: Vec<ObjectRef>,
    /// The events that led to it, the deciding one last.
    pub events: Vec<EventNumber>,
    /// What is wrong, naming the objects.
    pub message: String,
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
    /// What was found.
    pub finding: Finding,
    /// The row of the [excuse table](crate::EXCUSES) that excuses it, if one does.
    pub excused: Option<&'static str>,
}

/// Collects violations and wishes to be called again.
#[derive(Clone, Debug, Default)]
pub struct Docket {
    violations: Vec<Violation>,
    looks: Vec<SimTime>,
}

impl Docket {
    /// Writes down a violation.
    pub fn violated(&mut self, law: &LawInfo, at: SimTime, finding: Finding) {
        assert!(finding.since <= at, "what is wrong begins before the verdict");
        self.violations.push(Violation { oracle: law.id, class: law.class, at, finding, excused: None });
    }

    /// Asks for a [`Fact::TimePassed`](crate::Fact) at a moment.
    pub fn look_again(&mut self, at: SimTime) {
        self.looks.push(at);
    }

    /// Whether nothing has been written since it was last taken from.
    pub fn is_empty(&self) -> bool {
        self.violations.is_empty() && self.looks.is_empty()
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
