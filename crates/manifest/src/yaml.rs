//! Writing JSON values as YAML that every reader takes for the same values.

use crate::scalar;
use serde_json::Value;
use std::fmt::Write as _;

/// A value as one YAML document in block style, without a `---` before it.
pub fn print(value: &Value) -> String {
    let mut text = String::new();
    match value {
        Value::Object(fields) if !fields.is_empty() => block(&mut text, value, 0),
        Value::Array(items) if !items.is_empty() => block(&mut text, value, 0),
        scalar => {
            inline(&mut text, scalar);
            text.push('\n');
        }
    }
    text
}

/// Writes a list or object that is not empty, one line an entry; the cursor stands at the column `indent`.
fn block(text: &mut String, value: &Value, indent: usize) {
    let entries = value.as_object().into_iter().flatten().map(|(key, value)| (Some(key), value));
    let items = value.as_array().into_iter().flatten().map(|value| (None, value));
    for (position, (key, value)) in entries.chain(items).enumerate() {
        if position > 0 {
            text.extend(std::iter::repeat_n(' ', indent));
        }
        match key {
            Some(key) => {
                string(text, key);
                text.push(':');
            }
            None => text.push('-'),
        }
        nested(text, value, indent, key.is_none());
    }
}

/// Writes the value of an entry after its `key:` or `-`.
fn nested(text: &mut String, value: &Value, indent: usize, in_list: bool) {
    let is_list = value.is_array();
    let is_empty = value.as_object().is_some_and(|fields| fields.is_empty()) || value.as_array().is_some_and(Vec::is_empty);
    if is_empty || !(is_list || value.is_object()) {
        text.push(' ');
        inline(text, value);
        text.push('\n');
    } else if in_list {
        text.push(' ');
        block(text, value, indent + 2);
    } else {
        // As is usual for Kubernetes, a list stands in the column of its key.
        let inner = if is_list { indent } else { indent + 2 };
        text.push('\n');
        text.extend(std::iter::repeat_n(' ', inner));
        block(text, value, inner);
    }
}

fn inline(text: &mut String, value: &Value) {
    match value {
        Value::String(value) => string(text, value),
        // JSON is YAML; writing to a text cannot fail.
        other => write!(text, "{other}").expect("a text takes everything"),
    }
}

/// Writes a text, in quotes where a reader might take it for something else.
fn string(text: &mut String, value: &str) {
    if is_plain(value) {
        text.push_str(value);
    } else {
        text.push_str(&quoted(value));
    }
}

/// JSON's quoting, which YAML's double quotes contain, but for characters that YAML wants escaped.
fn quoted(value: &str) -> String {
    let json = Value::String(value.to_owned()).to_string();
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                write!(text, "\\u{:04x}", u32::from(character)).expect("a text takes everything");
            }
            _ => text.push(character),
        }
    }
    text
}

/// Whether a text can stand without quotes: no indicator, no space at its ends, and it reads as itself.
fn is_plain(value: &str) -> bool {
    let safe_first = value.starts_with(|first: char| first.is_ascii_alphanumeric() || matches!(first, '/' | '_' | '.' | '$' | '^'));
    let safe = value.chars().all(|c| c.is_ascii_alphanumeric() || " /_.$^-+()=*?!<>|&,;@~".contains(c) || c == ':');
    let colon = value.contains(": ") || value.ends_with(':');
    safe_first
        && safe
        && !colon
        && !value.ends_with(' ')
        && scalar::resolve(value) == Some(Value::String(value.to_owned()))
        && value != "..."
}
