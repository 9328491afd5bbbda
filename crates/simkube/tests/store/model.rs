//! The naive model: one flat list of objects and the rules of the API server as plainly as they can be said. It shares no code with the
//! server, knows no caches and no sharing, and compares whole values.

use std::collections::BTreeSet;

/// An object with just enough in it: a desired and an observed value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thing {
    pub name: String,
    /// Which of the objects that ever had the name.
    pub incarnation: u64,
    pub version: u64,
    pub generation: i64,
    pub image: String,
    pub address: Option<String>,
    pub label: Option<String>,
    pub finalizers: BTreeSet<String>,
    pub deleting: bool,
}

/// A write of one client. Versions are those that the client has seen.
#[derive(Clone, Debug)]
pub enum Operation {
    Create {
        name: String,
        finalizer: bool,
    },
    /// PUT of metadata and spec.
    Update {
        name: String,
        seen: Option<u64>,
        image: String,
        label: Option<String>,
    },
    /// Merge patch of the spec.
    Image {
        name: String,
        seen: Option<u64>,
        image: String,
    },
    /// Merge patch of the status.
    Address {
        name: String,
        seen: Option<u64>,
        address: Option<String>,
    },
    /// Merge patch of the finalizers.
    Finalizers {
        name: String,
        finalizers: BTreeSet<String>,
    },
    Delete {
        name: String,
        seen: Option<u64>,
    },
}

/// How a request ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The object as it is, or as it last was; and whether anything changed.
    Done(Option<Thing>, bool),
    /// A status code.
    Refused(u16),
}

#[derive(Default)]
pub struct Model {
    pub things: Vec<Thing>,
    pub version: u64,
    created: u64,
}

impl Model {
    pub fn carry_out(&mut self, operation: &Operation) -> Outcome {
        match operation {
            Operation::Create { name, finalizer } => self.create(name, *finalizer),
            Operation::Update { name, seen, image, label } => {
                if self.find(name).is_some() && seen.is_none() {
                    return Outcome::Refused(422);
                }
                self.write(name, *seen, |thing| {
                    thing.image = image.clone();
                    thing.label = label.clone();
                    // A PUT has no finalizers in it here, and what it leaves out goes.
                    thing.finalizers.clear();
                })
            }
            Operation::Image { name, seen, image } => self.write(name, *seen, |thing| thing.image = image.clone()),
            Operation::Address { name, seen, address } => self.write(name, *seen, |thing| thing.address = address.clone()),
            Operation::Finalizers { name, finalizers } => {
                if let Some(thing) = self.find(name)
                    && thing.deleting
                    && !finalizers.is_subset(&thing.finalizers)
                {
                    return Outcome::Refused(422);
                }
                self.write(name, None, |thing| thing.finalizers = finalizers.clone())
            }
            Operation::Delete { name, seen } => {
                let outcome = self.write(name, *seen, |thing| thing.deleting = true);
                // A delete answers with no object.
                if let Outcome::Done(_, changed) = outcome { Outcome::Done(None, changed) } else { outcome }
            }
        }
    }

    fn find(&self, name: &str) -> Option<&Thing> {
        self.things.iter().find(|thing| thing.name == name)
    }

    fn create(&mut self, name: &str, finalizer: bool) -> Outcome {
        if self.find(name).is_some() {
            return Outcome::Refused(409);
        }
        self.version += 1;
        self.created += 1;
        let thing = Thing {
            name: name.to_owned(),
            incarnation: self.created,
            version: self.version,
            generation: 1,
            image: "first".to_owned(),
            address: None,
            label: None,
            finalizers: if finalizer { BTreeSet::from(["example.com/a".to_owned()]) } else { BTreeSet::new() },
            deleting: false,
        };
        self.things.push(thing.clone());
        Outcome::Done(Some(thing), true)
    }

    fn write(&mut self, name: &str, seen: Option<u64>, change: impl FnOnce(&mut Thing)) -> Outcome {
        let Some(place) = self.things.iter().position(|thing| thing.name == name) else {
            return Outcome::Refused(404);
        };
        let old = self.things[place].clone();
        if seen.is_some_and(|seen| seen != old.version) {
            return Outcome::Refused(409);
        }
        let mut new = old.clone();
        change(&mut new);
        if new == old {
            return Outcome::Done(Some(old), false);
        }
        if new.image.is_empty() {
            return Outcome::Refused(422);
        }
        self.version += 1;
        new.version = self.version;
        if new.deleting && new.finalizers.is_empty() {
            self.things.remove(place);
            return Outcome::Done(Some(new), true);
        }
        if new.image != old.image || new.deleting != old.deleting {
            new.generation += 1;
        }
        self.things[place] = new.clone();
        Outcome::Done(Some(new), true)
    }
}
