//! `data-dir-shared`, `bootstrap-overshoot`, `lineage-diverged`, `double-sign`, `entrant-misconfigured`: what nodes are made of and come to.

use super::{OLD, broken, of_chain, oracles_of, planned_upgrade, pod, run, run_exchanged, started, told};
use api::kinds::Pod;
use api::{AnyObject, Height, Kind, Meta, Object, ObjectKey, SidecarTask, names};
use oracles::Fact;
use ports::TaskRequest;
use simchain::Happening;
use simcore::SimTime;
use simkube::{Actor, PodId, Request};
use std::sync::Arc;
use std::time::Duration;
use testbed::world::World;

const UPGRADE: &str = "hardfork/planned-upgrade";
const NOW: Duration = Duration::ZERO;

/// A person makes a second pod of an incumbent, on its machine and with its volume, and lets its seid start.
fn copy_pod(world: &mut World) {
    let copied = world.look(|sim| {
        let key = ObjectKey::new("default", "pacific-1-rpc-0-0");
        sim.sight().cluster.object(&Pod::INFO, &key).and_then(AnyObject::typed::<Pod>).expect("an incumbent's pod")
    });
    let meta = Meta {
        labels: Arc::new([(names::label::NODE.to_owned(), "pacific-1-rpc-0".to_owned())].into()),
        ..Meta::new(ObjectKey::new("default", "by-hand"))
    };
    let copy = Object::<Pod>::new(meta, (*copied.spec).clone()).into_any();
    let copy = world.act(|sim| sim.request(Request::Create(copy), Actor::Person)).expect("the pod is created").remove(0);
    world.run_until(Some(SimTime::ZERO + Duration::from_secs(90)));
    let request = TaskRequest { id: None, task: SidecarTask::MarkReady };
    let pod = simchain::PodId(copy.meta.uid.expect("stored"));
    world.act(|sim| sim.chain(|chain, cx| chain.submit(cx, pod, request))).expect("its sidecar answers");
}

#[test]
fn data_dir_shared_fires_once_for_a_second_pod_on_a_nodes_volume_and_not_for_the_nodes_pod_started_anew() {
    let (_, mut world) = planned_upgrade();
    copy_pod(&mut world);
    world.run_until(Some(SimTime::ZERO + Duration::from_secs(500)));
    let fired = world.look(|sim| oracles_of(sim.violations()));
    assert_eq!(fired, ["data-dir-shared"], "however often its container is restarted");
    let restarted = r#"{"when": {"at": "1min"}, "what": {"premature-halt": {"restarted": {"node": "pacific-1-rpc-0"}}}}"#;
    assert_eq!(broken(&run(UPGRADE, "halt-signal", 1, &[restarted]), "data-dir-shared"), 0);
}

#[test]
fn data_dir_shared_fires_once_for_a_process_that_finds_the_lock_taken_again_and_again() {
    let (_, world) = planned_upgrade();
    let (start, locked) = (started(OLD), Happening::DataDirectoryLocked);
    let fired = told(&world, &[(NOW, of_chain(&start)), (NOW, of_chain(&locked)), (NOW, of_chain(&locked))]);
    assert_eq!(oracles_of(&fired), ["data-dir-shared"]);
    assert!(told(&world, &[(NOW, of_chain(&start)), (NOW, of_chain(&start))]).is_empty(), "a restart shares nothing");
}

/// The planned upgrade under bootstrap, 50 minutes in: the entrants' bootstraps are at work.
fn bootstrapping() -> World {
    let scenario = super::common::scenarios().into_iter().find(|of| &*of.name == UPGRADE).expect("the scenario");
    let run = scenario.runs.iter().find(|run| &*run.design.name == "bootstrap").expect("the design");
    let settled = testbed::Settled::new(&scenario, &run.design, testbed::world::Polls::Elided).expect("the scenario settles");
    let mut world = settled.world(1, testbed::history::History::default());
    world.run_until(Some(SimTime::ZERO + Duration::from_secs(3000)));
    world
}

fn bootstrap_pod(world: &World) -> PodId {
    world.look(|sim| {
        let of_bootstrap = |pod: &&api::AnyObject| pod.meta.labels.get(names::label::COMPONENT).is_some();
        PodId(sim.sight().cluster.objects(&Pod::INFO).find(of_bootstrap).expect("a bootstrap").meta.uid.expect("stored"))
    })
}

#[test]
fn bootstrap_overshoot_is_about_bootstraps_and_not_about_other_nodes_with_a_halt_height() {
    let world = bootstrapping();
    let bootstrap = bootstrap_pod(&world);
    let passes = |pod| {
        let start = Happening::SeidStarted { image: OLD.into(), app: Height(10), halt_height: Some(Height(20)) };
        let passed = Happening::PassedHaltHeight { height: Height(21), halt_height: Height(20) };
        let of = |what| Fact::Chain { node: "pacific-1-rpc-g2-0", pod, what };
        oracles_of(&told(&world, &[(NOW, of(&start)), (NOW, of(&passed))]))
    };
    assert_eq!(passes(bootstrap), ["bootstrap-overshoot"]);
    assert_eq!(passes(pod()), Vec::<&str>::new());
}

