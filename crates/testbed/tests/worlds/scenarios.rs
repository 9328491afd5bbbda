//! Every scenario, told and judged: its story, its end and its verdicts are snapshots, its expectations hold.

use crate::common;

use testbed::Settled;
use testbed::history::{History, tell, tell_end};
use testbed::world::Polls;

#[test]
fn every_scenario_tells_its_story_and_meets_its_expectation() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(common::root().join("snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut differences = Vec::new();
    for scenario in common::scenarios() {
        for run in &scenario.runs {
            let settled = Settled::new(&scenario, &run.design, Polls::Elided).expect("the scenario settles");
            for seed in &run.seeds {
                let result = settled.judged(*seed, History::kept()).expect("the testbed does not fail");
                let story = format!("{}\n{}", tell(&result.history), tell_end(&result));
                let name = common::run_name(&scenario, run, *seed);
                settings.set_description(scenario.about.clone());
                settings.bind(|| insta::assert_snapshot!(name.clone(), story));
                differences.extend(result.differs_from(&run.expect).into_iter().map(|difference| format!("{name}: {difference}")));
            }
        }
    }
    assert_eq!(differences, Vec::<String>::new());
}
