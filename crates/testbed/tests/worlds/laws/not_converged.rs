//! `not-converged`, and the outcome `failed-safe`.

use super::stage::{GROUP, by, calm, key, of, operator_writes_status, patch, stored};
use super::{common, planned_upgrade};
use crate::faults::{schedule, settled};
use api::group::GroupPhase;
use api::{SeiNodeDeployment, SeiNodeSpec};
use oracles::{EndVerdicts, Sight};
use simkube::Actor;
use std::time::Duration;
use testbed::Settled;
use testbed::history::History;
use testbed::scenario::{self, Outcome};
use testbed::world::{Polls, World};

#[test]
fn it_is_silent_at_the_settled_start_and_speaks_when_another_image_is_wanted() {
    let (scenario, mut world) = planned_upgrade();
    assert_eq!(world.look(|sim| oracles::unconverged(&sim.sight())), None);
    world.run_until(Some(scenario.timeline[0].at() + Duration::from_secs(1)));
    let missing = world.look(|sim| oracles::unconverged(&sim.sight())).expect("the new image is not there");
    assert!(missing.contains("0 of 2 nodes serving") && missing.contains("Upgrading"), "{missing}");
}

/// A group that wants another image, has failed to get it and says so, while its nodes serve the old one.
fn failed_with_incumbents_serving() -> World {
    failed_to_get(|template| template.image = "new".into())
}

/// A group that wants another template, has failed to get it and says so, while its nodes serve by the old one.
fn failed_to_get(edit: impl FnOnce(&mut SeiNodeSpec)) -> World {
    let mut world = calm();
    let group = stored::<SeiNodeDeployment>(&world, GROUP);
    by(&mut world, Actor::Person, patch(&group, |group| edit(&mut group.spec_mut().template.spec)));
    operator_writes_status::<SeiNodeDeployment>(&mut world, GROUP, |status| status.phase = Some(GroupPhase::Degraded));
    world
}

fn is_broken(world: &World, change: impl FnOnce(Sight<'_>) -> bool) -> bool {
    world.look(|sim| change(sim.sight()))
}

fn speaks(sight: &Sight<'_>) -> bool {
    of(&EndVerdicts::at_rest(sight)).contains(&"not-converged")
}

#[test]
fn a_failure_state_is_as_good_where_it_is_allowed_visible_and_the_incumbents_serve() {
    let mut world = failed_with_incumbents_serving();
    assert!(!is_broken(&world, |sight| speaks(&Sight { failure_allowed: true, ..sight })));
    assert!(is_broken(&world, |sight| speaks(&sight)), "not where nothing outside is wrong");
    let nowhere = key("another-service");
    assert!(is_broken(&world, |sight| speaks(&Sight { failure_allowed: true, external: &nowhere, ..sight })), "not if no client is served");
    operator_writes_status::<SeiNodeDeployment>(&mut world, GROUP, |status| status.phase = Some(GroupPhase::Initializing));
    assert!(is_broken(&world, |sight| speaks(&Sight { failure_allowed: true, ..sight })), "not if it is hidden");
}

#[test]
fn incumbents_are_those_that_are_made_otherwise_than_the_template_be_it_only_by_an_override() {
    let world = failed_to_get(|template| drop(template.overrides.insert("mempool.size".into(), "6000".into())));
    assert!(!is_broken(&world, |sight| speaks(&Sight { failure_allowed: true, ..sight })));
    let same = failed_to_get(|template| drop(template.pod_labels.insert("tier".into(), "rpc".into())));
    assert!(is_broken(&same, |sight| speaks(&Sight { failure_allowed: true, ..sight })), "they are what is wanted");
}

/// The expired snapshot with a sidecar that does not run failed tasks again: the entrants fail at once, and all that is wrong is that the group
/// calls itself Ready.
#[test]
fn a_rollout_that_fails_for_want_of_a_snapshot_while_the_incumbents_serve_breaks_no_law_of_the_end() {
    let file = common::root().join("scenarios/chain/snapshot-expired.yaml");
    let sidecar = api::names::DEFAULT_SIDECAR_IMAGE;
    let text = std::fs::read_to_string(&file).expect("a scenario");
    let text =
        text.replace("\n  binaries:", &format!("\n  sidecars:\n    - {{ image: {sidecar:?}, rerunsFailedTasks: false }}\n  binaries:"));
    let scenario = scenario::read(&file, text.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"));
    let settled = Settled::new(&scenario, &scenario.runs[0].design, Polls::Elided).expect("it settles");
    let result = settled.run(1, History::default()).expect("the testbed does not fail");
    let broken: Vec<_> = result.violations.iter().map(|violation| violation.oracle).collect();
    assert_eq!(broken, ["ready-lies"]);
    assert_eq!(result.outcome, Outcome::Violated);
}

#[test]
fn a_failure_state_is_allowed_once_a_fault_that_never_ends_has_made_success_impossible() {
    let settled = settled("hardfork/planned-upgrade", "bootstrap");
    let allowed_at = |minutes: u64, what: &str| {
        let schedule = schedule(&[&format!(r#"{{"when": {{"at": "5min"}}, "what": {what}}}"#)]);
        let mut world = settled.world_under(1, &schedule, History::default());
        world.run_until(Some(simcore::SimTime::ZERO + Duration::from_secs(60 * minutes)));
        world.look(|sim| sim.sight().failure_allowed)
    };
    for what in [
        r#"{"binary": "panics-at-start"}"#,
        r#"{"binary": "wrong-image-tag"}"#,
        r#"{"bootstrap": {"sidecar-task-fails": {"task": "snapshot-restore"}}}"#,
    ] {
        assert!(!allowed_at(4, what) && allowed_at(6, what), "{what}");
    }
    for what in [
        r#"{"binary": "runs-past-upgrade"}"#,
        r#"{"bootstrap": {"sidecar-task-fails": {"task": "snapshot-restore", "times": 3}}}"#,
        r#"{"bootstrap": {"snapshot-missing": {"lasts": "1h"}}}"#,
    ] {
        assert!(!allowed_at(6, what), "{what}");
    }
}

#[test]
fn a_failure_state_is_allowed_by_the_scenarios_whose_image_snapshot_or_peers_are_gone_and_by_no_other() {
    let hostile: Vec<_> = common::scenarios().into_iter().filter(scenario::Scenario::allows_failure).map(|known| known.name).collect();
    let named: Vec<&str> = hostile.iter().map(AsRef::as_ref).collect();
    assert_eq!(
        named,
        [
            "bluegreen/new-binary-panics-at-start",
            "bluegreen/wrong-image-tag",
            "chain/peers-pruned-below-snapshot",
            "chain/snapshot-expired",
            "hardfork/minor-binary-panics-at-upgrade",
            "hardfork/new-binary-panics-after-upgrade",
            "hardfork/new-binary-panics-at-start",
            "hardfork/new-binary-panics-at-upgrade",
            "hardfork/wrong-image-tag",
        ]
    );
}
