//! The catalogue of scenarios is whole: its table names every file and no other, and every claim and group of faults has its scenario.

use crate::common;

use faults::Group;
use std::collections::{BTreeMap, BTreeSet};

/// A row of the table in `docs/scenarios.md`.
struct Row {
    covers: String,
    claims: BTreeSet<String>,
}

/// The table's rows by the scenario's name.
fn table() -> BTreeMap<String, Row> {
    let text = std::fs::read_to_string(common::root().join("docs/scenarios.md")).expect("a readable document");
    let catalogue = text.split_once("\n## The catalogue\n").expect("the catalogue's chapter").1;
    let mut rows = BTreeMap::new();
    for line in catalogue.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [name, covers, claims] = cells[..] else { panic!("expected three cells in {line}") };
        let claims = claims.split(", ").filter(|claim| *claim != "–").map(str::to_owned).collect();
        let twice = rows.insert(name.trim_matches('`').to_owned(), Row { covers: covers.to_owned(), claims });
        assert!(twice.is_none(), "{name} has two rows");
    }
    rows
}

#[test]
fn the_table_names_every_scenario_and_no_other() {
    let files: Vec<_> = common::scenarios().iter().map(|scenario| scenario.name.to_string()).collect();
    let mut rows: Vec<_> = table().into_keys().collect();
    rows.sort_by_key(|name| common::root().join("scenarios").join(name).with_extension("yaml"));
    assert_eq!(rows, files);
}

#[test]
fn every_scenario_says_last_what_it_covers_as_the_table_does() {
    let table = table();
    for scenario in common::scenarios() {
        let covers = &table[&*scenario.name].covers;
        assert!(scenario.about.ends_with(&format!("Covers {covers}.")), "{}: {:?} in the table", scenario.name, covers);
    }
}

#[test]
fn no_two_scenarios_cover_the_same() {
    let mut covered = BTreeMap::new();
    for (name, Row { covers, .. }) in table() {
        let other = covered.insert(covers.clone(), name.clone());
        assert_eq!(other, None, "{name} covers the same: {covers}");
    }
}

#[test]
fn every_claim_has_a_scenario() {
    let claimed: BTreeSet<_> = table().into_values().flat_map(|row| row.claims).collect();
    let all: BTreeSet<_> = (1..=28).map(|number| format!("C{number:02}")).collect();
    assert_eq!(claimed, all);
}

#[test]
fn every_group_of_faults_befalls_a_scenario() {
    let mut befallen = BTreeSet::new();
    for scenario in common::scenarios() {
        befallen.extend(scenario.schedule.0.iter().map(|fault| fault.what.group().name()));
    }
    let all: BTreeSet<_> = Group::ALL.iter().map(|group| group.name()).collect();
    assert_eq!(befallen, all);
}
