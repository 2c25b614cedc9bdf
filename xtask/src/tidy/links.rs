//! Links from one Markdown file to another file, or to a heading, must lead somewhere.

use std::collections::BTreeSet;

use super::finding::Finding;
use crate::repository::TextFile;

/// Relative links whose file or heading is missing. `paths` are all files of the repository.
pub fn check(texts: &[TextFile], paths: &[String]) -> Vec<Finding> {
    let mut known: BTreeSet<&str> = paths.iter().map(String::as_str).collect();
    for path in paths {
        known.extend(path.match_indices('/').map(|(end, _)| &path[..end]));
    }
    let mut findings = Vec::new();
    for file in texts.iter().filter(|file| file.path.ends_with(".md")) {
        for (line, target) in links(&file.text) {
            if let Some(problem) = problem(file, &target, texts, &known) {
                let message = format!("the link to `{target}` leads nowhere: {problem}");
                findings.push(Finding::new(&file.path, line, message, "correct the link or write what it promises"));
            }
        }
    }
    findings
}

fn problem(file: &TextFile, target: &str, texts: &[TextFile], known: &BTreeSet<&str>) -> Option<&'static str> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, heading) = target.split_once('#').map_or((target, None), |(path, heading)| (path, Some(heading)));
    let path = if path.is_empty() { file.path.clone() } else { resolve(&file.path, path) };
    if !path.is_empty() && !known.contains(path.trim_end_matches('/')) {
        return Some("no such file");
    }
    let heading = heading.filter(|_| path.ends_with(".md"))?;
    let text = texts.iter().find(|file| file.path == path)?;
    if headings(&text.text).contains(heading) { None } else { Some("no such heading") }
}

/// `path` as seen from the folder of `from`; with a leading `/` from the root.
fn resolve(from: &str, path: &str) -> String {
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = if path.starts_with('/') { Vec::new() } else { folder.split('/').collect() };
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.join("/")
}

/// Lines outside of code blocks, each with its number from 1.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        (!fenced && !fence).then_some((index + 1, line))
    })
}

/// Targets of `[text](target)` and `[name]: target`.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut links = Vec::new();
    for (number, line) in prose(text) {
        let line = without_code(line);
        for (start, _) in line.match_indices("](") {
            let rest = &line[start + 2..];
            let target = rest.split([')', ' ']).next().unwrap_or(rest);
            links.push((number, target.trim_matches(['<', '>']).to_owned()));
        }
        if let Some((_, target)) = line.strip_prefix('[').and_then(|rest| rest.split_once("]: ")) {
            links.push((number, target.split_whitespace().next().unwrap_or_default().to_owned()));
        }
    }
    links
}

/// The line with `code` in back-quotes taken out.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join(" ")
}

/// Names under which the headings can be linked to, as hosting sites make them.
fn headings(text: &str) -> BTreeSet<String> {
    prose(text)
        .filter(|(_, line)| line.starts_with('#'))
        .map(|(_, line)| {
            let title = line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
            title.chars().filter(|c| c.is_alphanumeric() || *c == '-' || *c == '_').collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        let texts = [
            TextFile::new("docs/api.md", text),
            TextFile::new("README.md", "# Choba: the counter\n## 使い方\n"),
            TextFile::new("docs/adr/0001-write-path.md", ""),
        ];
        let paths: Vec<String> = texts.iter().map(|file| file.path.clone()).collect();
        check(&texts, &paths).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn links_to_nowhere_are_found() {
        assert_eq!(lines("a [b](missing.md)\n[c](../README.md#other)\n[d]: ../gone/\n[e](#f)"), [1, 2, 3, 4]);
    }

    #[test]
    fn links_to_somewhere_are_fine() {
        assert_eq!(
            lines(
                "# Top part\n[a](../README.md#choba-the-counter) [b](adr/) [c](adr/0001-write-path.md)\n[d](#top-part)"
            ),
            [0; 0]
        );
        assert_eq!(lines("[使](/README.md#使い方) [b](https://example.com/x) `[c](d)`\n```\n[e](f)\n```"), [0; 0]);
    }
}
