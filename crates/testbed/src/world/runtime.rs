//! The container runtime: which program a container is, and which container a program's end belongs to.
//!
//! The cluster knows containers, the chain knows programs; this is where the two meet. A container's command is read as a real runtime
//! would execute it: `seictl serve`, the init script, or the shell wrapper around seid with or without `exec`.

use super::sim::Sim;
use crate::history::{Entry, display_name};
use api::kinds::Pod;
use api::{Height, names};
use k8s_openapi::api::core::v1::{Container, PodSpec, Probe};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use simchain::{Endpoint, Program, SeidProgram, VolumeId};
use simkube::{ContainerId, ContainerStart, PodId, Signal};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Containers and the programs that run in them.
#[derive(Clone, Debug, Default)]
pub struct Runtime {
    next: u64,
    programs: BTreeMap<ContainerId, simchain::ProcessId>,
    containers: BTreeMap<simchain::ProcessId, ContainerId>,
    names: BTreeMap<ContainerId, (Arc<str>, Arc<str>)>,
    ports: BTreeMap<PodId, Arc<ProbePorts>>,
}

/// The ports at which a pod's probes look for each path.
type ProbePorts = Vec<(String, i32)>;

impl Runtime {
    fn begin(&mut self, container: ContainerId) -> simchain::ProcessId {
        self.next += 1;
        let program = simchain::ProcessId(self.next);
        self.programs.insert(container, program);
        self.containers.insert(program, container);
        program
    }

    fn end(&mut self, program: simchain::ProcessId) -> Option<ContainerId> {
        let container = self.containers.remove(&program)?;
        self.programs.remove(&container);
        Some(container)
    }
}

impl Sim {
    pub(super) fn start_container(&mut self, start: &ContainerStart) {
        let program = match program_of(&start.container) {
            Ok(program) => program,
            Err(what) => return self.unmodelled(what),
        };
        let Some(volume) = start.volume else {
            return self.unmodelled(format!("container {} without a data volume", start.container.name));
        };
        let Some(node) = start.pod.meta.labels.get(names::label::NODE) else {
            return self.unmodelled(format!("pod {} that belongs to no node", start.pod.meta.name()));
        };
        let spec = start.pod.spec_as::<Pod>().expect("a pod has a pod's spec");
        self.runtime.ports.entry(start.id.pod).or_insert_with(|| Arc::new(probe_ports(spec)));
        let pod_name = display_name(&start.pod.meta);
        let container_name: Arc<str> = start.container.name.as_str().into();
        self.history
            .push(self.now, Entry::ContainerStarted { pod: pod_name.clone(), container: container_name.clone(), restarts: start.id.run });
        self.runtime.names.insert(start.id, (pod_name, container_name));
        let start = simchain::Start {
            id: self.runtime.begin(start.id),
            pod: simchain::PodId(start.id.pod.0),
            node: node.as_str().into(),
            volume: VolumeId(volume),
            program,
        };
        self.chain_only(|chain, cx| chain.start(cx, start));
    }

    pub(super) fn signal_container(&mut self, id: ContainerId, signal: Signal) {
        let Some(program) = self.runtime.programs.get(&id).copied() else { return };
        let signal = match signal {
            Signal::Terminate => simchain::Signal::Terminate,
            Signal::Kill => simchain::Signal::Kill,
        };
        self.chain_only(|chain, cx| chain.signal(cx, program, signal));
    }

    pub(super) fn program_exited(&mut self, program: simchain::ProcessId, code: i32) {
        let container = self.runtime.end(program).expect("a program that ends has been started in a container");
        if let Some((pod, name)) = self.runtime.names.remove(&container) {
            self.history.push(self.now, Entry::ContainerExited { pod, container: name, code });
        }
        self.kube_only(|cluster, cx| cluster.container_exited(cx, container, code));
    }

    pub(super) fn endpoint_answers(&mut self, pod: simchain::PodId, endpoint: Endpoint, ok: bool) {
        let path = match endpoint {
            Endpoint::Healthz => "/v0/healthz",
            Endpoint::Livez => "/v0/livez",
            Endpoint::LagStatus => "/lag_status",
        };
        let pod = PodId(pod.0);
        let Some(ports) = self.runtime.ports.get(&pod).cloned() else { return };
        for (_, port) in ports.iter().filter(|(looked_at, _)| looked_at == path) {
            self.kube_only(|cluster, cx| cluster.probe_answer(cx, pod, *port, path, ok));
        }
    }
}

/// The distinct (path, port) pairs that a pod's probes look at.
fn probe_ports(spec: &PodSpec) -> ProbePorts {
    let containers = spec.init_containers.iter().flatten().chain(&spec.containers);
    let probes = containers.flat_map(|c| [&c.startup_probe, &c.readiness_probe, &c.liveness_probe]).flatten();
    let mut ports: ProbePorts = probes.filter_map(http_target).collect();
    ports.sort();
    ports.dedup();
    ports
}

fn http_target(probe: &Probe) -> Option<(String, i32)> {
    let get = probe.http_get.as_ref()?;
    let IntOrString::Int(port) = get.port else { return None };
    Some((get.path.clone()?, port))
}

/// Reads a container's command.
fn program_of(container: &Container) -> Result<Program, String> {
    let image: Arc<str> = container.image.as_deref().unwrap_or_default().into();
    let command = container.command.iter().flatten().map(String::as_str).collect::<Vec<_>>();
    let args = container.args.iter().flatten().map(String::as_str).collect::<Vec<_>>();
    match (command.as_slice(), args.as_slice()) {
        (["seictl"], ["serve", ..]) | (["seictl", "serve", ..], _) => Ok(Program::Sidecar { image }),
        (["/bin/sh", "-c", script, ..], _) if script.contains("seid init") => Ok(Program::SeidInit { image }),
        (["/bin/sh", "-c", script, ..], ["seid", "start", flags @ ..]) if script.contains("/v0/healthz") => {
            Ok(Program::Seid(SeidProgram { image, halt_height: halt_height(flags)?, child_of_shell: !script.contains("exec \"$@\"") }))
        }
        _ => Err(format!("container {} with command {command:?} and arguments {args:?}", container.name)),
    }
}

fn halt_height(flags: &[&str]) -> Result<Option<Height>, String> {
    let Some(position) = flags.iter().position(|flag| *flag == "--halt-height") else { return Ok(None) };
    let height = flags.get(position + 1).and_then(|height| height.parse().ok());
    height.map(|height| Some(Height(height))).ok_or_else(|| format!("seid's flags {flags:?}"))
}
