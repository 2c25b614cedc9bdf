//! The audit log: its chain, recounted by the store, with rows named as everywhere else.

use shop::Vault;
use store::{StoreError, Tx};

use super::report::Findings;

/// Recounts the chain of the audit log and its signature.
pub(super) fn check(tx: &mut Tx<'_>, vault: &Vault, found: &mut Findings) -> Result<(), StoreError> {
    for sentence in store::audit::verify(tx, &|message, signature| vault.verify(message, signature))? {
        let (row, problem) = named(&sentence);
        found.add("audit", row, problem);
    }
    Ok(())
}

/// The row and the problem in a sentence of the store.
fn named(sentence: &str) -> (String, String) {
    let (subject, problem) = sentence.split_once(": ").unwrap_or((sentence, "see there"));
    if let Some(rest) = subject.strip_prefix("audit row ") {
        return (format!("audit {}", rest.split(" (").next().unwrap_or(rest)), problem.to_owned());
    }
    if let Some((_, next)) = problem.split_once("the next is audit row ") {
        // Where rows are missing, the one after the gap is the one that can be named.
        return (format!("audit {}", next.split(" (").next().unwrap_or(next)), sentence.to_owned());
    }
    if subject.starts_with("audit head") {
        return ("audit_head 1".to_owned(), problem.to_owned());
    }
    (subject.to_owned(), problem.to_owned())
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn rows_are_named_by_their_keys() {
        let row = |sentence| named(sentence).0;
        assert_eq!(row("audit row 1/abc (position 5): its content does not match its hash"), "audit 1/abc");
        assert_eq!(row("audit row 1/abc: its position is 0"), "audit 1/abc");
        assert_eq!(row("audit head (position 5): its signature is not of this key"), "audit_head 1");
        assert_eq!(row("audit head: missing, but the chain ends at 5"), "audit_head 1");
        assert_eq!(row("audit positions 3 to 4: no row; the next is audit row 1/abc (position 5)"), "audit 1/abc");
    }
}
