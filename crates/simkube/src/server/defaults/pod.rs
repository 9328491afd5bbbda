//! Defaults of pods and of pod templates.

use k8s_openapi::api::core::v1::{Container, PodSecurityContext, PodSpec, Probe};

/// `SetDefaults_PodSpec` and `SetDefaults_Container`; `running` for a pod itself, which takes missing requests from its limits.
pub(super) fn complete(spec: &mut PodSpec, running: bool) {
    set(&mut spec.restart_policy, "Always");
    set(&mut spec.dns_policy, "ClusterFirst");
    set(&mut spec.scheduler_name, "default-scheduler");
    spec.termination_grace_period_seconds.get_or_insert(30);
    spec.security_context.get_or_insert_with(PodSecurityContext::default);
    if running {
        spec.enable_service_links.get_or_insert(true);
    }
    for container in spec.init_containers.iter_mut().flatten().chain(&mut spec.containers) {
        complete_container(container, running);
    }
}

fn complete_container(container: &mut Container, running: bool) {
    let policy = pull_policy(container.image.as_deref().unwrap_or_default());
    set(&mut container.image_pull_policy, policy);
    set(&mut container.termination_message_path, "/dev/termination-log");
    set(&mut container.termination_message_policy, "File");
    for port in container.ports.iter_mut().flatten() {
        set(&mut port.protocol, "TCP");
    }
    let probes = [&mut container.startup_probe, &mut container.readiness_probe, &mut container.liveness_probe];
    probes.into_iter().flatten().for_each(complete_probe);
    if let Some(resources) = container.resources.as_mut().filter(|_| running) {
        for (name, limit) in resources.limits.iter().flatten() {
            resources.requests.get_or_insert_default().entry(name.clone()).or_insert_with(|| limit.clone());
        }
    }
}

fn complete_probe(probe: &mut Probe) {
    probe.timeout_seconds.get_or_insert(1);
    probe.period_seconds.get_or_insert(10);
    probe.success_threshold.get_or_insert(1);
    probe.failure_threshold.get_or_insert(3);
    if let Some(get) = &mut probe.http_get {
        set(&mut get.path, "/");
        set(&mut get.scheme, "HTTP");
    }
}

/// `Always` for the tag `latest`, written or not; else `IfNotPresent`.
fn pull_policy(image: &str) -> &'static str {
    let name = image.rsplit('/').next().unwrap_or_default();
    let latest = !name.contains('@') && name.split_once(':').is_none_or(|(_, tag)| tag == "latest");
    if latest { "Always" } else { "IfNotPresent" }
}

pub(super) fn set(field: &mut Option<String>, value: &str) {
    if field.as_deref().is_none_or(str::is_empty) {
        *field = Some(value.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_pulled_always_only_under_the_tag_latest() {
        for image in ["seid", "seid:latest", "registry:5000/seid"] {
            assert_eq!(pull_policy(image), "Always", "{image}");
        }
        for image in ["seid:v6.3.0", "registry:5000/seid:v1", "ghcr.io/x/seictl@sha256:2cb3"] {
            assert_eq!(pull_policy(image), "IfNotPresent", "{image}");
        }
    }
}
