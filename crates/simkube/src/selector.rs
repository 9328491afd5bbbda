//! Label selectors as they stand in a URL, equality and set based.
//!
//! Source: Kubernetes documentation, "Labels and Selectors", "LIST and WATCH filtering"; `k8s.io/apimachinery/pkg/labels`.

use api::Labels;
use ports::ApiError;

/// What a list or a watch selects by labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector(Vec<Requirement>);

/// One demand on one label.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Requirement {
    key: String,
    operator: Operator,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Operator {
    In(Vec<String>),
    NotIn(Vec<String>),
    Exists,
    Absent,
}

impl Selector {
    /// Reads `a=b,c!=d,e in (f,g),h notin (i),j,!k`; the empty text selects everything.
    ///
    /// # Errors
    /// `BadRequest`, as the API server answers a selector that it cannot parse.
    pub fn parse(text: &str) -> Result<Self, ApiError> {
        let requirements = split(text).into_iter().map(str::trim).filter(|part| !part.is_empty()).map(Requirement::parse);
        let parsed: Option<Vec<_>> = requirements.collect();
        parsed.map(Self).ok_or_else(|| ApiError::BadRequest(format!("unable to parse requirement: {text:?} is no label selector").into()))
    }

    /// Whether labels satisfy every requirement.
    pub fn selects(&self, labels: &Labels) -> bool {
        self.0.iter().all(|requirement| requirement.holds(labels.get(&requirement.key)))
    }
}

/// Parts between commas that stand outside parentheses.
fn split(text: &str) -> Vec<&str> {
    let mut depth = 0i32;
    text.split(|c: char| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth == 0
    })
    .collect()
}

impl Requirement {
    fn parse(text: &str) -> Option<Self> {
        let (key, operator) = if let Some(key) = text.strip_prefix('!') {
            (key, Operator::Absent)
        } else if let Some((head, list)) = text.strip_suffix(')').and_then(|text| text.split_once('(')) {
            let values = list.split(',').map(|value| value.trim().to_owned()).collect();
            match head.trim().rsplit_once(char::is_whitespace)? {
                (key, "in") => (key, Operator::In(values)),
                (key, "notin") => (key, Operator::NotIn(values)),
                _ => return None,
            }
        } else if let Some((key, value)) = text.split_once("!=") {
            (key, Operator::NotIn(vec![value.trim().to_owned()]))
        } else if let Some((key, value)) = text.split_once("==").or_else(|| text.split_once('=')) {
            (key, Operator::In(vec![value.trim().to_owned()]))
        } else {
            (text, Operator::Exists)
        };
        let key = key.trim();
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
        let valid = !key.is_empty() && key.chars().all(plain) && operator.values().iter().all(|value| value.chars().all(plain));
        valid.then(|| Self { key: key.to_owned(), operator })
    }

    /// Absence satisfies `!=` and `notin`.
    fn holds(&self, value: Option<&String>) -> bool {
        match &self.operator {
            Operator::In(values) => value.is_some_and(|value| values.contains(value)),
            Operator::NotIn(values) => value.is_none_or(|value| !values.contains(value)),
            Operator::Exists => value.is_some(),
            Operator::Absent => value.is_none(),
        }
    }
}

impl Operator {
    fn values(&self) -> &[String] {
        match self {
            Self::In(values) | Self::NotIn(values) => values,
            Self::Exists | Self::Absent => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selects(selector: &str, labels: &[(&str, &str)]) -> bool {
        let labels = labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Selector::parse(selector).expect("a selector").selects(&labels)
    }

    #[test]
    fn every_requirement_must_hold() {
        assert!(selects("", &[]));
        assert!(selects("a=1,b == 2", &[("a", "1"), ("b", "2")]) && !selects("a=1,b=2", &[("a", "1")]));
        assert!(selects("a in (1, 2),b", &[("a", "2"), ("b", "")]) && !selects("a in (1,2)", &[("a", "3")]));
        assert!(selects("!a", &[("b", "")]) && !selects("!a", &[("a", "")]));
    }

    #[test]
    fn absence_satisfies_what_excludes_values() {
        assert!(selects("a!=1", &[]) && selects("a notin (1,2)", &[("a", "3")]) && !selects("a notin (1,2)", &[("a", "2")]));
    }

    #[test]
    fn what_is_no_selector_is_a_bad_request() {
        for text in ["a in 1", "a within (1)", "=1", "a=(", "a b"] {
            assert!(matches!(Selector::parse(text), Err(ApiError::BadRequest(_))), "{text}");
        }
    }
}
