//! `rehearse oracles`.

use crate::exit::{Exit, print, print_json};
use oracles::{Class, LAWS};
use serde_json::json;

/// Lists the laws.
pub fn oracles(json: bool) -> Exit {
    let class = |class| match class {
        Class::Safety => "safety",
        Class::Liveness => "liveness",
    };
    if json {
        let laws: Vec<_> = LAWS.iter().map(|law| json!({ "id": law.id, "class": class(law.class), "law": law.law })).collect();
        print_json(&json!({ "version": 1, "oracles": laws }));
    } else {
        for law in LAWS {
            print(&format!("{:<24} {:<9} {}\n", law.id, class(law.class), law.law));
        }
    }
    Exit::Ok
}
