//! The Kubernetes objects of a node: controller.md, sections 5 and 6.

use crate::faithful;
use crate::specs::any_node;
use api::meta::selects;
use api::names::label;
use api::node::Entrypoint;
use api::{Kind, Node, Object};
use k8s_openapi::api::core::v1::{Container, PodSpec};
use planner::objects::{SEID, SEID_INIT, SIDECAR, bootstrap_job, bootstrap_service, data_claim, headless_service, stateful_set};
use planner::{Design, Settings};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn owned_by<K: Kind>(object: &Object<K>, node: &Node) -> bool {
    let [owner] = &object.meta.owners[..] else { return false };
    object.meta.is_controlled_by(node.meta.uid) && owner.block_owner_deletion && owner.kind == "SeiNode"
}

fn pod(template: &k8s_openapi::api::core::v1::PodTemplateSpec) -> (&BTreeMap<String, String>, &PodSpec) {
    let labels = template.metadata.as_ref().and_then(|meta| meta.labels.as_ref()).expect("labels");
    (labels, template.spec.as_ref().expect("a pod spec"))
}

fn names(containers: &[Container]) -> Vec<&str> {
    containers.iter().map(|container| &*container.name).collect()
}

/// The script of a shell container.
fn script(container: &Container) -> &str {
    let [shell, flag, script, ..] = &container.command.as_ref().expect("a command")[..] else { panic!("a script") };
    assert_eq!((&**shell, &**flag), ("/bin/sh", "-c"));
    script
}

fn volume(spec: &PodSpec) -> Option<(&str, &str)> {
    let [volume] = spec.volumes.as_deref()? else { return None };
    Some((&*volume.name, &*volume.persistent_volume_claim.as_ref()?.claim_name))
}

