//! The bounds and CEL rules of the `SeiNode` schema.

use super::findings::Findings;
use super::quantity;
use api::node::{Entrypoint, GenesisCeremony, PeerSource, SeiNodeSpec, SnapshotGeneration, SnapshotSource};
use std::fmt::Arguments;

/// Validates a node's spec that stands at `path`.
pub(super) fn check(findings: &mut Findings, path: Arguments<'_>, spec: &SeiNodeSpec) {
    findings.length(format_args!("{path}.chainId"), &spec.chain_id, 1, usize::MAX);
    findings.length(format_args!("{path}.image"), &spec.image, 1, 512);
    if let Some(entrypoint) = &spec.entrypoint {
        check_entrypoint(findings, format_args!("{path}.entrypoint"), entrypoint);
    }
    for (index, peer) in spec.peers.iter().enumerate() {
        check_peer(findings, format_args!("{path}.peers[{index}]"), peer);
    }
    if let Some(resources) = spec.sidecar.as_ref().and_then(|sidecar| sidecar.resources.as_ref()) {
        quantity::resources(findings, format_args!("{path}.sidecar.resources"), resources);
    }
    check_modes(findings, path, spec);
    let modes = [spec.full_node.is_some(), spec.archive.is_some(), spec.replayer.is_some(), spec.validator.is_some()];
    let count = modes.into_iter().filter(|set| *set).count();
    findings.rule(count == 1, path, "exactly one of fullNode, archive, replayer, or validator must be set");
    findings.rule(spec.replayer.is_none() || !spec.peers.is_empty(), path, "peers is required when replayer mode is set");
}

fn check_modes(findings: &mut Findings, path: Arguments<'_>, spec: &SeiNodeSpec) {
    if let Some(full) = &spec.full_node {
        check_snapshot(findings, format_args!("{path}.fullNode.snapshot"), full.snapshot.as_ref());
        check_generation(findings, format_args!("{path}.fullNode.snapshotGeneration"), full.snapshot_generation.as_ref());
    }
    if let Some(archive) = &spec.archive {
        check_generation(findings, format_args!("{path}.archive.snapshotGeneration"), archive.snapshot_generation.as_ref());
    }
    if let Some(replayer) = &spec.replayer {
        check_snapshot(findings, format_args!("{path}.replayer.snapshot"), Some(&replayer.snapshot));
        if let Some(export) = &replayer.result_export {
            findings.length(format_args!("{path}.replayer.resultExport.canonicalRpc"), &export.canonical_rpc, 1, usize::MAX);
        }
    }
    if let Some(validator) = &spec.validator {
        check_snapshot(findings, format_args!("{path}.validator.snapshot"), validator.snapshot.as_ref());
        if let Some(ceremony) = &validator.genesis_ceremony {
            check_ceremony(findings, format_args!("{path}.validator.genesisCeremony"), ceremony);
        }
    }
}

fn check_entrypoint(findings: &mut Findings, path: Arguments<'_>, entrypoint: &Entrypoint) {
    findings.items(format_args!("{path}.command"), entrypoint.command.len(), 1, 16);
    findings.items(format_args!("{path}.args"), entrypoint.args.len(), 0, 64);
}

fn check_peer(findings: &mut Findings, path: Arguments<'_>, peer: &PeerSource) {
    if let Some(tags) = &peer.ec2_tags {
        findings.length(format_args!("{path}.ec2Tags.region"), &tags.region, 1, usize::MAX);
        findings.not_empty(format_args!("{path}.ec2Tags.tags"), tags.tags.len());
    }
    if let Some(fixed) = &peer.fixed {
        findings.items(format_args!("{path}.static.addresses"), fixed.addresses.len(), 1, usize::MAX);
    }
    if let Some(label) = &peer.label {
        findings.not_empty(format_args!("{path}.label.selector"), label.selector.len());
    }
    let count = [peer.ec2_tags.is_some(), peer.fixed.is_some(), peer.label.is_some()].into_iter().filter(|set| *set).count();
    findings.rule(count == 1, path, "exactly one of ec2Tags, static, or label must be set");
}

