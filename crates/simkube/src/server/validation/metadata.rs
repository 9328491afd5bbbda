//! `ValidateObjectMeta` and its update: names, labels, finalizers.

use super::findings::Findings;
use api::{AnyObject, Meta};

/// Validates metadata. The old one is there for updates.
pub(super) fn check(findings: &mut Findings, old: Option<&Meta>, new: &AnyObject) {
    let meta = &new.meta;
    if old.is_none() {
        name(findings, new);
    }
    if old.is_none_or(|old| old.labels != meta.labels) {
        for (key, value) in meta.labels.iter() {
            findings.require(is_qualified_name(key), || {
                format!("metadata.labels: Invalid value: {key:?}: name part must consist of alphanumeric characters, '-', '_' or '.'")
            });
            findings.require(is_label_value(value), || {
                let rule = if value.len() > 63 {
                    "must be no more than 63 bytes"
                } else {
                    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.'"
                };
                format!("metadata.labels: Invalid value: {value:?}: {rule}")
            });
        }
    }
    if old.is_some_and(|old| old.deleting.is_some()) {
        let known = |name: &str| old.is_some_and(|old| old.has_finalizer(name));
        let fresh: Vec<_> = meta.finalizers.iter().filter(|name| !known(name)).collect();
        findings.require(fresh.is_empty(), || {
            format!("metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers {fresh:?}")
        });
    }
    let controllers = meta.owners.iter().filter(|owner| owner.controller).count();
    findings.require(controllers <= 1, || {
        "metadata.ownerReferences: Invalid value: Only one reference can have Controller set to true".to_owned()
    });
}

/// A DNS label for Services, a DNS subdomain for everything else. A generated name is judged by what it begins with.
fn name(findings: &mut Findings, new: &AnyObject) {
    let name = match (new.meta.name(), new.meta.generate_name.as_deref()) {
        ("", None | Some("")) => {
            return findings.require(false, || "metadata.name: Required value: name or generateName is required".to_owned());
        }
        ("", Some(base)) => base.trim_end_matches('-'),
        (name, _) => name,
    };
    let valid = match new.info.kind {
        "Service" => is_dns_label(name) && name.starts_with(|c: char| c.is_ascii_lowercase()),
        _ => name.len() <= 253 && name.split('.').all(is_dns_part),
    };
    let rule = match new.info.kind {
        "Service" => {
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and be no more than 63 characters"
        }
        _ => {
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and be no more than 253 characters"
        }
    };
    findings.require(valid, || format!("metadata.name: Invalid value: {name:?}: {rule}"));
}

fn is_dns_label(text: &str) -> bool {
    text.len() <= 63 && is_dns_part(text)
}

fn is_dns_part(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.starts_with(inner) && text.ends_with(inner) && text.chars().all(|c| inner(c) || c == '-')
}

fn is_qualified_name(key: &str) -> bool {
    let (prefix, name) = key.split_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    prefix.is_none_or(|prefix| prefix.len() <= 253 && prefix.split('.').all(is_dns_part)) && !name.is_empty() && is_label_value(name)
}

fn is_label_value(text: &str) -> bool {
    let end = |c: char| c.is_ascii_alphanumeric();
    let inner = |c: char| end(c) || matches!(c, '-' | '_' | '.');
    text.is_empty() || text.len() <= 63 && text.starts_with(end) && text.ends_with(end) && text.chars().all(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn label_keys_and_values_follow_the_qualified_name_rules() {
        for good in ["sei.io/node", "app", "batch.kubernetes.io/job-name"] {
            assert!(is_qualified_name(good), "{good}");
        }
        for bad in ["", "/x", "x/", "-x", "Sei.io/node", &"x".repeat(64)] {
            assert!(!is_qualified_name(bad), "{bad}");
        }
        assert!(is_label_value("") && is_label_value("v6.3.0_x") && !is_label_value("a b") && !is_label_value(&"x".repeat(64)));
    }
}
