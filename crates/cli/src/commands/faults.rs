//! `rehearse faults`: the catalogue.

use crate::exit::{Exit, print, print_json};
use faults::{Group, Kind, What};
use serde_json::{Value, json};

/// Lists every fault with its parameters and the layer that it touches.
pub fn faults(json: bool) -> Exit {
    let schema = schemars::schema_for!(What).to_value();
    let told: Vec<_> = faults::catalogue().map(|(group, kind)| Told::of(&schema, group, kind)).collect();
    if json {
        let list: Vec<_> = told.iter().map(Told::to_json).collect();
        print_json(&json!({ "version": 1, "faults": list }));
        return Exit::Ok;
    }
    let mut group = "";
    for fault in &told {
        if fault.group != group {
            group = fault.group;
            print(&format!("{group}\n"));
        }
        let parameters = fault.parameters.join(", ");
        let name = if parameters.is_empty() { fault.name.to_owned() } else { format!("{} ({parameters})", fault.name) };
        print(&format!("  {name}\n      {}: {}\n", fault.layer, fault.about));
    }
    Exit::Ok
}

/// A fault as it is told.
struct Told {
    group: &'static str,
    name: &'static str,
    layer: String,
    parameters: Vec<String>,
    about: String,
}

impl Told {
    /// Reads a fault's description and parameters off the schema of the catalogue.
    fn of(schema: &Value, group: Group, kind: &Kind) -> Self {
        let fault = variants(schema, variants(schema, schema, group.name()), kind.name);
        let about = fault.get("description").and_then(Value::as_str).unwrap_or_default().lines().collect::<Vec<_>>().join(" ");
        let fields = fault.pointer(&format!("/properties/{}/properties", kind.name)).and_then(Value::as_object);
        let parameters = fields.into_iter().flatten().map(|(name, _)| name.clone()).collect();
        let layer = serde_json::to_value(kind.layer).ok().and_then(|layer| layer.as_str().map(str::to_owned)).unwrap_or_default();
        Self { group: group.name(), name: kind.name, layer, parameters, about }
    }

    fn to_json(&self) -> Value {
        let Self { group, name, layer, parameters, about } = self;
        json!({ "group": group, "name": name, "layer": layer, "parameters": parameters, "about": about })
    }
}

/// The schema of the variant of that name: of an enum, or of a variant whose only field is one.
fn variants<'a>(root: &'a Value, of: &'a Value, name: &str) -> &'a Value {
    let field = of.get("properties").and_then(Value::as_object).and_then(|fields| fields.values().next());
    let reference = field.and_then(|field| field.get("$ref")).and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
    let of = reference.and_then(|pointer| root.pointer(pointer)).unwrap_or(of);
    let is_named = |variant: &&Value| {
        variant.get("const").and_then(Value::as_str) == Some(name) || variant.pointer(&format!("/properties/{name}")).is_some()
    };
    let found = of.get("oneOf").and_then(Value::as_array).and_then(|variants| variants.iter().find(is_named));
    found.unwrap_or(&Value::Null)
}
