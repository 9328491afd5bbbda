//! The JSON Schema of scenario files, so that editors complete and check them.

use super::File;
use serde_json::{Value, json};

/// The schema, as JSON Schema 2020-12.
pub fn schema() -> Value {
    let mut schema = serde_json::to_value(schemars::schema_for!(File)).expect("a schema is JSON");
    schema["title"] = json!("Rehearsal scenario");
    schema["properties"]["group"] = manifest::crds::group_schema();
    allow_relative_heights(&mut schema);
    schema
}

/// Fields that hold heights though their names do not say so.
const HEIGHTS: [&str; 5] = ["passedAt", "panicsAt", "haltsForEverAt", "from", "to"];

/// Whether a field is a whole number of a height's size, or one that may be absent. A count of nodes is smaller.
fn is_integer(field: &Value) -> bool {
    let kind = field.get("type").filter(|_| field.get("format") != Some(&json!("int32")));
    kind.is_some_and(|kind| kind == "integer" || kind.as_array().is_some_and(|kinds| kinds.contains(&json!("integer"))))
}

/// Wherever a height may stand, `start+N` and `start-N` may too.
fn allow_relative_heights(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                let named_so = name.ends_with("eight") || HEIGHTS.contains(&name.as_str());
                if named_so && name != "startHeight" && is_integer(field) {
                    *field = json!({ "anyOf": [field.take(), { "type": "string", "pattern": "^start[+-][0-9]+$" }] });
                } else {
                    allow_relative_heights(field);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(allow_relative_heights),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_of_faults_and_every_fault_is_described() {
        let schema = schema();
        assert_eq!(schema["properties"]["faults"]["$ref"], "#/$defs/Schedule");
        let groups = schema["$defs"]["What"]["oneOf"].as_array().expect("groups");
        assert_eq!(groups.len(), faults::Group::ALL.len());
        for group in groups {
            assert!(group["description"].is_string(), "{group}");
            let definition = group["properties"].as_object().and_then(|fields| fields.values().next()).expect("a group holds a fault");
            let name = definition["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/")).expect("a reference");
            let kinds = schema["$defs"][name]["oneOf"].as_array().expect("faults");
            assert!(kinds.iter().all(|kind| kind["description"].is_string()), "{name}");
        }
    }

    #[test]
    fn heights_may_be_relative_and_numbers_of_nodes_may_not() {
        let schema = schema();
        assert!(schema["$defs"]["Height"]["anyOf"].is_array());
        let scales =
            schema["$defs"]["PersonFault"]["oneOf"].as_array().expect("faults").iter().find_map(|kind| kind["properties"].get("scales"));
        assert_eq!(scales.expect("the fault")["properties"]["to"]["type"], "integer");
    }
}
