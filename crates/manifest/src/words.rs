//! How problems speak of values and types: in words of YAML, not of Rust or JSON Schema.

use serde_json::Value;

/// How much of a text is quoted back.
const QUOTED: usize = 40;
/// How many fields are listed to one who named an unknown one.
const LISTED: usize = 12;

/// A type of a schema.
pub(crate) fn type_name(name: &str) -> &str {
    match name {
        "object" => "an object",
        "array" => "a list",
        "string" => "a text",
        "boolean" => "true or false",
        "integer" => "an integer",
        "number" => "a number",
        other => other,
    }
}

/// A value that was found.
pub(crate) fn describe(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(value) => format!("the boolean {value}"),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) if text.chars().count() > QUOTED => {
            format!("the text {:?}...", text.chars().take(QUOTED).collect::<String>())
        }
        Value::String(text) => format!("the text {text:?}"),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// What helps where a text was expected and something else was found that YAML writes in the same way.
pub(crate) fn quotes(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "; Kubernetes reads y, yes, on, true and their opposites so, unless they stand in quotes",
        Value::Number(_) => "; in quotes it is a text",
        _ => "",
    }
}

/// An allowed value.
pub(crate) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A text of a format.
pub(crate) fn example(format: &str) -> &'static str {
    match format {
        "date-time" => "2025-01-31T12:00:00Z",
        _ => "00000000-0000-4000-8000-000000000000",
    }
}

/// What is said of a field that does not exist where these do.
pub(crate) fn unknown_field<'a>(found: &str, known: impl Iterator<Item = &'a str>) -> String {
    let mut known: Vec<&str> = known.collect();
    let near = known.iter().map(|name| (distance(found, name), *name)).min();
    match near {
        Some((steps, name)) if steps <= 2 => format!("unknown field; expected {name}?"),
        None => "unknown field; expected none here".to_owned(),
        Some(_) => {
            let more = known.len().saturating_sub(LISTED);
            known.truncate(LISTED);
            let more = if more == 0 { String::new() } else { format!(" or {more} others") };
            format!("unknown field; expected {}{more}", known.join(", "))
        }
    }
}

/// How many typing errors apart two names are; case counts as none.
fn distance(a: &str, b: &str) -> usize {
    if a.len() > b.len() + 2 {
        return usize::MAX;
    }
    strsim::osa_distance(&a.to_lowercase(), &b.to_lowercase())
}
