//! Each foreign crate says in the workspace's manifest why it is not our own code.

use super::finding::Finding;
use crate::repository::TextFile;

/// Foreign entries of `[workspace.dependencies]` without a comment above them. A comment covers the lines that follow
/// it directly; an empty line ends what it covers.
pub fn check(manifest: &TextFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut inside = false;
    let mut covered = false;
    for (index, line) in manifest.text.lines().map(str::trim).enumerate() {
        if line.starts_with('[') {
            inside = line == "[workspace.dependencies]";
            covered = false;
        } else if line.is_empty() {
            covered = false;
        } else if let Some(comment) = line.strip_prefix('#') {
            covered = !comment.trim().is_empty();
        } else if inside && !covered && begins_entry(line) && !is_own(line) {
            let name = line.split(['=', ' ', '.']).next().unwrap_or(line);
            let message = format!("dependency `{name}` has no reason");
            findings.push(Finding::new(
                &manifest.path,
                index + 1,
                message,
                "write in a comment above why it is not our own code",
            ));
        }
    }
    findings
}

/// The first line of an entry, not a later one of a list that spans lines.
fn begins_entry(line: &str) -> bool {
    line.starts_with(|c: char| c.is_ascii_alphanumeric()) && line.contains('=')
}

fn is_own(line: &str) -> bool {
    line.contains("path = \"crates/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(dependencies: &str) -> Vec<usize> {
        let text = format!("[workspace.package]\nversion = \"1\"\n[workspace.dependencies]\n{dependencies}");
        check(&TextFile::new("Cargo.toml", &text)).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn an_entry_without_a_reason_is_found() {
        assert_eq!(lines("serde = \"1\"\n"), [4]);
        assert_eq!(lines("# Formats.\nserde = \"1\"\n\ntoml = \"1\"\n"), [7]);
        assert_eq!(lines("#\nserde = \"1\"\n"), [5]);
    }

    #[test]
    fn a_comment_covers_its_group_and_our_own_need_none() {
        assert_eq!(
            lines(
                "kernel = { path = \"crates/kernel\" }\n# Formats.\nserde = { version = \"1\", features = [\n  \"derive\",\n] }\ntoml = \"1\"\n\n[profile.dev]\ndebug = 1\n"
            ),
            [0; 0]
        );
    }
}
