//! Schedules that can never strike are refused: exit code 2, with file, line, column, field and what was expected; never a panic.

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How the name of every file of these tests ends.
const BAD: &str = "bad-schedule.yaml";
/// Tests run beside each other: each file has a name of its own.
static FILES: AtomicUsize = AtomicUsize::new(0);

/// The planned upgrade with a list of faults, each a line of its own; the first stands in line 3.
fn scenario(faults: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/hardfork/planned-upgrade.yaml");
    let text = std::fs::read_to_string(path).expect("a readable scenario");
    format!("# faults come first, so that their lines are known\nfaults:{faults}\n{text}")
}

/// What `rehearse check` and `rehearse run` say to it.
fn refusal(text: &str) -> String {
    let name = format!("{}-{BAD}", FILES.fetch_add(1, Ordering::Relaxed));
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).expect("a writable folder");
    let told = ["run", "check"].map(|verb| {
        let output = Command::new(env!("CARGO_BIN_EXE_rehearse")).arg(verb).arg(&path).output().expect("the command runs");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!told.contains("panicked"), "{verb}: {told}");
        assert_eq!(output.status.code(), Some(2), "{verb}: {told}");
        told
    });
    assert_eq!(told[0], told[1]);
    told[1].clone()
}

/// Expects a fault to be refused at a column of line 3, in a field, with some words.
fn refused(fault: &str, column: usize, field: &str, words: &str) {
    let told = refusal(&scenario(&format!("\n  - {fault}")));
    let place = format!("{BAD}:3:{column}: faults[0]{field}: ");
    assert!(told.contains(&place), "{fault}: expected {place} in {told}");
    assert!(told.contains(words), "{fault}: expected {words} in {told}");
}

fn column_of(fault: &str, word: &str) -> usize {
    "  - ".len() + fault.find(word).expect("the word is there") + 1
}

/// A fault that is to be refused at the place of a word of its own.
fn refused_at(word: &str, fault: &str, field: &str, words: &str) {
    refused(fault, column_of(fault, word), field, words);
}

