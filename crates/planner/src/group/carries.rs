//! Whether a node is made of the group's template.

use api::SeiNodeSpec;

/// Whether a node's spec is the template, but for what the operator puts in itself: pod labels, the bootstrap's image and target, the part in
/// a genesis ceremony. Unlike the template's hash it leaves no field out.
pub fn carries(spec: &SeiNodeSpec, template: &SeiNodeSpec) -> bool {
    let labelled = template.pod_labels.iter().all(|(key, value)| spec.pod_labels.get(key) == Some(value));
    let mut spec = spec.clone();
    spec.pod_labels.clone_from(&template.pod_labels);
    if let (Some(own), Some(wanted)) = (spec.snapshot_mut(), template.snapshot()) {
        own.bootstrap_image.clone_from(&wanted.bootstrap_image);
        own.s3.clone_from(&wanted.s3);
    }
    if let (Some(own), Some(wanted)) = (&mut spec.validator, &template.validator) {
        own.genesis_ceremony.clone_from(&wanted.genesis_ceremony);
    }
    labelled && spec == *template
}
