//! What is refused, and that it is refused with file, line, field and expectation.

use manifest::Problems;

const GROUP: &str = r#"apiVersion: sei.io/v1alpha1
kind: SeiNodeDeployment
metadata:
  name: rpc
  namespace: sei
spec:
  replicas: 2
  template:
    metadata:
      labels:
        sei.io/role: rpc
    spec:
      chainId: pacific-1
      image: sei:v6.3.0
      sidecar:
        resources:
          requests:
            cpu: 500m
            memory: 1Gi
          limits:
            cpu: 2
      peers:
      - ec2Tags:
          region: eu-central-1
          tags:
            Component: state-syncer
      fullNode:
        snapshot:
          s3:
            targetHeight: 100
          bootstrapImage: sei:v6.2.0
  networking:
    service:
      type: ClusterIP
    gateway:
      baseDomain: sei.io
  monitoring:
    serviceMonitor:
      interval: 30s
  updateStrategy:
    type: HardFork
    hardFork:
      haltHeight: 200
"#;

/// The group above after one change. The old text must stand there exactly once.
fn changed(old: &str, new: &str) -> String {
    assert_eq!(GROUP.matches(old).count(), 1, "{old:?}");
    GROUP.replace(old, new)
}

/// All that is told of a text, as `line:column field: message`.
fn told(text: &str) -> Vec<String> {
    match manifest::read("group.yaml", text.as_bytes()) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.to_string().lines().map(|line| line.replace("group.yaml:", "")).collect(),
    }
}

fn refused(text: &[u8]) -> Problems {
    manifest::read("group.yaml", text).expect_err("the text is not a manifest")
}

#[test]
fn a_sound_group_passes() {
    assert_eq!(told(GROUP), [""; 0]);
}

/// Each change must give one problem, which begins with the given text.
fn each_gives(cases: &[(&str, &str, &str)]) {
    for (old, new, expected) in cases {
        let told = told(&changed(old, new));
        assert!(told.len() == 1 && told[0].starts_with(expected), "{new:?} gave {told:#?}, not {expected:?}");
    }
}

#[test]
fn an_unknown_field_is_told_at_every_depth() {
    let label = "          label: x\n          tags:";
    each_gives(&[
        ("spec:\n  replicas", "sepc: {}\nspec:\n  replicas", "6:1: sepc: unknown field; expected spec?"),
        ("  replicas: 2", "  replicas: 2\n  replcas: 2", "8:3: spec.replcas: unknown field; expected replicas?"),
        ("          s3:", "          S3:", "29:11: spec.template.spec.fullNode.snapshot.S3: unknown field; expected s3?"),
        ("          tags:", label, "25:11: spec.template.spec.peers[0].ec2Tags.label: unknown field; expected region, tags"),
        (
            "            cpu: 2\n",
            "            cpu: 2\n          limit: {}\n",
            "22:11: spec.template.spec.sidecar.resources.limit: unknown field; expected limits?",
        ),
        ("  namespace: sei", "  nmespace: sei", "5:3: metadata.nmespace: unknown field; expected namespace?"),
    ]);
}

#[test]
fn a_value_of_the_wrong_type_is_told() {
    let quotes = "Kubernetes reads y, yes, on, true and their opposites so, unless they stand in quotes";
    let yes = format!("13:16: spec.template.spec.chainId: expected a text, found the boolean true; {quotes}");
    let image = "14:14: spec.template.spec.image: expected a text, found the number 6.3; in quotes it is a text";
    each_gives(&[
        ("  replicas: 2", "  replicas: two", "7:13: spec.replicas: expected an integer, found the text \"two\""),
        ("  replicas: 2", "  replicas: 2.5", "7:13: spec.replicas: expected an integer, found the number 2.5"),
        ("  replicas: 2", "  replicas: [2]", "7:3: spec.replicas: expected an integer, found a list"),
        ("image: sei:v6.3.0", "image: 6.3", image),
        ("chainId: pacific-1", "chainId: yes", &yes),
        ("sei.io/role: rpc", "sei.io/role: [rpc]", "11:9: spec.template.metadata.labels.sei.io/role: expected a text, found a list"),
    ]);
}

