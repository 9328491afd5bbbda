//! `resource.Quantity` as the schemas describe it, and the resources of a container.

use super::findings::Findings;
use k8s_openapi::api::core::v1::ResourceRequirements;
use std::collections::BTreeSet;
use std::fmt::Arguments;

/// `pattern` of a quantity.
const QUANTITY: &str = r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$";

/// Validates resources that stand at `path`.
pub(super) fn resources(findings: &mut Findings, path: Arguments<'_>, resources: &ResourceRequirements) {
    for (field, quantities) in [("limits", &resources.limits), ("requests", &resources.requests)] {
        for (name, quantity) in quantities.iter().flatten() {
            findings.pattern(is_quantity(&quantity.0), format_args!("{path}.{field}.{name}"), &quantity.0, QUANTITY);
        }
    }
    let mut seen = BTreeSet::new();
    for (index, claim) in resources.claims.iter().flatten().enumerate() {
        findings.require(seen.insert(&claim.name), || format!("{path}.claims[{index}]: Duplicate value: {{\"name\":{:?}}}", claim.name));
    }
}

fn is_quantity(text: &str) -> bool {
    let Some(suffix) = after_number(text) else {
        return false;
    };
    match suffix.strip_prefix(['e', 'E']) {
        // A lone `E` is the suffix of exa.
        Some(exponent) if !exponent.is_empty() && suffix != "Ei" => after_number(exponent).is_some_and(str::is_empty),
        _ => ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].contains(&suffix),
    }
}

/// What follows a signed decimal number; `None` if there is no number.
fn after_number(text: &str) -> Option<&str> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(unsigned);
    let rest = &unsigned[whole..];
    match rest.strip_prefix('.') {
        Some(fraction) => {
            let count = digits(fraction);
            (whole + count > 0).then(|| &fraction[count..])
        }
        None => (whole > 0).then_some(rest),
    }
}

#[cfg(test)]
mod tests {
    use super::is_quantity;

    #[test]
    fn quantities_follow_the_pattern_of_the_schema() {
        for good in ["1", "-1.5", "+.5", "1.", "500m", "4Gi", "1E", "1e3", "1E-3", "1e.5", "2Ei"] {
            assert!(is_quantity(good), "{good}");
        }
        for bad in ["", ".", "m", "1mi", "1 Gi", "1K", "1e", "1e+", "--1", "1Gib"] {
            assert!(!is_quantity(bad), "{bad}");
        }
    }
}
