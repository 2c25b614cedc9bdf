//! Tables of configurations: what holds, and what is wrong, word by word.

use std::fs;

use super::*;
use crate::config::setting::Setting;

/// Three sources, written as `key=value`.
#[derive(Default)]
struct Case<'a> {
    file: &'a str,
    environment: &'a [(&'a str, &'a str)],
    flags: &'a [(&'a str, &'a str)],
}

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Place {
        Place { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// `@/` in values and in the file stands for the folder of the test.
    fn inputs(&self, case: &Case<'_>) -> Inputs {
        let here = self.folder.path().display().to_string();
        let full = |text: &str| text.replace("@/", &format!("{here}/"));
        let path = self.folder.path().join("choba.toml");
        fs::write(&path, full(case.file)).unwrap();
        let mut environment: std::collections::BTreeMap<_, _> =
            case.environment.iter().map(|(name, value)| (name.into(), full(value).into())).collect();
        environment.entry("HOME".into()).or_insert_with(|| full("@/home").into());
        let flags = case.flags.iter().map(|(key, value)| (Setting::find(key).unwrap(), full(value))).collect();
        Inputs { config_file: (!case.file.is_empty()).then_some(path), flags, environment }
    }

    fn resolve(&self, case: &Case<'_>) -> Settings {
        Settings::resolve(&self.inputs(case)).unwrap()
    }

    fn problems(&self, case: &Case<'_>) -> Vec<String> {
        let problems = Settings::resolve(&self.inputs(case)).unwrap_err().0;
        let here = self.folder.path().display().to_string();
        problems.iter().map(|problem| problem.to_string().replace(&here, "@")).collect()
    }
}

#[test]
fn nothing_given_is_a_server_for_this_machine_only() {
    let settings = Place::new().resolve(&Case::default());
    assert_eq!(settings.database, DatabaseSettings::Folder("choba-data".into()));
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.metrics_listen.unwrap().to_string(), "127.0.0.1:9464");
    assert_eq!(settings.base_url(settings.listen), "http://127.0.0.1:8080");
    assert_eq!((settings.body_limit_bytes, settings.max_connections), (1_048_576, 4_096));
    assert_eq!((settings.rate_limit_per_key, settings.rate_limit_logins_per_address), (10_000, 60));
    let times = [settings.header_timeout, settings.idle_timeout, settings.request_timeout, settings.acquirer_timeout];
    assert_eq!(times.map(|time| time.as_secs()), [10, 75, 60, 20]);
    assert!(!settings.demo && settings.tls.is_none() && settings.trusted_proxies.is_empty());
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let place = Place::new();
    let file =
        "listen = \"127.0.0.1:1\"\nmax_connections = 1_000\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\ndemo = true";
    let environment = [("CHOBA_LISTEN", "127.0.0.1:2"), ("CHOBA_BODY_LIMIT_BYTES", "2048"), ("CHOBA_LOG_FORMAT", "")];
    let settings = place.resolve(&Case { file, environment: &environment, flags: &[("listen", "[::1]:3")] });
    assert_eq!(settings.listen.to_string(), "[::1]:3");
    assert_eq!((settings.max_connections, settings.body_limit_bytes), (1_000, 2_048));
    assert_eq!((settings.trusted_proxies.len(), settings.demo), (2, true));
    assert_eq!(settings.log_format, LogFormat::Text);
    let settings = place.resolve(&Case { file, environment: &environment, flags: &[] });
    assert_eq!(settings.listen.to_string(), "127.0.0.1:2");
}

#[test]
fn a_later_source_may_choose_the_other_kind_of_database() {
    let place = Place::new();
    let file = "database_url = \"postgres://choba@db/choba\"";
    let settings = place.resolve(&Case { file, flags: &[("data", "/srv/choba")], ..Case::default() });
    assert_eq!(settings.database, DatabaseSettings::Folder("/srv/choba".into()));
    let flags = [("database_url", "postgres://choba:secret@db/choba")];
    let settings = place.resolve(&Case { file: "data = \"/srv/choba\"", flags: &flags, ..Case::default() });
    assert!(matches!(settings.database, DatabaseSettings::Postgres { .. }));
    assert!(!format!("{settings:?}").contains("secret"));
}

