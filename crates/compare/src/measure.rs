//! The measurements that are compared.

use testbed::WorldResult;

/// A measurement of a world.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// Its name, with its unit.
    pub name: &'static str,
    /// Its value in a world; absent where there is none.
    pub of: fn(&WorldResult) -> Option<f64>,
}

#[allow(clippy::cast_precision_loss, reason = "counts of one world stay far below 2^52")]
fn count(count: u64) -> Option<f64> {
    Some(count as f64)
}

fn truth(holds: bool) -> Option<f64> {
    Some(f64::from(u8::from(holds)))
}

/// All of them. Source: testbed.md, "Oracles".
pub const MEASURES: &[Measure] = &[
    Measure { name: "s without a ready endpoint", of: |world| Some(world.measured?.seconds_without_endpoint) },
    Measure { name: "s of stale service", of: |world| Some(world.measured?.seconds_of_stale_service) },
    Measure { name: "requests lost, of 100/s", of: |world| Some(world.measured?.requests_lost) },
    Measure { name: "s from apply to done", of: |world| world.measured?.seconds_to_done },
    Measure { name: "nodes deleted", of: |world| count(world.measured?.nodes_deleted) },
    Measure { name: "extra machine-hours", of: |world| Some(world.measured?.extra_machine_hours) },
    Measure { name: "extra volume-hours", of: |world| Some(world.measured?.extra_volume_hours) },
    Measure { name: "reconciles", of: |world| count(world.counters.all_reconciles()) },
    Measure { name: "API calls with effect", of: |world| count(world.counters.api_calls) },
    Measure { name: "conflicts", of: |world| count(world.counters.refused_calls) },
    Measure { name: "sidecar calls", of: |world| count(world.counters.sidecar_calls) },
    Measure { name: "share of worlds that violate", of: |world| truth(!world.broken().is_empty()) },
];
