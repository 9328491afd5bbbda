//! What an unquoted YAML scalar means, as Kubernetes' own reader takes it.
//!
//! `kubectl` turns YAML into JSON by the rules of YAML 1.1: `yes` and `on` are booleans, `010` is eight, `1_000` a thousand. A checker
//! with other rules would pass files that a cluster refuses.

use serde_json::{Number, Value};

/// The value of an unquoted scalar. `None` for the numbers that JSON does not know: infinity and not-a-number.
pub(crate) fn resolve(text: &str) -> Option<Value> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Some(Value::Null),
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "true" | "True" | "TRUE" => return Some(Value::Bool(true)),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "false" | "False" | "FALSE" => return Some(Value::Bool(false)),
        ".nan" | ".NaN" | ".NAN" => return None,
        _ if is_infinity(text) => return None,
        _ => {}
    }
    if !text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.')) {
        return Some(Value::String(text.to_owned()));
    }
    let plain = text.replace('_', "");
    if let Some(integer) = integer(&plain) {
        return Some(Value::Number(integer));
    }
    if !is_decimal(&plain) {
        return Some(Value::String(text.to_owned()));
    }
    let float: f64 = plain.parse().ok()?;
    json_number(float).map(Value::Number)
}

fn is_infinity(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF")
}

/// Decimal, or octal, hexadecimal or binary by prefix; a bare leading 0 means octal.
fn integer(text: &str) -> Option<Number> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    if !digits.starts_with(|first: char| first.is_digit(radix)) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    if negative { 0_i64.checked_sub_unsigned(magnitude).map(Number::from) } else { Some(Number::from(magnitude)) }
}

/// `[+-]? (digits [. digits?] | . digits) ([eE] [+-]? digits)?`
fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(fraction) && whole.len() + fraction.len() > 0 && exponent.is_none_or(|e| !e.is_empty() && digits(e))
}

/// A float as JSON writes it: without a fraction where it has none, so that `1.0` is an integer, as for a real API server.
pub(crate) fn json_number(float: f64) -> Option<Number> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if float.fract() == 0.0 && float.abs() < EXACT {
        #[allow(clippy::cast_possible_truncation, reason = "it is whole and below 2^53")]
        return Some(Number::from(float as i64));
    }
    Number::from_f64(float)
}

#[cfg(test)]
mod tests {
    use super::resolve;
    use serde_json::{Value, json};

    #[test]
    fn scalars_mean_what_they_mean_to_kubectl() {
        let cases = [
            ("", Value::Null),
            ("~", Value::Null),
            ("yes", json!(true)),
            ("off", json!(false)),
            ("True", json!(true)),
            ("0", json!(0)),
            ("-7", json!(-7)),
            ("+7", json!(7)),
            ("010", json!(8)),
            ("0o17", json!(15)),
            ("0x1F", json!(31)),
            ("0b101", json!(5)),
            ("1_000", json!(1000)),
            ("198740000", json!(198_740_000)),
            ("-9223372036854775808", json!(i64::MIN)),
            ("1.0", json!(1)),
            ("1e3", json!(1000)),
            ("2.5", json!(2.5)),
            (".5", json!(0.5)),
            ("1.20.3", json!("1.20.3")),
            ("30s", json!("30s")),
            ("09", json!(9)),
            ("-", json!("-")),
            (".", json!(".")),
            ("+", json!("+")),
            ("1e", json!("1e")),
            ("0x", json!("0x")),
            ("v6.3.0", json!("v6.3.0")),
            ("2024-05-01T00:00:00Z", json!("2024-05-01T00:00:00Z")),
        ];
        for (text, value) in cases {
            assert_eq!(resolve(text), Some(value), "{text:?}");
        }
        assert_eq!(resolve(".nan"), None);
        assert_eq!(resolve("-.inf"), None);
    }
}
