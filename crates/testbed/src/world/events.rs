//! The events of a world.

use super::process::{ProcessEvent, Who};
use api::{ObjectKey, Time};
use simcore::{SimTime, Subject};

/// A call in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub u64);

/// Something that will happen.
#[derive(Clone, Debug)]
pub enum Event {
    /// In the cluster.
    Kube(simkube::Event),
    /// On the chain or in a node's programs.
    Chain(simchain::Event),
    /// A call reaches the server or the sidecar, and takes effect.
    CallTakesEffect(CallId),
    /// A call's reply arrives.
    CallReplies(CallId),
    /// A key's timer: when it is due, and the subject of its place.
    Timer(Who, ObjectKey, SimTime, Subject),
    /// A deadline that a parked key looks at.
    Deadline(Who, ObjectKey, Time),
    /// A free worker takes its next key.
    Pick(Who),
    /// Something happens to a process of the operator.
    Process(ProcessEvent),
    /// The scenario's n-th action.
    Act(usize),
    /// The schedule's n-th fault strikes.
    Strike(usize),
    /// It is over.
    Heal(usize),
    /// A law had asked to be called at this moment.
    Look,
}

impl Event {
    /// Whether the world is not at rest while this is to come. Timers count through their queue, where an absorbed one is known.
    pub fn keeps_awake(&self) -> bool {
        match self {
            Self::Kube(event) => event.keeps_awake(),
            Self::Chain(event) => event.keeps_awake(),
            Self::Timer(..) => false,
            Self::CallTakesEffect(_)
            | Self::CallReplies(_)
            | Self::Pick(_)
            | Self::Process(_)
            | Self::Act(_)
            | Self::Strike(_)
            | Self::Heal(_)
            | Self::Deadline(..)
            | Self::Look => true,
        }
    }

    /// Whether what it is for may be gone when it comes: a program has ended, a deadline is looked at no more.
    pub fn may_be_moot(&self) -> bool {
        matches!(self, Self::Chain(_) | Self::Deadline(..))
    }

    /// Whether it happens within a process of the operator, where no law looks: what follows from it, other events bring.
    pub fn is_inward(&self) -> bool {
        match self {
            Self::Timer(..) | Self::Deadline(..) | Self::Pick(_) | Self::CallReplies(_) => true,
            Self::Kube(event) => matches!(event, simkube::Event::Deliver { .. } | simkube::Event::Resync { .. }),
            _ => false,
        }
    }
}
