//! Faults of the chain: blocks that come slowly, fast or not at all, and upgrades that move.

use super::{assert_all_befell, assert_elision_changes_nothing, lines, moment, planned_upgrade};
use simcore::SimTime;
use std::time::Duration;
use testbed::WorldResult;

fn at(minutes: u32, what: &str) -> String {
    format!(r#"{{"when": {{"at": "{minutes}min"}}, "what": {{"chain": {what}}}}}"#)
}

/// When the first incumbent came to the upgrade.
fn upgraded_at(result: &WorldResult) -> SimTime {
    moment(result, "NEEDED at height")
}

#[test]
fn blocks_that_come_slowly_or_late_put_the_upgrade_off_and_fast_ones_bring_it_forward() {
    let usual = upgraded_at(&planned_upgrade(&[]));
    let of = |what: &str| {
        let result = planned_upgrade(&[&at(20, what)]);
        assert_all_befell(&result);
        upgraded_at(&result)
    };
    assert!(of(r#"{"stalls": {"lasts": "30min"}}"#).since(usual) >= Duration::from_secs(1799));
    assert!(of(r#"{"slow-blocks": {"blocks": 1000, "blockMillis": 2000}}"#).since(usual) >= Duration::from_secs(1590));
    assert!(of(r#"{"upgrade-late": {"blockMillis": 800}}"#) > usual);
    assert!(of(r#"{"upgrade-early": {"blocks": 5000, "blockMillis": 100}}"#) < usual);
}

#[test]
fn an_upgrade_that_takes_long_is_applied_late_on_the_nodes_that_wait_for_its_next_block() {
    for what in [r#"{"validators-late": {"resumeAfter": "1h"}}"#, r#"{"halts-at-upgrade": {"lasts": "1h"}}"#] {
        let result = planned_upgrade(&[&at(20, what)]);
        assert_all_befell(&result);
        let healed = result.faults[0].struck.as_ref().and_then(|struck| struck.healed).expect("it is over");
        assert!(healed.since(upgraded_at(&result)) >= Duration::from_secs(3590), "{what}");
    }
}

#[test]
fn a_cancelled_upgrade_panics_nobody_and_a_moved_one_at_its_new_height() {
    let cancelled = planned_upgrade(&[&at(20, r#""upgrade-cancelled""#)]);
    assert_all_befell(&cancelled);
    assert!(lines(&cancelled, "NEEDED at height").is_empty());
    let moved = planned_upgrade(&[&at(20, r#"{"upgrade-moved": {"by": 100}}"#)]);
    assert_all_befell(&moved);
    assert!(!lines(&moved, "NEEDED at height: 198750600").is_empty());
}

#[test]
fn an_upgrade_that_has_passed_can_no_longer_be_moved() {
    let late = planned_upgrade(&[&at(100, r#""upgrade-cancelled""#)]);
    assert!(late.faults[0].struck.as_ref().is_some_and(|struck| !struck.befell));
}

#[test]
fn eliding_polls_changes_nothing_under_faults_of_the_chain() {
    assert_elision_changes_nothing(&[
        vec![at(20, r#"{"stalls": {"lasts": "30min"}}"#)],
        vec![at(20, r#""upgrade-cancelled""#)],
        vec![at(20, r#"{"upgrade-moved": {"by": -1000}}"#)],
        vec![at(20, r#"{"halts-at-upgrade": {"lasts": "1h"}}"#)],
    ]);
}
