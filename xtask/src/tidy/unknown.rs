//! No source beside those that git knows: a commit without it builds on the machine that has it and nowhere else.

use super::finding::Finding;

/// Files of the crates, of `new` ones, which are those that git has not been told of.
pub fn check(new: &[String]) -> Vec<Finding> {
    let ours = new.iter().filter(|path| path.starts_with("crates/") || path.starts_with("xtask/"));
    ours.map(|path| Finding::new(path, 1, "git does not know this file", "git add it, or remove it")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_git_does_not_know_is_found() {
        let new = ["crates/kernel/src/new.rs", "xtask/src/new.rs", "note.txt"].map(str::to_owned);
        let found: Vec<String> = check(&new).into_iter().map(|finding| finding.path).collect();
        assert_eq!(found, new[..2]);
        assert_eq!(check(&[]), []);
    }
}
