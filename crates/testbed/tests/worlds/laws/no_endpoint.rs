//! `no-endpoint`: clients reach somebody who serves.

use super::{oracles_of, planned_upgrade};
use api::ObjectKey;
use oracles::{Docket, Fact, Laws, Sight};
use simcore::SimTime;
use std::time::Duration;

#[test]
fn no_endpoint_fires_after_5_s_without_a_reached_node_though_one_could_serve() {
    let (_, world) = planned_upgrade();
    world.look(|sim| {
        let (mut laws, mut docket) = (Laws::default(), Docket::default());
        let sight = sim.sight();
        let nowhere = ObjectKey::new("default", "another-service");
        let mut look = |seconds, external| {
            let now = SimTime::ZERO + Duration::from_secs(seconds);
            laws.observe(&Sight { now, external, ..sight }, &Fact::TimePassed, &mut docket);
            docket.take_violations()
        };
        assert!(look(0, sight.external).is_empty(), "clients are served");
        assert!(look(1, &nowhere).is_empty() && look(5, &nowhere).is_empty(), "the gap is short");
        assert_eq!(oracles_of(&look(6, &nowhere)), ["no-endpoint"]);
        assert!(look(7, &nowhere).is_empty(), "one gap is told once");
        assert!(look(8, sight.external).is_empty() && look(9, &nowhere).is_empty(), "a new gap has its own 5 s");
    });
}
