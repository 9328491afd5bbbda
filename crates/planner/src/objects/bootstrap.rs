//! The Job that fills a node's volume before its StatefulSet exists, and the Service under whose name its sidecar is reached.

use super::containers::{seid, seid_init, sidecar, words};
use super::services::{headless, service_port};
use super::{owned, pod};
use crate::settings::Settings;
use crate::{Design, FailedBootstrap};
use api::kinds::{Job, Service};
use api::names::{self, label};
use api::node::SnapshotSource;
use api::{Height, Labels, Node, Object};
use k8s_openapi::api::batch::v1::JobSpec;
use k8s_openapi::api::core::v1::PodTemplateSpec;

/// seid's exit code at its halt height (128 + SIGINT) is a success, any other is its own.
const HALT_IS_SUCCESS: &str = "\"$@\"; code=$?; if [ \"$code\" -eq 130 ]; then exit 0; fi; exit \"$code\"";

/// The Service named like the node, for the Job's pod and with the sidecar's port only.
pub fn bootstrap_service(node: &Node) -> Object<Service> {
    let ports = vec![service_port("sidecar", node.spec.sidecar_port())];
    Object::new(owned(node, node.meta.key.name.clone(), labels(node)), headless(labels(node), ports))
}

/// The Job that runs seid up to the target height; `None` without an s3 snapshot, which has that height. Where a Job that is gone would be
/// taken for a failed one and started over, it stays until the plan deletes it.
pub fn bootstrap_job(node: &Node, settings: &Settings, design: &Design) -> Option<Object<Job>> {
    let snapshot = node.spec.snapshot()?;
    let target = snapshot.s3.as_ref()?.target_height;
    let spec = JobSpec {
        backoff_limit: Some(0),
        ttl_seconds_after_finished: match design.failed_bootstrap {
            FailedBootstrap::FailsNode => Some(3600),
            FailedBootstrap::StartsOver => None,
        },
        template: template(node, settings, snapshot, target),
        ..JobSpec::default()
    };
    Some(Object::new(owned(node, names::bootstrap_job(node.name()), labels(node)), spec))
}

/// Not the node's own labels: those are the StatefulSet's selector.
fn labels(node: &Node) -> Labels {
    [(label::NODE, node.name()), (label::COMPONENT, label::BOOTSTRAP)].map(|(key, value)| (key.into(), value.into())).into()
}

/// The pod answers to the same name as the StatefulSet's. The entrypoint override is ignored.
fn template(node: &Node, settings: &Settings, snapshot: &SnapshotSource, target: Height) -> PodTemplateSpec {
    let image = snapshot.bootstrap_image.as_ref().filter(|image| !image.is_empty()).unwrap_or(&node.spec.image);
    let start = words(&["seid", "start", "--home", "/sei", "--halt-height", &target.to_string()]);
    let init = vec![seid_init(node, image), sidecar(node, settings)];
    let mut template = pod::template(node, settings, labels(node), init, seid(node, image, HALT_IS_SUCCESS, start));
    if let Some(spec) = &mut template.spec {
        spec.hostname = Some(names::pod(node.name()));
        spec.subdomain = Some(node.name().into());
        spec.restart_policy = Some("Never".into());
        spec.termination_grace_period_seconds = Some(120);
    }
    template
}
