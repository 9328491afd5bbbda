//! What a node's planner insists on: controller.md, section 3.

use crate::faithful;
use crate::specs::any_node;
use api::Node;
use planner::PlanError;
use planner::node::{plan_for, validate};
use proptest::prelude::*;

/// The sentence of section 3, written down a second time.
fn is_valid(node: &Node) -> bool {
    let spec = &node.spec;
    let snapshots = spec.full_node.iter().filter_map(|m| m.snapshot.as_ref());
    let mut snapshots = snapshots.chain(spec.validator.iter().filter_map(|m| m.snapshot.as_ref()));
    let images_have_targets = snapshots.all(|s| s.bootstrap_image.as_deref().unwrap_or("").is_empty() || s.s3.is_some());
    let replayer_is_fed = spec.replayer.as_ref().is_none_or(|m| m.snapshot.s3.is_some() && !spec.peers.is_empty());
    images_have_targets && replayer_is_fed
}

proptest! {
    #![proptest_config(crate::fixed())]

    #[test]
    fn a_spec_is_refused_if_and_only_if_section_3_says_so(node in any_node()) {
        prop_assert_eq!(validate(&node).is_ok(), is_valid(&node));
    }
}

#[test]
fn a_node_without_a_mode_has_no_planner() {
    let node = Node::new(api::Meta::new(api::ObjectKey::new("sei", "rpc-0")), api::SeiNodeSpec::default());
    assert!(matches!(validate(&node), Err(PlanError::Choosing(_))));
    assert!(matches!(plan_for(&node, &faithful(), uuid::Uuid::nil), Err(PlanError::Choosing(_))));
}

#[test]
fn a_ceremony_validator_needs_a_chain_and_a_stake() {
    for (chain, stake, valid) in [("c", "1usei", true), ("", "1usei", false), ("c", "", false)] {
        let ceremony = api::node::GenesisCeremony { chain_id: chain.into(), staking_amount: stake.into(), ..Default::default() };
        let validator = api::node::Validator { genesis_ceremony: Some(ceremony), ..Default::default() };
        let spec = api::SeiNodeSpec { validator: Some(validator), ..Default::default() };
        let node = Node::new(api::Meta::new(api::ObjectKey::new("sei", "rpc-0")), spec);
        assert_eq!(validate(&node).is_ok(), valid, "{chain:?} {stake:?}");
    }
}
