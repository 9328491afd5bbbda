//! What counts as a new template.

use api::SeiNodeSpec;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::sync::Arc;

/// The first 16 hexadecimal digits of SHA-256 over chain id, image, entrypoint command, its arguments and the sidecar's image, one after
/// the other without separators: what moves from one of them to its neighbour goes unnoticed, and so does every other field.
pub fn template_hash(spec: &SeiNodeSpec) -> Arc<str> {
    let mut hasher = Sha256::new();
    hasher.update(&spec.chain_id);
    hasher.update(&spec.image);
    for word in spec.entrypoint.iter().flat_map(|entrypoint| entrypoint.command.iter().chain(&entrypoint.args)) {
        hasher.update(word);
    }
    if let Some(image) = spec.sidecar.as_ref().and_then(|sidecar| sidecar.image.as_ref()) {
        hasher.update(image);
    }
    let mut text = String::with_capacity(16);
    for byte in &hasher.finalize()[..8] {
        write!(text, "{byte:02x}").expect("a string takes all that is written to it");
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::node::{Entrypoint, SidecarConfig};

    fn spec() -> SeiNodeSpec {
        SeiNodeSpec { chain_id: "pacific-1".into(), image: "sei:v6.3.0".into(), ..SeiNodeSpec::default() }
    }

    #[test]
    fn the_hash_is_that_of_the_concatenated_fields() {
        let mut spec = spec();
        spec.entrypoint = Some(Entrypoint { command: vec!["seid".into()], args: vec!["start".into(), "--home".into()] });
        spec.sidecar = Some(SidecarConfig { image: Some("seictl:1".into()), ..SidecarConfig::default() });
        // printf 'pacific-1sei:v6.3.0seidstart--homeseictl:1' | sha256sum
        assert_eq!(&*template_hash(&spec), "f1c3736edc027bb1");
    }

    #[test]
    fn fields_outside_the_list_do_not_count() {
        let mut other = spec();
        other.overrides.insert("chain.min_retain_blocks".into(), "1".into());
        other.pod_labels.insert("team".into(), "rpc".into());
        assert_eq!(template_hash(&other), template_hash(&spec()));
    }

    #[test]
    fn a_letter_that_moves_to_the_next_field_goes_unnoticed() {
        let moved = SeiNodeSpec { chain_id: "pacific-1s".into(), image: "ei:v6.3.0".into(), ..SeiNodeSpec::default() };
        assert_eq!(template_hash(&moved), template_hash(&spec()));
    }
}
