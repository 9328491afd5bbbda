//! `rehearse claims`: what the design document asserts, one line each.

use crate::exit::{Exit, print, print_json};
use claims::CLAIMS;
use planner::Design;
use serde_json::json;
use std::fmt::Write as _;

/// Lists the claims.
pub fn claims(json: bool) -> Exit {
    if json {
        let list: Vec<_> = CLAIMS
            .iter()
            .map(|claim| {
                let designs: Vec<_> =
                    Design::presets().iter().filter(|design| claim.applies_to(design)).map(|design| design.name.to_string()).collect();
                json!({ "claim": claim.id, "says": claim.says, "judged": claim.judged, "designs": designs })
            })
            .collect();
        print_json(&json!({ "version": 1, "claims": list }));
        return Exit::Ok;
    }
    let mut text = String::new();
    for claim in CLAIMS {
        let _ = writeln!(text, "{}  {}\n     judged by: {}", claim.id, claim.says, claim.judged);
    }
    print(&text);
    Exit::Ok
}
