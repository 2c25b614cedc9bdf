//! No path of one machine in a committed file: a fresh clone stands somewhere else.

use super::finding::Finding;
use crate::repository::TextFile;

const FOLDERS: &[&str] = &["/work/", "/root/", "/farm/", "/tmp/bash_jobs"];

/// Absolute paths that exist on some developer's machine only.
pub fn check(texts: &[TextFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in texts.iter().filter(|file| !is_exempt(&file.path)) {
        for (index, line) in file.text.lines().enumerate() {
            if let Some(folder) = FOLDERS.iter().find(|folder| begins_with(line, folder)) {
                let remedy = "use a path relative to the repository, or an argument";
                findings.push(Finding::new(
                    &file.path,
                    index + 1,
                    format!("a path of one machine (`{folder}`)"),
                    remedy,
                ));
            }
        }
    }
    findings
}

fn is_exempt(path: &str) -> bool {
    path == "xtask/src/tidy/machine_paths.rs" || path.starts_with(".ci/")
}

/// Whether a path in `line` begins with `folder`; `https://host/work/` and `src/work/` do not.
fn begins_with(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "._-~*})]>$".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        check(&[TextFile::new(path, text)]).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn machine_paths_are_found() {
        assert_eq!(lines("README.md", "see /work/main\nand\n`/root/x` file:///farm/a"), [1, 3]);
    }

    #[test]
    fn other_paths_are_free() {
        assert_eq!(lines("README.md", "https://example.com/work/x, src/root/a, $HOME/work/a"), [0; 0]);
        assert_eq!(lines(".ci/run", "cd /work/main"), [0; 0]);
    }
}
