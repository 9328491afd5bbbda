//! What one world costs: the planned upgrade under each design, and the patch release, from the settled start to rest.

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use std::path::Path;
use testbed::history::History;
use testbed::world::Polls;
use testbed::{Settled, scenario};

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

criterion_group!(benches, worlds);
criterion_main!(benches);
