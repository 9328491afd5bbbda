//! One document that may show the violation.

use explore::Stage;
use faults::Schedule;
use manifest::{Problems, yaml};
use planner::Design;
use serde_json::{Value, json};
use testbed::scenario::{self, Scenario};

/// A scenario's document that makes one world: all its faults, one run, one seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    name: String,
    document: Value,
}

impl Candidate {
    /// The document of a world: a scenario's text with another schedule and this run alone.
    ///
    /// # Errors
    /// If the text is no YAML.
    pub fn new(scenario: &Scenario, text: &str, design: &Design, seed: u64, schedule: &Schedule) -> Result<Self, Problems> {
        let (mut document, _) = manifest::parse::<Value>(&scenario.name, text.as_bytes())?;
        let (preset, changes) = Design::parts_of(&design.name);
        let changes = changes.into_iter().filter_map(|change| change.split_once('='));
        let with: serde_json::Map<String, Value> = changes.map(|(decision, value)| (decision.to_owned(), value.into())).collect();
        let mut run = json!({ "design": preset, "seeds": [seed] });
        if !with.is_empty() {
            run["with"] = with.into();
        }
        document["settledAs"] = (*scenario.settled_as).into();
        document["faults"] = json!(schedule);
        document["runs"] = json!([run]);
        Ok(Self { name: scenario.name.to_string(), document })
    }

    /// The list under a field; empty if it is absent.
    pub fn list(&self, field: &str) -> &[Value] {
        self.document.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The same with another list under a field.
    #[must_use]
    pub fn with_list(&self, field: &str, list: Vec<Value>) -> Self {
        let mut document = self.document.clone();
        document[field] = list.into();
        Self { document, name: self.name.clone() }
    }

    /// The same with one entry of a list changed.
    #[must_use]
    pub fn with_entry(&self, field: &str, at: usize, entry: Value) -> Self {
        let mut list = self.list(field).to_vec();
        list[at] = entry;
        self.with_list(field, list)
    }

    /// How many replicas the group asks for at first.
    pub fn replicas(&self) -> Option<u64> {
        self.document.pointer("/group/spec/replicas")?.as_u64()
    }

    /// The same with another number of replicas at first.
    #[must_use]
    pub fn with_replicas(&self, replicas: u64) -> Self {
        let mut document = self.document.clone();
        document["group"]["spec"]["replicas"] = replicas.into();
        Self { document, name: self.name.clone() }
    }

    /// Everything but the faults: what the settled start hangs on.
    pub fn stage(&self) -> Value {
        let mut stage = self.document.clone();
        stage.as_object_mut().expect("a scenario's document has fields").remove("faults");
        stage
    }

    /// The scenario that it is, if it is a valid one.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn scenario(&self) -> Result<Scenario, Problems> {
        scenario::read(&Stage::path_of(&self.name), yaml::print(&self.document).as_bytes())
    }

    /// The scenario's file, with what it is about, and what it is to show.
    pub fn file(&self, about: &str, outcome: &str, violations: &[&str]) -> String {
        let mut document = self.document.clone();
        document["about"] = about.into();
        document["runs"][0]["expect"] = json!({ "outcome": outcome, "violations": violations });
        for field in ["faults", "timeline"] {
            if self.list(field).is_empty() {
                document.as_object_mut().expect("a scenario's document has fields").remove(field);
            }
        }
        yaml::print(&document)
    }
}
