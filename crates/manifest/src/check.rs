//! Strict validation of a value against a structural schema, as an API server with `fieldValidation: Strict` does it.
//!
//! Only what Kubernetes' own generator writes is known here: types, formats, bounds, patterns, enums, required and unknown fields,
//! list-map keys, int-or-string, preserved fields and CEL rules.

use crate::problem::Findings;
use crate::rules;
use crate::tree::{self, Tree};
use crate::words::{describe, example, plain, quotes, type_name, unknown_field};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{JSONSchemaProps, JSONSchemaPropsOrArray, JSONSchemaPropsOrBool};
use regex_lite::Regex;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// A validation in progress.
pub(crate) struct Checker<'a, 'f> {
    /// The document, for places.
    pub tree: &'a Tree,
    /// What was found.
    pub findings: &'a mut Findings<'f>,
}

impl Checker<'_, '_> {
    /// Checks the value at a path of the tree.
    pub fn check(&mut self, schema: &JSONSchemaProps, value: &Value, path: &str) {
        let before = self.findings.len();
        if schema.x_kubernetes_int_or_string == Some(true) {
            self.int_or_string(schema, value, path);
        } else if let Some(expected) = &schema.type_ {
            if !has_type(value, expected) {
                let hint = if expected == "string" { quotes(value) } else { "" };
                self.problem(path, format!("expected {}, found {}{hint}", type_name(expected), describe(value)));
                return;
            }
            self.typed(schema, value, path);
        }
        let sound = self.findings.len() == before;
        // A misspelt field is missing under its right name, and a rule that misses it would tell the same mistake a second time.
        if sound || value.as_object().is_none_or(|fields| fields.keys().all(|key| field_schema(schema, key).is_some())) {
            self.rules(schema, value, path, sound);
        }
    }

    fn problem(&mut self, path: &str, message: impl Into<String>) {
        self.findings.add_value(self.tree, path, message);
    }

    fn int_or_string(&mut self, schema: &JSONSchemaProps, value: &Value, path: &str) {
        match value {
            Value::String(text) => self.text(schema, text, path),
            _ if is_integer(value) => {}
            other => self.problem(path, format!("expected an integer or a text, found {}", describe(other))),
        }
    }

