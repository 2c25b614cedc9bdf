//! What was given, before it is understood: the file, the environment, the flags.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Problem, Source};
use super::setting::{Form, SETTINGS, Setting};

/// A value as text, and where it was given. Lists are joined with commas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// Which setting.
    pub setting: &'static Setting,
    /// Its value.
    pub text: String,
    /// Where it was given.
    pub source: Source,
}

/// Where values can come from: what the process was started with.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// `--config`.
    pub config_file: Option<PathBuf>,
    /// Values of flags, by the key of their setting.
    pub flags: Vec<(&'static Setting, String)>,
    /// The environment of the process.
    pub environment: BTreeMap<OsString, OsString>,
}

impl Inputs {
    /// These flags, and the environment of this process.
    pub fn of_this_process(config_file: Option<PathBuf>, flags: Vec<(&'static Setting, String)>) -> Inputs {
        Inputs { config_file, flags, environment: std::env::vars_os().collect() }
    }

    /// The value of an environment variable; an empty one counts as not given.
    pub fn variable(&self, name: &str) -> Option<&std::ffi::OsStr> {
        self.environment.get(std::ffi::OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// Everything that was given, weakest source first.
    pub(super) fn collect(&self, problems: &mut Vec<Problem>) -> Vec<Given> {
        let mut given = Vec::new();
        if let Some((path, source)) = self.file() {
            match std::fs::read_to_string(&path) {
                Ok(text) => from_file(&path, &text, &mut given, problems),
                Err(error) => {
                    let wrong = format!("{} cannot be read: {error}", path.display());
                    problems.push(Problem::new("config", source, wrong, "a readable TOML file"));
                }
            }
        }
        self.variables(&mut given, problems);
        for (setting, text) in &self.flags {
            let source = Source::Flag(format!("--{}", setting.flag()));
            given.push(Given { setting, text: text.clone(), source });
        }
        given
    }

    /// Names in the environment that begin like ours and that nothing reads. One that is nearly a setting's is wrong.
    pub(super) fn foreign_variables(&self, problems: &mut Vec<Problem>) -> Vec<String> {
        let mut known: Vec<String> = SETTINGS.iter().map(Setting::variable).collect();
        known.extend(["CHOBA_CONFIG", "CHOBA_MASTER_KEY"].map(str::to_owned));
        let mut foreign = Vec::new();
        for name in self.environment.keys().map(|name| name.to_string_lossy().into_owned()) {
            if !name.to_ascii_uppercase().starts_with("CHOBA_") || known.contains(&name) {
                continue;
            }
            let upper = name.to_ascii_uppercase();
            // A letter in four may be wrong.
            let bound = (name.len() - "CHOBA_".len()) / 4;
            let meant = known.iter().map(|known| (distance(known, &upper), known)).min();
            match meant.filter(|(letters, _)| *letters <= bound.clamp(1, 3)) {
                Some((_, known)) => {
                    let key = name["CHOBA_".len()..].to_ascii_lowercase();
                    let source = Source::Environment(name);
                    problems.push(Problem::new(key, source, "there is no such setting", known.clone()));
                }
                None => foreign.push(name),
            }
        }
        foreign
    }

    fn file(&self) -> Option<(PathBuf, Source)> {
        let from_variable = || {
            let path = self.variable("CHOBA_CONFIG")?;
            Some((path.into(), Source::Environment("CHOBA_CONFIG".into())))
        };
        self.config_file.clone().map(|path| (path, Source::Flag("--config".into()))).or_else(from_variable)
    }

    fn variables(&self, given: &mut Vec<Given>, problems: &mut Vec<Problem>) {
        for setting in SETTINGS {
            let name = setting.variable();
            let Some(value) = self.variable(&name) else {
                continue;
            };
            let source = Source::Environment(name);
            match value.to_str() {
                Some(text) => given.push(Given { setting, text: text.to_owned(), source }),
                None => problems.push(Problem::new(setting.key, source, "is not UTF-8", "text in UTF-8")),
            }
        }
    }
}

fn from_file(path: &Path, text: &str, given: &mut Vec<Given>, problems: &mut Vec<Problem>) {
    let source = |offset: usize, key: &str| {
        let line = text.as_bytes()[..offset.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1;
        Source::File { path: path.to_owned(), line, key: key.to_owned() }
    };
    let table = match DeTable::parse(text) {
        Ok(table) => table.into_inner(),
        Err(error) => {
            let place = source(error.span().map_or(0, |span| span.start), "");
            problems.push(Problem::new(
                "config",
                place,
                error.message().trim(),
                "TOML: lines such as listen = \"127.0.0.1:8080\"",
            ));
            return;
        }
    };
    for (key, value) in &table {
        let name: &str = key.get_ref();
        let place = source(key.span().start, name);
        let Some(setting) = Setting::find(name) else {
            problems.push(Problem::new(name, place, "there is no such setting", near(name)));
            continue;
        };
        match value_text(setting, value) {
            Ok(text) => given.push(Given { setting, text, source: place }),
            Err(expected) => {
                let wrong = format!("is {}", value.get_ref().type_str());
                problems.push(Problem::new(name, place, wrong, expected));
            }
        }
    }
}

/// The settings with a similar name, or all of them.
fn near(name: &str) -> String {
    let alike = |key: &str| key.starts_with(name) || name.starts_with(key) || distance(key, name) <= 3;
    let alike: Vec<&str> = SETTINGS.iter().map(|setting| setting.key).filter(|key| alike(key)).collect();
    match alike.is_empty() {
        true => format!("one of {}", SETTINGS.iter().map(|setting| setting.key).collect::<Vec<_>>().join(", ")),
        false => alike.join(" or "),
    }
}

/// How many letters must be put in, taken out or changed to make one word the other.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.bytes().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}

fn value_text(setting: &Setting, value: &Spanned<DeValue<'_>>) -> Result<String, &'static str> {
    let value = value.get_ref();
    match setting.form {
        Form::Text => value.as_str().map(str::to_owned).ok_or("a string"),
        Form::Number => {
            let number = value.as_integer().filter(|number| number.radix() == 10).ok_or("a whole number")?;
            Ok(number.as_str().replace('_', ""))
        }
        Form::Switch => value.as_bool().map(|on| on.to_string()).ok_or("true or false"),
        Form::List => {
            let entries =
                value.as_array().and_then(|entries| entries.iter().map(|entry| entry.get_ref().as_str()).collect());
            entries.map(|entries: Vec<&str>| entries.join(",")).ok_or("a list of strings")
        }
    }
}
