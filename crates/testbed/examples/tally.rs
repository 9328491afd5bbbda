//! Scratch.
use faults::Profile;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;
use testbed::Settled;
use testbed::history::History;
use testbed::marks::Mark;
use testbed::world::Polls;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let profile = Profile::named(&args[1]).unwrap();
    let n: u64 = args[2].parse().unwrap();
    let mut marks: BTreeMap<Mark, u64> = BTreeMap::new();
    let mut kinds: BTreeMap<String, [u64; 3]> = BTreeMap::new();
    for (file, design) in
        [("hardfork/planned-upgrade", "halt-signal"), ("hardfork/planned-upgrade", "bootstrap"), ("bluegreen/image-change", "blue-green")]
    {
        if args.len() > 3 && args[3] != design {
            continue;
        }
        let path = format!("scenarios/{file}.yaml");
        let scenario = testbed::scenario::read(Path::new(&path), &std::fs::read(&path).unwrap()).map_err(|p| format!("{p:?}")).unwrap();
        let design = planner::Design::preset(design).unwrap();
        let settled = Settled::new(&scenario, &design, Polls::Elided).unwrap();
        let o = settled.opportunities().unwrap();
        let mut outcomes: BTreeMap<String, u64> = BTreeMap::new();
        let mut oracles: BTreeMap<String, u64> = BTreeMap::new();
        let mut failures: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        let start = Instant::now();
        let from: u64 = args.get(4).map_or(0, |a| a.parse().unwrap());
        for seed in from..from + n {
            let schedule = profile.draw(seed, &o);
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| settled.run_under(seed, &schedule, History::default())));
            match result {
                Err(_) => {
                    failures.entry("panic".into()).or_insert((0, seed)).0 += 1;
                    eprintln!("panic at seed {seed}: {}", schedule.0.iter().map(|f| f.to_string()).collect::<Vec<_>>().join("; "));
                }
                Ok(Err(f)) => {
                    let f = f.to_string();
                    let key = f.split(", at").next().unwrap().to_owned();
                    failures.entry(key).or_insert((0, seed)).0 += 1;
                    if args.len() > 5 {
                        eprintln!(
                            "failure at seed {seed}: {f}: {}",
                            schedule.0.iter().map(|f| f.to_string()).collect::<Vec<_>>().join("; ")
                        );
                    }
                }
                Ok(Ok(r)) => {
                    *outcomes.entry(format!("{:?}", r.outcome)).or_default() += 1;
                    let set: std::collections::BTreeSet<_> = r.violations.iter().map(|v| v.oracle).collect();
                    for o in set {
                        *oracles.entry(o.to_owned()).or_default() += 1;
                    }
                    for m in r.marks.iter() {
                        *marks.entry(m).or_default() += 1;
                    }
                    for f in &r.faults {
                        let k = kinds.entry(f.fault.what.id()).or_default();
                        k[0] += 1;
                        if let Some(s) = &f.struck {
                            k[1] += 1;
                            k[2] += u64::from(s.befell);
                        }
                    }
                }
            }
        }
        let t = start.elapsed().as_secs_f64();
        println!(
            "{file} {}: {:.0} worlds/s ({:.2} ms) outcomes {outcomes:?}\n  oracles {oracles:?}\n  FAILURES {failures:?}",
            design.name,
            n as f64 / t,
            t * 1000.0 / n as f64
        );
    }
    for m in Mark::ALL {
        println!("mark {:32} {}", m.name(), marks.get(m).unwrap_or(&0));
    }
    for (k, v) in kinds {
        println!("fault {k:40} drawn {} struck {} befell {}", v[0], v[1], v[2]);
    }
}
