//! Faults of the cluster: machines, zones, volumes, containers, clocks, names and networks.

use super::{assert_all_befell, assert_elision_changes_nothing, lines, moment, moments, planned_upgrade, schedule, settled};

use api::{Kind, ObjectKey, SeiNode, SeiNodeDeployment};
use oracles::ObjectRef;
use simcore::SimTime;
use std::time::Duration;
use testbed::WorldResult;
use testbed::history::History;
use testbed::world::World;

/// The bootstraps restore from 10 min to beyond 30 min; the incumbents follow the tip.
const ENTRANT: &str = "pacific-1-rpc-g2-0";
const INCUMBENT: &str = "pacific-1-rpc-0";

fn at(moment: &str, what: &str) -> String {
    format!(r#"{{"when": {{"at": "{moment}"}}, "what": {{"cluster": {what}}}}}"#)
}

fn minutes(minutes: u64) -> SimTime {
    SimTime::ZERO + Duration::from_secs(60 * minutes)
}

fn befallen(result: &WorldResult, fault: usize) -> Vec<ObjectRef> {
    result.faults[fault].struck.as_ref().expect("it struck").objects.clone()
}

fn machines(result: &WorldResult, fault: usize) -> usize {
    befallen(result, fault).iter().filter(|object| object.kind == "Node").count()
}

/// The planned upgrade with some faults, up to a moment.
fn world_until(faults: &[&str], moment: SimTime) -> World {
    let mut world = settled("hardfork/planned-upgrade", "bootstrap").world_under(1, &schedule(faults), History::kept());
    world.run_until(Some(moment));
    world
}

/// How far a node's seid is behind the network, and whether its pod is Ready.
fn lag_and_readiness(world: &World, node: &str) -> (u64, bool) {
    world.look(|sim| {
        let key = ObjectKey::new("default", format!("{node}-0"));
        let pod = sim.sight().cluster.object(&const { api::kinds::Pod::INFO }, &key).expect("the node's pod");
        let conditions = pod.status_as::<api::kinds::Pod>().and_then(|status| status.conditions.clone()).unwrap_or_default();
        let ready = conditions.iter().any(|condition| condition.type_ == "Ready" && condition.status == "True");
        let id = simchain::PodId(pod.meta.uid.expect("a stored pod has a uid"));
        (sim.sight().chain.lag(sim.now(), id).expect("a running seid"), ready)
    })
}

#[test]
fn a_lost_machine_is_noticed_after_50_s_evicted_after_350_s_and_holds_its_pod_until_it_is_back() {
    let result = planned_upgrade(&[&at("20min", &format!(r#"{{"machine-lost": {{"under": "{ENTRANT}", "returnsAfter": "20min"}}}}"#))]);
    assert_all_befell(&result);
    let pod = format!("{ENTRANT}-bootstrap");
    let told = |what: &str| moment(&result, what).since(minutes(20)).as_secs();
    assert_eq!(told(&format!("{pod}: container seid exits with code 137")), 0);
    assert_eq!(told(&format!("pod {pod} is no longer Ready")), 50);
    assert_eq!(told(&format!("Pod {pod} is being deleted")), 350);
    assert_eq!(told(&format!("Pod {pod} is gone")), 1200, "when its kubelet is back");
    assert_eq!(told(&format!("Job {pod} is Failed (BackoffLimitExceeded)")), 1200, "not while the pod hangs Terminating");
    assert_eq!(machines(&result, 0), 1);
    assert!(befallen(&result, 0).contains(&ObjectRef::node(ENTRANT)), "{:?}", befallen(&result, 0));
}

#[test]
fn a_machine_that_is_back_soon_starts_its_pods_anew() {
    let result = planned_upgrade(&[&at("20min", &format!(r#"{{"machine-lost": {{"under": "{INCUMBENT}", "returnsAfter": "20s"}}}}"#))]);
    assert_all_befell(&result);
    assert_eq!(moment(&result, &format!("{INCUMBENT}-0: container seid-init restarts")).since(minutes(20)).as_secs(), 20);
    let deleted = moment(&result, &format!("Pod {INCUMBENT}-0 is being deleted"));
    assert!(deleted > minutes(60), "only by the teardown: {deleted}");
}

#[test]
fn a_lost_zone_is_all_its_machines() {
    let result = planned_upgrade(&[&at("20min", &format!(r#"{{"zone-lost": {{"under": "{INCUMBENT}", "returnsAfter": "90s"}}}}"#))]);
    assert_all_befell(&result);
    assert_eq!(machines(&result, 0), 2, "six machines in three zones");
    assert_eq!(lines(&result, "00:20:00.000").iter().filter(|line| line.contains("container seid exits with code 137")).count(), 2);
}

#[test]
fn a_machine_lost_with_its_zone_stays_lost_until_the_zone_is_back() {
    let machine = at("20min", &format!(r#"{{"machine-lost": {{"under": "{INCUMBENT}", "returnsAfter": "20s"}}}}"#));
    let zone = at("1210s", &format!(r#"{{"zone-lost": {{"under": "{INCUMBENT}", "returnsAfter": "3min"}}}}"#));
    let result = planned_upgrade(&[&machine, &zone]);
    assert_all_befell(&result);
    assert_eq!(moment(&result, &format!("{INCUMBENT}-0: container seid-init restarts")).since(minutes(20)).as_secs(), 190);
}

#[test]
fn a_machine_lost_under_a_bootstrap_and_with_its_zone_stays_lost_until_the_last_of_the_two_is_over() {
    let bootstrap = format!(r#"{{"machine-lost": {{"node": "{ENTRANT}", "returnsAfter": "20s"}}}}"#);
    let bootstrap = format!(r#"{{"when": {{"at": "20min"}}, "what": {{"bootstrap": {bootstrap}}}}}"#);
    let failed = |zone_lasts: &str| {
        let zone = at("1210s", &format!(r#"{{"zone-lost": {{"under": "{ENTRANT}", "returnsAfter": "{zone_lasts}"}}}}"#));
        let result = planned_upgrade(&[&bootstrap, &zone]);
        assert_all_befell(&result);
        moment(&result, &format!("pod {ENTRANT}-bootstrap is Failed")).since(minutes(20)).as_secs()
    };
    assert_eq!((failed("5s"), failed("3min")), (20, 190), "a kubelet tells of it once it is back");
}

#[test]
fn a_drained_machine_lets_its_pods_end_in_grace_and_takes_none_until_it_is_open_again() {
    let result =
        planned_upgrade(&[&at("20min", &format!(r#"{{"machine-drained": {{"under": "{INCUMBENT}", "reopensAfter": "20min"}}}}"#))]);
    assert_all_befell(&result);
    assert_eq!(moment(&result, &format!("Pod {INCUMBENT}-0 is being deleted")), minutes(20));
    let stops = moment(&result, &format!("{INCUMBENT}-0: container seid exits with code 0"));
    assert!(stops > minutes(20) && stops < minutes(21), "{stops}");
    // Its volume is in a zone of two machines, and the other incumbent is on the other one.
    let back = moment(&result, &format!("pod {INCUMBENT}-0 is Pending on machine"));
    assert!(back.since(minutes(40)) < Duration::from_secs(1), "{back}");
}

#[test]
fn volumes_that_attach_slowly_keep_a_bootstrap_waiting() {
    let slow = at("9min", r#"{"slow-attach": {"by": "10min", "lasts": "1h"}}"#);
    let runs = |result: &WorldResult| moment(result, &format!("pod {ENTRANT}-bootstrap is Running"));
    let (with, without) = (planned_upgrade(&[&slow]), planned_upgrade(&[]));
    assert_all_befell(&with);
    assert_eq!(runs(&with).since(runs(&without)), Duration::from_secs(600));
    let after = planned_upgrade(&[&at("9min", r#"{"slow-attach": {"by": "10min", "lasts": "30s"}}"#)]);
    assert_eq!(runs(&after), runs(&without), "attaching that begins later is as fast as ever");
}

/// Under this seed an entrant's StatefulSet puts its pod on another machine than the bootstrap Job did.
#[test]
fn volumes_that_detach_slowly_keep_a_pod_waiting_that_comes_to_another_machine() {
    let slow = at("60min", r#"{"slow-detach": {"by": "10min", "lasts": "1h"}}"#);
    let settled = settled("hardfork/planned-upgrade", "bootstrap");
    let runs = |faults: &[&str]| {
        let result = settled.run_under(3, &schedule(faults), History::kept()).expect("the testbed does not fail");
        assert_all_befell(&result);
        moment(&result, "pod pacific-1-rpc-g2-1-0 is Running")
    };
    assert_eq!(runs(&[&slow]).since(runs(&[])), Duration::from_secs(600));
}

#[test]
fn a_killed_seid_ends_with_137_and_is_started_again_at_once() {
    let result = planned_upgrade(&[&at("20min", &format!(r#"{{"container-killed": {{"node": "{INCUMBENT}", "container": "seid"}}}}"#))]);
    assert_all_befell(&result);
    assert_eq!(moment(&result, &format!("{INCUMBENT}-0: container seid exits with code 137")), minutes(20));
    assert_eq!(moment(&result, &format!("{INCUMBENT}-0: container seid restarts (restart 1)")), minutes(20));
    let ready = moments(&result, &format!("pod {INCUMBENT}-0 is Ready"));
    assert!(ready.iter().any(|at| *at < minutes(25)), "{ready:?}");
}

#[test]
fn a_killed_bootstrap_fails_its_job() {
    let result = planned_upgrade(&[&at("20min", &format!(r#"{{"container-killed": {{"node": "{ENTRANT}", "container": "seid"}}}}"#))]);
    assert_all_befell(&result);
    let failed = moment(&result, &format!("Job {ENTRANT}-bootstrap is Failed (BackoffLimitExceeded)"));
    assert!(failed.since(minutes(20)) < Duration::from_secs(2), "{failed}");
}

#[test]
fn a_container_that_the_kubelet_finds_dead_is_told_to_end_before_it_is_started_again() {
    let result = planned_upgrade(&[&at("20min", &format!(r#"{{"liveness-kill": {{"node": "{INCUMBENT}", "container": "seid"}}}}"#))]);
    assert_all_befell(&result);
    let killing = format!("Pod {INCUMBENT}-0: event Killing: Container seid failed liveness probe, will be restarted");
    assert_eq!(moment(&result, &killing), minutes(20));
    let ends = moment(&result, &format!("{INCUMBENT}-0: container seid exits with code 0"));
    assert!(ends > minutes(20) && ends <= minutes(20) + Duration::from_secs(20), "a graceful stop: {ends}");
    assert_eq!(moment(&result, &format!("{INCUMBENT}-0: container seid restarts (restart 1)")), ends);
}

#[test]
fn a_bootstrap_that_the_kubelet_finds_dead_is_not_restarted() {
    let result = planned_upgrade(&[&at("20min", &format!(r#"{{"liveness-kill": {{"node": "{ENTRANT}", "container": "seid"}}}}"#))]);
    assert_all_befell(&result);
    let killing = lines(&result, &format!("Pod {ENTRANT}-bootstrap: event Killing: Container seid failed liveness probe"));
    assert_eq!(killing.len(), 1);
    assert!(!killing[0].contains("restarted"), "{killing:?}");
    assert!(moment(&result, &format!("Job {ENTRANT}-bootstrap is Failed")) < minutes(21));
}

#[test]
fn a_skewed_clock_dates_what_the_operator_writes_and_nothing_that_the_api_server_does() {
    let ahead = at("9min", r#"{"clock-skew": {"by": "10min", "ahead": true, "lasts": "2min"}}"#);
    let world = world_until(&[&ahead], SimTime::ZERO + Duration::from_secs(601));
    world.look(|sim| {
        let minutes_in = |time: api::Time| (time.unix() - sim.setup().epoch.unix()) / 60;
        let cluster = sim.sight().cluster;
        let entrant = cluster.object(&const { SeiNode::INFO }, &ObjectKey::new("default", ENTRANT)).expect("the entrant");
        assert_eq!(entrant.meta.created.map(minutes_in), Some(10));
        let group = cluster.object(&const { SeiNodeDeployment::INFO }, &sim.setup().group).expect("the group");
        let conditions = &group.status_as::<SeiNodeDeployment>().expect("a group's status").conditions;
        assert!(conditions.iter().any(|condition| minutes_in(condition.last_transition_time) == 20), "{conditions:?}");
    });
    assert_all_befell(&planned_upgrade(&[&ahead]));
}

#[test]
fn a_name_that_does_not_resolve_stops_a_nodes_plan_until_it_does_again() {
    let fails = at("33min", &format!(r#"{{"dns-fails": {{"node": "{ENTRANT}", "lasts": "20min"}}}}"#));
    let result = planned_upgrade(&[&fails]);
    assert_all_befell(&result);
    let done = moment(&result, &format!("{ENTRANT}: snapshot-restore done"));
    assert!(done >= minutes(53) && done < minutes(53) + Duration::from_secs(6), "at the next poll: {done}");
}

#[test]
fn a_sidecar_that_is_cut_off_stops_its_nodes_plan_until_it_is_reached_again() {
    let cut = at("33min", &format!(r#"{{"sidecar-cut": {{"node": "{ENTRANT}", "lasts": "20min"}}}}"#));
    let result = planned_upgrade(&[&cut]);
    assert_all_befell(&result);
    let done = moment(&result, &format!("{ENTRANT}: snapshot-restore done"));
    assert!(done >= minutes(53) && done < minutes(53) + Duration::from_secs(16), "after a timeout and a poll: {done}");
}

#[test]
fn a_node_cut_off_from_its_peers_stands_still_says_it_does_not_lag_and_catches_up_afterwards() {
    let cut = at("15min", &format!(r#"{{"peers-cut": {{"node": "{INCUMBENT}", "lasts": "20min"}}}}"#));
    let (lag, ready) = lag_and_readiness(&world_until(&[&cut], minutes(34)), INCUMBENT);
    assert!((2840..2860).contains(&lag), "19 minutes of 150 blocks: {lag}");
    assert!(ready, "without peers it answers 200");
    let (lag, _) = lag_and_readiness(&world_until(&[&cut], minutes(45)), INCUMBENT);
    assert!(lag <= 2, "{lag}");
    assert_eq!(lag_and_readiness(&world_until(&[&cut], minutes(34)), "pacific-1-rpc-1").0 / 3, 0, "others follow the tip");
    let result = planned_upgrade(&[&cut]);
    assert_all_befell(&result);
    let unready = moment(&result, &format!("pod {INCUMBENT}-0 is no longer Ready"));
    assert!(unready > minutes(35) && unready < minutes(37), "once it knows its peers' heights again: {unready}");
}

#[test]
fn a_bootstrap_cut_off_from_its_peers_finds_none() {
    let cut = at("33min", &format!(r#"{{"peers-cut": {{"node": "{ENTRANT}", "lasts": "20min"}}}}"#));
    let result = planned_upgrade(&[&cut]);
    assert_all_befell(&result);
    assert!(!lines(&result, &format!("{ENTRANT}: sidecar task discover-peers failed: no reachable peers found")).is_empty());
    assert!(moment(&result, &format!("{ENTRANT}: discover-peers done")) > minutes(53));
}

#[test]
fn a_bootstrap_that_stalls_while_it_is_cut_off_finds_peers_when_the_last_of_the_two_is_over() {
    let has_found_peers = |cut_lasts: &str, stall_lasts: &str| {
        let cut = at("34min", &format!(r#"{{"peers-cut": {{"node": "{ENTRANT}", "lasts": "{cut_lasts}"}}}}"#));
        let stall = format!(r#"{{"stalls": {{"node": "{ENTRANT}", "lasts": "{stall_lasts}"}}}}"#);
        let stall = format!(r#"{{"when": {{"at": "35min"}}, "what": {{"bootstrap": {stall}}}}}"#);
        let result = planned_upgrade(&[&cut, &stall]);
        assert_all_befell(&result);
        moment(&result, &format!("{ENTRANT}: discover-peers done"))
    };
    assert!(has_found_peers("2min", "1min") < minutes(40));
    assert!(has_found_peers("30min", "1min") > minutes(64), "the cut is the last to end");
    assert!(has_found_peers("2min", "30min") > minutes(65), "the stall is");
}

#[test]
fn eliding_polls_changes_nothing_under_faults_of_the_cluster() {
    let skew = at("9min", r#"{"clock-skew": {"by": "10min", "ahead": true, "lasts": "20min"}}"#);
    let of = |what: &str| at("20min", what);
    assert_elision_changes_nothing(&[
        vec![of(&format!(r#"{{"machine-lost": {{"under": "{ENTRANT}", "returnsAfter": "20min"}}}}"#)), skew],
        vec![of(&format!(r#"{{"zone-lost": {{"under": "{INCUMBENT}", "returnsAfter": "3min"}}}}"#))],
        vec![of(&format!(r#"{{"machine-drained": {{"under": "{ENTRANT}", "reopensAfter": "3min"}}}}"#))],
        vec![of(&format!(r#"{{"liveness-kill": {{"node": "{ENTRANT}", "container": "sidecar"}}}}"#))],
        vec![of(&format!(r#"{{"dns-fails": {{"node": "{ENTRANT}", "lasts": "20min"}}}}"#))],
        vec![of(&format!(r#"{{"sidecar-cut": {{"node": "{ENTRANT}", "lasts": "20min"}}}}"#))],
        vec![of(&format!(r#"{{"peers-cut": {{"node": "{ENTRANT}", "lasts": "20min"}}}}"#))],
    ]);
}
