//! What is wrong with a configuration, precisely: which setting, from where, what is wrong, what is expected.

use std::fmt;
use std::path::PathBuf;

/// Where a value was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Nowhere: the built-in value.
    Default,
    /// A line of the configuration file.
    File {
        /// The file.
        path: PathBuf,
        /// Line, counted from 1.
        line: usize,
        /// Key as it stands there.
        key: String,
    },
    /// An environment variable.
    Environment(String),
    /// A flag of the command line, with its hyphens.
    Flag(String),
}

impl Source {
    /// Which of two sources wins: the larger one.
    pub fn rank(&self) -> u8 {
        match self {
            Source::Default => 0,
            Source::File { .. } => 1,
            Source::Environment(_) => 2,
            Source::Flag(_) => 3,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Default => f.write_str("the built-in value"),
            Source::File { path, line, key } => write!(f, "{}:{line}: {key}", path.display()),
            Source::Environment(variable) => write!(f, "environment variable {variable}"),
            Source::Flag(flag) => write!(f, "flag {flag}"),
        }
    }
}

/// What a parser says about a value that it refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// What is wrong, as a clause that can stand after the name of the setting.
    pub wrong: String,
    /// What would be right.
    pub expected: String,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Key of the setting.
    pub setting: String,
    /// Where its value was given.
    pub source: Source,
    /// What is wrong and what is expected.
    pub complaint: Complaint,
}

impl Problem {
    /// A problem of `setting`, given at `source`.
    pub fn new(
        setting: impl Into<String>,
        source: Source,
        wrong: impl Into<String>,
        expected: impl Into<String>,
    ) -> Problem {
        let complaint = Complaint { wrong: wrong.into(), expected: expected.into() };
        Problem { setting: setting.into(), source, complaint }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem { setting, source, complaint: Complaint { wrong, expected } } = self;
        write!(f, "{setting} ({source}): {wrong}; expected {expected}")
    }
}

/// Everything that is wrong with a configuration; at least one problem.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", list(.0))]
pub struct Problems(pub Vec<Problem>);

fn list(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(|problem| format!("  - {problem}")).collect();
    format!("the configuration is wrong; nothing was started\n{}", lines.join("\n"))
}
