//! `rehearse explain`: the deciding events and the point of no return, as text and as data; and what it refuses.

use super::common::{run, text};
use serde_json::Value;

const WORLD: [&str; 9] =
    ["explain", "--scenario", "scenarios/hardfork/planned-upgrade.yaml", "--design", "bootstrap", "--seed", "33", "--profile", "swarm"];

#[test]
fn a_lost_update_is_explained_by_the_edit_that_was_lost() {
    let told = text(&run(&[&WORLD[..], &["--oracle", "lost-update", "--continuations", "16"]].concat()));
    let mut lines = told.lines();
    assert!(lines.next().is_some_and(|line| line.starts_with("Under bootstrap, given that ") && line.contains("lost-update is violated")));
    let no_return = lines.next().expect("a second line");
    assert!(no_return.starts_with("Point of no return: 01:00:00.000, ** fault strikes: a person changes"), "{no_return}");
    assert_eq!(told.lines().filter(|line| line.contains(" X  ")).count(), 1, "{told}");
    assert!(told.lines().last().is_some_and(|line| line.contains(" !  ") && line.contains("lost-update")), "{told}");
}

#[test]
fn an_explanation_is_told_as_data_too() {
    let told = text(&run(&[&WORLD[..], &["--oracle", "lost-update", "--continuations", "16", "--json"]].concat()));
    let told: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!((&told["version"], &told["oracle"]), (&1.into(), &"lost-update".into()));
    let explanation = &told["explanation"];
    assert_eq!(explanation["recover_from_start"], 16);
    assert_eq!(explanation["point_of_no_return"]["after"], 0);
    assert_eq!(explanation["point_of_no_return"], explanation["deciding"][0]);
}

#[test]
fn an_oracle_that_is_not_violated_and_a_count_that_says_nothing_are_refused() {
    for (arguments, expected) in [
        (["--oracle", "no-such", "--continuations", "16"], "there is no oracle \"no-such\""),
        (["--oracle", "double-sign", "--continuations", "16"], "does not violate double-sign"),
        (["--oracle", "lost-update", "--continuations", "3"], "3 is not in 4..=10000"),
    ] {
        let output = run(&[&WORLD[..], &arguments].concat());
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(output.stdout.is_empty() && told.contains(expected), "{told}");
    }
}
