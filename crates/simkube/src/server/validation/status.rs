//! The schemas of the two custom resources' statuses: conditions, which are a list with a key, and the nodes of a group.
//!
//! The rest of those schemas, enums and required fields, cannot be broken by a status that has its type.

use super::findings::Findings;
use api::condition::Condition;
use api::{SeiNodeDeploymentStatus, SeiNodeStatus};

/// `pattern` of a condition's reason.
const REASON: &str = "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$";
/// `pattern` of a condition's type.
const TYPE: &str = "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$";

/// Validates a node's status that replaces `old`.
pub(super) fn node(findings: &mut Findings, old: Option<&SeiNodeStatus>, status: &SeiNodeStatus) {
    conditions(findings, old.map(|old| &*old.conditions), &status.conditions);
}

/// Validates a group's status that replaces `old`.
pub(super) fn group(findings: &mut Findings, old: Option<&SeiNodeDeploymentStatus>, status: &SeiNodeDeploymentStatus) {
    conditions(findings, old.map(|old| &*old.conditions), &status.conditions);
    unique(findings, "status.nodes", "name", status.nodes.iter().map(|node| &*node.name));
}

fn conditions(findings: &mut Findings, old: Option<&[Condition]>, conditions: &[Condition]) {
    if old == Some(conditions) {
        return;
    }
    unique(findings, "status.conditions", "type", conditions.iter().map(|condition| &*condition.kind));
    for (index, condition) in conditions.iter().enumerate() {
        if is_sound(condition) {
            continue;
        }
        let path = |field: &str| format!("status.conditions[{index}].{field}");
        findings.length(path("message"), &condition.message, 0, 32768);
        if let Some(generation) = condition.observed_generation {
            findings.range(path("observedGeneration"), generation, 0, i64::MAX);
        }
        findings.length(path("reason"), &condition.reason, 1, 1024);
        findings.pattern(is_reason(&condition.reason), path("reason"), &condition.reason, REASON);
        findings.length(path("type"), &condition.kind, 0, 316);
        findings.pattern(is_type(&condition.kind), path("type"), &condition.kind, TYPE);
    }
}

/// Whether a condition is within all bounds: texts of as many bytes have at most as many characters.
fn is_sound(condition: &Condition) -> bool {
    condition.message.len() <= 32768
        && condition.observed_generation.is_none_or(|generation| generation >= 0)
        && condition.reason.len() <= 1024
        && is_reason(&condition.reason)
        && condition.kind.len() <= 316
        && is_type(&condition.kind)
}

/// A list with a key has no two items of one key.
fn unique<'a>(findings: &mut Findings, path: &str, key: &str, names: impl Iterator<Item = &'a str>) {
    let mut seen = Vec::new();
    for (index, name) in names.enumerate() {
        findings.require(!seen.contains(&name), || format!("{path}[{index}]: Duplicate value: {{{key:?}:{name:?}}}"));
        seen.push(name);
    }
}

fn is_reason(text: &str) -> bool {
    let end = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.ends_with(end) && text.chars().all(|c| end(c) || ",:".contains(c))
}

fn is_type(text: &str) -> bool {
    let (prefix, name) = text.split_once('/').map_or((None, text), |(prefix, name)| (Some(prefix), name));
    let lower = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let label = |part: &str| part.starts_with(lower) && part.ends_with(lower) && part.chars().all(|c| lower(c) || c == '-');
    let end = |c: char| c.is_ascii_alphanumeric();
    prefix.is_none_or(|prefix| prefix.split('.').all(label))
        && name.starts_with(end)
        && name.ends_with(end)
        && name.chars().all(|c| end(c) || "-_.".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_and_types_follow_the_patterns_of_the_schema() {
        for good in ["A", "PlanComplete", "a_b,c:d_"] {
            assert!(is_reason(good), "{good}");
        }
        for bad in ["", "1a", "a b", "a:", "a-b"] {
            assert!(!is_reason(bad), "{bad}");
        }
        for good in ["NodesReady", "example.com/Ready", "a-b_c.d", "1"] {
            assert!(is_type(good), "{good}");
        }
        for bad in ["", "/Ready", "Example.com/Ready", "a/b/c", "-a", "a b"] {
            assert!(!is_type(bad), "{bad}");
        }
    }
}
