//! `rehearse marks`.

use crate::exit::{Exit, print, print_json};
use serde_json::json;
use testbed::marks::Mark;

/// Lists the situations that a good exploration meets sometimes.
pub fn marks(json: bool) -> Exit {
    if json {
        let marks: Vec<_> = Mark::ALL.iter().map(|mark| json!({ "name": mark.name(), "about": mark.about() })).collect();
        print_json(&json!({ "version": 1, "marks": marks }));
    } else {
        for mark in Mark::ALL {
            print(&format!("{:<32} {}\n", mark.name(), mark.about()));
        }
    }
    Exit::Ok
}
