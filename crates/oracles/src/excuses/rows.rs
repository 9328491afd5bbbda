//! The rows of the excuse table: the specification's four, and those that were added to them, each with the reason why no design could obey the
//! laws that it names.

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Excuse {
    /// Its name.
    pub id: &'static str,
    /// The faults.
    pub fault: &'static str,
    /// The laws; absent: every one.
    pub oracles: Option<&'static [&'static str]>,
    /// What a violation may be about.
    pub scope: &'static str,
    /// Why the laws are impossible.
    pub reason: &'static str,
}

/// The wanted binary is defective.
pub const DEFECTIVE_BINARY: Excuse = Excuse {
    id: "defective-binary",
    fault: "the wanted binary is defective: it panics at its start, at the upgrade or after it, or its tag is wrong",
    oracles: Some(&["stale-serving", "dead-fork-serving", "running-lies", "ready-lies", "not-converged"]),
    scope: "the nodes that run it and the group that wants it; for not-converged, if the incumbents serve",
    reason: "no operator makes a node serve with a binary that cannot",
};

/// A person deletes or edits X.
pub const PERSON_INTERFERES: Excuse = Excuse {
    id: "person-interferes",
    fault: "a person deletes or edits X",
    oracles: None,
    scope: "X, until restored",
    reason: "what a person takes away the operator cannot keep",
};

/// Every machine with a serving node is lost.
pub const MACHINES_LOST: Excuse = Excuse {
    id: "machines-lost",
    fault: "every machine with a serving node is lost",
    oracles: Some(&["no-endpoint"]),
    scope: "the group, until one is back",
    reason: "nothing is left that could serve",
};

/// The chain halts or stalls for ever.
pub const CHAIN_OVER: Excuse = Excuse {
    id: "chain-over",
    fault: "the chain halts or stalls for ever",
    oracles: Some(&["not-converged", "replica-count", "leftover"]),
    scope: "the world",
    reason: "a rollout waits for blocks that never come",
};

/// The operator does not run.
pub const OPERATOR_DOWN: Excuse = Excuse {
    id: "operator-down",
    fault: "the operator does not run, or is not heard: it is down, paused, or stalls, or each of its calls is refused, or its caches hear nothing while its timers fire late",
    oracles: Some(&["ready-lies", "running-lies"]),
    scope: "the group, and the nodes whose pods have become ready or ceased to be since, until the operator runs again and is heard",
    reason: "the phase is the operator's word, and nobody else can take it back",
};

/// The operator learns of a lost machine late.
pub const TOLD_LATE: Excuse = Excuse {
    id: "told-late",
    fault: "machines are lost, and the operator waits for sidecars on them, or its watches are broken; or its calls are slow",
    oracles: Some(&["running-lies", "ready-lies"]),
    scope: "the nodes that were on lost machines, and the group, and all nodes while calls are slow, for 10 s for each of the group's pods on one, for as long as three slow calls take, and for 30 s more while watches are broken, since the pod is not ready any more",
    reason: "that a machine is lost shows after 50 s of the 60 that the laws give; a call to a sidecar on it is waited for 10 s by the one worker, and without a watch only the next look tells",
};

/// The operator's clock is ahead.
pub const CLOCK_AHEAD: Excuse = Excuse {
    id: "clock-ahead",
    fault: "the operator's clock jumps ahead",
    oracles: Some(&["incumbent-deleted-early"]),
    scope: "the group, while the clock is ahead, until as much time has gone by since it jumped, if it did so after clients were told to leave, and by that clock they were so five minutes before",
    reason: "an operator that may be started anew at any moment tells how long it has given clients to leave by what it has written down and by its clock",
};

/// No binary can go on from the fork.
pub const NOTHING_PAST_FORK: Excuse = Excuse {
    id: "nothing-past-the-fork",
    fault: "no rollout can succeed (the wanted binary is defective or lacks the upgrade, a sidecar task fails for ever, there are too few machines), and the network has passed the upgrade",
    oracles: Some(&["not-converged", "not-stable"]),
    scope: "the group, from the upgrade's block on, if its other nodes' binaries lack the upgrade or are defective",
    reason: "the incumbents cannot execute the upgrade's block, and what replaces them does not run: nobody can serve",
};

