//! JSON as people read it.

/// `text` with a line for each value. What stands within it stays as it was: digits, escapes, the order of the fields. None if
/// it is no JSON.
pub(crate) fn indented(text: &str) -> Option<String> {
    serde_json::from_str::<serde_json::Value>(text).ok()?;
    let (mut out, mut depth, mut is_text, mut is_escaped) = (String::new(), 0_usize, false, false);
    let mut opened = false;
    for c in text.chars() {
        if is_text {
            out.push(c);
            is_text = is_escaped || c != '"';
            is_escaped = c == '\\' && !is_escaped;
            continue;
        }
        if c.is_ascii_whitespace() {
            continue;
        }
        let closes = matches!(c, '}' | ']');
        if closes {
            depth = depth.saturating_sub(1);
        }
        if opened != closes {
            line(&mut out, depth);
        }
        opened = matches!(c, '{' | '[');
        depth += usize::from(opened);
        is_text = c == '"';
        out.push(c);
        match c {
            ',' => line(&mut out, depth),
            ':' => out.push(' '),
            _ => {}
        }
    }
    Some(out)
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::indented;

    #[test]
    fn every_value_has_a_line_and_stays_as_it_was() {
        let text = r#"{"b":1.50,"a":["x, {\"y\\",{}],"e":[],"n":null}"#;
        let lines =
            "{\n  \"b\": 1.50,\n  \"a\": [\n    \"x, {\\\"y\\\\\",\n    {}\n  ],\n  \"e\": [],\n  \"n\": null\n}";
        assert_eq!(indented(text).as_deref(), Some(lines));
        assert_eq!(indented(lines).as_deref(), Some(lines));
        assert_eq!(indented("7").as_deref(), Some("7"));
        assert_eq!(indented("a=1&b=2"), None);
    }
}