#[test]
fn master_keys_come_from_the_environment_or_a_file_outside_of_the_data() {
    let place = Place::new();
    let settings = place.resolve(&Case::default());
    assert_eq!(settings.master_key, MasterKeySource::File(place.path("home/.config/choba/master.key").into()));
    let environment = [("XDG_CONFIG_HOME", "/etc/xdg")];
    let settings = place.resolve(&Case { environment: &environment, ..Case::default() });
    assert_eq!(settings.master_key, MasterKeySource::File("/etc/xdg/choba/master.key".into()));
    let key = "ab".repeat(32);
    let settings = place.resolve(&Case { environment: &[("CHOBA_MASTER_KEY", &key)], ..Case::default() });
    assert!(matches!(settings.master_key, MasterKeySource::Environment(keys) if keys.newest().1 == &[0xab; 32]));
}

/// A file, and the one problem with it: setting, line, what is wrong, how what is expected begins.
type Row<'a> = (&'a str, &'a str, u8, &'a str, &'a str);

#[test]
fn single_problems_name_setting_line_fault_and_expectation() {
    const ADDRESS: &str = "an address and a port, such as 127.0.0.1:8080, [::1]:8080 or 0.0.0.0:8080";
    const NETWORKS: &str = "addresses such as 10.1.2.3 or ::1, or networks such as 10.0.0.0/8 or fd00::/8";
    let rows: [Row<'_>; 16] = [
        ("listen = \"8080\"", "listen", 1, "\"8080\" is not an address with a port", ADDRESS),
        ("\nlisten = 8080", "listen", 2, "is integer", "a string"),
        ("metrics_listen = \"on\"", "metrics_listen", 1, "\"on\" is not an address with a port", "off, or an address"),
        (
            "metrics_listen = \"127.0.0.1:8080\"",
            "metrics_listen",
            1,
            "127.0.0.1:8080 is where the server itself listens",
            "another address or port, or off",
        ),
        ("listn = \"x\"", "listn", 1, "there is no such setting", "listen"),
        ("[server]\nport = 1", "server", 1, "there is no such setting", "one of data, database_url, "),
        (
            "header_timeout_seconds = 0",
            "header_timeout_seconds",
            1,
            "0 is out of range",
            "a whole number from 1 to 3600",
        ),
        ("captured_window_days = 0", "captured_window_days", 1, "0 is out of range", "a whole number from 1 to 366"),
        ("idle_timeout_seconds = 1.5", "idle_timeout_seconds", 1, "is float", "a whole number"),
        (
            "trusted_proxies = [\"10.0.0.1/8\"]",
            "trusted_proxies",
            1,
            "\"10.0.0.1/8\" has bits set after its prefix",
            NETWORKS,
        ),
        ("demo = \"yes\"", "demo", 1, "is string", "true or false"),
        (
            "demo = true\nlisten = \"0.0.0.0:80\"",
            "listen",
            2,
            "0.0.0.0:80 can be reached from other machines, and demo is on",
            "an address of this machine only, such as 127.0.0.1:8080, or no demo",
        ),
        (
            "log_filter = \"inof\"",
            "log_filter",
            1,
            "\"inof\" is not a filter",
            "a level (error, warn, info, debug, trace)",
        ),
        ("tls_cert = \"@/c.pem\"", "tls_cert", 1, "is given without tls_key", "both or neither"),
        (
            "database_url = \"postgres://a\"\ndata = \"x\"",
            "database_url",
            1,
            "data is given too (@/choba.toml:2: data)",
            "one of the two",
        ),
        (
            "data = \"@/d\"\nmaster_key_file = \"@/x/../d/sub/m.key\"",
            "master_key_file",
            2,
            "@/x/../d/sub/m.key is inside the data folder @/d",
            "a path outside of it, so that a copy of the data does not hold its key",
        ),
    ];
    for (file, setting, line, wrong, expected) in rows {
        let problems = Place::new().problems(&Case { file, ..Case::default() });
        let whole = format!("{setting} (@/choba.toml:{line}: {setting}): {wrong}; expected {expected}");
        assert!(problems.len() == 1 && problems[0].starts_with(&whole), "{file}: {problems:#?}\n{whole}");
    }
}

#[test]
fn a_built_in_value_that_does_not_fit_another_setting_is_named() {
    let problems = Place::new().problems(&Case { file: "request_timeout_seconds = 20", ..Case::default() });
    let problem = "acquirer_timeout_seconds (the built-in value): is not shorter than request_timeout_seconds, \
                   which is 20; expected less than 20, or a longer request_timeout_seconds";
    assert_eq!(problems, [problem]);
}