/// The image that a person sets cannot go where the network is.
pub const BEHIND_FORK: Excuse = Excuse {
    id: "image-behind-the-fork",
    fault: "a person sets an image that lacks an upgrade that the network has passed",
    oracles: Some(&["not-converged"]),
    scope: "the group, from the upgrade's block on, while its other nodes serve",
    reason: "no binary without the upgrade's handler starts on state that is past it, or gets across it: whatever is wanted, the nodes that serve can only be left as they are",
};

/// What is missing cannot be made again.
pub const IRREPLACEABLE: Excuse = Excuse {
    id: "irreplaceable",
    fault: "nodes are taken away (a person deletes them or a node's data, asks for fewer for a while, or for more than there were; or what has run is stopped and cannot start again), and no new node can run: the wanted binary is defective, and was or became so when no node of an image without a defect was left, a sidecar task fails for ever on every node, or on the one that a person has deleted, or the scenario's snapshots or the blocks after them are gone",
    oracles: Some(&["not-converged"]),
    scope: "the group, while no more nodes are missing than were taken; without those that were stopped if an incumbent was deleted early",
    reason: "what is taken away has to be made or started anew, and that it cannot be is not the operator's doing",
};

/// There is no machine for the entrants.
pub const NO_MACHINE_FREE: Excuse = Excuse {
    id: "no-machine-free",
    fault: "a person asks for more nodes than there are machines for, beside those that they are to replace",
    oracles: Some(&["not-converged"]),
    scope: "the group, while it asks for so many and its other nodes serve",
    reason: "other laws forbid to delete an incumbent before all entrants are at the tip",
};

/// Nothing tells how a node comes across the fork.
pub const NOTHING_TO_GO_BY: Excuse = Excuse {
    id: "nothing-to-go-by",
    fault: "something has befallen the world, and a person deletes the last of the group's nodes",
    oracles: Some(&["new-binary-before-halt", "not-converged"]),
    scope: "the nodes that start before a fork that the network has passed, and the group while it has no others",
    reason: "with the last node goes the last state beyond the fork, and the image by which another would come across it: only the template is left to go by",
};

/// The wanted binary refuses what it was wanted for.
pub const REFUSES: Excuse = Excuse {
    id: "refuses-before-upgrade",
    fault: "the wanted binary refuses to run before the upgrade",
    oracles: Some(&["new-binary-before-halt", "not-converged"]),
    scope: "the nodes that run it and were not bootstrapped by another binary, and the group if all that run it are so; for not-converged, unless an incumbent was deleted early",
    reason: "a binary that may run before its upgrade is rolled out without waiting for it: that it refuses shows only when it does, and then no other is wanted",
};

/// An edit has made an incumbent of an entrant on its way.
pub const MADE_INCUMBENT: Excuse = Excuse {
    id: "made-incumbent",
    fault: "a person sets another image, or starts another rollout",
    oracles: Some(&["incumbent-deleted-early"]),
    scope: "the nodes that bootstrap themselves and have never been ready",
    reason: "an entrant that was on its way when the next rollout began counts as its incumbent; if its bootstrap fails it starts over on a new volume, and nobody was ever sent to it",
};

/// A bootstrap has diverged before its target.
pub const NEVER_REACHED: Excuse = Excuse {
    id: "target-never-reached",
    fault: "the group's halt height lies beyond the upgrade, and the old binary does not stop at the upgrade; or something has befallen the world, and no peer keeps the blocks that a bootstrap needs",
    oracles: Some(&["replica-count"]),
    scope: "the group and its nodes, from the upgrade's block on, while the group asks for that height and an entrant's bootstrap waits for it; or while a bootstrap waits for such a block",
    reason: "a bootstrap may wait for its height for days, and that its seid has diverged, or finds no block, and will never reach it looks the same: no interface tells the height of the network",
};

