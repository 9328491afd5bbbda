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

/// Whether a field is a whole number, or one that may be absent.
fn is_integer(field: &Value) -> bool {
    let kind = field.get("type");
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
