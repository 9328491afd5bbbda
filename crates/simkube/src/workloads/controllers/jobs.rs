//! The Job controller: one pod to completion, no second try.
//!
//! Follows `syncJob` and `trackJobStatusAndRemoveFinalizers` of v1.33. Each pod carries a finalizer until it has been counted, so that none
//! is lost; the first condition (`SuccessCriteriaMet`, `FailureTarget`) says how the Job will end, the terminal one (`Complete`, `Failed`)
//! follows once every pod has ended and was counted. Counting and removing the finalizer happen at one moment here, so
//! `uncountedTerminatedPods` never shows (a named shortcut).

use crate::workloads::event::Event;
use crate::workloads::keys::Controller;
use crate::workloads::pods;
use crate::workloads::step::Step;
use api::kinds::{Job, Pod};
use api::{AnyObject, Meta, Object, ObjectKey};
use k8s_openapi::api::batch::v1::{JobCondition, JobSpec, JobStatus};
use ports::Propagation;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

const ME: Controller = Controller::Job;
/// Holds a pod until its end has been counted.
const TRACKING: &str = "batch.kubernetes.io/job-tracking";
const JOB_NAME: &str = "batch.kubernetes.io/job-name";
const CONTROLLER_UID: &str = "batch.kubernetes.io/controller-uid";

/// Brings one Job forward.
pub(in crate::workloads) fn sync(step: &mut Step<'_, '_>, key: &ObjectKey) {
    release_orphans(step, key);
    let Some(job) = step.server.typed::<Job>(key) else { return };
    if let Some(what) = beyond_model(&job.spec) {
        return step.unmodelled(format!("Job {key}: {what}"));
    }
    let pods = pods_of(step, &job);
    if is_finished(&job.status) {
        return pods.iter().for_each(|pod| release(step, pod));
    }
    let mut status = JobStatus::clone(&job.status);
    status.start_time = status.start_time.or_else(|| Some(step.wall()));
    count(&pods, &mut status);
    decide(step, &job, &pods, &mut status);
    let finished = is_finished(&status);
    step.patch_status(ME, &job, Object { status: Arc::new(status.clone()), ..job.clone() });
    pods.iter().filter(|pod| outcome(pod).is_some() || job.meta.deleting.is_some()).for_each(|pod| release(step, pod));
    if finished {
        plan_expiry(step, &job);
    } else if is_decided(&status) {
        pods.iter().filter(|pod| is_active(pod)).for_each(|pod| step.delete(ME, pod, Propagation::Background));
    } else if job.meta.deleting.is_none() && !pods.iter().any(is_active) {
        step.create(ME, new_pod(&job));
    }
}

/// A finished Job's time is over: it goes with its pods, unless someone else has begun to delete it.
pub(in crate::workloads) fn expire(step: &mut Step<'_, '_>, key: &ObjectKey, uid: Uuid) {
    let job = step.server.typed::<Job>(key).filter(|job| job.meta.uid == Some(uid) && job.meta.deleting.is_none());
    if let Some(job) = job {
        step.delete(ME, &job, Propagation::Foreground);
    }
}

/// What of the spec this controller does not know how to honour.
fn beyond_model(spec: &JobSpec) -> Option<&'static str> {
    let one = |n: Option<i32>| n.unwrap_or(1) == 1;
    if spec.backoff_limit != Some(0) {
        Some("backoffLimit other than 0")
    } else if !one(spec.parallelism) || !one(spec.completions) {
        Some("parallelism or completions other than 1")
    } else if spec.suspend == Some(true) || spec.active_deadline_seconds.is_some() || spec.pod_failure_policy.is_some() {
        Some("suspend, activeDeadlineSeconds or podFailurePolicy")
    } else if spec.pod_replacement_policy.as_deref().is_some_and(|policy| policy != "TerminatingOrFailed") {
        Some("podReplacementPolicy other than TerminatingOrFailed")
    } else if spec.completion_mode.as_deref().is_some_and(|mode| mode != "NonIndexed") || spec.backoff_limit_per_index.is_some() {
        Some("indexed completion")
    } else if spec.manual_selector == Some(true) || spec.success_policy.is_some() || spec.managed_by.is_some() {
        Some("manualSelector, successPolicy or managedBy")
    } else if spec.template.spec.as_ref().is_some_and(|pod| pod.restart_policy.as_deref() != Some("Never")) {
        Some("a restartPolicy other than Never")
    } else {
        None
    }
}

/// The pods whose label tells of a Job with this key.
fn named_after<'a>(step: &'a Step<'_, '_>, job: &'a ObjectKey) -> impl Iterator<Item = &'a AnyObject> {
    let named = |pod: &&AnyObject| pod.meta.labels.get(JOB_NAME).is_some_and(|name| **name == *job.name);
    step.server.within::<Pod>(&job.namespace).filter(named)
}

fn pods_of(step: &Step<'_, '_>, job: &Object<Job>) -> Vec<Object<Pod>> {
    named_after(step, &job.meta.key).filter(|pod| pod.meta.is_controlled_by(job.meta.uid)).filter_map(AnyObject::typed).collect()
}

/// `true` for a pod that counts as succeeded, `false` for one that counts as failed: a deleted one too.
fn outcome(pod: &Object<Pod>) -> Option<bool> {
    match pod.status.phase.as_deref() {
        Some("Succeeded") => Some(true),
        Some("Failed") => Some(false),
        _ => pod.meta.deleting.is_some().then_some(false),
    }
}

