//! Step 8: the ServiceMonitor named like the group.

use super::wanted::Wanted;
use super::{conditions, foreign, selector};
use crate::Operator;
use crate::conditions::Saying;
use api::group::ServiceMonitorSpec;
use api::group::condition_type::SERVICE_MONITOR_READY;
use api::kinds::ServiceMonitor;
use api::memo::Memo;
use api::names::GROUP_MANAGER;
use api::{Group, Labels, Object};
use ports::{ApiError, Ports};
use serde_json::json;

const DEFAULT_INTERVAL: &str = "30s";

thread_local! {
    static DESIRED: Memo<Wanted, Object<ServiceMonitor>> = const { Memo::new() };
}

/// Applies the monitor, or deletes it when the spec has none.
pub async fn reconcile<P: Ports>(ports: &P, operator: &Operator, group: &mut Group) -> Result<(), ApiError> {
    let spec = group.spec.clone();
    let Some(monitor) = spec.monitoring.as_ref().and_then(|monitoring| monitoring.service_monitor.as_ref()) else {
        conditions::remove(group, SERVICE_MONITOR_READY);
        return foreign::delete::<P, ServiceMonitor>(ports, group).await;
    };
    let monitor = DESIRED.with(|memo| memo.of(&Wanted::by(operator, group), || desired(operator, group, monitor)));
    let applied = ports.apply(GROUP_MANAGER, monitor).await;
    if conditions::unless_not_installed(ports, group, SERVICE_MONITOR_READY, applied)?.is_some() {
        let message = "the monitor is applied";
        conditions::announce(ports, group, Saying { kind: SERVICE_MONITOR_READY, holds: true, reason: "ServiceMonitorReady", message });
    }
    Ok(())
}

fn desired(operator: &Operator, group: &Group, monitor: &ServiceMonitorSpec) -> Object<ServiceMonitor> {
    let interval = monitor.interval.as_deref().unwrap_or(DEFAULT_INTERVAL);
    let spec = json!({
        "selector": { "matchLabels": selector::current(operator, group) },
        "endpoints": [{ "port": "metrics", "interval": interval }],
    });
    Object::new(foreign::meta(group, group.name(), &monitor.labels, &Labels::new()), spec)
}
