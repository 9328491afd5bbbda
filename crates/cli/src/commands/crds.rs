//! `rehearse crds`.

use crate::exit::{Exit, print, print_json};

/// Prints the CustomResourceDefinitions.
pub fn crds(json: bool) -> Exit {
    if json {
        print_json(&serde_json::json!({ "version": 1, "crds": manifest::crds::all() }));
    } else {
        print(&manifest::crds::yaml());
    }
    Exit::Ok
}
