//! Defaults of Jobs, and the selector that ties a Job to its own pods.

use super::pod::{self, set};
use k8s_openapi::api::batch::v1::JobSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The label by which a Job finds its pods.
const CONTROLLER_UID: &str = "batch.kubernetes.io/controller-uid";

/// `SetDefaults_Job`.
pub(super) fn complete(spec: &mut JobSpec) {
    if spec.completions.is_none() && spec.parallelism.is_none() {
        spec.completions = Some(1);
    }
    spec.parallelism.get_or_insert(1);
    spec.backoff_limit.get_or_insert(if spec.backoff_limit_per_index.is_some() { i32::MAX } else { 6 });
    set(&mut spec.completion_mode, "NonIndexed");
    set(&mut spec.pod_replacement_policy, if spec.pod_failure_policy.is_some() { "Failed" } else { "TerminatingOrFailed" });
    spec.suspend.get_or_insert(false);
    spec.manual_selector.get_or_insert(false);
    if let Some(template) = &mut spec.template.spec {
        pod::complete(template, false);
    }
}

/// `generateSelector`: labels the template with the Job's uid and name, and selects by the uid.
pub(super) fn bind_to_uid(spec: &mut JobSpec, name: &str, uid: Uuid) {
    if spec.manual_selector == Some(true) {
        return;
    }
    let labels = spec.template.metadata.get_or_insert_default().labels.get_or_insert_default();
    for (key, value) in [(CONTROLLER_UID, uid.to_string()), ("batch.kubernetes.io/job-name", name.to_owned())] {
        labels.insert(key.trim_start_matches("batch.kubernetes.io/").to_owned(), value.clone());
        labels.insert(key.to_owned(), value);
    }
    let labels = BTreeMap::from([(CONTROLLER_UID.to_owned(), uid.to_string())]);
    spec.selector = Some(LabelSelector { match_labels: Some(labels), ..LabelSelector::default() });
}
