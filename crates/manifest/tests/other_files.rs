//! Files of other types than manifests: problems with places, and manifests within them.

use manifest::{Document, Problems};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Scenario {
    name: String,
    designs: Vec<Design>,
    #[serde(default)]
    timeline: Vec<Step>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    group: Value,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Design {
    HaltSignal,
    BlueGreen,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    at: u64,
    action: Action,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Action {
    SetImage { image: String },
    Restart,
}

const SCENARIO: &str = "\
name: planned upgrade
designs: [halt-signal, blue-green]
labels:
  a.b/c: x
timeline:
- at: 10
  action: {set-image: {image: sei:v2}}
- at: 20
  action: restart
group:
  apiVersion: sei.io/v1alpha1
  kind: SeiNode
  metadata:
    name: node
  spec:
    chainId: c
    image: sei:v1
    fullNode: {}
";

fn changed(old: &str, new: &str) -> String {
    assert_eq!(SCENARIO.matches(old).count(), 1, "{old:?}");
    SCENARIO.replace(old, new)
}

fn told(result: Result<impl Sized, Problems>) -> String {
    result.err().map(|problems| problems.to_string()).unwrap_or_default()
}

#[test]
fn a_file_reads_into_its_type_and_tells_positions() {
    let (scenario, positions) = manifest::parse::<Scenario>("s.yaml", SCENARIO.as_bytes()).unwrap();
    assert_eq!(scenario.name, "planned upgrade");
    assert_eq!(scenario.designs, [Design::HaltSignal, Design::BlueGreen]);
    assert!(matches!(&scenario.timeline[0].action, Action::SetImage { image } if image == "sei:v2"));
    assert!(matches!(scenario.timeline[1], Step { at: 20, action: Action::Restart }));
    assert_eq!(scenario.labels["a.b/c"], "x");
    assert_eq!(scenario.group["kind"], "SeiNode");
    for (path, place) in [
        ("", (1, 1)),
        ("name", (1, 1)),
        ("designs", (2, 1)),
        ("designs[1]", (2, 24)),
        ("labels.a.b/c", (4, 3)),
        ("timeline[1].at", (8, 3)),
        ("timeline[0].action.set-image.image", (7, 24)),
        ("group.spec.fullNode", (18, 5)),
        ("group.spec.missing.deeper", (15, 3)),
        ("timeline[7].at", (5, 1)),
        ("nowhere", (1, 1)),
    ] {
        assert_eq!(positions.of(path), place, "{path}");
    }
    assert!(positions.has("labels.a.b/c") && positions.has("timeline[1].at") && !positions.has("group.spec.missing"));
}

#[test]
fn what_does_not_fit_the_type_is_told_with_its_place() {
    for (old, new, expected) in [
        ("name: planned upgrade\n", "", "s.yaml:1:1: missing field `name`"),
        ("name: planned upgrade", "name: [a]", "s.yaml:1:1: name: invalid type: sequence, expected a string"),
        ("blue-green", "green-blue", "s.yaml:2:24: designs[1]: unknown variant `green-blue`, expected `halt-signal` or `blue-green`"),
        ("at: 10", "at: -10", "s.yaml:6:7: timeline[0].at: invalid value: integer `-10`, expected u64"),
        (
            "at: 20",
            "At: 20",
            "s.yaml:8:3: timeline[1].At: unknown field `At`, expected `at` or `action`\ns.yaml:8:3: timeline[1]: missing field `at`",
        ),
        ("{image: sei:v2}", "{image: 2}", "s.yaml:7:31: timeline[0].action.set-image.image: invalid type: integer `2`, expected a string"),
        ("action: restart", "action: reset", "s.yaml:9:11: timeline[1].action: unknown variant `reset`, expected `set-image` or `restart`"),
    ] {
        assert_eq!(told(manifest::parse::<Scenario>("s.yaml", changed(old, new).as_bytes())), expected, "{new:?}");
    }
}

#[test]
fn all_unknown_fields_of_a_file_are_told() {
    let text = format!("{}colour: red\n", changed("- at: 10", "- at: 10\n  until: 12"));
    let problems = manifest::parse::<Scenario>("s.yaml", text.as_bytes()).unwrap_err();
    let fields: Vec<_> = problems.list.iter().map(|problem| (problem.line, problem.field.as_str())).collect();
    assert_eq!(fields, [(Some(7), "timeline[0].until"), (Some(20), "colour")], "{problems}");
}

#[test]
fn a_file_of_another_type_is_one_document() {
    assert_eq!(told(manifest::parse::<Scenario>("s.yaml", b"")), "s.yaml: expected a YAML document, found none");
    let two = format!("{SCENARIO}---\n{SCENARIO}");
    assert_eq!(told(manifest::parse::<Scenario>("s.yaml", two.as_bytes())), "s.yaml:20:1: expected one YAML document, found a second one");
}

#[test]
fn a_manifest_within_a_file_is_checked_like_one_of_its_own() {
    let Document::Node(node) = manifest::embedded("s.yaml", SCENARIO.as_bytes(), "group").unwrap() else { panic!("it is a node") };
    assert_eq!((node.namespace(), node.name(), node.spec.image.as_str()), ("default", "node", "sei:v1"));
    for (old, new, expected) in [
        ("    fullNode: {}", "    fullNode: {snapsot: {}}", "s.yaml:18:16: group.spec.fullNode.snapsot: unknown field; expected snapshot?"),
        ("    image: sei:v1\n", "", "s.yaml:15:3: group.spec.image: expected this field, found none: it is required"),
        ("    fullNode: {}\n", "", "s.yaml:15:3: group.spec: exactly one of fullNode, archive, replayer, or validator must be set"),
        ("kind: SeiNode", "kind: Pod", "s.yaml:12:9: group.kind: expected SeiNodeDeployment or SeiNode, found the text \"Pod\""),
    ] {
        assert_eq!(told(manifest::embedded("s.yaml", changed(old, new).as_bytes(), "group")), expected, "{new:?}");
    }
    assert_eq!(told(manifest::embedded("s.yaml", SCENARIO.as_bytes(), "grup")), "s.yaml:1:1: grup: expected a manifest, found nothing");
    assert_eq!(
        told(manifest::embedded("s.yaml", SCENARIO.as_bytes(), "name")),
        "s.yaml:1:7: name: expected a manifest, found the text \"planned upgrade\""
    );
}

#[test]
fn a_problem_points_into_the_text_also_behind_wide_characters() {
    let text = "name: \"äöü\"\ndesigns: []\nfarbe: grün # ü\nlabels: {ä: 1}\n";
    let problems = manifest::parse::<Scenario>("s.yaml", text.as_bytes()).unwrap_err();
    let labels: Vec<_> = problems.list.iter().flat_map(|problem| miette::Diagnostic::labels(problem).unwrap()).collect();
    let labelled: Vec<_> = labels.iter().map(|label| &text[label.offset()..label.offset() + label.len()]).collect();
    assert_eq!(labelled, ["farbe", "1"], "{problems}");
}

#[test]
fn a_report_shows_each_problem_in_its_surroundings() {
    let text = changed("image: sei:v1", "imag: sei:v1");
    let problems = manifest::embedded("s.yaml", text.as_bytes(), "group").unwrap_err();
    let mut report = String::new();
    miette::NarratableReportHandler::new().render_report(&mut report, &problems).unwrap();
    assert!(report.contains("snippet line 17:     imag: sei:v1"), "{report}");
    assert!(report.contains("unknown field; expected image?"), "{report}");
}