#[test]
fn all_problems_of_all_sources_are_named_at_once() {
    let file = "listen = \"nowhere\"\nbody_limit_bytes = 1\nunknown_thing = 1";
    let key = "zz".repeat(32);
    let environment =
        [("CHOBA_LISTEN", "here"), ("CHOBA_MASTER_KEY", key.as_str()), ("CHOBA_DATABASE_URL", "mysql://u:pw@h")];
    let flags = [("tls_key", "@/none.pem"), ("max_connections", "many")];
    let problems = Place::new().problems(&Case { file, environment: &environment, flags: &flags });
    let expected = [
        "unknown_thing (@/choba.toml:3: unknown_thing): there is no such setting",
        "database_url (environment variable CHOBA_DATABASE_URL): is not the address of a PostgreSQL database",
        "tls_key (flag --tls-key): is given without tls_cert",
        "master_key (environment variable CHOBA_MASTER_KEY): CHOBA_MASTER_KEY: the key is not 64 hexadecimal digits",
        "listen (@/choba.toml:1: listen): \"nowhere\" is not",
        "listen (environment variable CHOBA_LISTEN): \"here\" is not",
        "body_limit_bytes (@/choba.toml:2: body_limit_bytes): 1 is out of range; expected a whole number from 1024 to",
        "max_connections (flag --max-connections): \"many\" is not a whole number in range; expected a whole number",
    ];
    assert_eq!(problems.len(), expected.len(), "{problems:#?}");
    for (problem, expected) in problems.iter().zip(expected) {
        assert!(problem.starts_with(expected), "{problem}\n{expected}");
        assert!(!problem.contains("pw") && !problem.contains("zzzz"));
    }
}

#[test]
fn misspelt_variables_are_named_and_foreign_ones_are_only_told() {
    let place = Place::new();
    for (misspelt, expected) in [
        ("CHOBA_LISTN", "listn (environment variable CHOBA_LISTN): there is no such setting; expected CHOBA_LISTEN"),
        (
            "CHOBA_BASEURL",
            "baseurl (environment variable CHOBA_BASEURL): there is no such setting; expected CHOBA_BASE_URL",
        ),
        (
            "CHOBA_MASTERKEY",
            "masterkey (environment variable CHOBA_MASTERKEY): there is no such setting; expected CHOBA_MASTER_KEY",
        ),
        ("choba_demo", "demo (environment variable choba_demo): there is no such setting; expected CHOBA_DEMO"),
    ] {
        let environment = [(misspelt, "x")];
        let problems = place.problems(&Case { environment: &environment, ..Case::default() });
        assert_eq!(problems, [expected]);
    }
    let environment = [("CHOBA_CRASH_ROUNDS", "3"), ("CHOBA_VERSION", "1"), ("CHOBALISTEN", "x"), ("PATH", "/bin")];
    let settings = place.resolve(&Case { environment: &environment, ..Case::default() });
    assert_eq!(settings.foreign_variables, ["CHOBA_CRASH_ROUNDS", "CHOBA_VERSION"]);
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let place = Place::new();
    let here = |name: &str| place.path(name);
    let inputs = Inputs { config_file: Some(here("none.toml").into()), ..place.inputs(&Case::default()) };
    let error = Settings::resolve(&inputs).unwrap_err().to_string();
    assert!(error.contains("config (flag --config): ") && error.contains("none.toml cannot be read"), "{error}");
    let problems = place.problems(&Case { file: "listen = ", ..Case::default() });
    assert!(problems[0].starts_with("config (@/choba.toml:1: ): "), "{problems:?}");

    fs::write(here("not.pem"), "hello").unwrap();
    let rows = [
        ("tls_cert = \"@/none.pem\"\ntls_key = \"@/none.pem\"", "tls_cert (@/choba.toml:1: tls_cert): @/none.pem"),
        ("tls_cert = \"@/not.pem\"\ntls_key = \"@/not.pem\"", "tls_cert (@/choba.toml:1: tls_cert): @/not.pem"),
        (
            "database_url = \"postgres://h\"\ndatabase_ca_file = \"@/none.pem\"",
            "database_ca_file (@/choba.toml:2: database_ca_file): @/none.pem cannot be read",
        ),
        (
            "database_ca_file = \"@/not.pem\"",
            "database_ca_file (@/choba.toml:1: database_ca_file): has no meaning without database_url",
        ),
    ];
    for (file, expected) in rows {
        let problems = place.problems(&Case { file, ..Case::default() });
        assert!(problems.len() == 1 && problems[0].starts_with(expected), "{problems:?}\n{expected}");
    }
}

