//! Which disruption budget guards which pod: what the eviction request and the disruption controller both ask.

use crate::server::Server;
use api::kinds::{Pod, PodDisruptionBudget};
use api::meta::selects;
use api::{AnyObject, Kind, Labels, ObjectKey};
use k8s_openapi::api::policy::v1::PodDisruptionBudgetSpec;

/// Whether the budget's selector takes pods with these labels: no selector takes none, an empty one all of its namespace.
pub(crate) fn guards(budget: &PodDisruptionBudgetSpec, labels: &Labels) -> bool {
    let wanted = |selector: &k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector| {
        selector.match_labels.as_ref().is_none_or(|wanted| selects(wanted, labels))
    };
    budget.selector.as_ref().is_some_and(wanted)
}

/// What of a budget nobody here knows how to honour.
pub(crate) fn beyond_model(budget: &PodDisruptionBudgetSpec) -> Option<&'static str> {
    let expressions = |selector: &k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector| selector.match_expressions.is_some();
    if budget.selector.as_ref().is_some_and(expressions) {
        Some("a selector with expressions")
    } else if budget.min_available.is_some() && budget.max_unavailable.is_some() {
        Some("both minAvailable and maxUnavailable")
    } else {
        None
    }
}

/// The budgets that guard pods with these labels.
pub(crate) fn of<'a>(server: &'a Server, namespace: &'a str, labels: &'a Labels) -> impl Iterator<Item = &'a AnyObject> {
    let budgets = server.of_kind::<PodDisruptionBudget>().filter(move |budget| &*budget.meta.key.namespace == namespace);
    budgets.filter(move |budget| budget.spec_as::<PodDisruptionBudget>().is_some_and(|spec| guards(spec, labels)))
}

/// The pods that a budget guards.
pub(crate) fn guarded<'a>(
    server: &'a Server,
    key: &'a ObjectKey,
    budget: &'a PodDisruptionBudgetSpec,
) -> impl Iterator<Item = &'a AnyObject> {
    let pods = server.objects(&Pod::INFO).filter(move |pod| pod.meta.key.namespace == key.namespace);
    pods.filter(move |pod| guards(budget, &pod.meta.labels))
}