fn check_snapshot(findings: &mut Findings, path: Arguments<'_>, snapshot: Option<&SnapshotSource>) {
    let Some(snapshot) = snapshot else {
        return;
    };
    if let Some(s3) = &snapshot.s3 {
        let height = i64::try_from(s3.target_height.0).unwrap_or(i64::MAX);
        findings.range(format_args!("{path}.s3.targetHeight"), height, 1, i64::MAX);
    }
    findings.rule(snapshot.s3.is_some() != snapshot.state_sync.is_some(), path, "exactly one of s3 or stateSync must be set");
}

fn check_generation(findings: &mut Findings, path: Arguments<'_>, generation: Option<&SnapshotGeneration>) {
    if let Some(generation) = generation {
        findings.range(format_args!("{path}.keepRecent"), i64::from(generation.keep_recent), 2, i64::MAX);
    }
}

fn check_ceremony(findings: &mut Findings, path: Arguments<'_>, ceremony: &GenesisCeremony) {
    findings.length(format_args!("{path}.chainId"), &ceremony.chain_id, 1, usize::MAX);
    findings.length(format_args!("{path}.stakingAmount"), &ceremony.staking_amount, 1, usize::MAX);
    findings.length(format_args!("{path}.accountBalance"), &ceremony.account_balance, 1, usize::MAX);
    findings.range(format_args!("{path}.index"), i64::from(ceremony.index), 0, i64::MAX);
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::Height;
    use api::node::{FullNode, Replayer, S3Snapshot};

    fn causes(spec: &SeiNodeSpec) -> String {
        let mut findings = Findings::default();
        check(&mut findings, format_args!("spec"), spec);
        findings.causes().join("\n")
    }

    fn valid() -> SeiNodeSpec {
        let full_node = Some(FullNode::default());
        SeiNodeSpec { chain_id: "pacific-1".to_owned(), image: "seid:v6".to_owned(), full_node, ..SeiNodeSpec::default() }
    }

    #[test]
    fn a_node_has_exactly_one_mode() {
        assert_eq!(causes(&valid()), "");
        let none = SeiNodeSpec { full_node: None, ..valid() };
        assert!(causes(&none).contains("exactly one of fullNode, archive, replayer, or validator must be set"));
        let two = SeiNodeSpec { archive: Some(api::node::Archive::default()), ..valid() };
        assert!(causes(&two).contains("exactly one of fullNode"));
    }

    #[test]
    fn an_image_has_at_most_512_characters() {
        assert_eq!(causes(&SeiNodeSpec { image: "x".repeat(512), ..valid() }), "");
        assert!(causes(&SeiNodeSpec { image: "x".repeat(513), ..valid() }).contains("spec.image: Too long"));
        assert!(causes(&SeiNodeSpec { image: String::new(), ..valid() }).contains("at least 1 chars long"));
    }

    #[test]
    fn a_snapshot_has_one_source_and_a_target_above_zero() {
        let with = |snapshot| SeiNodeSpec { full_node: Some(FullNode { snapshot: Some(snapshot), ..FullNode::default() }), ..valid() };
        let s3 = |height| SnapshotSource { s3: Some(S3Snapshot { target_height: Height(height) }), ..SnapshotSource::default() };
        assert_eq!(causes(&with(s3(1))), "");
        assert!(causes(&with(s3(0))).contains("targetHeight in body should be greater than or equal to 1"));
        assert!(causes(&with(SnapshotSource::default())).contains("exactly one of s3 or stateSync must be set"));
    }

    #[test]
    fn a_replayer_needs_peers() {
        let snapshot = SnapshotSource { state_sync: Some(api::node::StateSync {}), ..SnapshotSource::default() };
        let replayer = SeiNodeSpec { full_node: None, replayer: Some(Replayer { snapshot, result_export: None }), ..valid() };
        assert_eq!(causes(&replayer), "spec: Invalid value: \"object\": peers is required when replayer mode is set");
    }
}
