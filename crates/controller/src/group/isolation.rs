//! The AuthorizationPolicy named like the group: who may talk to the nodes that serve.

use super::wanted::Wanted;
use super::{conditions, foreign, selector};
use crate::Operator;
use crate::conditions::Saying;
use api::group::condition_type::ISOLATION_READY;
use api::group::{AllowedSource, AuthorizationPolicySpec};
use api::kinds::AuthorizationPolicy;
use api::memo::Memo;
use api::names::GROUP_MANAGER;
use api::{Group, Labels, Object};
use ports::{ApiError, Ports};
use serde_json::{Map, Value, json};

thread_local! {
    /// By group and the controller's principal.
    static DESIRED: Memo<(Wanted, Option<String>), Object<AuthorizationPolicy>> = const { Memo::new() };
}

/// Applies the policy, or deletes it when the spec has none.
pub async fn reconcile<P: Ports>(
    ports: &P,
    operator: &Operator,
    group: &mut Group,
    policy: Option<&AuthorizationPolicySpec>,
) -> Result<(), ApiError> {
    let Some(policy) = policy else {
        conditions::remove(group, ISOLATION_READY);
        return foreign::delete::<P, AuthorizationPolicy>(ports, group).await;
    };
    let controller = operator.settings.controller_principal.as_deref();
    let grounds = (Wanted::by(operator, group), controller.map(str::to_owned));
    let policy = DESIRED.with(|memo| memo.of(&grounds, || desired(operator, group, policy)));
    let applied = ports.apply(GROUP_MANAGER, policy).await;
    if conditions::unless_not_installed(ports, group, ISOLATION_READY, applied)?.is_some() {
        conditions::announce(ports, group, verdict(controller.is_some()));
    }
    Ok(())
}

fn verdict(knows_controller: bool) -> Saying<'static> {
    if knows_controller {
        Saying { kind: ISOLATION_READY, holds: true, reason: "AuthorizationPolicyReady", message: "the policy is applied" }
    } else {
        let message = "the controller's own principal is not configured, so the policy shuts it out";
        Saying { kind: ISOLATION_READY, holds: false, reason: "ControllerSAMissing", message }
    }
}

fn desired(operator: &Operator, group: &Group, policy: &AuthorizationPolicySpec) -> Object<AuthorizationPolicy> {
    let controller = operator.settings.controller_principal.as_deref();
    let mut rules: Vec<Value> = policy.allowed_sources.iter().map(|source| rule(&allowed(source))).collect();
    rules.extend(controller.map(|principal| rule(&json!({ "principals": [principal] }))));
    let spec = json!({ "action": "ALLOW", "rules": rules, "selector": { "matchLabels": selector::current(operator, group) } });
    Object::new(foreign::meta(group, group.name(), &Labels::new(), &Labels::new()), spec)
}

fn rule(source: &Value) -> Value {
    json!({ "from": [{ "source": source }] })
}

fn allowed(source: &AllowedSource) -> Value {
    let parts = [("principals", &source.principals), ("namespaces", &source.namespaces)];
    let set = parts.into_iter().filter_map(|(name, names)| Some((name.to_owned(), json!(names.as_ref()?))));
    Value::Object(set.collect::<Map<_, _>>())
}
