//! What a world is made from.

use super::program::Program;
use super::worker::Polls;
use crate::scenario::Action;
use api::{Height, ObjectKey, Time};
use controller::Operator;
use faults::Schedule;
use planner::Design;
use simchain::ChainProfile;
use simkube::ClusterProfile;
use std::sync::Arc;

/// Everything that determines a world besides its seed.
pub struct Setup {
    /// The scenario's name.
    pub scenario: Arc<str>,
    /// The design under test.
    pub design: Design,
    /// The operator as it is deployed.
    pub operator: Operator,
    /// What its processes run.
    pub program: Arc<dyn Program>,
    /// What the cluster is like.
    pub cluster: Arc<ClusterProfile>,
    /// What the chain is like.
    pub chain: Arc<ChainProfile>,
    /// What the person at the keyboard does, in order of time.
    pub timeline: Arc<[Action]>,
    /// The faults that the scenario itself names.
    pub schedule: Schedule,
    /// The halt heights that the scenario's specs name.
    pub halt_heights: Vec<Height>,
    /// The image that the group runs at the start.
    pub first_image: Arc<str>,
    /// How many nodes it asks for at the start.
    pub first_replicas: i32,
    /// Whether its nodes restore a snapshot.
    pub restores_snapshots: bool,
    /// The group under test.
    pub group: ObjectKey,
    /// Its external Service.
    pub external: ObjectKey,
    /// The wall clock at the scenario's start.
    pub epoch: Time,
    /// Whether what is wrong with chain or cluster from outside allows a rollout to end in a failure state.
    pub failure_allowed: bool,
    /// Whether no node can be made: the snapshot that one needs is not kept any more, or no peer keeps the blocks after it.
    pub restores_in_vain: bool,
    /// Whether idle polls are computed or made.
    pub polls: Polls,
}
