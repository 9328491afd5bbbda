//! The server's own checks of the two custom resources against the schemas that are printed for real clusters: both accept the same
//! objects, and fill in the same defaults.
#![allow(clippy::expect_used, clippy::panic, reason = "tests say what they expect")]

use api::{AnyObject, Time, kinds};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use simcore::{Luck, Seed, SimTime};
use simkube::{Actor, Cluster, ClusterProfile, Context, Request};
use std::sync::Arc;

/// An object of some fields, each there or not.
fn fields(candidates: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let optional = candidates.into_iter().map(|(name, value)| prop::option::weighted(0.6, value).prop_map(move |value| (name, value)));
    let object = |fields: Vec<(&'static str, Option<Value>)>| -> Value {
        let present = fields.into_iter().filter_map(|(name, value)| value.map(|value| (name.to_owned(), value)));
        Value::Object(present.collect::<Map<_, _>>())
    };
    optional.collect::<Vec<_>>().prop_map(object).boxed()
}

fn one_of(values: Vec<Value>) -> BoxedStrategy<Value> {
    prop::sample::select(values).boxed()
}

fn text() -> BoxedStrategy<Value> {
    one_of(vec![json!(""), json!("a"), json!("pacific-1")])
}

fn list(value: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    prop::collection::vec(value, 0..3).prop_map(Value::from).boxed()
}

fn height() -> BoxedStrategy<Value> {
    one_of(vec![json!(0), json!(1), json!(200_000_000)])
}

/// Half sound, half random: else nothing would ever be accepted.
fn or(sound: Value, other: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    prop_oneof![3 => Just(sound), 1 => other].boxed()
}

fn snapshot() -> BoxedStrategy<Value> {
    let s3 = height().prop_map(|height| json!({ "targetHeight": height })).boxed();
    or(
        json!({ "stateSync": {} }),
        fields(vec![("s3", s3), ("stateSync", Just(json!({})).boxed()), ("bootstrapImage", text()), ("trustPeriod", text())]),
    )
}

fn peer() -> BoxedStrategy<Value> {
    let tags = or(json!({ "region": "eu", "tags": { "a": "b" } }), Just(json!({ "region": "", "tags": {} })).boxed());
    let fixed = list(text()).prop_map(|addresses| json!({ "addresses": addresses })).boxed();
    let label = one_of(vec![json!({ "selector": {} }), json!({ "selector": { "a": "b" } })]);
    or(json!({ "static": { "addresses": ["x"] } }), fields(vec![("ec2Tags", tags), ("static", fixed), ("label", label)]))
}

fn sidecar() -> BoxedStrategy<Value> {
    let quantities = one_of(["1", "500m", "4Gi", "1e3", "1E", "1K", "x", "", "1.5.2", "-.5"].map(|text| json!({ "cpu": text })).to_vec());
    let claims = one_of(vec![json!([]), json!([{ "name": "a" }]), json!([{ "name": "a" }, { "name": "a" }])]);
    let resources = fields(vec![("limits", quantities.clone()), ("requests", quantities), ("claims", claims)]);
    fields(vec![("image", text()), ("port", one_of(vec![json!(1), json!(7777)])), ("resources", resources)])
}

fn node() -> BoxedStrategy<Value> {
    let keep = |least: i32| one_of(vec![json!({ "keepRecent": least }), json!({ "keepRecent": 2 }), json!({ "keepRecent": 9 })]);
    let full = fields(vec![("snapshot", snapshot()), ("snapshotGeneration", keep(1))]);
    let archive = fields(vec![("snapshotGeneration", keep(1))]);
    let export = text().prop_map(|text| json!({ "canonicalRpc": text })).boxed();
    let replayer = (snapshot(), prop::option::of(export)).prop_map(|(snapshot, export)| match export {
        Some(export) => json!({ "snapshot": snapshot, "resultExport": export }),
        None => json!({ "snapshot": snapshot }),
    });
    let ceremony = (text(), text(), text(), -1..2i32)
        .prop_map(|(a, b, c, index)| json!({ "chainId": a, "stakingAmount": b, "accountBalance": c, "genesisParams": "", "index": index }));
    let validator = fields(vec![("snapshot", snapshot()), ("genesisCeremony", ceremony.boxed())]);
    let mode = prop_oneof![
        full.clone().prop_map(|full| json!({ "fullNode": full })),
        archive.clone().prop_map(|archive| json!({ "archive": archive })),
        replayer.clone().prop_map(|replayer| json!({ "replayer": replayer })),
        validator.clone().prop_map(|validator| json!({ "validator": validator })),
        fields(vec![("fullNode", full), ("archive", archive), ("replayer", replayer.boxed()), ("validator", validator)]),
    ];
    let entrypoint = (0..18usize, 0..66usize).prop_map(|(command, args)| json!({ "command": vec!["x"; command], "args": vec!["x"; args] }));
    let image = one_of(vec![json!(""), json!("x".repeat(512)), json!("x".repeat(513))]);
    let rest = fields(vec![
        ("peers", list(peer())),
        ("entrypoint", or(json!({ "command": ["seid"] }), entrypoint.boxed())),
        ("sidecar", sidecar()),
        ("overrides", Just(json!({ "a.b": "c" })).boxed()),
    ]);
    (or(json!("c"), text()), or(json!("sei:v6"), image), mode, rest)
        .prop_map(|(chain, image, mode, rest)| merged(&[json!({ "chainId": chain, "image": image }), mode, rest]))
        .boxed()
}