    fn typed(&mut self, schema: &JSONSchemaProps, value: &Value, path: &str) {
        if let Some(allowed) = &schema.enum_
            && !allowed.iter().any(|allowed| allowed.0 == *value)
        {
            let allowed: Vec<_> = allowed.iter().map(|allowed| plain(&allowed.0)).collect();
            self.problem(path, format!("expected one of {}, found {}", allowed.join(", "), describe(value)));
        }
        match value {
            Value::Object(fields) => self.object(schema, fields, path),
            Value::Array(items) => self.array(schema, items, path),
            Value::String(text) => self.text(schema, text, path),
            Value::Number(_) => self.number(schema, value, path),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn object(&mut self, schema: &JSONSchemaProps, fields: &Map<String, Value>, path: &str) {
        for (key, value) in fields {
            let path = tree::field(path, key);
            if let Some(schema) = field_schema(schema, key) {
                self.check(schema, value, &path);
            } else if schema.x_kubernetes_preserve_unknown_fields != Some(true) {
                let known = schema.properties.iter().flatten().map(|(name, _)| name.as_str());
                self.findings.add_field(self.tree, &path, unknown_field(key, known));
            }
        }
        for key in schema.required.iter().flatten().filter(|key| !fields.contains_key(*key)) {
            self.findings.add_field(self.tree, &tree::field(path, key), "expected this field, found none: it is required");
        }
        if let Some(least) = schema.min_properties
            && as_count(fields.len()) < least
        {
            self.problem(path, format!("expected at least {least} entries, found {}", fields.len()));
        }
    }

    fn array(&mut self, schema: &JSONSchemaProps, items: &[Value], path: &str) {
        self.bounds(schema.min_items, schema.max_items, items.len(), "items", path);
        if let Some(JSONSchemaPropsOrArray::Schema(schema)) = &schema.items {
            for (index, item) in items.iter().enumerate() {
                self.check(schema, item, &tree::item(path, index));
            }
        }
        if schema.x_kubernetes_list_type.as_deref() == Some("map") {
            let keys = schema.x_kubernetes_list_map_keys.as_deref().unwrap_or_default();
            self.unique(keys, items, path);
        }
    }

    /// Checks that no two items of a list-map have the same keys.
    fn unique(&mut self, keys: &[String], items: &[Value], path: &str) {
        let mut seen = BTreeSet::new();
        for (index, item) in items.iter().enumerate() {
            let identity: Vec<String> = keys.iter().map(|key| item.get(key).map(Value::to_string).unwrap_or_default()).collect();
            if !seen.insert(identity) {
                let message = format!("expected items with different {}, found one a second time", keys.join(" and "));
                self.problem(&tree::item(path, index), message);
            }
        }
    }

    fn text(&mut self, schema: &JSONSchemaProps, text: &str, path: &str) {
        self.bounds(schema.min_length, schema.max_length, text.chars().count(), "characters", path);
        if let Some(pattern) = &schema.pattern
            && !Regex::new(pattern).expect("the patterns of the schemas are regular expressions").is_match(text)
        {
            self.problem(path, format!("expected a text that matches {pattern}, found {text:?}"));
        }
        let format_fits = match schema.format.as_deref() {
            Some("date-time") => text.parse::<jiff::Timestamp>().is_ok(),
            Some("uuid") => text.parse::<uuid::Uuid>().is_ok(),
            _ => true,
        };
        if let (false, Some(format)) = (format_fits, &schema.format) {
            self.problem(path, format!("expected a {format} such as {}, found {text:?}", example(format)));
        }
    }

    fn bounds(&mut self, least: Option<i64>, most: Option<i64>, found: usize, what: &str, path: &str) {
        if let Some(least) = least.filter(|least| as_count(found) < *least) {
            self.problem(path, format!("expected at least {least} {what}, found {found}"));
        }
        if let Some(most) = most.filter(|most| as_count(found) > *most) {
            self.problem(path, format!("expected at most {most} {what}, found {found}"));
        }
    }

    fn number(&mut self, schema: &JSONSchemaProps, value: &Value, path: &str) {
        let is_integer = schema.type_.as_deref() == Some("integer");
        let fits = match schema.format.as_deref() {
            Some("int32") => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
            _ => !is_integer || value.as_i64().is_some(),
        };
        if !fits {
            let bits = if schema.format.as_deref() == Some("int32") { 32 } else { 64 };
            self.problem(path, format!("expected an integer of {bits} bits, found {value}"));
            return;
        }
        let number = value.as_f64().unwrap_or_default();
        if let Some(least) = schema.minimum.filter(|least| number < *least) {
            self.problem(path, format!("expected at least {least}, found {value}"));
        }
        if let Some(most) = schema.maximum.filter(|most| number > *most) {
            self.problem(path, format!("expected at most {most}, found {value}"));
        }
    }

    /// Evaluates the CEL rules. An API server does so only on values that are sound otherwise; here a rule that is false is told in any
    /// case, since it may be the better hint, but one that cannot be evaluated only if nothing else explains it.
    fn rules(&mut self, schema: &JSONSchemaProps, value: &Value, path: &str, sound: bool) {
        for rule in schema.x_kubernetes_validations.iter().flatten() {
            match rules::holds(&rule.rule, value) {
                Ok(true) => {}
                Ok(false) => {
                    let message = rule.message.clone().unwrap_or_else(|| format!("failed rule: {}", rule.rule));
                    self.findings.add_field(self.tree, path, message);
                }
                Err(reason) if sound => self.findings.add_field(self.tree, path, format!("rule {} has no answer: {reason}", rule.rule)),
                Err(_) => {}
            }
        }
    }
}

/// The schema of a field of an object: its own, or that of all fields not named.
pub(crate) fn field_schema<'a>(schema: &'a JSONSchemaProps, key: &str) -> Option<&'a JSONSchemaProps> {
    match (schema.properties.as_ref().and_then(|properties| properties.get(key)), &schema.additional_properties) {
        (Some(property), _) => Some(property),
        (None, Some(JSONSchemaPropsOrBool::Schema(others))) => Some(others),
        (None, _) => None,
    }
}

fn has_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => is_integer(value),
        "number" => value.is_number(),
        _ => true,
    }
}

fn is_integer(value: &Value) -> bool {
    value.is_i64() || value.is_u64()
}

fn as_count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
