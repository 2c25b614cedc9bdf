//! What commands print. A reader who has gone (`choba verify | head`) is no failure: the command goes on to its end, and its
//! exit status says how that went.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write as _};

/// Prints a line to standard output.
pub fn line(text: impl Display) -> io::Result<()> {
    unless_gone(writeln!(io::stdout().lock(), "{text}"))
}

/// Prints a line for people to standard error. There is no place left to say that this failed.
pub fn aside(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

fn unless_gone(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_reader_who_has_gone_is_forgiven() {
        assert!(unless_gone(Err(ErrorKind::BrokenPipe.into())).is_ok());
        assert!(unless_gone(Err(ErrorKind::StorageFull.into())).is_err());
        assert!(unless_gone(Ok(())).is_ok());
    }
}
