//! The bounds and CEL rules of the `SeiNodeDeployment` schema.

use super::findings::Findings;
use super::node;
use api::group::{Genesis, Networking, SeiNodeDeploymentSpec, StrategyType, UpdateStrategy};

/// Validates a group's spec.
pub(super) fn check(findings: &mut Findings, spec: &SeiNodeDeploymentSpec) {
    findings.range("spec.replicas", i64::from(spec.replicas), 1, 100);
    node::check(findings, format_args!("spec.template.spec"), &spec.template.spec);
    if let Some(genesis) = &spec.genesis {
        check_genesis(findings, genesis);
    }
    if let Some(networking) = &spec.networking {
        check_networking(findings, networking);
    }
    if let Some(strategy) = &spec.update_strategy {
        check_strategy(findings, strategy);
    }
    let interval = spec.monitoring.as_ref().and_then(|m| m.service_monitor.as_ref()).and_then(|m| m.interval.as_deref());
    if let Some(interval) = interval {
        findings.pattern(is_interval(interval), "spec.monitoring.serviceMonitor.interval", interval, "^[0-9]+(ms|s|m|h)$");
    }
}

fn check_strategy(findings: &mut Findings, strategy: &UpdateStrategy) {
    let height = strategy.hard_fork.as_ref().map(|fork| i64::try_from(fork.halt_height.0).unwrap_or(i64::MAX));
    if let Some(height) = height {
        findings.range("spec.updateStrategy.hardFork.haltHeight", height, 1, i64::MAX);
    }
    let holds = strategy.kind != StrategyType::HardFork || height.is_some_and(|height| height > 0);
    findings.rule(holds, "spec.updateStrategy", "hardFork strategy requires haltHeight > 0");
}

fn check_networking(findings: &mut Findings, networking: &Networking) {
    if let Some(gateway) = &networking.gateway {
        let hosts = !gateway.hostnames.is_empty() || gateway.base_domain.as_deref().is_some_and(|domain| !domain.is_empty());
        findings.rule(hosts, "spec.networking.gateway", "at least one of hostnames or baseDomain must be set");
    }
    let policy = networking.isolation.as_ref().and_then(|isolation| isolation.authorization_policy.as_ref());
    if let Some(policy) = policy {
        let path = "spec.networking.isolation.authorizationPolicy.allowedSources";
        findings.items(path, policy.allowed_sources.len(), 1, usize::MAX);
        for (index, source) in policy.allowed_sources.iter().enumerate() {
            let holds = source.principals.is_some() || source.namespaces.is_some();
            findings.rule(holds, format_args!("{path}[{index}]"), "at least one of principals or namespaces must be set");
        }
    }
    findings.rule(
        networking.gateway.is_none() || networking.service.is_some(),
        "spec.networking",
        "gateway requires service to be configured",
    );
}

fn check_genesis(findings: &mut Findings, genesis: &Genesis) {
    findings.length("spec.genesis.chainId", &genesis.chain_id, 1, 64);
    findings.pattern(is_chain_id(&genesis.chain_id), "spec.genesis.chainId", &genesis.chain_id, "^[a-z0-9][a-z0-9-]*[a-z0-9]$");
    for (index, account) in genesis.accounts.iter().enumerate() {
        findings.length(format_args!("spec.genesis.accounts[{index}].address"), &account.address, 1, usize::MAX);
        findings.length(format_args!("spec.genesis.accounts[{index}].balance"), &account.balance, 1, usize::MAX);
    }
    if let Some(fork) = &genesis.fork {
        findings.length("spec.genesis.fork.sourceChainId", &fork.source_chain_id, 1, usize::MAX);
        findings.length("spec.genesis.fork.sourceImage", &fork.source_image, 1, usize::MAX);
        let height = i64::try_from(fork.export_height.0).unwrap_or(i64::MAX);
        findings.range("spec.genesis.fork.exportHeight", height, 1, i64::MAX);
    }
}

/// `^[a-z0-9][a-z0-9-]*[a-z0-9]$`
fn is_chain_id(text: &str) -> bool {
    let end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.len() >= 2 && text.starts_with(end) && text.ends_with(end) && text.chars().all(|c| end(c) || c == '-')
}

/// `^[0-9]+(ms|s|m|h)$`
fn is_interval(text: &str) -> bool {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    unit.len() < text.len() && matches!(unit, "ms" | "s" | "m" | "h")
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::Height;
    use api::group::{Gateway, HardFork, NodeTemplate};
    use api::node::{FullNode, SeiNodeSpec};

    fn causes(spec: &SeiNodeDeploymentSpec) -> String {
        let mut findings = Findings::default();
        check(&mut findings, spec);
        findings.causes().join("\n")
    }

    fn valid() -> SeiNodeDeploymentSpec {
        let full_node = Some(FullNode::default());
        let spec = SeiNodeSpec { chain_id: "pacific-1".to_owned(), image: "seid:v6".to_owned(), full_node, ..SeiNodeSpec::default() };
        SeiNodeDeploymentSpec { replicas: 1, template: NodeTemplate { metadata: None, spec }, ..SeiNodeDeploymentSpec::default() }
    }

    #[test]
    fn replicas_lie_between_1_and_100() {
        for good in [1, 100] {
            assert_eq!(causes(&SeiNodeDeploymentSpec { replicas: good, ..valid() }), "");
        }
        for bad in [0, 101] {
            assert!(causes(&SeiNodeDeploymentSpec { replicas: bad, ..valid() }).starts_with("spec.replicas: Invalid value"));
        }
    }

    #[test]
    fn a_hard_fork_needs_a_halt_height() {
        let with = |hard_fork| {
            let strategy = UpdateStrategy { kind: StrategyType::HardFork, hard_fork };
            causes(&SeiNodeDeploymentSpec { update_strategy: Some(strategy), ..valid() })
        };
        assert_eq!(with(Some(HardFork { halt_height: Height(1) })), "");
        assert!(with(Some(HardFork { halt_height: Height(0) })).contains("hardFork strategy requires haltHeight > 0"));
        assert!(with(None).contains("hardFork strategy requires haltHeight > 0"));
    }

    #[test]
    fn a_gateway_needs_a_service_and_a_host() {
        let networking = Networking { gateway: Some(Gateway::default()), ..Networking::default() };
        let causes = causes(&SeiNodeDeploymentSpec { networking: Some(networking), ..valid() });
        assert!(causes.contains("gateway requires service to be configured"));
        assert!(causes.contains("at least one of hostnames or baseDomain must be set"));
    }

    #[test]
    fn patterns_are_those_of_the_schema() {
        assert!(is_chain_id("pacific-1") && !is_chain_id("p") && !is_chain_id("-p1") && !is_chain_id("Pacific"));
        assert!(is_interval("30s") && is_interval("500ms") && !is_interval("s") && !is_interval("30") && !is_interval("1d"));
    }
}
