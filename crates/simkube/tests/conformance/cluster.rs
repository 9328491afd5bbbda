//! The one door between the suite and a cluster.

use serde_json::Value;

/// Why a request was refused, as `metav1.Status` says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    pub code: u16,
    pub reason: String,
    pub message: String,
}

pub type Answer = Result<Value, Status>;

/// A cluster with one namespace, `default`, and machines named `machine-0`, `machine-1`, ... Objects travel as JSON, kinds by name.
pub trait Cluster {
    fn create(&mut self, manifest: Value) -> Answer;
    /// With `dryRun=All`.
    fn create_dry(&mut self, manifest: Value) -> Answer;
    fn get(&mut self, kind: &str, name: &str) -> Answer;
    /// With a label selector as in a URL; `""` selects all.
    fn list(&mut self, kind: &str, selector: &str) -> Result<Vec<Value>, Status>;
    fn update(&mut self, object: Value) -> Answer;
    /// With `dryRun=All`.
    fn update_dry(&mut self, object: Value) -> Answer;
    /// PUT of `/status`.
    fn update_status(&mut self, object: Value) -> Answer;
    /// RFC 7386, `application/merge-patch+json`.
    fn merge_patch(&mut self, kind: &str, name: &str, patch: Value) -> Answer;
    /// The same on `/status`.
    fn merge_patch_status(&mut self, kind: &str, name: &str, patch: Value) -> Answer;
    /// RFC 6902, `application/json-patch+json`.
    fn json_patch(&mut self, kind: &str, name: &str, operations: Value) -> Answer;
    /// Server-side apply with force.
    fn apply(&mut self, manager: &'static str, manifest: Value) -> Answer;
    /// Server-side apply without force.
    fn apply_gently(&mut self, manager: &'static str, manifest: Value) -> Answer;
    /// Server-side apply of `/status` with force.
    fn apply_status(&mut self, manager: &'static str, manifest: Value) -> Answer;
    /// `metadata.managedFields`, without times.
    fn managed_fields(&mut self, kind: &str, name: &str) -> Value;
    /// `options` is a `DeleteOptions` body; `{}` takes the defaults.
    fn delete(&mut self, kind: &str, name: &str, options: Value) -> Result<(), Status>;
    /// DELETE of all that a label selector selects.
    fn delete_collection(&mut self, kind: &str, selector: &str, options: Value) -> Result<(), Status>;
    /// The types and objects of the events after a resourceVersion, up to now.
    fn watch(&mut self, kind: &str, selector: &str, version: &str) -> Result<Vec<(&'static str, Value)>, Status>;

    /// POST of a pod's `/eviction`.
    fn evict(&mut self, pod: &str) -> Result<(), Status>;

    /// A machine loses its power.
    fn lose_machine(&mut self, machine: &str);
    /// It has power again.
    fn return_machine(&mut self, machine: &str);
    /// It is taken away, and its Node object with it.
    fn remove_machine(&mut self, machine: &str);
    /// `kubectl drain --force --ignore-daemonsets --delete-emptydir-data`, in the background.
    fn drain(&mut self, machine: &str);
    /// The kernel kills a container's process for want of memory.
    fn oom_kill(&mut self, pod: &str, container: &str);
    /// The kubelet evicts a pod at a hard threshold of memory.
    fn pressure_evict(&mut self, pod: &str);
    /// The registry has an image from now on, or lacks it.
    fn set_image_exists(&mut self, image: &str, exists: bool);

    /// Lets time pass.
    fn wait(&mut self, seconds: u64);
    /// The names of the pods that a Service's clients are sent to.
    fn reached(&mut self, service: &str) -> Vec<String>;
    /// Whether a host name has an address.
    fn resolves(&mut self, host: &str) -> bool;

    /// Starts a client process with an informer of each kind that it names: list, then watch.
    fn start_client(&mut self, kinds: &[&str]);
    /// Its watches break; it lists again.
    fn relist(&mut self);
    /// The client's cached object.
    fn cached(&mut self, kind: &str, name: &str) -> Option<Value>;
    /// What its event handlers were given since they were last asked.
    fn handed(&mut self) -> Vec<Handed>;
}

/// What an event handler is given.
#[derive(Clone, Debug, PartialEq)]
pub enum Handed {
    Added(Value),
    Updated { old: Value, new: Value },
    Deleted(Value),
}

/// What the tests say often.
pub trait Say: Cluster {
    /// The object, which must be there.
    fn the(&mut self, kind: &str, name: &str) -> Value {
        self.get(kind, name).unwrap_or_else(|status| panic!("{kind} {name}: {status:?}"))
    }

    fn exists(&mut self, kind: &str, name: &str) -> bool {
        match self.get(kind, name) {
            Ok(_) => true,
            Err(status) if status.code == 404 => false,
            Err(status) => panic!("{kind} {name}: {status:?}"),
        }
    }

    /// Creates what must be accepted.
    fn given(&mut self, manifest: Value) -> Value {
        self.create(manifest).unwrap_or_else(|status| panic!("{status:?}"))
    }

    /// Waits until something holds, looking every second; fails after an hour.
    fn until(&mut self, what: &str, holds: impl Fn(&mut Self) -> bool)
    where
        Self: Sized,
    {
        for _ in 0..3600 {
            if holds(self) {
                return;
            }
            self.wait(1);
        }
        panic!("an hour passed before {what}");
    }

    fn is_ready(&mut self, pod: &str) -> bool {
        self.get("Pod", pod).is_ok_and(|pod| condition(&pod, "Ready").as_deref() == Some("True"))
    }

    /// The machine that a pod is bound to; empty if it is not.
    fn machine(&mut self, pod: &str) -> String {
        self.the("Pod", pod)["spec"]["nodeName"].as_str().unwrap_or_default().to_owned()
    }

    fn uid(&mut self, kind: &str, name: &str) -> String {
        self.the(kind, name)["metadata"]["uid"].as_str().expect("a stored object has a uid").to_owned()
    }

    fn is_terminating(&mut self, kind: &str, name: &str) -> bool {
        self.the(kind, name)["metadata"]["deletionTimestamp"].is_string()
    }

    fn phase(&mut self, pod: &str) -> String {
        self.the("Pod", pod)["status"]["phase"].as_str().unwrap_or_default().to_owned()
    }
}

impl<T: Cluster> Say for T {}

/// The status of a condition.
pub fn condition(object: &Value, kind: &str) -> Option<String> {
    let conditions = object["status"]["conditions"].as_array()?;
    conditions.iter().find(|condition| condition["type"] == kind)?["status"].as_str().map(str::to_owned)
}

/// The state of a container, main or init, as in a pod's status.
pub fn container(pod: &Value, name: &str) -> Value {
    let statuses = ["initContainerStatuses", "containerStatuses"].into_iter().filter_map(|field| pod["status"][field].as_array());
    let found = statuses.flatten().find(|status| status["name"] == name).cloned();
    found.unwrap_or_else(|| panic!("no status of container {name} in {}", pod["status"]))
}

/// The reason with which a request was refused.
pub fn reason<T: std::fmt::Debug>(answer: Result<T, Status>) -> String {
    answer.expect_err("the request is refused").reason
}
