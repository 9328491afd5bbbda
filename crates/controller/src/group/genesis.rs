//! Step 6d: the conditions that ask for a genesis ceremony.

use super::{conditions, plan_in_progress};
use crate::conditions::Saying;
use api::group::condition_type::{FORK_GENESIS_CEREMONY_NEEDED, GENESIS_CEREMONY_COMPLETE, GENESIS_CEREMONY_NEEDED};
use api::{Group, condition};
use ports::Ports;

/// Sets or removes the two conditions, in memory.
pub fn reconcile<P: Ports>(ports: &P, group: &mut Group) {
    let spec = group.spec.clone();
    let complete = condition::is_true(&group.status.conditions, GENESIS_CEREMONY_COMPLETE);
    let Some(genesis) = spec.genesis.as_ref().filter(|_| !complete) else {
        conditions::remove(group, GENESIS_CEREMONY_NEEDED);
        conditions::remove(group, FORK_GENESIS_CEREMONY_NEEDED);
        return;
    };
    if plan_in_progress(group) {
        return;
    }
    if genesis.fork.is_some() {
        let message = "the group starts from another chain's state";
        conditions::set(ports, group, Saying { kind: FORK_GENESIS_CEREMONY_NEEDED, holds: true, reason: "ForkConfigured", message });
        conditions::remove(group, GENESIS_CEREMONY_NEEDED);
    } else {
        let message = "the group starts a new chain";
        conditions::set(ports, group, Saying { kind: GENESIS_CEREMONY_NEEDED, holds: true, reason: "GenesisConfigured", message });
    }
}
