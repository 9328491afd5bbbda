//! No input makes the reader panic, and whatever it accepts it prints so that it reads again.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Map, Number, Value};

const NODE: &str = "\
apiVersion: sei.io/v1alpha1
kind: SeiNode
metadata: {name: node, labels: {a: b}}
spec:
  chainId: pacific-1
  image: sei:v6.3.0
  entrypoint: {command: [seid], args: [start]}
  sidecar: {port: 7777, resources: {limits: {cpu: 2, memory: 1Gi}, claims: [{name: gpu}]}}
  overrides: {evm.http_port: \"8545\"}
  peers:
  - ec2Tags: {region: r, tags: {k: v}}
  - static: {addresses: [a@b:1]}
  replayer:
    snapshot:
      s3: {targetHeight: 10}
      bootstrapImage: sei:v6.2.0
status:
  phase: Running
  conditions: [{type: A, status: \"True\", reason: R, message: m, lastTransitionTime: 2025-01-31T12:00:00Z}]
  plan: {phase: Active, tasks: [{type: mark-ready, id: 11111111-1111-4111-8111-111111111111, status: Pending, params: {x: 1}}]}
";

/// Reads bytes in every way there is.
fn read(bytes: &[u8]) {
    if let Ok(documents) = manifest::read("any", bytes) {
        for document in documents {
            let printed = manifest::print(&document);
            assert_eq!(manifest::read("printed", printed.as_bytes()).expect("what is printed reads"), [document], "{printed}");
        }
    }
    if let Err(problems) = manifest::parse::<Value>("any", bytes) {
        assert!(!problems.list.is_empty() && !problems.to_string().is_empty());
    }
    let _ = manifest::embedded("any", bytes, "spec.peers[0]");
}

/// Pieces that YAML gives a meaning to.
const PIECES: &[&str] = &[
    "- ",
    ": ",
    "? ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "\n",
    "  ",
    "\t",
    "#",
    "&a ",
    "*a",
    "!!str ",
    "!x ",
    "|\n",
    ">-\n",
    "'",
    "\"",
    "\\",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "~",
    "null",
    "0x",
    "1e9",
    "-.inf",
    "<<",
    "spec",
    "fullNode",
    "\u{feff}",
    "\u{85}",
    "ü",
    "\0",
];

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![4 => proptest::sample::select(PIECES).prop_map(str::to_owned), 1 => "[ -~]{0,6}"]
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter_map("finite", Number::from_f64).prop_map(Value::Number),
        ".{0,12}".prop_map(Value::from),
        proptest::collection::vec(piece(), 0..4).prop_map(|pieces| Value::from(pieces.concat())),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            proptest::collection::btree_map(".{0,8}", inner, 0..5).prop_map(|fields| Value::Object(Map::from_iter(fields))),
        ]
    })
}

/// A number as YAML can carry it: whole floats are integers there.
fn as_read(value: &Value) -> Value {
    match value {
        Value::Number(number) => {
            let text = number.to_string();
            manifest::parse::<Value>("number", text.as_bytes()).expect("a number reads").0
        }
        Value::Array(items) => items.iter().map(as_read).collect(),
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), as_read(value))).collect(),
        other => other.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        read(&bytes);
    }

    #[test]
    fn random_yaml_is_survived(pieces in proptest::collection::vec(piece(), 0..60)) {
        read(pieces.concat().as_bytes());
    }

    #[test]
    fn a_manifest_with_random_damage_is_survived(cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0_usize..12, piece()), 1..4)) {
        let mut text: Vec<char> = NODE.chars().collect();
        for (at, length, piece) in cuts {
            let start = at.index(text.len());
            let end = (start + length).min(text.len());
            text.splice(start..end, piece.chars());
        }
        read(text.into_iter().collect::<String>().as_bytes());
    }

    #[test]
    fn a_manifest_with_other_values_is_survived(line in any::<prop::sample::Index>(), value in json()) {
        let mut lines: Vec<String> = NODE.lines().map(str::to_owned).collect();
        let line = line.index(lines.len());
        if let Some((key, _)) = lines[line].clone().split_once(": ") {
            lines[line] = format!("{key}: {value}");
        }
        read(lines.join("\n").as_bytes());
    }

    #[test]
    fn every_value_printed_reads_as_itself(value in json()) {
        prop_assume!(!value.is_null());
        let printed = manifest::yaml::print(&value);
        let (read, _) = manifest::parse::<Value>("printed", printed.as_bytes()).map_err(|problems| TestCaseError::fail(format!("{problems}\n{printed}")))?;
        prop_assert_eq!(read, as_read(&value), "{}", printed);
    }
}

#[test]
fn the_undamaged_manifest_is_sound() {
    manifest::read("node.yaml", NODE.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"));
    read(NODE.as_bytes());
}