#[test]
fn a_value_out_of_bounds_is_told() {
    let pattern = "39:17: spec.monitoring.serviceMonitor.interval: expected a text that matches ^[0-9]+(ms|s|m|h)$, found \"30d\"";
    let types = "expected one of ClusterIP, LoadBalancer, NodePort, found the text \"Cluster\"";
    let memory = "19:21: spec.template.spec.sidecar.resources.requests.memory: expected a text that matches ";
    each_gives(&[
        ("  replicas: 2", "  replicas: 0", "7:13: spec.replicas: expected at least 1, found 0"),
        ("  replicas: 2", "  replicas: 101", "7:13: spec.replicas: expected at most 100, found 101"),
        ("  replicas: 2", "  replicas: 5000000000", "7:13: spec.replicas: expected an integer of 32 bits, found 5000000000"),
        ("sei:v6.3.0", "\"\"", "14:14: spec.template.spec.image: expected at least 1 characters, found 0"),
        ("interval: 30s", "interval: 30d", pattern),
        ("type: ClusterIP", "type: Cluster", &format!("34:13: spec.networking.service.type: {types}")),
        ("            Component: state-syncer", "            {}", "25:11: spec.template.spec.peers[0].ec2Tags.tags: expected at least 1 e"),
        ("memory: 1Gi", "memory: 1 GB", memory),
        ("  name: rpc", "  name: RPC", "4:9: metadata.name: expected a text that matches "),
    ]);
}

#[test]
fn a_broken_rule_is_told_of_the_object_it_is_about() {
    let hosts = "35:5: spec.networking.gateway: at least one of hostnames or baseDomain must be set";
    let source = "28:9: spec.template.spec.fullNode.snapshot: exactly one of s3 or stateSync must be set";
    each_gives(&[
        ("    service:\n      type: ClusterIP\n", "", "32:3: spec.networking: gateway requires service to be configured"),
        ("      baseDomain: sei.io", "      baseDomain: \"\"", hosts),
        ("          bootstrapImage: sei:v6.2.0", "          stateSync: {}", source),
        ("    hardFork:\n      haltHeight: 200\n", "", "40:3: spec.updateStrategy: hardFork strategy requires haltHeight > 0"),
    ]);
}

#[test]
fn a_missing_field_is_told_of_the_object_that_lacks_it() {
    let region = "23:9: spec.template.spec.peers[0].ec2Tags.region: expected this field, found none: it is required";
    each_gives(&[
        ("          region: eu-central-1\n", "", region),
        (
            "            targetHeight: 100\n",
            "            {}\n",
            "29:11: spec.template.spec.fullNode.snapshot.s3.targetHeight: expected this",
        ),
    ]);
}

#[test]
fn an_unknown_kind_is_told() {
    let kinds = "2:7: kind: expected SeiNodeDeployment or SeiNode, found the text \"SeiNodeDeployments\"";
    each_gives(&[
        ("kind: SeiNodeDeployment", "kind: SeiNodeDeployments", kinds),
        ("kind: SeiNodeDeployment\n", "", "1:1: kind: expected SeiNodeDeployment or SeiNode, found nothing"),
        ("sei.io/v1alpha1", "sei.io/v1", "1:13: apiVersion: expected sei.io/v1alpha1, found the text \"sei.io/v1\""),
    ]);
}

#[test]
fn yaml_that_kubernetes_would_not_take_is_told() {
    each_gives(&[
        ("  replicas: 2", "  replicas: 2\n  replicas: 3", "8:3: spec.replicas: expected each field once, found it a second time"),
        ("  replicas: 2", "  replicas: !int 2", "7:13: spec.replicas: expected no tag, found !int"),
        ("  replicas: 2", "  replicas: .inf", "7:13: spec.replicas: expected a finite number, found .inf"),
    ]);
}

#[test]
fn a_missing_mode_is_told_of_the_spec() {
    let mode = "      fullNode:\n        snapshot:\n          s3:\n            targetHeight: 100\n          bootstrapImage: sei:v6.2.0\n";
    let message = "exactly one of fullNode, archive, replayer, or validator must be set";
    assert_eq!(told(&changed(mode, "")), [format!("12:5: spec.template.spec: {message}")]);
    assert_eq!(told(&changed(mode, "      fullNode:\n")), [format!("12:5: spec.template.spec: {message}")]);
    assert_eq!(told(&changed(mode, "      fullNode: {}\n      archive: {}\n")), [format!("12:5: spec.template.spec: {message}")]);
}

#[test]
fn a_halt_height_of_zero_breaks_bound_and_rule() {
    let expected = [
        "40:3: spec.updateStrategy: hardFork strategy requires haltHeight > 0",
        "43:19: spec.updateStrategy.hardFork.haltHeight: expected at least 1, found 0",
    ];
    assert_eq!(told(&changed("haltHeight: 200", "haltHeight: 0")), expected);
}