/// The halt height of the spec is not the upgrade's.
pub const HALT_HEIGHT_OFF: Excuse = Excuse {
    id: "halt-height-off",
    fault: "the group's halt height is not the upgrade's: the upgrade was moved or cancelled, or a person moved the halt height; or it never was, and something has befallen the world",
    oracles: Some(&["new-binary-before-halt", "bootstrap-overshoot", "not-converged"]),
    scope: "the nodes whose bootstrap ends at such a height, and the group while it asks for one: if it never was the upgrade's, only where the old binary does not stop at the upgrade",
    reason: "the halt height is all that an operator is told of a fork, and claim C02 has every entrant carry it; at a height that is no upgrade's nothing holds an old binary, and a new one may not start",
};

/// A seid halts before it has executed the block that it has stored.
pub const HALT_BEFORE_COMMIT: Excuse = Excuse {
    id: "halt-before-commit",
    fault: "a seid halts before it commits the block of its halt height",
    oracles: Some(&["new-binary-before-halt"]),
    scope: "the nodes that bootstrap themselves, from then on",
    reason: "seid and sidecar tell the height of the stored blocks: that the last of them was not executed shows nowhere",
};

/// The old binary does not stop at the upgrade.
pub const RUNS_PAST_UPGRADE: Excuse = Excuse {
    id: "runs-past-upgrade",
    fault: "the old binary does not stop at the upgrade",
    oracles: Some(&["old-binary-past-halt", "lineage-diverged", "bootstrap-overshoot"]),
    scope: "the nodes that run it, or whose pods still do, or that bootstrap themselves with it",
    reason: "only the binary itself stops at an exact block: a halt height is followed late and once more after each restart, and a container that is stopped is started again",
};

/// Whether the old binary goes on rightly is not known.
pub const RUNS_ON_UNKNOWN: Excuse = Excuse {
    id: "runs-on-unknown",
    fault: "the old binary does not stop at the upgrade",
    oracles: Some(&["dead-fork-serving", "stale-serving"]),
    scope: "the nodes that run it, if all entrants are on their way across the upgrade (or to the height to which the spec was moved, once one was, or from which the upgrade was moved back), or since the operator does not run, until it has run for 45 s, and for as long as its timers, its calls and then clients are late, since one of them had gone on beyond it and was not far behind, and while no sidecar of one that has can be asked",
    reason: "an incumbent that goes on beyond the halt height looks the same where the upgrade was moved or cancelled, and there clients must reach it: only a new binary that goes on tells the two apart, and only half a minute of good answers that it is not far behind itself; an operator that does not run does neither",
};

/// Nothing is left but nodes that have diverged.
pub const ONLY_DIVERGED: Excuse = Excuse {
    id: "only-diverged",
    fault: "the old binary does not stop at the upgrade, and no rollout can come across it: none can succeed, or the halt height is not the upgrade's",
    oracles: Some(&["dead-fork-serving", "stale-serving", "ready-lies"]),
    scope: "the nodes that run the old binary or bootstrap themselves with it, and the group, from the upgrade's block on, while no node of the wanted image has executed that block and serves",
    reason: "incumbents that have diverged go on being called ready, and other laws forbid to delete them before an entrant is at the tip, to select nobody, and to keep more nodes than are asked for",
};

/// Only pods that have diverged are left to be selected.
pub const DIVERGED_ALONE: Excuse = Excuse {
    id: "diverged-alone",
    fault: RUNS_PAST_UPGRADE.fault,
    oracles: Some(&["selector-matches-nothing"]),
    scope: "the group, from the upgrade's block on, while it has pods of nodes, and all of them have diverged",
    reason: "a selector that matches one sends clients to a state that is not the network's, which other laws forbid, and those that were not to be sent to it are on their way",
};

/// An entrant was bootstrapped beyond the upgrade.
pub const BOOTSTRAPPED_BEYOND: Excuse = Excuse {
    id: "bootstrapped-beyond",
    fault: "the group's halt height lies beyond the upgrade, and the old binary does not stop at the upgrade",
    oracles: Some(&["stale-serving", "dead-fork-serving"]),
    scope: "the nodes whose bootstrap ends at or beyond the upgrade's block",
    reason: "its target was reached, with a state that is not the network's; it has no peers any more, and is called ready for as long as it runs",
};

