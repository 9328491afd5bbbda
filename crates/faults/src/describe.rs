//! The catalogue for readers: what each fault is, does and can be told, taken from the schema of the files in which faults are written.

use crate::kinds::{Group, Layer, What, catalogue};
use serde::Serialize;
use serde_json::Value;

/// One fault of the catalogue, for readers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Described {
    /// Its group's name.
    pub group: &'static str,
    /// Its name within the group.
    pub name: &'static str,
    /// What it touches.
    pub layer: Layer,
    /// What it does, in a line.
    pub about: String,
    /// What can be said about it.
    pub parameters: Vec<Parameter>,
}

/// Something that can be said about a fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parameter {
    /// Its name in files.
    pub name: String,
    /// What it says.
    pub about: String,
    /// Whether it must be said.
    pub required: bool,
}

/// Every fault, in order.
pub fn described() -> Vec<Described> {
    let schema = serde_json::to_value(schemars::schema_for!(What)).expect("a schema is JSON");
    let describe = |group: Group, name: &'static str, layer: Layer| {
        let within = variant(&schema, &schema, group.name()).and_then(|of_group| variant(&schema, &of_group, name));
        let Some(fault) = within else {
            return Described { group: group.name(), name, layer, about: String::new(), parameters: Vec::new() };
        };
        Described { group: group.name(), name, layer, about: about(&fault), parameters: parameters(&fault) }
    };
    catalogue().map(|(group, kind)| describe(group, kind.name, kind.layer)).collect()
}

/// The alternative of a schema that is written under a name, with its description.
fn variant(root: &Value, schema: &Value, name: &str) -> Option<Value> {
    let found = schema["oneOf"].as_array()?.iter().find_map(|alternative| {
        let names = alternative["enum"].as_array().into_iter().flatten();
        if alternative["const"] == name || names.clone().any(|held| held == name) {
            return Some(alternative.clone());
        }
        let mut inner = resolved(root, alternative["properties"].get(name)?);
        if let Some(about) = alternative.get("description") {
            inner["description"] = about.clone();
        }
        Some(inner)
    });
    found.map(|found| resolved(root, &found))
}

/// The schema that a reference stands for.
fn resolved(root: &Value, schema: &Value) -> Value {
    let path = schema["$ref"].as_str().and_then(|path| path.strip_prefix('#'));
    path.and_then(|path| root.pointer(path)).unwrap_or(schema).clone()
}

fn about(schema: &Value) -> String {
    schema["description"].as_str().unwrap_or_default().replace('\n', " ")
}

fn parameters(fault: &Value) -> Vec<Parameter> {
    let required = |name: &str| fault["required"].as_array().is_some_and(|names| names.iter().any(|held| held == name));
    let fields = fault["properties"].as_object().into_iter().flatten();
    fields.map(|(name, schema)| Parameter { name: name.clone(), about: about(schema), required: required(name) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_and_every_parameter_is_described() {
        let all = described();
        assert_eq!(all.len(), catalogue().count());
        for fault in &all {
            assert!(!fault.about.is_empty(), "{}/{}", fault.group, fault.name);
            for parameter in &fault.parameters {
                assert!(!parameter.about.is_empty(), "{}/{}: {}", fault.group, fault.name, parameter.name);
            }
        }
        let stale = all.iter().find(|fault| fault.name == "stale-cache").expect("it is in the catalogue");
        assert_eq!(stale.about, "Watch events do not reach the process's caches.");
        let names: Vec<_> = stale.parameters.iter().map(|parameter| (parameter.name.as_str(), parameter.required)).collect();
        assert_eq!(names, [("kind", false), ("lasts", true)]);
    }
}
