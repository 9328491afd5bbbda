//! `rehearse faults`.

use crate::exit::{Exit, print, print_json};
use serde_json::json;
use std::fmt::Write as _;

/// Lists the catalogue of faults, group by group.
pub fn faults(json: bool) -> Exit {
    let faults = faults::described();
    if json {
        print_json(&json!({ "version": 1, "faults": faults }));
        return Exit::Ok;
    }
    let mut text = String::new();
    let mut group = "";
    for fault in &faults {
        if fault.group != group {
            group = fault.group;
            writeln!(text, "{group}").expect("a string takes what is written");
        }
        let layer = serde_json::to_value(fault.layer).ok().and_then(|layer| layer.as_str().map(str::to_owned)).unwrap_or_default();
        let optional = |required: bool| if required { "" } else { "?" };
        let parameters: Vec<_> = fault.parameters.iter().map(|p| format!("{}{}", p.name, optional(p.required))).collect();
        let parameters = if parameters.is_empty() { String::new() } else { format!(" [{}]", parameters.join(", ")) };
        writeln!(text, "  {:<22} {layer:<12} {}{parameters}", fault.name, fault.about).expect("a string takes what is written");
    }
    print(&text);
    Exit::Ok
}
