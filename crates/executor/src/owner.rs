//! Whose plan it is: a group's or a node's.

use crate::decode::KeepsAbsent;
use crate::tasks::TaskError;
use api::{Group, Node, Object, SeiNode, SeiNodeDeployment, TaskPlan};

/// The in-memory object whose plan is carried out, by kind: a task may need what only one of them has.
#[derive(Debug)]
pub enum Owner<'a> {
    /// A group.
    Group(&'a mut Group),
    /// A node.
    Node(&'a mut Node),
}

impl Owner<'_> {
    /// The group; a terminal error for a plan of a node.
    pub(crate) fn group(&mut self) -> Result<&mut Group, TaskError> {
        match self {
            Self::Group(group) => Ok(group),
            Self::Node(_) => Err(TaskError::Terminal("the task needs a SeiNodeDeployment, not a SeiNode".into())),
        }
    }

    /// The node; a terminal error for a plan of a group.
    pub(crate) fn node(&self) -> Result<&Node, TaskError> {
        match self {
            Self::Node(node) => Ok(node),
            Self::Group(_) => Err(TaskError::Terminal("the task needs a SeiNode, not a SeiNodeDeployment".into())),
        }
    }
}

/// A kind with a plan in its status.
pub trait PlanOwner: KeepsAbsent {
    /// The plan.
    fn plan(status: &Self::Status) -> Option<&TaskPlan>;
    /// The plan, to change.
    fn plan_mut(status: &mut Self::Status) -> Option<&mut TaskPlan>;
    /// The object as what it is.
    fn owner(object: &mut Object<Self>) -> Owner<'_>;
}

impl PlanOwner for SeiNodeDeployment {
    fn plan(status: &Self::Status) -> Option<&TaskPlan> {
        status.plan.as_ref()
    }

    fn plan_mut(status: &mut Self::Status) -> Option<&mut TaskPlan> {
        status.plan.as_mut()
    }

    fn owner(object: &mut Object<Self>) -> Owner<'_> {
        Owner::Group(object)
    }
}

impl PlanOwner for SeiNode {
    fn plan(status: &Self::Status) -> Option<&TaskPlan> {
        status.plan.as_ref()
    }

    fn plan_mut(status: &mut Self::Status) -> Option<&mut TaskPlan> {
        status.plan.as_mut()
    }

    fn owner(object: &mut Object<Self>) -> Owner<'_> {
        Owner::Node(object)
    }
}
