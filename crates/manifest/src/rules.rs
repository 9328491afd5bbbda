//! CEL rules of a schema, evaluated by a CEL interpreter.

use cel::{Context, Program};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

/// Whether a rule holds for a value, which it knows as `self`.
///
/// # Errors
/// Why the rule has no answer: a field it reads is missing, or a value is of another type than it expects.
pub(crate) fn holds(rule: &str, value: &Value) -> Result<bool, String> {
    let program = Program::compile(rule).map_err(|error| error.to_string())?;
    let mut context = Context::default();
    context.add_variable("self", Typed(value)).map_err(|error| error.to_string())?;
    match program.execute(&context).map_err(|error| error.to_string())? {
        cel::Value::Bool(holds) => Ok(holds),
        other => Err(format!("it gave {other:?}, not true or false")),
    }
}

/// A JSON value whose integers are CEL's `int`, as a schema's `integer` is; by themselves positive ones would become `uint`.
struct Typed<'a>(&'a Value);

impl Serialize for Typed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Number(number) => match number.as_i64() {
                Some(integer) => serializer.serialize_i64(integer),
                None => number.serialize(serializer),
            },
            Value::Array(items) => serializer.collect_seq(items.iter().map(Typed)),
            Value::Object(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (key, value) in fields {
                    map.serialize_entry(key, &Typed(value))?;
                }
                map.end()
            }
            other => other.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::holds;
    use serde_json::json;

    #[test]
    fn rules_see_presence_size_and_numbers() {
        assert_eq!(holds("has(self.a) && size(self.a) > 0", &json!({ "a": ["x"] })), Ok(true));
        assert_eq!(holds("has(self.a) && size(self.a) > 0", &json!({ "a": [] })), Ok(false));
        assert_eq!(holds("(has(self.a) ? 1 : 0) + (has(self.b) ? 1 : 0) == 1", &json!({ "a": {}, "b": {} })), Ok(false));
        assert_eq!(holds("self.type != 'HardFork' || self.h > 0", &json!({ "type": "HardFork", "h": 200 })), Ok(true));
        assert_eq!(holds("self.type != 'HardFork' || self.h > 0", &json!({ "type": "HardFork", "h": 0 })), Ok(false));
    }

    #[test]
    fn a_rule_without_an_answer_says_why() {
        assert!(holds("self.missing > 0", &json!({})).is_err());
        assert!(holds("size(self.a)", &json!({ "a": [] })).is_err());
        assert!(holds("self.a >", &json!({ "a": 1 })).is_err());
    }
}
