//! Schedule files: what is drawn for a scenario can be written to a file and read back.

use super::{scenario_named, settled};
use faults::{Fault, Lapse, Profile, Schedule, Trigger};
use serde_json::json;
use std::path::Path;
use testbed::scenario::read_schedule;

const FILE: &str = "faults.yaml";

#[test]
fn what_is_drawn_for_a_scenario_reads_back_from_a_file_as_itself() {
    for (name, design) in
        [("hardfork/planned-upgrade", "bootstrap"), ("hardfork/planned-upgrade", "halt-signal"), ("bluegreen/image-change", "blue-green")]
    {
        let (scenario, offered) = (scenario_named(name), settled(name, design).opportunities().expect("no failure"));
        for seed in 0..300 {
            let drawn = Profile::Heavy.draw(seed, &offered);
            let written = json!({ "faults": drawn }).to_string();
            let read =
                read_schedule(Path::new(FILE), written.as_bytes(), &scenario).unwrap_or_else(|problems| panic!("{problems}\n{written}"));
            assert_eq!(read, drawn);
        }
    }
}

#[test]
fn a_schedule_file_may_count_heights_from_the_scenarios_start_and_holds_nothing_but_faults() {
    let scenario = scenario_named("hardfork/planned-upgrade");
    let read = |text: &str| read_schedule(Path::new(FILE), text.as_bytes(), &scenario).map_err(|problems| problems.to_string());
    let text =
        "faults:\n  - when: {height: start+500}\n    what: {person: edits-service}\n  - when: {at: 90s}\n    what: {controller: crash}\n";
    let Ok(Schedule(faults)) = read(text) else { panic!("{:?}", read(text)) };
    assert_eq!(faults[0].when, Trigger::Height(scenario.chain.start_height.plus(500)));
    assert!(matches!(faults[1], Fault { when: Trigger::At(Lapse(after)), .. } if after.as_secs() == 90));
    assert_eq!(read("faults: []"), Ok(Schedule::default()));
    for (text, told) in [
        ("faults: []\nruns: []\n", "faults.yaml:2:1: runs: unknown field `runs`, expected `faults`"),
        ("- when: {at: 1s}\n", "faults.yaml:1:1: expected an object with the one field faults"),
        ("", "faults.yaml: expected a YAML document, found none"),
        (
            "faults:\n  - when: {height: start-1}\n    what: {controller: crash}\n",
            "faults.yaml:2:12: faults[0].when.height: expected a height above 198740000",
        ),
        (
            "faults:\n  - when: {at: 1s}\n    what: {person: {deletes-job: {node: other-0}}}\n",
            "faults.yaml:3:35: faults[0].what.person.deletes-job.node: \"other-0\" can be no node of the group",
        ),
    ] {
        let refused = read(text).expect_err(text);
        assert!(refused.contains(told), "{text:?}: {refused}");
    }
}