#[test]
fn bootstrap_overshoot_fires_where_a_bootstrap_reaches_its_target_with_later_blocks_at_hand_and_goes_on_and_not_where_it_halts() {
    // Below the chain's upgrade, so that what goes beyond the target meets no panic.
    let earlier = ("haltHeight: start+2000", "haltHeight: start+1900");
    let further = "blockSyncBefore633: [0, 1, 0, 0, 0]";
    let late = |halts: &str| {
        let exchange = [earlier, (further, halts)];
        broken(&run_exchanged("chain/overshoot-while-catching-up", &exchange, "bootstrap", 1, &[]), "bootstrap-overshoot")
    };
    assert_eq!(late(further), 2, "each of two entrants");
    assert_eq!(late("blockSyncBefore633: [1, 0, 0, 0, 0]"), 0);
}

#[test]
fn bootstrap_overshoot_fires_for_a_halt_that_slips_one_block_beyond_the_target_and_not_for_one_at_it_or_before_it() {
    let earlier = [("haltHeight: start+10500", "haltHeight: start+10400")];
    let overshoots = |faults: &[&str]| broken(&run_exchanged(UPGRADE, &earlier, "bootstrap", 1, faults), "bootstrap-overshoot");
    let slips = |slip: &str| {
        let what = format!(r#"{{"premature-halt": {{"halt-slips": {{"slip": "{slip}", "lasts": "2h"}}}}}}"#);
        overshoots(&[&format!(r#"{{"when": {{"at": "1min"}}, "what": {what}}}"#)])
    };
    assert_eq!(["one-late", "one-early", "before-commit"].map(slips), [2, 0, 0]);
    assert_eq!(overshoots(&[]), 0);
}

#[test]
fn bootstrap_overshoot_is_silent_for_a_bootstrap_that_starts_beyond_its_target_and_is_killed_before_any_block() {
    let world = bootstrapping();
    let pod = bootstrap_pod(&world);
    let start = Happening::SeidStarted { image: OLD.into(), app: Height(21), halt_height: Some(Height(20)) };
    let exit = Happening::SeidExited { code: 137, app: Height(21), store: Height(21) };
    let of = |what| Fact::Chain { node: "pacific-1-rpc-g2-0", pod, what };
    assert!(told(&world, &[(NOW, of(&start)), (NOW, of(&exit))]).is_empty());
}

#[test]
fn lineage_diverged_fires_anew_for_a_node_that_is_made_anew_and_parts_again() {
    let (_, world) = planned_upgrade();
    let (start, parted) = (started(OLD), Happening::LineageParted { height: Height(7) });
    let shown = Happening::Diverged { height: Height(8), wedged: true };
    let one = [(NOW, of_chain(&start)), (NOW, of_chain(&parted)), (NOW, of_chain(&shown))];
    assert_eq!(oracles_of(&told(&world, &one)), ["lineage-diverged"]);
    assert_eq!(oracles_of(&told(&world, &[one, one].concat())), ["lineage-diverged", "lineage-diverged"]);
}

#[test]
fn lineage_diverged_fires_for_a_binary_that_runs_past_an_upgrade_without_its_code() {
    let past = r#"{"when": {"at": "1min"}, "what": {"binary": "runs-past-upgrade"}}"#;
    let result = run(UPGRADE, "halt-signal", 1, &[past]);
    assert!(broken(&result, "lineage-diverged") > 0 && broken(&result, "old-binary-past-halt") > 0);
    assert_eq!(broken(&run(UPGRADE, "halt-signal", 1, &[]), "lineage-diverged"), 0, "one that panics keeps its state");
}

#[test]
fn double_sign_fires_each_time_that_two_nodes_of_one_key_come_to_run_and_not_for_one_after_the_other() {
    // The entrant beside the incumbent, and the incumbent that is made again beside the entrant.
    assert_eq!(broken(&run("chain/validator-double-signs", "blue-green,status-base=refreshed", 1, &[]), "double-sign"), 2);
    assert_eq!(broken(&run("chain/chain-needs-our-validator", "halt-signal", 1, &[]), "double-sign"), 0);
}

#[test]
fn entrant_misconfigured_fires_for_entrants_that_lack_a_bootstrap_across_the_fork() {
    assert_eq!(broken(&run(UPGRADE, "halt-signal", 1, &[]), "entrant-misconfigured"), 2);
    assert_eq!(broken(&run(UPGRADE, "bootstrap", 1, &[]), "entrant-misconfigured"), 0);
    assert_eq!(broken(&run("bluegreen/image-change", "blue-green", 1, &[]), "entrant-misconfigured"), 0);
}

#[test]
fn entrant_misconfigured_fires_for_an_entrant_that_is_created_after_the_halt_height_has_been_moved() {
    let moved = |nth| {
        let when = format!(r#"{{"call": {{"verb": "create", "kind": "SeiNode", "nth": {nth}, "moment": "after"}}}}"#);
        let fault = format!(r#"{{"when": {when}, "what": {{"switch-races": {{"halt-height-edited": {{"by": -1000}}}}}}}}"#);
        broken(&run(UPGRADE, "bootstrap", 1, &[&fault]), "entrant-misconfigured")
    };
    assert_eq!(moved(1), 1, "the plan goes on with the halt height that it was built from");
    assert_eq!(moved(2), 0, "both were right when they were created");
}
