//! The containers of a node's pods: one initialises the home directory, one is the sidecar, one is seid.
//!
//! The commands are real shell. Both `seid` containers wait until the sidecar's `/v0/healthz` answers 200.

use crate::settings::Settings;
use api::Node;
use api::names::pod_dns;
use k8s_openapi::api::core::v1::{Container, EnvVar, HTTPGetAction, Probe, VolumeMount};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// The init container that runs `seid init` on an empty volume.
pub const SEID_INIT: &str = "seid-init";
/// The init container with restart policy Always that configures seid.
pub const SIDECAR: &str = "sei-sidecar";
/// The main container.
pub const SEID: &str = "seid";

/// The volume that holds the node's state.
pub(super) const DATA_VOLUME: &str = "data";
/// Where it is mounted.
const HOME: &str = "/sei";
/// The sidecar's answer to "may seid start".
pub(super) const HEALTHZ: &str = "/v0/healthz";

pub(super) fn seid_init(node: &Node, image: &str) -> Container {
    let chain = &node.spec.chain_id;
    let script = format!(
        "if [ ! -f {HOME}/config/genesis.json ]; then seid init {chain} --chain-id {chain} --home {HOME} --overwrite; fi; mkdir -p {HOME}/tmp"
    );
    Container { command: Some(words(&["/bin/sh", "-c", &script])), ..container(SEID_INIT, image) }
}

pub(super) fn sidecar(node: &Node, settings: &Settings) -> Container {
    let config = node.spec.sidecar.as_ref();
    let image = config.and_then(|c| c.image.as_ref()).filter(|image| !image.is_empty()).unwrap_or(&settings.sidecar_image);
    Container {
        command: Some(words(&["seictl"])),
        args: Some(words(&["serve"])),
        env: Some(vec![
            env("SEI_CHAIN_ID", &node.spec.chain_id),
            env("SEI_HOME", HOME),
            env("SEI_SIDECAR_PORT", &node.spec.sidecar_port().to_string()),
            env("SEI_NODE_ADDRESS", &pod_dns(node.name(), node.namespace())),
        ]),
        restart_policy: Some("Always".into()),
        resources: config.and_then(|c| c.resources.clone()),
        ..container(SIDECAR, image)
    }
}

/// seid, started by a script once the sidecar allows it. The script gets `start` as its arguments.
pub(super) fn seid(node: &Node, image: &str, then: &str, start: Vec<String>) -> Container {
    let port = node.spec.sidecar_port();
    let script = format!("until wget -q -O /dev/null http://localhost:{port}{HEALTHZ}; do sleep 5; done; {then}");
    Container { command: Some(words(&["/bin/sh", "-c", &script, "seid-wrapper"])), args: Some(start), ..container(SEID, image) }
}

fn container(name: &str, image: &str) -> Container {
    Container {
        name: name.into(),
        image: Some(image.into()),
        volume_mounts: Some(vec![VolumeMount { name: DATA_VOLUME.into(), mount_path: HOME.into(), ..VolumeMount::default() }]),
        ..Container::default()
    }
}

/// An HTTP probe; times in seconds, what is not set is Kubernetes' default.
pub(super) fn probe(path: &str, port: i32, delay: i32, period: i32, failures: i32) -> Probe {
    Probe {
        http_get: Some(HTTPGetAction { path: Some(path.into()), port: IntOrString::Int(port), ..HTTPGetAction::default() }),
        initial_delay_seconds: Some(delay),
        period_seconds: Some(period),
        failure_threshold: Some(failures),
        ..Probe::default()
    }
}

pub(super) fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

fn env(name: &str, value: &str) -> EnvVar {
    EnvVar { name: name.into(), value: Some(value.into()), value_from: None }
}
