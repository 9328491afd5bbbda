//! The excuse table: which faults make which laws impossible, and how far.
//!
//! A violation is *excused* if a fault that has fired has a row for its law, every object that it names lies in the row's scope, and what is
//! wrong began after the fault fired. An excused violation is told and counted like any other, with its row; it only does not decide the
//! world's outcome. The table is the specification's (`faults.md`, "Excuse"). A change that adds a row may not change a design.
//!
//! What the table means where it could be read in two ways, always the narrower one:
//! * *The wanted binary is defective*: it panics when it starts or at a block, or the registry lacks its image. Its scope are the nodes that
//!   run it and the group that wants it. `not-converged` is excused only while incumbents serve in the numbers that the group asks for.
//! * *A person deletes or edits X* is interference with what the operator owns, and the deletion of the group. An edit of the group's spec is
//!   none: the spec is there to be edited. X is the object and what belongs to it by name, a node's pods and claim, a group's everything. It is restored
//!   when an object of that name is there again that nobody is deleting, or when the edited fields are no longer as the person left them. A gap in
//!   serving that was younger than `no-endpoint` allows when the group was deleted is excused, too: it had the rest of that time left.
//! * *Every machine with a serving node is lost*: those on which nodes served just before. The scope ends when the first of them is back.
//! * *The chain halts or stalls for ever*: from its last block on, and for the laws that ask what a rollout comes to, since rollouts wait for
//!   blocks. A world in which a rollout waits for a height beyond the last block is unconverged as of that block, even if nothing happens
//!   any more before it.
//!
//! The rows that were added to the specification's four, with the same narrowness:
//! * *The operator does not run*: no process of it leads, or the one that does stalls, or the API server refuses its calls. What was wrong for no longer than the law lets it be when the
//!   operator stopped is excused, too, if it had not written the group since: it had the rest of that time left.
//! * *The operator learns late* of machines that are lost, counted from when their pods are no longer ready: what happens before is the law's own time.
//! * *The operator's clock is ahead* since clients were told to leave: where it was so before, both ends of a wait are told by the same clock.
//! * *An entrant on its way was made an incumbent* only if no pod of that very node was ever ready.
//! * *Only pods that have diverged are left* speaks of the selector alone, and *bootstrapped beyond the upgrade* of the nodes with such a target alone.
//! * *Nothing runs past the fork* speaks of the group alone, from the upgrade's block on, and only if its other nodes' binaries lack the upgrade.
//! * *The image is behind the fork* asks what a defective binary does: that other nodes serve in the numbers that the group asks for.
//! * *What is missing cannot be made again* counts a node once for a person who deletes it or a fault that stops it, and the fewest replicas that somebody
//!   asked for; all that was not taken has to serve, with whatever image. A node that is asked for four minutes before no new one can run could not have
//!   been ready in time. One that was up and not ready then could have been made ready, by an operator that ran: it is not counted.
//! * *No machine is free* asks for twice as many nodes as a person wants to be more than there are machines, and that other nodes serve in those numbers;
//!   past a fork, where they cannot, *nothing runs past the fork* speaks of it.
//! * *Nothing to go by* speaks of nodes whose snapshot lies before a passed fork, since a person deleted the last of those that were beyond it.
//! * *The binary refuses before the upgrade* speaks of no node that was bootstrapped up to the upgrade by another.
//! * *A target that is never reached* lies beyond the upgrade, the group still asks for it, and the bootstrap of an entrant that was made for it has not ended.
//! * *Only nodes that have diverged are left* needs both: an old binary that goes on, and a rollout that cannot come across the upgrade. It ends with
//!   the first node of the wanted image that serves beyond it. A rollout may be lost after the incumbents have diverged: until then there was time left.
//! * *The halt height is not the upgrade's*: of the nodes that were made for such a height, and of the group while its spec names one; of the group only if
//!   somebody moved the one or the other, or the old binary runs on.
//! * What a scenario says from the beginning is no fault, but for a defective binary and a chain that halts for ever: a halt height that is no upgrade's, an old
//!   binary that ignores upgrades, a binary that panics later, and the deletion of all nodes by the timeline excuse only once something has befallen the world.
//! * *Clients follow late* speaks of the time from the upgrade's block on, where incumbents stop by themselves. Before it they can be kept, unless faults stop
//!   them: then it speaks of those alone who became ready too late to be reached.
//! * *Only leaving pods* are those of whatever node, whoever stops them, unless the operator has deleted an incumbent early; and those of incumbents while
//!   a rollout is in progress that has switched traffic to its entrants, since no incumbent may be deleted while clients are sent to one.

mod rows;

pub use rows::*;

use crate::docket::{EventNumber, ObjectRef, Violation};
use api::names;
use simcore::SimTime;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A fault with a row that has fired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fired {
    /// The row.
    pub row: &'static Excuse,
    /// When.
    pub at: SimTime,
    /// The entry of the history that tells it; the first one's for what the scenario has from the beginning.
    pub event: EventNumber,
    /// How far the row reaches now.
    pub scope: Scope,
    /// When its scope ended, if it did.
    pub until: Option<SimTime>,
}