proptest! {
    #![proptest_config(crate::fixed())]

    #[test]
    fn a_stateful_sets_selector_is_its_pods_labels_and_its_services_selector(node in any_node()) {
        let set = stateful_set(&node, &Settings::default(), &faithful());
        let selector = set.spec.selector.match_labels.clone().expect("a selector");
        prop_assert_eq!(&selector, pod(&set.spec.template).0);
        prop_assert_eq!(&selector, &*set.meta.labels);
        prop_assert_eq!(selector.get(label::NODE).map(String::as_str), Some("rpc-0"));
        prop_assert!(selects(&node.spec.pod_labels, &selector) || node.spec.pod_labels.contains_key(label::NODE));
        let service = headless_service(&node);
        prop_assert_eq!(service.spec.selector.as_ref(), Some(&selector));
        prop_assert_eq!((service.name(), set.name(), set.spec.service_name.as_deref()), ("rpc-0", "rpc-0", Some("rpc-0")));
        prop_assert_eq!(service.spec.ports.as_ref().map(Vec::len), Some(7));
    }

    #[test]
    fn the_bootstrap_service_selects_the_bootstrap_pod_alone(node in any_node()) {
        let selector = bootstrap_service(&node).spec.selector.clone().expect("a selector");
        let set = stateful_set(&node, &Settings::default(), &faithful());
        prop_assert!(!selects(&selector, pod(&set.spec.template).0));
        if let Some(job) = bootstrap_job(&node, &Settings::default(), &faithful()) {
            prop_assert_eq!(&selector, pod(&job.spec.template).0);
        }
    }

    #[test]
    fn everything_belongs_to_its_node(node in any_node()) {
        let settings = Settings::default();
        prop_assert!(owned_by(&stateful_set(&node, &settings, &faithful()), &node) && owned_by(&headless_service(&node), &node));
        prop_assert!(owned_by(&data_claim(&node, &settings), &node) && owned_by(&bootstrap_service(&node), &node));
        prop_assert!(bootstrap_job(&node, &settings, &faithful()).is_none_or(|job| owned_by(&job, &node)));
    }

    #[test]
    fn both_pods_have_the_same_containers_on_the_same_volume(node in any_node()) {
        let set = stateful_set(&node, &Settings::default(), &faithful());
        let job = bootstrap_job(&node, &Settings::default(), &faithful());
        prop_assert_eq!(job.is_some(), node.spec.snapshot().is_some_and(|snapshot| snapshot.s3.is_some()));
        for template in [Some(&set.spec.template), job.as_ref().map(|job| &job.spec.template)].into_iter().flatten() {
            let (_, spec) = pod(template);
            prop_assert_eq!(names(spec.init_containers.as_deref().expect("init containers")), [SEID_INIT, SIDECAR]);
            prop_assert_eq!(names(&spec.containers), [SEID]);
            prop_assert_eq!(volume(spec), Some(("data", "data-rpc-0")));
            prop_assert_eq!(spec.share_process_namespace, Some(true));
            let sidecar = &spec.init_containers.as_ref().expect("init containers")[1];
            prop_assert_eq!(sidecar.restart_policy.as_deref(), Some("Always"));
            let asked = format!("http://localhost:{}/v0/healthz;", node.spec.sidecar_port());
            prop_assert!(script(&spec.containers[0]).contains(&asked));
        }
    }

    #[test]
    fn the_jobs_seid_ignores_the_entrypoint_and_halts_at_the_target(node in any_node()) {
        let Some(job) = bootstrap_job(&node, &Settings::default(), &faithful()) else { return Ok(()) };
        let snapshot = node.spec.snapshot().expect("a job comes from a snapshot");
        let target = snapshot.s3.as_ref().expect("an s3 snapshot").target_height.to_string();
        let (_, spec) = pod(&job.spec.template);
        let seid = &spec.containers[0];
        let args: Vec<_> = seid.args.iter().flatten().map(String::as_str).collect();
        prop_assert_eq!(args, ["seid", "start", "--home", "/sei", "--halt-height", &target]);
        let image = snapshot.bootstrap_image.as_deref().filter(|image| !image.is_empty()).unwrap_or(&node.spec.image);
        prop_assert_eq!((seid.image.as_deref(), spec.init_containers.as_ref().and_then(|c| c[0].image.as_deref())), (Some(image), Some(image)));
        prop_assert!(!script(seid).contains("exec \"$@\"") && script(seid).contains("-eq 130"));
        prop_assert!(seid.startup_probe.is_none() && seid.readiness_probe.is_none() && seid.liveness_probe.is_none());
        prop_assert_eq!((spec.hostname.as_deref(), spec.subdomain.as_deref()), (Some("rpc-0-0"), Some("rpc-0")));
        prop_assert_eq!((spec.restart_policy.as_deref(), spec.termination_grace_period_seconds), (Some("Never"), Some(120)));
        prop_assert_eq!((job.spec.backoff_limit, job.spec.ttl_seconds_after_finished, job.spec.active_deadline_seconds), (Some(0), Some(3600), None));
    }

    #[test]
    fn the_stateful_sets_seid_execs_the_entrypoint_or_the_default(node in any_node()) {
        let set = stateful_set(&node, &Settings::default(), &faithful());
        let (_, spec) = pod(&set.spec.template);
        let seid = &spec.containers[0];
        let expected = match &node.spec.entrypoint {
            Some(Entrypoint { command, args }) => [command.clone(), args.clone()].concat(),
            None => ["seid", "start", "--home", "/sei"].map(str::to_owned).into(),
        };
        prop_assert_eq!(seid.args.as_ref(), Some(&expected));
        prop_assert!(script(seid).ends_with("exec \"$@\""));
        let startup = seid.startup_probe.as_ref().expect("a startup probe");
        prop_assert_eq!((startup.period_seconds, startup.failure_threshold), (Some(5), Some(86_400)));
        prop_assert!(seid.readiness_probe.is_some() && seid.liveness_probe.is_none());
    }

    #[test]
    fn where_nodes_have_to_settle_half_a_minute_of_good_answers_makes_a_pod_ready(node in any_node()) {
        let probe = |design: &Design| {
            let set = stateful_set(&node, &Settings::default(), design);
            let probe = pod(&set.spec.template).1.containers[0].readiness_probe.clone().expect("a readiness probe");
            (probe.period_seconds, probe.success_threshold)
        };
        prop_assert_eq!(probe(&faithful()), (Some(10), None));
        prop_assert_eq!(probe(&faithful().with("arrival=settled").expect("a decision")), (Some(10), Some(4)));
    }

    #[test]
    fn an_archive_is_larger(node in any_node()) {
        let claim = data_claim(&node, &Settings::default());
        let storage = claim.spec.resources.as_ref().and_then(|r| r.requests.as_ref()).map(|r| r["storage"].0.clone());
        prop_assert_eq!(storage.as_deref(), Some(if node.spec.archive.is_some() { "4000Gi" } else { "2000Gi" }));
        prop_assert_eq!(claim.spec.access_modes.as_deref(), Some(&["ReadWriteOnce".to_owned()][..]));
        prop_assert_eq!(claim.name(), "data-rpc-0");
    }
}
