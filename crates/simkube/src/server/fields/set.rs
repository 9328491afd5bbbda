//! Sets of field paths, as `managedFields` holds them: a tree whose marked nodes are owned.
//!
//! Source: `sigs.k8s.io/structured-merge-diff`, package `fieldpath`.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// Into a field.
    Field(String),
    /// Into the element of a list that has these keys, each with its value in JSON.
    Item(Vec<(&'static str, String)>),
    /// Into the element of a set.
    Value(String),
}

impl Step {
    /// The step as a key of `fieldsV1`.
    fn wire(&self) -> String {
        match self {
            Self::Field(name) => format!("f:{name}"),
            Self::Value(value) => format!("v:{value}"),
            Self::Item(keys) => {
                let pairs: Vec<String> = keys.iter().map(|(key, value)| format!("{key:?}:{value}")).collect();
                format!("k:{{{}}}", pairs.join(","))
            }
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => write!(f, ".{name}"),
            Self::Value(value) => write!(f, "[={value}]"),
            Self::Item(keys) => {
                let pairs: Vec<String> = keys.iter().map(|(key, value)| format!("{key}={value}")).collect();
                write!(f, "[{}]", pairs.join(","))
            }
        }
    }
}

/// A set of paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields {
    owned: bool,
    below: BTreeMap<Step, Fields>,
}

impl Fields {
    /// The set of the one path that ends here.
    pub fn here() -> Self {
        Self { owned: true, below: BTreeMap::new() }
    }

    /// The same without the path that ends here: an object as a whole is nobody's field.
    pub fn below(self) -> Self {
        Self { owned: false, ..self }
    }

    /// Whether no path is in it.
    pub fn is_empty(&self) -> bool {
        !self.owned && self.below.is_empty()
    }

    /// Adds the paths that go on behind a step.
    pub fn insert(&mut self, step: Step, fields: Self) {
        if fields.is_empty() {
            return;
        }
        match self.below.entry(step) {
            Entry::Vacant(place) => drop(place.insert(fields)),
            Entry::Occupied(mut place) => place.get_mut().unite(&fields),
        }
    }

    /// The steps with what lies behind them.
    pub fn steps(&self) -> impl Iterator<Item = (&Step, &Self)> {
        self.below.iter()
    }

    /// What lies behind a step; present if the set has any path through it.
    pub fn behind(&self, step: &Step) -> Option<&Self> {
        self.below.get(step)
    }

    /// Adds all paths of the other set.
    pub fn unite(&mut self, other: &Self) {
        self.owned |= other.owned;
        for (step, fields) in &other.below {
            self.below.entry(step.clone()).or_default().unite(fields);
        }
    }

    /// Takes away all paths of the other set.
    pub fn subtract(&mut self, other: &Self) {
        self.owned &= !other.owned;
        for (step, fields) in &other.below {
            if let Some(mine) = self.below.get_mut(step) {
                mine.subtract(fields);
                if mine.is_empty() {
                    self.below.remove(step);
                }
            }
        }
    }

    /// The paths that are in both sets, in order.
    pub fn common(&self, other: &Self) -> Vec<String> {
        let mut found = Vec::new();
        self.collect_common(other, String::new(), &mut found);
        found
    }

    fn collect_common(&self, other: &Self, path: String, found: &mut Vec<String>) {
        for (step, mine) in &self.below {
            if let Some(theirs) = other.below.get(step) {
                mine.collect_common(theirs, format!("{path}{step}"), found);
            }
        }
        if self.owned && other.owned {
            found.push(path);
        }
    }

    /// `fieldsV1`.
    pub fn to_wire(&self) -> Value {
        let mut fields = Map::new();
        if self.owned && !self.below.is_empty() {
            fields.insert(".".into(), json!({}));
        }
        fields.extend(self.below.iter().map(|(step, fields)| (step.wire(), fields.to_wire())));
        Value::Object(fields)
    }
}