/// What a violation may be about to be excused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Nodes with what belongs to them, and the group by itself.
    NodesAndGroup {
        /// The nodes.
        nodes: BTreeSet<Arc<str>>,
        /// The group, if it is one of them.
        group: Option<ObjectRef>,
        /// Whether as many nodes as the group asks for serve without the defective binary.
        incumbents_serve: bool,
    },
    /// An object with what belongs to it.
    Object(ObjectRef),
    /// Everything: there is one group in a world.
    All,
}

/// The row that excuses a violation, if one does.
pub fn excuse(violation: &Violation, fired: &[Fired]) -> Option<&'static str> {
    fired.iter().find(|fired| fired.excuses(violation)).map(|fired| fired.row.id)
}

impl Fired {
    fn excuses(&self, violation: &Violation) -> bool {
        let named = self.row.oracles.is_none_or(|oracles| oracles.contains(&violation.oracle));
        named && self.fired_before(violation) && self.scope.covers(violation)
    }

    /// Whether what is wrong began after the fault fired, and before its scope ended.
    fn fired_before(&self, violation: &Violation) -> bool {
        let (since, events) = (violation.finding.since, &violation.finding.events);
        let after = since > self.at || (since == self.at && events.iter().all(|event| *event > self.event));
        after && self.until.is_none_or(|until| since < until)
    }
}

impl Scope {
    fn covers(&self, violation: &Violation) -> bool {
        let objects = &violation.finding.objects;
        match self {
            Self::All => true,
            Self::Object(x) => !objects.is_empty() && objects.iter().all(|object| belongs_to(object, x)),
            Self::NodesAndGroup { nodes, group, incumbents_serve } => {
                let of_nodes = |object: &ObjectRef| nodes.iter().any(|node| belongs_to(object, &ObjectRef::node(node.clone())));
                let inside = !objects.is_empty() && objects.iter().all(|object| group.as_ref() == Some(object) || of_nodes(object));
                inside && (violation.oracle != "not-converged" || *incumbents_serve)
            }
        }
    }
}

/// Whether an object is X or belongs to it by the operator's naming.
fn belongs_to(object: &ObjectRef, x: &ObjectRef) -> bool {
    let node = &*x.name;
    object == x
        || match x.kind {
            "SeiNodeDeployment" => true,
            "SeiNode" => match object.kind {
                "StatefulSet" | "Service" => *object.name == *node,
                "PersistentVolumeClaim" => *object.name == names::data_claim(node),
                "Job" => *object.name == names::bootstrap_job(node),
                "Pod" => *object.name == names::pod(node) || is_pod_of_job(&object.name, &names::bootstrap_job(node)),
                _ => false,
            },
            "Job" => object.kind == "Pod" && is_pod_of_job(&object.name, node),
            _ => false,
        }
}