#[test]
fn the_schedule_that_the_bad_ones_differ_from_is_a_good_one() {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("good-schedule.yaml");
    let fault = "\n  - {when: {call: {verb: create, kind: SeiNode, name: pacific-1-rpc-g2-1}}, what: {api-server: {conflict: {calls: 1}}}}";
    std::fs::write(&path, scenario(fault)).expect("a writable folder");
    let output = Command::new(env!("CARGO_BIN_EXE_rehearse")).arg("check").arg(&path).output().expect("the command runs");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn unknown_groups_faults_and_fields_are_named_with_what_there_is() {
    refused_at("what", "{when: {at: 1s}, what: {people: edits-service}}", ".what", "expected one of `bootstrap`, `premature-halt`");
    refused_at("edits-srv", "{when: {at: 1s}, what: {person: edits-srv}}", ".what.person", "expected one of `deletes-entrant`");
    refused_at("nod:", "{when: {at: 1s}, what: {person: {deletes-job: {nod: x}}}}", ".what.person.deletes-job.nod", "expected `node`");
    refused_at("why", "{when: {at: 1s}, what: {person: edits-service}, why: x}", ".why", "expected `when` or `what`");
    refused_at("when", "{when: {in: 1s}, what: {person: edits-service}}", ".when", "expected one of `at`, `height`");
}

/// Triggers that cannot come: the word at whose place each is refused, the field, and words of what was expected.
const IMPOSSIBLE: &[(&str, &str, &str, &str)] = &[
    ("{height: start+0}", "height", ".when.height", "expected a height above 198740000, at which the chain starts, by at most 10000000"),
    ("{height: 18446744073709551615}", "height", ".when.height", "expected a height above 198740000"),
    ("{task: {type: upgrade, is: Complete}}", "type", ".when.task.type", "expected one of create-entrant-nodes, await-nodes-running"),
    ("{task: {type: switch-traffic, is: Running}}", "Running", ".when.task.is", "expected one of `Pending`, `Complete`, `Failed`"),
    ("{task: {of: rpc, type: switch-traffic, is: Failed}}", "of", ".when.task.of", "\"rpc\" can be no node of the group"),
    ("{task: {of: pacific-1-rpc, type: mark-ready, is: Failed}}", "type", ".when.task.type", "there is no \"mark-ready\" here"),
    (
        "{task: {of: pacific-1-rpc-0, type: switch-traffic, is: Failed}}",
        "type",
        ".when.task.type",
        "expected one of deploy-bootstrap-service",
    ),
    (
        "{phase: {kind: Job, name: pacific-1-rpc-0, is: Running}}",
        "kind",
        ".when.phase.kind",
        "expected one of SeiNodeDeployment, SeiNode, Pod",
    ),
    (
        "{phase: {kind: SeiNode, name: pacific-1-rpc-0, is: Ready}}",
        "is",
        ".when.phase.is",
        "expected one of Pending, Initializing, Running",
    ),
    (
        "{phase: {kind: Pod, name: pacific-1-rpc, is: Running}}",
        "name",
        ".when.phase.name",
        "can be no Pod of the group; expected pacific-1-rpc-g2-0-0",
    ),
    ("{call: {verb: make, kind: SeiNode}}", "make", ".when.call.verb", "expected one of `create`, `update`"),
    ("{call: {verb: create, kind: Node}}", "kind", ".when.call.kind", "expected one of SeiNodeDeployment, SeiNode, StatefulSet"),
    (
        "{call: {verb: update, kind: Job}}",
        "verb",
        ".when.call.verb",
        "the operator makes no such call of a Job; expected one of create, delete, write",
    ),
    ("{call: {verb: submit, kind: Job}}", "kind", ".when.call.kind", "expected Sidecar"),
    ("{call: {verb: create, kind: Sidecar}}", "verb", ".when.call.verb", "expected submit or get"),
    (
        "{call: {verb: create, kind: Job, name: job}}",
        "name",
        ".when.call.name",
        "can be no Job of the group; expected pacific-1-rpc-g2-0-bootstrap",
    ),
    ("{call: {verb: create, kind: Job, nth: 0}}", "0}", ".when.call.nth", "expected a nonzero u32"),
    ("{call: {verb: create, kind: Job, during: lunch}}", "during", ".when.call.during", "there is no \"lunch\" here"),
    ("{write: {controller: group, of: pacific-1-rpc-0}}", "of", ".when.write.of", "expected pacific-1-rpc, whose reconcile this is"),
    ("{write: {controller: pod}}", "pod", ".when.write.controller", "expected `group` or `node`"),
    ("{at: 1s, height: 5}", "{at", ".when", "expected map with a single key"),
];

#[test]
fn triggers_that_cannot_come_are_refused() {
    let trigger = |when: &str| format!("{{when: {when}, what: {{person: edits-service}}}}");
    for (when, word, field, words) in IMPOSSIBLE {
        let fault = trigger(when);
        let from = column_of(&fault, "when: ") + "when: ".len();
        let column = from + when.find(*word).expect("the word is there");
        // A value that does not fit is told at its own place, or, for a variant with a body, at the field's.
        let told = refusal(&scenario(&format!("\n  - {fault}")));
        let place = format!("{BAD}:3:{}: faults[0]{field}: ", if *word == "{at" { column_of(&fault, "{when") + 1 } else { column });
        assert!(told.contains(&place), "{when}: expected {place} in {told}");
        assert!(told.contains(words), "{when}: expected {words} in {told}");
    }
}

#[test]
fn faults_of_the_api_server_need_a_call_and_the_right_side_of_it() {
    let call = "call: {verb: create, kind: Job";
    for (when, what, field, words) in [
        ("{at: 1s}", "{conflict: {calls: 1}}", ".when", "expected call or write: this fault befalls the call at which it strikes"),
        (
            &format!("{{{call}, moment: after}}}}"),
            "{conflict: {calls: 1}}",
            ".when.call.moment",
            "expected before: a call so refused has changed nothing",
        ),
        (&format!("{{{call}}}}}"), "create-retried", ".when.call.moment", "expected after: the create has landed"),
        ("{call: {verb: submit, kind: Sidecar}}", "{unavailable: {calls: 1}}", ".when.call.verb", "expected a call to the API server"),
    ] {
        let fault = format!("{{when: {when}, what: {{api-server: {what}}}}}");
        let told = refusal(&scenario(&format!("\n  - {fault}")));
        assert!(told.contains(&format!("{BAD}:3:")) && told.contains(&format!("faults[0]{field}: {words}")), "{fault}: {told}");
    }
}

#[test]
fn durations_and_numbers_out_of_range_are_refused() {
    for lapse in ["-1min", "1 minute", "soon", "1.5s", "99999999999999999999s"] {
        refused_at(
            lapse,
            &format!("{{when: {{at: {lapse}}}, what: {{person: edits-service}}}}"),
            ".when.at",
            "expected a whole number and a unit",
        );
    }
    refused_at("366d", "{when: {at: 366d}, what: {person: edits-service}}", ".when.at", "expected at most 365d");
    for (what, word, field, words) in [
        ("{person: {scales: {to: 0, backAfter: 1s}}}", "to", ".what.person.scales.to", "expected a whole number from 1 to 100, found 0"),
        ("{switch-races: {replicas-edited: {to: -1}}}", "to", ".what.switch-races.replicas-edited.to", "found -1"),
        ("{switch-races: {halt-height-edited: {by: 0}}}", "by", ".what.switch-races.halt-height-edited.by", "other than 0, found 0"),
        (
            "{switch-races: {image-edited: {image: sei}}}",
            "image:",
            ".what.switch-races.image-edited.image",
            "expected one of ghcr.io/sei-protocol/sei:v6.3.0",
        ),
        (
            "{switch-races: {entrant-crashes: {node: pacific-1-rpc-0}}}",
            "node",
            ".what.switch-races.entrant-crashes.node",
            "can be no entrant of the group",
        ),
        ("{chain: {slow-blocks: {blocks: 5, blockMillis: 0}}}", "blockMillis", ".what.chain.slow-blocks.blockMillis", "from 1 to 3600000"),
        (
            "{controller: {stale-cache: {kind: Pod, lasts: 1s}}}",
            "kind",
            ".what.controller.stale-cache.kind",
            "expected one of SeiNodeDeployment",
        ),
    ] {
        refused_at(word, &format!("{{when: {{at: 1s}}, what: {what}}}"), field, words);
    }
}

#[test]
fn what_is_no_list_and_what_is_too_long_a_list_is_refused() {
    for (faults, words) in [
        ("\n  at: 1s", "faults: invalid type: map, expected a sequence"),
        (" none", "faults: invalid type: string \"none\", expected a sequence"),
        ("\n  - crash", "faults[0]: invalid type: string \"crash\""),
    ] {
        let told = refusal(&scenario(faults));
        assert!(told.contains(words), "{faults:?}: {told}");
    }
    let many = "\n  - {when: {at: 1s}, what: {person: edits-service}}".repeat(2000);
    let told = refusal(&scenario(&many));
    assert!(told.contains(&format!("{BAD}:2:1: faults: expected at most 1000 faults, found 2000")), "{told}");
}
