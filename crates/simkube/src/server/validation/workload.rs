//! What the API server demands of the built-in workloads' selectors and pod templates.

use super::findings::Findings;
use api::Labels;
use k8s_openapi::api::apps::v1::StatefulSetSpec;
use k8s_openapi::api::batch::v1::JobSpec;
use k8s_openapi::api::core::v1::PodTemplateSpec;

/// `ValidateStatefulSetSpec`, as far as it is about the template.
pub(super) fn stateful_set(findings: &mut Findings, spec: &StatefulSetSpec) {
    let none = Labels::new();
    let selector = spec.selector.match_labels.as_ref().unwrap_or(&none);
    let labels = spec.template.metadata.as_ref().and_then(|meta| meta.labels.as_ref()).unwrap_or(&none);
    findings.require(!selector.is_empty(), || "spec.selector: Invalid value: {}: empty selector is invalid for statefulset".to_owned());
    findings.require(api::meta::selects(selector, labels), || {
        format!("spec.template.metadata.labels: Invalid value: {labels:?}: `selector` does not match template `labels`")
    });
    let policy = restart_policy(&spec.template);
    findings.require(policy == "Always", || {
        format!("spec.template.spec.restartPolicy: Unsupported value: {policy:?}: supported values: \"Always\"")
    });
    containers(findings, &spec.template);
}

/// `ValidateJobSpec`, as far as it is about the template and the selector, which only a Job with `manualSelector` brings along.
pub(super) fn job(findings: &mut Findings, spec: &JobSpec) {
    let policy = restart_policy(&spec.template);
    findings.require(matches!(policy, "Never" | "OnFailure"), || {
        format!("spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\", not {policy:?}")
    });
    let manual = spec.manual_selector == Some(true);
    findings.require(!manual || spec.selector.is_some(), || "spec.selector: Required value".to_owned());
    containers(findings, &spec.template);
}

fn restart_policy(template: &PodTemplateSpec) -> &str {
    template.spec.as_ref().and_then(|spec| spec.restart_policy.as_deref()).unwrap_or("Always")
}

fn containers(findings: &mut Findings, template: &PodTemplateSpec) {
    let count = template.spec.as_ref().map_or(0, |spec| spec.containers.len());
    findings.require(count > 0, || "spec.template.spec.containers: Required value".to_owned());
}