/// Whether a pod is a Job's: by its whole name, or by that without the random part.
fn is_pod_of_job(pod: &str, job: &str) -> bool {
    pod.strip_prefix(job).is_some_and(|rest| rest.is_empty() || (rest.len() == 6 && rest.starts_with('-')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::docket::{Class, Finding};
    use std::time::Duration;

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + Duration::from_secs(seconds)
    }

    fn violation(oracle: &'static str, since: u64, event: u64, objects: &[(&'static str, &str)]) -> Violation {
        let objects = objects.iter().map(|(kind, name)| ObjectRef::new(kind, *name)).collect();
        let finding = Finding { since: at(since), objects, events: vec![EventNumber(event)], message: String::new() };
        Violation { oracle, class: Class::Safety, at: at(1000), finding, excused: None }
    }

    fn fired(row: &'static Excuse, scope: Scope) -> Fired {
        Fired { row, at: at(100), event: EventNumber(7), scope, until: None }
    }

    fn defective(incumbents_serve: bool) -> Fired {
        let nodes = BTreeSet::from(["rpc-g2-0".into(), "rpc-g2-1".into()]);
        fired(&DEFECTIVE_BINARY, Scope::NodesAndGroup { nodes, group: Some(ObjectRef::new("SeiNodeDeployment", "rpc")), incumbents_serve })
    }

    fn person(kind: &'static str, name: &str) -> Fired {
        fired(&PERSON_INTERFERES, Scope::Object(ObjectRef::new(kind, name)))
    }

    fn is_excused(violation: &Violation, fired: &Fired) -> bool {
        excuse(violation, std::slice::from_ref(fired)) == Some(fired.row.id)
    }

    #[test]
    fn each_row_has_a_name_of_its_own() {
        let ids: BTreeSet<_> = EXCUSES.iter().map(|row| row.id).collect();
        assert_eq!(ids.len(), EXCUSES.len());
    }

    #[test]
    fn a_defective_binary_excuses_its_laws_for_the_nodes_that_run_it() {
        for oracle in ["stale-serving", "dead-fork-serving", "running-lies", "ready-lies"] {
            assert!(
                is_excused(&violation(oracle, 101, 9, &[("SeiNode", "rpc-g2-1"), ("Pod", "rpc-g2-0-0")]), &defective(false)),
                "{oracle}"
            );
        }
        assert!(is_excused(&violation("ready-lies", 101, 9, &[("SeiNodeDeployment", "rpc")]), &defective(false)));
        assert!(!is_excused(&violation("no-endpoint", 101, 9, &[("SeiNode", "rpc-g2-1")]), &defective(true)), "another law");
        let outside = [("SeiNode", "rpc-g2-1"), ("SeiNode", "rpc-0")];
        assert!(!is_excused(&violation("running-lies", 101, 9, &outside), &defective(true)), "one object outside");
        assert!(!is_excused(&violation("running-lies", 99, 9, &outside[..1]), &defective(true)), "it began before");
        assert!(!is_excused(&violation("running-lies", 101, 9, &[]), &defective(true)), "it is about nothing that lies inside");
    }

    #[test]
    fn a_defective_binary_excuses_not_converged_only_if_the_incumbents_serve() {
        let stuck = violation("not-converged", 101, 9, &[("SeiNodeDeployment", "rpc")]);
        assert!(is_excused(&stuck, &defective(true)));
        assert!(!is_excused(&stuck, &defective(false)));
    }

    #[test]
    fn a_person_who_deletes_a_node_excuses_every_law_about_it_and_what_belongs_to_it() {
        let node = person("SeiNode", "rpc-0");
        let belongings = [
            ("SeiNode", "rpc-0"),
            ("StatefulSet", "rpc-0"),
            ("Service", "rpc-0"),
            ("Pod", "rpc-0-0"),
            ("Job", "rpc-0-bootstrap"),
            ("Pod", "rpc-0-bootstrap"),
            ("Pod", "rpc-0-bootstrap-x7k2p"),
            ("PersistentVolumeClaim", "data-rpc-0"),
        ];
        for oracle in ["incumbent-deleted-early", "leftover", "no-endpoint"] {
            assert!(is_excused(&violation(oracle, 101, 9, &belongings), &node), "{oracle}");
        }
        for outside in
            [("SeiNode", "rpc-00"), ("Pod", "rpc-0"), ("Pod", "rpc-0-1"), ("Service", "rpc-external"), ("SeiNodeDeployment", "rpc")]
        {
            assert!(!is_excused(&violation("leftover", 101, 9, &[("SeiNode", "rpc-0"), outside]), &node), "{outside:?}");
        }
        assert!(is_excused(
            &violation("no-endpoint", 101, 9, &[("Service", "rpc-external"), ("Pod", "rpc-1-0")]),
            &person("SeiNodeDeployment", "rpc")
        ));
    }

    #[test]
    fn what_a_person_has_taken_is_excused_until_it_is_restored() {
        let restored = Fired { until: Some(at(200)), ..person("Service", "rpc-external") };
        let gap = |since| violation("no-endpoint", since, 9, &[("Service", "rpc-external")]);
        assert!(is_excused(&gap(199), &restored));
        assert!(!is_excused(&gap(200), &restored) && !is_excused(&gap(99), &restored));
    }

    #[test]
    fn at_the_moment_of_the_fault_the_order_of_events_decides() {
        let service = person("Service", "rpc-external");
        let gap = |event| violation("no-endpoint", 100, event, &[("Service", "rpc-external")]);
        assert!(is_excused(&gap(8), &service));
        assert!(!is_excused(&gap(7), &service) && !is_excused(&gap(6), &service));
    }

    #[test]
    fn lost_machines_excuse_a_gap_of_the_group_and_nothing_else_until_one_is_back() {
        let lost = Fired { until: Some(at(200)), ..fired(&MACHINES_LOST, Scope::All) };
        let objects = [("Service", "rpc-external"), ("Pod", "rpc-0-0")];
        assert!(is_excused(&violation("no-endpoint", 150, 9, &objects), &lost));
        assert!(!is_excused(&violation("no-endpoint", 200, 9, &objects), &lost), "one is back");
        assert!(!is_excused(&violation("no-endpoint", 99, 9, &objects), &lost), "it began before");
        assert!(!is_excused(&violation("stale-serving", 150, 9, &objects), &lost), "another law");
    }

    #[test]
    fn a_chain_that_is_over_excuses_what_rollouts_come_to() {
        let over = fired(&CHAIN_OVER, Scope::All);
        assert!(is_excused(&violation("not-converged", 101, 9, &[("SeiNodeDeployment", "rpc")]), &over));
        assert!(!is_excused(&violation("not-converged", 99, 9, &[("SeiNodeDeployment", "rpc")]), &over), "it began before");
        assert!(!is_excused(&violation("not-stable", 101, 9, &[]), &over), "another law");
    }
}