fn merged(parts: &[Value]) -> Value {
    let mut all = json!({});
    parts.iter().for_each(|part| json_patch::merge(&mut all, part));
    all
}

fn group() -> BoxedStrategy<Value> {
    let chain = one_of(["a", "-a", "a-1", "A1", "", "ab"].map(Value::from).to_vec()).boxed();
    let accounts = list((text(), text()).prop_map(|(address, balance)| json!({ "address": address, "balance": balance })).boxed());
    let fork = (text(), text(), height())
        .prop_map(|(chain, image, height)| json!({ "sourceChainId": chain, "sourceImage": image, "exportHeight": height }));
    let genesis = (or(json!("a-1"), chain), fields(vec![("accounts", accounts), ("fork", fork.boxed())]))
        .prop_map(|(chain, rest)| merged(&[json!({ "chainId": chain }), rest]));
    let gateway = fields(vec![("hostnames", list(text())), ("baseDomain", text())]);
    let source = fields(vec![("principals", list(text())), ("namespaces", list(text()))]);
    let isolation = list(source).prop_map(|sources| json!({ "authorizationPolicy": { "allowedSources": sources } }));
    let service = fields(vec![("type", one_of(vec![json!("ClusterIP"), json!("NodePort"), json!("Other")]))]);
    let networking = fields(vec![("service", or(json!({}), service)), ("gateway", gateway), ("isolation", isolation.boxed())]);
    let interval = one_of(["30s", "5ms", "s", "1d", "30", ""].map(Value::from).to_vec());
    let monitoring = fields(vec![("interval", interval)]).prop_map(|monitor| json!({ "serviceMonitor": monitor }));
    let fork = height().prop_map(|height| json!({ "haltHeight": height })).boxed();
    let strategy = (one_of(vec![json!("BlueGreen"), json!("HardFork"), json!("Other")]), fields(vec![("hardFork", fork)]))
        .prop_map(|(kind, rest)| merged(&[json!({ "type": kind }), rest]));
    let rest = fields(vec![
        ("genesis", or(json!({ "chainId": "a-1" }), genesis.boxed())),
        ("networking", or(json!({ "service": {}, "gateway": { "baseDomain": "x" } }), networking)),
        ("monitoring", or(json!({ "serviceMonitor": {} }), monitoring.boxed())),
        ("updateStrategy", or(json!({ "type": "BlueGreen" }), strategy.boxed())),
        ("deletionPolicy", one_of(vec![json!("Delete"), json!("Retain")])),
        ("replicas", or(json!(100), one_of(vec![json!(1), json!(0), json!(101)]))),
    ]);
    (or(json!({ "chainId": "c", "image": "i", "archive": {} }), node()), rest)
        .prop_map(|(node, rest)| merged(&[json!({ "template": { "spec": node } }), rest]))
        .boxed()
}

fn manifest_of(kind: &str, spec: &Value) -> Value {
    json!({ "apiVersion": "sei.io/v1alpha1", "kind": kind, "metadata": { "name": "n", "namespace": "default" }, "spec": spec })
}

/// What the server stores, or why it does not.
fn stored(manifest: &Value) -> Result<Value, String> {
    let info = kinds::find("sei.io/v1alpha1", manifest["kind"].as_str().expect("a kind")).expect("a known kind");
    let object = AnyObject::from_wire(info, manifest).map_err(|error| error.to_string())?;
    let mut cluster = Cluster::new(Arc::new(ClusterProfile::default()), Time::from_unix(0));
    let (mut luck, mut later, mut out) = (Luck::new(Seed(1)), Vec::new(), Vec::new());
    let mut cx = Context { now: SimTime::ZERO, luck: &mut luck, later: &mut later, out: &mut out };
    let answer = cluster.carry_out(&mut cx, Request::Create(object), Actor::Person);
    answer.map(|answer| answer[0].spec.to_json()).map_err(|error| error.to_string())
}

/// The object as its type writes it, so that what two writings of one value say is compared, not how.
fn as_typed(manifest: &Value) -> Value {
    let info = kinds::find("sei.io/v1alpha1", manifest["kind"].as_str().expect("a kind")).expect("a known kind");
    AnyObject::from_wire(info, manifest).expect("a valid object").spec.to_json()
}

fn agree(kind: &str, spec: &Value) -> Result<(), TestCaseError> {
    let manifest = manifest_of(kind, spec);
    let checked = manifest::read("n.yaml", manifest.to_string().as_bytes());
    match (stored(&manifest), checked) {
        (Ok(spec), Ok(_)) => prop_assert_eq!(spec, as_typed(&manifest::with_defaults(manifest))),
        (Err(_), Err(_)) => {}
        (Ok(_), Err(problems)) => prop_assert!(false, "the server takes what the schema refuses: {problems}\n{spec}"),
        (Err(error), Ok(_)) => prop_assert!(false, "the server refuses what the schema takes: {error}\n{spec}"),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn the_server_takes_a_node_if_and_only_if_its_schema_does(spec in node()) {
        agree("SeiNode", &spec)?;
    }

    #[test]
    fn the_server_takes_a_group_if_and_only_if_its_schema_does(spec in group()) {
        agree("SeiNodeDeployment", &spec)?;
    }
}
