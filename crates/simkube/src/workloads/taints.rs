//! Taints of machines, and the tolerations by which pods put up with them.
//!
//! Follows `ToleratesTaint` of k8s.io/component-helpers. The two tolerations of 300 s that the admission plugin `DefaultTolerationSeconds`
//! gives to every pod are not written into pods here: [`patience`] counts them in.

use crate::profile::ClusterProfile;
use k8s_openapi::api::core::v1::{PodSpec, Taint, Toleration};
use std::time::Duration;

/// On a machine that is cordoned.
pub(super) const UNSCHEDULABLE: &str = "node.kubernetes.io/unschedulable";
/// On a machine that no longer reports.
pub(super) const UNREACHABLE: &str = "node.kubernetes.io/unreachable";
/// Keeps new pods away.
pub(super) const NO_SCHEDULE: &str = "NoSchedule";
/// Keeps new pods away and evicts those that are there.
pub(super) const NO_EXECUTE: &str = "NoExecute";

/// Whether the pod may be placed in spite of the taint.
pub(super) fn tolerates(pod: &PodSpec, taint: &Taint) -> bool {
    pod.tolerations.iter().flatten().any(|toleration| matches(toleration, taint))
}

/// How long the pod stays on an unreachable machine: as short as its tolerations say, for ever (`None`) if one sets no time, and as long as
/// the default ones say if it has none of its own.
pub(super) fn patience(pod: &PodSpec, profile: &ClusterProfile) -> Option<Duration> {
    let taint = taint(UNREACHABLE, NO_EXECUTE);
    let mut own = pod.tolerations.iter().flatten().filter(|toleration| matches(toleration, &taint)).peekable();
    if own.peek().is_none() {
        return Some(profile.eviction);
    }
    let seconds = own.filter_map(|toleration| toleration.toleration_seconds).min()?;
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

/// A taint without a value.
pub(super) fn taint(key: &str, effect: &str) -> Taint {
    Taint { key: key.to_owned(), effect: effect.to_owned(), ..Taint::default() }
}

fn matches(toleration: &Toleration, taint: &Taint) -> bool {
    let given = |field: &Option<String>| field.clone().filter(|text| !text.is_empty());
    let exists = toleration.operator.as_deref() == Some("Exists");
    given(&toleration.effect).is_none_or(|effect| effect == taint.effect)
        && given(&toleration.key).map_or(exists, |key| key == taint.key)
        && (exists || given(&toleration.value) == given(&taint.value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(key: Option<&str>, effect: Option<&str>, seconds: Option<i64>) -> PodSpec {
        let toleration = Toleration {
            key: key.map(str::to_owned),
            effect: effect.map(str::to_owned),
            operator: Some("Exists".to_owned()),
            toleration_seconds: seconds,
            ..Toleration::default()
        };
        PodSpec { tolerations: Some(vec![toleration]), ..PodSpec::default() }
    }

    #[test]
    fn a_toleration_matches_by_key_and_effect_and_without_either_matches_all() {
        let taint = taint(UNREACHABLE, NO_SCHEDULE);
        assert!(tolerates(&pod(None, None, None), &taint));
        assert!(tolerates(&pod(Some(UNREACHABLE), None, None), &taint));
        assert!(!tolerates(&pod(Some(UNREACHABLE), Some(NO_EXECUTE), None), &taint));
        assert!(!tolerates(&pod(Some("dedicated"), None, None), &taint));
    }

    #[test]
    fn a_pod_stays_on_an_unreachable_machine_as_long_as_it_tolerates_it() {
        let profile = ClusterProfile::default();
        assert_eq!(patience(&PodSpec::default(), &profile), Some(Duration::from_secs(300)));
        assert_eq!(patience(&pod(Some("dedicated"), None, None), &profile), Some(Duration::from_secs(300)));
        assert_eq!(patience(&pod(Some(UNREACHABLE), None, Some(20)), &profile), Some(Duration::from_secs(20)));
        assert_eq!(patience(&pod(None, None, None), &profile), None);
    }
}
