//! Heights relative to the start: `start+9000` wherever a height is written.
//!
//! They are replaced in the text before it is read, so that they can stand in manifests too, and so that every error still names its line.

/// Replaces every word `start+N` or `start-N` by the number it stands for.
pub fn resolve(text: &str, start: u64) -> Result<String, String> {
    let mut resolved = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(position) = rest.find("start") {
        let (before, found) = rest.split_at(position);
        resolved.push_str(before);
        let tail = &found["start".len()..];
        let sign = tail.chars().next().filter(|sign| matches!(sign, '+' | '-'));
        let digits: &str = sign.map_or("", |_| digits_of(&tail[1..]));
        let is_word = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '-')
            && !tail.get(1 + digits.len()..).is_some_and(|after| after.starts_with(|c: char| c.is_alphanumeric()));
        if digits.is_empty() || !is_word {
            resolved.push_str("start");
            rest = tail;
            continue;
        }
        let word = &found[..6 + digits.len()];
        let height = digits.parse::<u64>().ok().and_then(|n| if sign == Some('+') { start.checked_add(n) } else { start.checked_sub(n) });
        let height = height.ok_or_else(|| format!("{word} is not a height: the start is {start}"))?;
        resolved.push_str(&height.to_string());
        rest = &tail[1 + digits.len()..];
    }
    resolved.push_str(rest);
    Ok(resolved)
}

fn digits_of(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn relative_heights_become_numbers_and_nothing_else_changes() {
        assert_eq!(resolve("h: start+9000 # start\nstartHeight: 5", 1000), Ok("h: 10000 # start\nstartHeight: 5".to_owned()));
        assert_eq!(
            resolve("a: start-1, b: restart+1, c: start+1x, d: start+", 7),
            Ok("a: 6, b: restart+1, c: start+1x, d: start+".to_owned())
        );
    }

    #[test]
    fn a_height_below_zero_or_beyond_counting_is_refused() {
        assert!(resolve("h: start-8", 7).is_err());
        assert!(resolve("h: start+99999999999999999999999", 7).is_err());
    }
}