#[test]
fn all_problems_of_a_file_are_told_in_its_order() {
    let text = changed("  replicas: 2", "  replicas: 0").replace("chainId", "chainID").replace("type: HardFork", "type: Hardfork");
    let text = format!("{text}---\n{}", text.replace("replicas: 0", "replicas: 1"));
    let fields: Vec<_> = refused(text.as_bytes()).list.into_iter().map(|problem| (problem.line.unwrap(), problem.field)).collect();
    let expected = [
        (7, "spec.replicas"),
        (12, "spec.template.spec.chainId"),
        (13, "spec.template.spec.chainID"),
        (41, "spec.updateStrategy.type"),
        (56, "spec.template.spec.chainId"),
        (57, "spec.template.spec.chainID"),
        (85, "spec.updateStrategy.type"),
    ];
    assert_eq!(fields, expected.map(|(line, field)| (line, field.to_owned())));
}

#[test]
fn files_without_a_document_are_refused() {
    for text in ["", "\n\n", "# only a comment\n", "---\n---\n", "null\n"] {
        assert_eq!(refused(text.as_bytes()).to_string(), "group.yaml: expected a YAML document, found none", "{text:?}");
    }
    assert_eq!(refused(b"just text").to_string(), "group.yaml:1:1: expected a manifest, found the text \"just text\"");
    assert_eq!(refused(b"- a\n- b\n").to_string(), "group.yaml:1:1: expected a manifest, found a list");
}

