//! What the operator is told at its start: sizes, buckets, placement. The same for all objects.

use api::names::DEFAULT_SIDECAR_IMAGE;

/// The operator's platform settings.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Settings {
    /// Resources of a node that is no archive.
    pub node_size: Size,
    /// Resources of an archive.
    pub archive_size: Size,
    /// The sidecar's image where the spec names none.
    pub sidecar_image: String,
    /// Where replayers' results go.
    pub result_export: Bucket,
    /// Where genesis artifacts and exported states go. Its prefix is not used.
    pub genesis: Bucket,
    /// The Karpenter node pool on which StatefulSets' pods run.
    pub node_pool: String,
    /// The key of the taint that the pods tolerate.
    pub toleration_key: String,
    /// The storage class of data volumes.
    pub storage_class: String,
    /// The controller's own service account as a mesh principal; without it an AuthorizationPolicy would lock the controller out.
    pub controller_principal: Option<String>,
}

/// Resources of one node, as Kubernetes quantities.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Size {
    /// CPU cores requested by `seid`.
    pub cpu: String,
    /// Memory requested by `seid`.
    pub memory: String,
    /// The data volume.
    pub storage: String,
}

impl Size {
    fn new(cpu: &str, memory: &str, storage: &str) -> Self {
        Self { cpu: cpu.into(), memory: memory.into(), storage: storage.into() }
    }
}

/// A place in an object store.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bucket {
    /// The bucket.
    pub name: String,
    /// Its region.
    pub region: String,
    /// The prefix of all keys; empty or ending in `/`.
    pub prefix: String,
}

impl Bucket {
    fn new(name: &str, prefix: &str) -> Self {
        Self { name: name.into(), region: "eu-central-1".into(), prefix: prefix.into() }
    }
}

impl Default for Settings {
    /// Sizes as in controller.md, section 6; bucket, pool and class names are placeholders without effect on behaviour.
    fn default() -> Self {
        Self {
            node_size: Size::new("4", "32Gi", "2000Gi"),
            archive_size: Size::new("16", "256Gi", "4000Gi"),
            sidecar_image: DEFAULT_SIDECAR_IMAGE.into(),
            result_export: Bucket::new("sei-results", "shadow-results/"),
            genesis: Bucket::new("sei-genesis", ""),
            node_pool: "sei-node".into(),
            toleration_key: "sei.io/workload".into(),
            storage_class: "gp3".into(),
            controller_principal: None,
        }
    }
}
