//! Text into HTML: escaping, and as much of Markdown as the document uses (paragraphs, lists, `code`).

/// `text` as it may stand in HTML, in an attribute too.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// One line with `code` in it.
pub(super) fn inline(text: &str) -> String {
    let mut html = String::new();
    for (index, part) in text.split('`').enumerate() {
        let part = escape(part);
        html.push_str(&if index % 2 == 1 { format!("<code>{part}</code>") } else { part });
    }
    html
}

/// Paragraphs and lists.
pub(super) fn blocks(text: &str) -> String {
    let mut html = String::new();
    let mut list = false;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let item = line.strip_prefix("- ");
        if item.is_some() != list {
            html.push_str(if list { "</ul>" } else { "<ul>" });
            list = !list;
        }
        html.push_str(&match item {
            Some(item) => format!("<li>{}</li>", inline(item)),
            None => format!("<p>{}</p>", inline(line)),
        });
    }
    if list {
        html.push_str("</ul>");
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(inline("a <b> & `<c>`"), "a &lt;b&gt; &amp; <code>&lt;c&gt;</code>");
        assert_eq!(escape("\"'"), "&quot;&#39;");
    }

    #[test]
    fn paragraphs_and_lists() {
        assert_eq!(
            blocks("one\n\n- two\n- `three`\n\nfour"),
            "<p>one</p><ul><li>two</li><li><code>three</code></li></ul><p>four</p>"
        );
        assert_eq!(blocks("- last"), "<ul><li>last</li></ul>");
    }
}