#[test]
fn files_that_are_no_text_or_too_large_are_refused() {
    let noise: Vec<u8> = (0..10_000_000_u64).map(|n| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect();
    assert_eq!(refused(&noise).to_string(), "group.yaml: expected a file of at most 1048576 bytes, found 10000000 bytes");
    let problem = refused(&noise[..100_000]);
    assert!(problem.to_string().starts_with("group.yaml: expected text in UTF-8, found other bytes in line "), "{problem}");
    assert!(!refused(&[0x20; 1 << 20]).list.is_empty());
}

#[test]
fn nesting_is_bounded_whatever_it_is_made_of() {
    let deep = "expected lists and objects nested at most 64 deep";
    for text in ["[".repeat(20_000), "{a: ".repeat(20_000), "- ".repeat(20_000), format!("a: {}{}", "[".repeat(20_000), "]".repeat(20_000))]
    {
        let problems = refused(text.as_bytes());
        assert!(problems.to_string().contains(deep) || problems.list[0].message.starts_with("expected YAML"), "{problems}");
        assert_eq!(problems.list[0].line, Some(1));
    }
    let problems = refused("[".repeat(20_000).as_bytes());
    assert!(problems.to_string().contains(deep), "{problems}");
}

#[test]
fn aliases_stand_for_their_value_but_cannot_explode() {
    let shared = changed("    metadata:\n      labels:\n        sei.io/role: rpc\n", "    metadata: &meta\n      labels: {a: b}\n")
        .replace("    service:\n", "    service:\n      annotations: &notes {c: d}\n")
        .replace("      baseDomain: sei.io\n", "      baseDomain: sei.io\n      annotations: *notes\n");
    let documents = manifest::read("group.yaml", shared.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"));
    let manifest::Document::Group(group) = &documents[0] else { panic!("it is a group") };
    let networking = group.spec.networking.as_ref().unwrap();
    assert_eq!(networking.gateway.as_ref().unwrap().annotations, networking.service.as_ref().unwrap().annotations);

    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let aliases = [format!("*a{}", level - 1).as_str(); 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    assert!(refused(bomb.as_bytes()).to_string().contains("aliases unfold to too many"));
    assert!(refused(b"a: &a [*a]").to_string().contains("an alias of a value that has ended before"));
}

#[test]
fn keys_are_texts() {
    assert!(refused(b"1: x").to_string().contains("1:1: expected a text as key"));
    assert!(refused(b"yes: x").to_string().contains("expected a text as key"));
    assert!(refused(b"[a, b]: x").to_string().contains("expected a text as key"));
}

#[test]
fn broken_yaml_is_refused_with_its_place() {
    let problems = refused(b"apiVersion: sei.io/v1alpha1\nkind: [SeiNode\nmetadata: {}\n");
    assert!(problems.list[0].message.starts_with("expected YAML: "), "{problems}");
    assert!(problems.list[0].line.is_some_and(|line| line >= 2), "{problems}");
}

#[test]
fn metadata_is_as_strict_as_the_rest() {
    let cases = [
        ("  name: rpc\n", "", "3:1: metadata: expected a name, or a generateName, found neither"),
        ("  name: rpc\n", "  name: rpc\n  labels: {a b: c}\n", "5:12: metadata.labels.a b: expected a key such as app or example.com/app"),
        ("  name: rpc\n", "  name: rpc\n  labels: {a: +}\n", "5:15: metadata.labels.a: expected a text that matches"),
        ("  name: rpc\n", "  name: rpc\n  uid: x\n", "5:8: metadata.uid: expected a uuid such as"),
        ("  name: rpc\n", "  name: rpc\n  creationTimestamp: today\n", "5:22: metadata.creationTimestamp: expected a date-time such as"),
        ("  name: rpc\n", "  name: rpc\n  resourceVersion: 7\n", "5:20: metadata.resourceVersion: expected a text, found the number 7"),
        ("  name: rpc\n", "  name: rpc\n  ownerReferences: [{}]\n", "5:21: metadata.ownerReferences[0].apiVersion: expected this field"),
        ("metadata:\n  name: rpc\n  namespace: sei\n", "", "1:1: metadata: expected this field, found none: it is required"),
    ];
    for (old, new, expected) in cases {
        let told = told(&changed(old, new));
        assert!(told.first().is_some_and(|first| first.starts_with(expected)), "{new:?} gave {told:#?}, not {expected:?}");
    }
}

#[test]
fn metadata_reads_into_its_typed_form() {
    let owner =
        "{apiVersion: sei.io/v1alpha1, kind: SeiNodeDeployment, name: g, uid: 11111111-1111-4111-8111-111111111111, controller: true}";
    let text = changed(
        "  name: rpc\n  namespace: sei\n",
        &format!(
            "  name: rpc\n  resourceVersion: \"7\"\n  generation: 3\n  creationTimestamp: null\n  labels: {{a: b}}\n  \
             deletionTimestamp: 2025-01-31T12:00:00Z\n  finalizers: [sei.io/x]\n  ownerReferences: [{owner}]\n"
        ),
    );
    let documents = manifest::read("group.yaml", text.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"));
    let meta = documents[0].meta();
    assert_eq!(meta.namespace(), "default");
    assert_eq!(meta.resource_version, Some(api::ResourceVersion(7)));
    assert_eq!((meta.generation, meta.created), (Some(3), None));
    assert_eq!(meta.deleting.map(|time| time.to_string()).as_deref(), Some("2025-01-31T12:00:00Z"));
    assert!(meta.has_finalizer("sei.io/x") && meta.controller().is_some_and(|owner| owner.kind == "SeiNodeDeployment"));
    let printed = manifest::print(&documents[0]);
    assert_eq!(manifest::read("printed", printed.as_bytes()).unwrap(), documents, "{printed}");
}

#[test]
fn status_is_checked_too() {
    let status = |text: &str| told(&format!("{GROUP}status:\n{text}"));
    assert_eq!(status("  phase: Ready\n  nodes: [{name: a, phase: Running}]\n"), [""; 0]);
    assert_eq!(
        status("  nodes: [{name: a}, {name: a}]\n"),
        ["45:22: status.nodes[1]: expected items with different name, found one a second time"]
    );
    assert_eq!(status("  phase: Redy\n")[0].split(": expected").next(), Some("45:10: status.phase"));
}

#[test]
fn defaults_are_those_of_the_schema() {
    let text =
        changed("  replicas: 2\n", "").replace("      type: ClusterIP\n", "      type: null\n").replace("interval: 30s", "interval:");
    let documents = manifest::read("group.yaml", text.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"));
    let manifest::Document::Group(group) = &documents[0] else { panic!("it is a group") };
    assert_eq!(group.spec.replicas, 1);
    assert_eq!(group.spec.deletion_policy, Some(api::group::DeletionPolicy::Delete));
    let service = group.spec.networking.as_ref().unwrap().service.as_ref().unwrap();
    assert_eq!(service.kind, Some(api::group::ServiceType::ClusterIP));
    let monitor = group.spec.monitoring.as_ref().unwrap().service_monitor.as_ref().unwrap();
    assert_eq!(monitor.interval.as_deref(), Some("30s"));
    assert_eq!(group.spec.template.spec.sidecar.as_ref().unwrap().port, Some(7777));
}