/// Entrants that came across alone cannot stay.
pub const GIVEN_UP: Excuse = Excuse {
    id: "given-up-past-the-fork",
    fault: ONLY_DIVERGED.fault,
    oracles: Some(&["no-endpoint"]),
    scope: "the group, from the upgrade's block on, while no node of the wanted image serves and every pod that is ready and serves is being deleted, unless an incumbent was deleted early",
    reason: "a rollout of which some entrants never come has to be given up: other laws forbid to keep more nodes than are asked for, and to delete incumbents before all entrants are at the tip; and while those that came are stopping, incumbents that have diverged are called ready",
};

/// A binary has stopped executing, and nothing tells it yet.
pub const STUCK_UNSEEN: Excuse = Excuse {
    id: "stuck-unseen",
    fault: "the wanted binary panics at a block",
    oracles: Some(&["no-endpoint"]),
    scope: "the group, while every entrant that is ready and not at the tip is stuck beyond the fork that it was made for, and no further behind than its probe has shown yet",
    reason: "a seid that panics in consensus goes on answering, and is called ready until it is 300 blocks behind: it cannot be known that clients are sent to it in vain",
};

/// No peer keeps the next block of a node that is hardly behind.
pub const PRUNED_UNSEEN: Excuse = Excuse {
    id: "pruned-unseen",
    fault: "peers keep too few blocks",
    oracles: Some(&["dead-fork-serving", "stale-serving"]),
    scope: "the nodes whose next block no peer keeps, while they are within 300 blocks and the time of the probe, or have been called ready for two minutes at most, or not for no longer than clients follow late",
    reason: "such a node is called ready until it is 300 blocks behind, which takes as long as the chain does: no interface tells before that it stands still",
};

/// A binary that has served stops at a block.
pub const PANICS_LATER: Excuse = Excuse {
    id: "panics-later",
    fault: "the wanted binary panics at a block",
    oracles: Some(&["not-stable"]),
    scope: "the group, from that block on",
    reason: "a group that has converged consists of nodes with that binary: it served until then, and gets no further",
};

/// A node has no peers.
pub const NO_PEERS: Excuse = Excuse {
    id: "no-peers",
    fault: "a node reaches no peer: it is cut off, or there is none",
    oracles: Some(&["stale-serving", "ready-lies"]),
    scope: "the nodes without peers and the group, until they have reached one for 45 s",
    reason: "a node without peers cannot know that it is behind and says that it is not; no interface tells the operator a node's height",
};

/// Clients follow a change of endpoints late.
pub const CLIENTS_LATE: Excuse = Excuse {
    id: "clients-follow-late",
    fault: "endpoints or the data plane follow, or the operator's calls are carried out, later than the law allows",
    oracles: Some(&["no-endpoint"]),
    scope: "the group, while that lasts: from the upgrade's block on; and if those who are not reached yet became ready too late to be, or were left for entrants that are gone, as long as the operator selects them, has not started them anew, and has deleted no incumbent early, or as long as its calls to select them are on their way",
    reason: "clients learn late of one that has become ready, whatever selects it: at the upgrade old binaries stop by themselves, and no new one is ready before it; and those whom faults stop nobody can keep",
};

/// Those who could serve are on their way out.
pub const ONLY_LEAVING: Excuse = Excuse {
    id: "only-leaving",
    fault: "machines are lost, nodes reach no peer, clients follow late, or the old binary does not stop at the upgrade",
    oracles: Some(&["no-endpoint"]),
    scope: "the group, while every pod that is ready and serves is being deleted (not because the operator has changed it, without an incumbent deleted early, and not by the operator beside a pod that has diverged), or is one that clients had to leave before it is, and each pod that clients are sent to is on a lost machine, without peers (and for 45 s more) but beyond its snapshot, or has diverged; or, while all who could serve are being deleted, is not ready and left late",
    reason: "clients are sent to pods that are being deleted only where no other is called ready: those of a lost machine, those without peers and those that have diverged are for longer than the others live, no interface tells of it in time, and whoever stops the others is not asked back; and before incumbents may be deleted nobody may be sent to them any more",
};