#[test]
fn a_mail_server_needs_an_address_and_its_password_stays_hidden() {
    let place = Place::new();
    assert_eq!(place.resolve(&Case::default()).mail, None);
    fs::write(place.path("password"), "geheim\nrest\n").unwrap();
    let case = Case {
        file: "smtp_host = 'mail.example.jp'\nsmtp_user = 'shop'\nsmtp_password_file = '@/password'\n\
               mail_from = 'mail@example.jp'",
        ..Case::default()
    };
    let settings = place.resolve(&case);
    assert!(!format!("{settings:?}").contains("geheim"));
    let mail = settings.mail.unwrap();
    assert_eq!(
        (mail.smtp.host.as_str(), mail.smtp.port, mail.smtp.hello.as_str()),
        ("mail.example.jp", 587, "example.jp")
    );
    assert_eq!(mail.smtp.credentials.unwrap().password, "geheim");
    let port = |tls: &str| {
        let file = format!("smtp_host = 'a'\nsmtp_tls = '{tls}'\nmail_from = 'a@b.jp'");
        place.resolve(&Case { file: &file, ..Case::default() }).mail.unwrap().smtp.port
    };
    assert_eq!(["implicit", "required", "opportunistic", "off"].map(port), [465, 587, 25, 25]);
}

#[test]
fn half_a_mail_server_is_refused() {
    let place = Place::new();
    let problems = |flags: &[(&str, &str)]| place.problems(&Case { flags, ..Case::default() });
    let host = ("smtp_host", "mail.example.jp");
    let from = ("mail_from", "mail@example.jp");
    for (flags, expected) in [
        (vec![host], "mail_from (the built-in value): is not given, but smtp_host is"),
        (vec![from], "mail_from (flag --mail-from): has no meaning without smtp_host"),
        (vec![("smtp_port", "25")], "smtp_port (flag --smtp-port): has no meaning without smtp_host"),
        (vec![host, ("mail_from", "nobody")], "mail_from (flag --mail-from): \"nobody\" is no mail address"),
        (vec![host, from, ("smtp_tls", "yes")], "smtp_tls (flag --smtp-tls): \"yes\" is no mode"),
        (vec![host, from, ("smtp_user", "a")], "smtp_user (flag --smtp-user): is given without a password"),
        (
            vec![host, from, ("smtp_password", "secret")],
            "smtp_user (the built-in value): is not given, but a password is",
        ),
        (vec![host, from, ("smtp_ca_file", "@/none")], "smtp_ca_file (flag --smtp-ca-file): @/none cannot be read"),
        (
            vec![host, from, ("smtp_user", "a"), ("smtp_password", "secret"), ("smtp_tls", "off")],
            "smtp_tls (flag --smtp-tls): a password is only sent over a connection that must be encrypted",
        ),
    ] {
        let found = problems(&flags);
        assert!(found.iter().any(|problem| problem.starts_with(expected)), "{flags:?}: {found:?}");
        assert!(!found.iter().any(|problem| problem.contains("secret")), "{found:?}");
    }
}

#[test]
fn switches_of_the_rms_api_are_named_and_others_are_refused() {
    use mall::http::{Switch, Switches};
    let place = Place::new();
    let case =
        Case { file: "rms_switches = [\"old_versions\", \"throttled_429\"]\nrms_rate_limit = 100", ..Case::default() };
    let settings = place.resolve(&case);
    assert_eq!(settings.rms_switches, Switches::of(&[Switch::OldVersions, Switch::Throttled429]));
    assert_eq!(settings.rms_rate_limit, 100);
    assert_eq!(place.resolve(&Case::default()).rms_switches, Switches::default());
    let problems = place.problems(&Case { flags: &[("rms_switches", "old_versions,new_versions")], ..Case::default() });
    assert_eq!(problems.len(), 1);
    assert!(
        problems[0].contains("unknown switch \"new_versions\"") && problems[0].contains("silent_missing"),
        "{problems:?}"
    );
}

#[test]
fn windows_of_charges_are_the_usual_ones_or_days() {
    use pay::charge::Windows;
    let place = Place::new();
    assert_eq!(place.resolve(&Case::default()).windows, Windows::USUAL);
    let case = Case {
        file: "provisional_window_days = 60",
        environment: &[("CHOBA_CAPTURED_WINDOW_DAYS", "31")],
        flags: &[("provisional_window_days", "90")],
    };
    let windows = Windows { provisional_days: Some(90), captured_days: Some(31) };
    assert_eq!(place.resolve(&case).windows, windows);
}
