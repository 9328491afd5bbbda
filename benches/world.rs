//! What one world costs: the planned upgrade under each design, and the patch release, from the settled start to rest.

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use std::path::Path;
use testbed::history::History;
use testbed::world::Polls;
use testbed::{Settled, scenario};

/// The allocator of `rehearse`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn worlds(criterion: &mut Criterion) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for name in ["hardfork/planned-upgrade", "bluegreen/image-change"] {
        let file = root.join("scenarios").join(name).with_extension("yaml");
        let bytes = std::fs::read(&file).expect("a readable scenario");
        let scenario = scenario::read(&file, &bytes).unwrap_or_else(|problems| panic!("{problems}"));
        for run in &scenario.runs {
            let settled = Settled::new(&scenario, &run.design, Polls::Elided).expect("the scenario settles");
            let mut seed = 0;
            criterion.bench_function(&format!("{name} under {}", run.design.name), |bencher| {
                bencher.iter_batched(
                    || {
                        seed += 1;
                        seed
                    },
                    |seed| black_box(settled.run(seed, History::default()).expect("the testbed does not fail")),
                    BatchSize::SmallInput,
                );
            });
        }
    }
}

/// The same rollout with its height five minutes and five days after the new spec is applied: a world must not pay for waiting.
fn waits(criterion: &mut Criterion) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/hardfork/planned-upgrade.yaml");
    let text = std::fs::read_to_string(&file).expect("a readable scenario");
    for (wait, height) in [("five minutes", "start+2250"), ("five days", "start+1081500")] {
        let text = text.replace("start+10500", height);
        let scenario = scenario::read(&file, text.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"));
        let design = &scenario.runs.iter().find(|run| &*run.design.name == "bootstrap").expect("a run under bootstrap").design;
        let settled = Settled::new(&scenario, design, Polls::Elided).expect("the scenario settles");
        // The same seeds for both: luck must not decide.
        criterion.bench_function(&format!("a wait of {wait} under bootstrap, ten worlds"), |bencher| {
            bencher.iter(|| (1..=10).for_each(|seed| drop(black_box(settled.run(seed, History::default()).expect("no failure")))));
        });
    }
}

criterion_group!(benches, worlds, waits);
criterion_main!(benches);
