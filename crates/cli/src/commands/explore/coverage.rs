//! What a campaign has covered, for people and for programs.

use explore::{Coverage, New, STRETCH};
use serde_json::{Value, json};

/// How many of the first and of the last thousands of worlds people are told of.
const TOLD: usize = 4;

/// The field `coverage` of a summary.
pub fn to_json(coverage: &Coverage) -> Value {
    json!({
        "worlds": coverage.worlds(),
        "states": coverage.states(),
        "shown_by_one": coverage.shown_by(1),
        "shown_by_two": coverage.shown_by(2),
        "shapes": coverage.shapes(),
        "per": STRETCH,
        "new": coverage.series(),
        "unseen": coverage.unseen(),
    })
}

/// The same for people.
pub fn say(coverage: &Coverage, guided: bool, say: &mut dyn FnMut(std::fmt::Arguments<'_>)) {
    let (states, shapes, once) = (coverage.states(), coverage.shapes(), coverage.shown_by(1));
    say(format_args!("coverage: {states} abstract states, {once} of them in one world alone; {shapes} shapes of violations"));
    let series = |count: fn(&New) -> u64| told(coverage.series(), count);
    say(format_args!("  new states per {STRETCH} worlds: {}", series(|new| new.states)));
    say(format_args!("  new shapes per {STRETCH} worlds: {}", series(|new| new.shapes)));
    let Some(unseen) = coverage.unseen() else {
        return say(format_args!("  unseen: too few worlds to tell"));
    };
    let (mass, low, high) = (unseen.mass * 100.0, unseen.low * 100.0, unseen.high * 100.0);
    let of = if guided { "a world drawn by the profile" } else { "one more world" };
    say(format_args!("  unseen: {mass:.2} % of the states of {of} (95 %: {low:.2} to {high:.2})"));
}

/// The first numbers and the last.
fn told(series: &[New], count: fn(&New) -> u64) -> String {
    let numbers = |of: &[New]| of.iter().map(|new| count(new).to_string()).collect::<Vec<_>>().join(", ");
    if series.len() <= 2 * TOLD {
        return numbers(series);
    }
    format!("{}, ..., {}", numbers(&series[..TOLD]), numbers(&series[series.len() - TOLD..]))
}
