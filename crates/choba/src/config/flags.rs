//! The flags of the settings, made from the table, for every command.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, value_parser};

use super::setting::{Form, SETTINGS, Scope, Setting};
use super::source::Inputs;

/// The flags that every command has: where the data, the keys and the configuration file are.
///
/// Values are kept as text, so that a wrong one is reported together with everything else that is wrong.
#[derive(Clone, Debug, Default)]
pub struct CommonFlags(Flags);

/// The flags of `choba serve`: all settings.
#[derive(Clone, Debug, Default)]
pub struct ServeFlags(Flags);

#[derive(Clone, Debug, Default)]
struct Flags {
    config: Option<PathBuf>,
    given: Vec<(&'static Setting, String)>,
}

impl CommonFlags {
    /// These flags, and the environment of this process.
    pub fn inputs(&self) -> Inputs {
        Inputs::of_this_process(self.0.config.clone(), self.0.given.clone())
    }
}

impl ServeFlags {
    /// These flags, and the environment of this process.
    pub fn inputs(&self) -> Inputs {
        Inputs::of_this_process(self.0.config.clone(), self.0.given.clone())
    }
}

fn common(setting: &Setting) -> bool {
    setting.scope == Scope::Every
}

fn every(_: &Setting) -> bool {
    true
}

fn augment(command: Command, wanted: fn(&Setting) -> bool) -> Command {
    let config = Arg::new("config").long("config").value_name("FILE").value_parser(value_parser!(PathBuf));
    let command = command.arg(config.help("Configuration file (TOML); also CHOBA_CONFIG"));
    SETTINGS.iter().filter(|setting| wanted(setting)).fold(command, |command, setting| {
        let arg = Arg::new(setting.key).long(setting.flag()).help(setting.help);
        command.arg(match setting.form {
            Form::Switch => arg.action(ArgAction::SetTrue),
            Form::Text | Form::Number | Form::List => arg.value_name(setting.value_name),
        })
    })
}

fn read(matches: &mut ArgMatches, wanted: fn(&Setting) -> bool) -> Flags {
    let mut flags = Flags { config: matches.remove_one("config"), given: Vec::new() };
    for setting in SETTINGS.iter().filter(|setting| wanted(setting)) {
        let text = match setting.form {
            Form::Switch => matches.get_flag(setting.key).then(|| "true".to_owned()),
            Form::Text | Form::Number | Form::List => matches.remove_one(setting.key),
        };
        flags.given.extend(text.map(|text| (setting, text)));
    }
    flags
}

macro_rules! clap_flags {
    ($flags:ident, $wanted:ident) => {
        impl Args for $flags {
            fn augment_args(command: Command) -> Command {
                augment(command, $wanted)
            }

            fn augment_args_for_update(command: Command) -> Command {
                augment(command, $wanted)
            }
        }

        impl FromArgMatches for $flags {
            fn from_arg_matches(matches: &ArgMatches) -> Result<$flags, clap::Error> {
                $flags::from_arg_matches_mut(&mut matches.clone())
            }

            fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<$flags, clap::Error> {
                Ok($flags(read(matches, $wanted)))
            }

            fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
                *self = $flags::from_arg_matches(matches)?;
                Ok(())
            }
        }
    };
}

clap_flags!(CommonFlags, common);
clap_flags!(ServeFlags, every);
