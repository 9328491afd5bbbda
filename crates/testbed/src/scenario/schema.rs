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

/// Wherever a height may stand, `start+N` and `start-N` may too.
fn allow_relative_heights(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                let is_height = name.ends_with("eight") && field.get("type").is_some_and(|kind| kind == "integer");
                if is_height && name != "startHeight" {
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
