//! A cluster with a queue, driven by requests.

use api::Time;
use simcore::{Luck, Queue, Seed, SimTime};
use simkube::{Actor, Answer, Cluster, ClusterProfile, Context, Event, Output, Preview, Request};
use std::sync::Arc;

pub struct Machine {
    pub cluster: Cluster,
    pub now: SimTime,
    luck: Luck,
    queue: Queue<Event>,
    pub out: Vec<Output>,
}

impl Machine {
    pub fn new(seed: u64) -> Self {
        let cluster = Cluster::new(Arc::new(ClusterProfile::default()), Time::from_unix(1_780_000_000));
        Self { cluster, now: SimTime::ZERO, luck: Luck::new(Seed(seed)), queue: Queue::default(), out: Vec::new() }
    }

    fn act<T>(&mut self, act: impl FnOnce(&mut Cluster, &mut Context<'_>) -> T) -> T {
        let mut later = Vec::new();
        let mut cx = Context { now: self.now, luck: &mut self.luck, later: &mut later, out: &mut self.out };
        let result = act(&mut self.cluster, &mut cx);
        later.into_iter().for_each(|event| self.queue.push(event));
        result
    }

    /// Carries a request out; says whether the store changed. Its preview must have foreseen both.
    pub fn ask(&mut self, request: Request) -> (Answer, bool) {
        let (preview, before) = (self.cluster.preview(self.now, &request), self.cluster.version());
        let answer = self.act(|cluster, cx| cluster.carry_out(cx, request, Actor::Person));
        let changed = self.cluster.version() > before;
        match preview {
            Preview::Unchanged(foreseen) => assert!(!changed && foreseen == answer, "{foreseen:?} was foreseen, not {answer:?}"),
            Preview::Effective => assert!(changed, "a change was foreseen and did not come: {answer:?}"),
        }
        (answer, changed)
    }

    /// Lets one event happen; false if none is left but those that wait for ever (resyncs are not started here).
    pub fn step(&mut self) -> bool {
        let Some(scheduled) = self.queue.pop() else { return false };
        self.now = scheduled.at;
        self.act(|cluster, cx| cluster.handle(cx, scheduled.event));
        true
    }

    /// Lets everything that follows happen.
    pub fn rest(&mut self) {
        for _ in 0..100_000 {
            if !self.step() {
                return;
            }
        }
        panic!("the cluster does not come to rest");
    }
}