/// What a call was decided by changes while it is on its way.
pub const CALL_ON_ITS_WAY: Excuse = Excuse {
    id: "call-on-its-way",
    fault: "while a call of the operator is on its way the spec is edited, or an entrant's seid or machine is lost; or all other machines are lost within 2 s of its effect",
    oracles: Some(&["entrant-misconfigured", "incumbent-deleted-early", "no-endpoint"]),
    scope: "the node that the call creates or deletes; and the group, while the only pod that could serve is one that the call has had started anew",
    reason: "a call that has been sent cannot be taken back, and the API server checks no precondition on any object but the one that is called for",
};

/// A person has taken the last nodes that had pods.
pub const NOBODY_LEFT: Excuse = Excuse {
    id: "nobody-left",
    fault: "a person deletes nodes, or their volumes",
    oracles: Some(&["selector-matches-nothing"]),
    scope: "the group, while no node has a pod, for a minute from when a person last took one, and while no node that is there has ever been ready",
    reason: "no selector matches a pod where there is none, and those that take the place of what was taken bootstrap themselves first",
};

/// A node that is behind is called ready.
pub const BEHIND_UNSEEN: Excuse = Excuse {
    id: "behind-unseen",
    fault: "something has befallen the world",
    oracles: Some(&["incumbent-deleted-early"]),
    scope: "the group, while clients reach no incumbent, and every entrant that is not at the tip is called ready, and either reaches no peer (and for 45 s more) but is beyond its snapshot, or has been called so for two minutes, is past the fork that it was made for, and no further behind than its probe has shown yet",
    reason: "a node is called ready without peers, and up to 300 blocks behind: one that is stuck, stopping or as slow as the chain looks like one at the tip, and no interface tells a node's height; a design can wait until readiness has shown all that it can, and a fault can strike after that",
};

/// A node has its peers back.
pub const CATCHING_UP: Excuse = Excuse {
    id: "catching-up",
    fault: "a node reached no peer, and does so again",
    oracles: Some(&["not-stable"]),
    scope: "the group, for two minutes, while no more nodes are missing than were cut off",
    reason: "a node that has its peers back is called ready until its probe has failed for what it was behind, though it may have caught up meanwhile: that it serves and is ready in between is no doing of the operator's",
};

/// All peers have stopped at the upgrade.
pub const PEERS_UPGRADE: Excuse = Excuse {
    id: "peers-upgrade",
    fault: "something has befallen the world, and every external peer has stopped at the upgrade's block and has not upgraded yet",
    oracles: Some(&["stale-serving", "ready-lies"]),
    scope: "the group's nodes, and the group by itself while all that is wrong with them is that they are behind, until the first peer has been up for 45 s",
    reason: "a node that is behind when the last peer stops has nobody left to tell it so, and says that it is not; no interface tells the operator a node's height",
};

/// The table.
pub const EXCUSES: &[Excuse] = &[
    DEFECTIVE_BINARY,
    PERSON_INTERFERES,
    MACHINES_LOST,
    CHAIN_OVER,
    OPERATOR_DOWN,
    TOLD_LATE,
    CLOCK_AHEAD,
    NOTHING_PAST_FORK,
    BEHIND_FORK,
    IRREPLACEABLE,
    NO_MACHINE_FREE,
    NOTHING_TO_GO_BY,
    REFUSES,
    MADE_INCUMBENT,
    NEVER_REACHED,
    HALT_HEIGHT_OFF,
    HALT_BEFORE_COMMIT,
    RUNS_PAST_UPGRADE,
    RUNS_ON_UNKNOWN,
    ONLY_DIVERGED,
    DIVERGED_ALONE,
    BOOTSTRAPPED_BEYOND,
    GIVEN_UP,
    STUCK_UNSEEN,
    PRUNED_UNSEEN,
    PANICS_LATER,
    NO_PEERS,
    CLIENTS_LATE,
    ONLY_LEAVING,
    CALL_ON_ITS_WAY,
    NOBODY_LEFT,
    BEHIND_UNSEEN,
    CATCHING_UP,
    PEERS_UPGRADE,
];