fn is_active(pod: &Object<Pod>) -> bool {
    outcome(pod).is_none()
}

/// Adds what has ended since the last look, and what is to be seen now.
fn count(pods: &[Object<Pod>], status: &mut JobStatus) {
    let uncounted = |wanted| pods.iter().filter(|pod| pod.meta.has_finalizer(TRACKING) && outcome(pod) == Some(wanted)).count();
    let plus = |old: Option<i32>, more: usize| {
        let sum = old.unwrap_or(0) + i32::try_from(more).expect("a Job of one pod has few");
        (sum > 0).then_some(sum)
    };
    status.succeeded = plus(status.succeeded, uncounted(true));
    status.failed = plus(status.failed, uncounted(false));
    let shown = |holds: &dyn Fn(&&Object<Pod>) -> bool| plus(Some(0), pods.iter().filter(holds).count());
    status.active = shown(&|pod| is_active(pod));
    status.ready = shown(&|pod| is_active(pod) && pods::is_ready(&pod.status));
    status.terminating = shown(&|pod| pod.meta.deleting.is_some() && !pods::is_terminal(&pod.status));
}

/// Sets the condition that is due.
fn decide(step: &Step<'_, '_>, job: &Object<Job>, pods: &[Object<Pod>], status: &mut JobStatus) {
    let condition = |kind: &str, reason: &str, message: &str| JobCondition {
        type_: kind.to_owned(),
        status: "True".to_owned(),
        reason: Some(reason.to_owned()),
        message: Some(message.to_owned()),
        last_probe_time: Some(step.wall()),
        last_transition_time: Some(step.wall()),
    };
    let all_ended = pods.iter().all(|pod| pods::is_terminal(&pod.status) && !pod.meta.has_finalizer(TRACKING));
    let (interim, terminal, reason, message) = if status.failed.is_some() {
        ("FailureTarget", "Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit")
    } else if status.succeeded.is_some() {
        ("SuccessCriteriaMet", "Complete", "CompletionsReached", "Reached expected number of succeeded pods")
    } else {
        return;
    };
    let decided = is_decided(&job.status);
    let conditions = status.conditions.get_or_insert_default();
    if !decided {
        conditions.push(condition(interim, reason, message));
    } else if all_ended {
        conditions.push(condition(terminal, reason, message));
        if terminal == "Complete" {
            status.completion_time = Some(step.wall());
        }
    }
}

fn has_any(status: &JobStatus, kinds: [&str; 2]) -> bool {
    status.conditions.iter().flatten().any(|c| kinds.contains(&c.type_.as_str()) && c.status == "True")
}

/// Whether it is settled how the Job will end.
fn is_decided(status: &JobStatus) -> bool {
    has_any(status, ["FailureTarget", "SuccessCriteriaMet"])
}

fn is_finished(status: &JobStatus) -> bool {
    has_any(status, ["Failed", "Complete"])
}

fn new_pod(job: &Object<Job>) -> Object<Pod> {
    let metadata = job.spec.template.metadata.clone().unwrap_or_default();
    let uid = job.meta.uid.expect("a stored Job has a uid").to_string();
    let mut labels = metadata.labels.unwrap_or_default();
    for (key, value) in [(JOB_NAME, job.name()), (CONTROLLER_UID, &uid), ("job-name", job.name()), ("controller-uid", &uid)] {
        labels.insert(key.to_owned(), value.to_owned());
    }
    let meta = Meta {
        generate_name: Some(format!("{}-", job.name()).into()),
        labels: Arc::new(labels),
        annotations: Arc::new(metadata.annotations.unwrap_or_default()),
        finalizers: Arc::from([Arc::from(TRACKING)]),
        owners: Arc::from([job.owner_ref()]),
        ..Meta::new(ObjectKey::new(job.meta.key.namespace.clone(), ""))
    };
    Object::new(meta, job.spec.template.spec.clone().unwrap_or_default())
}

/// Takes the tracking finalizer off a pod.
fn release(step: &mut Step<'_, '_>, pod: &Object<Pod>) {
    if !pod.meta.has_finalizer(TRACKING) {
        return;
    }
    let mut desired = pod.clone();
    desired.meta_mut().finalizers = pod.meta.finalizers.iter().filter(|name| &***name != TRACKING).cloned().collect();
    step.patch(ME, pod, desired);
}

/// Pods whose Job is gone are not counted any more (`syncOrphanPod`).
fn release_orphans(step: &mut Step<'_, '_>, key: &ObjectKey) {
    let alive = step.server.typed::<Job>(key).and_then(|job| job.meta.uid);
    let orphaned = |pod: &&AnyObject| alive.is_none() || !pod.meta.is_controlled_by(alive);
    let orphans: Vec<_> = named_after(step, key).filter(orphaned).filter_map(AnyObject::typed).collect();
    orphans.iter().for_each(|pod| release(step, pod));
}

/// `ttlSecondsAfterFinished` counts from the terminal condition.
fn plan_expiry(step: &mut Step<'_, '_>, job: &Object<Job>) {
    let Some(ttl) = job.spec.ttl_seconds_after_finished else { return };
    let wait = Duration::from_secs(u64::try_from(ttl).unwrap_or(0));
    let (key, uid) = (job.meta.key.clone(), job.meta.uid.expect("a stored Job has a uid"));
    step.after(wait, &("job ttl", &key), Event::JobExpired { job: key.clone(), uid });
}
