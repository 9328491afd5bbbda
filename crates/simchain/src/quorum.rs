//! Our own validators: which of them sign, whether their power is needed for blocks, and what two that share a key come to.
//!
//! A data directory never signs twice, since its lock lets one process in. Two directories with one key do: the key is tombstoned, and its
//! power counts no more (chain.md, sections 1 and 2). What lies before the scenario's start is given: power counts from then on.

use crate::Context;
use crate::boundary::{Happening, Output, PodId};
use crate::chain::Chain;
use crate::seid::Seid;
use simcore::SimTime;
use std::collections::BTreeMap;
use std::sync::Arc;

impl Chain {
    /// Weighs the power that signs now. Call it after every change in a process.
    pub(crate) fn weigh(&mut self, cx: &mut Context<'_>) {
        if self.profile.validators.nodes.is_empty() || cx.now <= SimTime::ZERO {
            return;
        }
        let signers = self.signers();
        for (key, pods) in signers.iter().filter(|(_, pods)| pods.len() > 1) {
            if self.tombstoned.insert(key.clone()) {
                let height = self.network.height(cx.now).plus(1);
                let what = Happening::DoubleSigned { key: key.clone(), height };
                let pod = *pods.last().expect("two at least");
                cx.tell(Output::Happened { node: self.pods[&pod].node.clone(), pod, what });
            }
        }
        if self.network.set_quorum(cx.now, self.has_quorum(&signers)) {
            self.replan(cx);
        }
    }

    /// The pods whose seid signs, by key.
    fn signers(&self) -> BTreeMap<Arc<str>, Vec<PodId>> {
        let mut signers: BTreeMap<Arc<str>, Vec<PodId>> = BTreeMap::new();
        for (id, pod) in self.pods.iter().filter(|(_, pod)| pod.seid.as_ref().is_some_and(Seid::signs)) {
            if let Some(key) = self.profile.validators.key_of(&pod.node) {
                signers.entry(key.clone()).or_default().push(*id);
            }
        }
        signers
    }

    /// Whether more than two thirds of the voting power sign. A tombstoned key has left the set of validators.
    fn has_quorum(&self, signers: &BTreeMap<Arc<str>, Vec<PodId>>) -> bool {
        let validators = &self.profile.validators;
        let (mut present, mut total) = (u128::from(validators.external_power), u128::from(validators.external_power));
        for (key, power) in validators.keys().into_iter().filter(|(key, _)| !self.tombstoned.contains(*key)) {
            total += u128::from(power);
            present += if signers.contains_key(key) { u128::from(power) } else { 0 };
        }
        3 * present > 2 * total
    }

    /// The moments of blocks to come, or the peers, have changed: every seid looks again.
    pub(crate) fn replan(&mut self, cx: &mut Context<'_>) {
        let pods: Vec<PodId> = self.pods.keys().copied().collect();
        for pod in pods {
            self.with_seid(cx, pod, Seid::replan);
        }
    }
}
