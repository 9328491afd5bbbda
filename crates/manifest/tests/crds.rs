//! The generated definitions against the committed copy, and against the operator's own where they lie beside the project.

use serde_json::Value;
use std::path::PathBuf;

fn beside(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

#[test]
fn the_definitions_are_the_committed_ones() {
    let committed = std::fs::read_to_string(beside("snapshots/crds.yaml")).expect("snapshots/crds.yaml is committed");
    assert!(manifest::crds::yaml() == committed, "the definitions have changed; if they should: rehearse crds > snapshots/crds.yaml");
}

#[test]
fn the_definitions_as_yaml_read_back_as_themselves() {
    let yaml = manifest::crds::yaml();
    for (text, crd) in yaml.split("---\n").skip(1).zip(manifest::crds::all()) {
        let (read, _) = manifest::parse::<Value>("crds.yaml", text.as_bytes()).unwrap();
        assert_eq!(read, crd);
    }
}

/// What may differ, and why.
const EXPECTED: [(&str, &str); 1] =
    [("seinodedeployments: status.deployment.incumbentImage: only ours", "the proposed design's one addition to the schema")];

#[test]
fn the_definitions_equal_the_operators_own() {
    let folder = beside("../shared/crds");
    if !folder.exists() {
        return;
    }
    let mut differences = Vec::new();
    for ours in manifest::crds::all() {
        let plural = ours["spec"]["names"]["plural"].as_str().unwrap();
        let bytes = std::fs::read(folder.join(format!("sei.io_{plural}.yaml"))).unwrap();
        let (theirs, _) = manifest::parse::<Value>(plural, &bytes).unwrap();
        let mut found = Vec::new();
        compare(&bare(&theirs), &bare(&ours), "", &mut found);
        let prefix = "spec.versions[0].schema.openAPIV3Schema.";
        differences.extend(found.into_iter().map(|text| format!("{plural}: {}", text.replace(prefix, "").replace("properties.", ""))));
    }
    let expected: Vec<&str> = EXPECTED.iter().map(|(difference, _)| *difference).collect();
    assert_eq!(differences, expected, "\n{}", differences.join("\n"));
}

/// A definition without what only people read. A field of a schema that is called `description` stays.
fn bare(value: &Value) -> Value {
    fn strip(value: &Value, names_are_fields: bool) -> Value {
        match value {
            Value::Object(fields) => {
                let kept = fields.iter().filter(|(key, _)| names_are_fields || !matches!(key.as_str(), "description" | "annotations"));
                kept.map(|(key, value)| (key.clone(), strip(value, key == "properties" && !names_are_fields))).collect()
            }
            Value::Array(items) => items.iter().map(|item| strip(item, false)).collect(),
            scalar => scalar.clone(),
        }
    }
    strip(value, false)
}

fn compare(theirs: &Value, ours: &Value, path: &str, found: &mut Vec<String>) {
    match (theirs, ours) {
        (Value::Object(theirs), Value::Object(ours)) => {
            for (key, value) in theirs {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                match ours.get(key) {
                    Some(our) => compare(value, our, &path, found),
                    None => found.push(format!("{path}: only theirs")),
                }
            }
            for key in ours.keys().filter(|key| !theirs.contains_key(*key)) {
                found.push(format!("{path}.{key}: only ours"));
            }
        }
        (Value::Array(theirs), Value::Array(ours)) if theirs.len() == ours.len() => {
            for (index, (their, our)) in theirs.iter().zip(ours).enumerate() {
                compare(their, our, &format!("{path}[{index}]"), found);
            }
        }
        _ if theirs == ours => {}
        _ => found.push(format!("{path}: theirs {theirs}, ours {ours}")),
    }
}

#[test]
fn the_comparison_sees_a_difference_in_every_keyword() {
    let [group, _] = manifest::crds::all();
    let mut found = Vec::new();
    let mut other = group.clone();
    let spec = &mut other["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"];
    spec["required"] = serde_json::json!(["template"]);
    spec["properties"]["replicas"]["maximum"] = 99.into();
    spec["properties"]["deletionPolicy"].as_object_mut().unwrap().remove("default");
    compare(&bare(&group), &bare(&other), "", &mut found);
    assert_eq!(found.len(), 3, "{found:?}");
}
