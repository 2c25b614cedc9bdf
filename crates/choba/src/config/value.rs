//! How the text of a value becomes what it means, or a complaint.

use std::net::SocketAddr;

use mall::http::{Switch, Switches};
use outbound::Network;
use outbound::network::BadNetwork;

use super::problem::Complaint;

/// What a parser answers.
pub(super) type Parsed<T> = Result<T, Complaint>;

fn complain<T>(wrong: impl Into<String>, expected: impl Into<String>) -> Parsed<T> {
    Err(Complaint { wrong: wrong.into(), expected: expected.into() })
}

pub(super) fn path(text: &str) -> Parsed<std::path::PathBuf> {
    if text.is_empty() { complain("is empty", "a path") } else { Ok(text.into()) }
}

const ADDRESS: &str = "an address and a port, such as 127.0.0.1:8080, [::1]:8080 or 0.0.0.0:8080";

pub(super) fn address(text: &str) -> Parsed<SocketAddr> {
    let numeric = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    match numeric.as_deref().unwrap_or(text).parse() {
        Ok(address) => Ok(address),
        Err(_) => complain(format!("{text:?} is not an address with a port"), ADDRESS),
    }
}

/// An address, or none for `off`.
pub(super) fn address_or_off(text: &str) -> Parsed<Option<SocketAddr>> {
    if text == "off" {
        return Ok(None);
    }
    address(text).map(Some).map_err(|complaint| Complaint { expected: format!("off, or {ADDRESS}"), ..complaint })
}

pub(super) fn networks(text: &str) -> Parsed<Vec<Network>> {
    text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(network).collect()
}

/// `old_versions,throttled_429`: names of switches of the RMS API.
pub(super) fn rms_switches(text: &str) -> Parsed<Switches> {
    let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
    match names.map(str::parse::<Switch>).collect::<Result<Vec<_>, _>>() {
        Ok(switches) => Ok(Switches::of(&switches)),
        Err(unknown) => complain(unknown.to_string(), format!("any of {}", Switch::ALL.map(Switch::name).join(", "))),
    }
}

fn network(text: &str) -> Parsed<Network> {
    let expected = "addresses such as 10.1.2.3 or ::1, or networks such as 10.0.0.0/8 or fd00::/8";
    text.parse().or_else(|error: BadNetwork| complain(error.to_string(), expected))
}

pub(super) fn base_url(text: &str) -> Parsed<String> {
    const EXPECTED: &str = "https://HOST or https://HOST:PORT (or http://), without a path";
    let Some((scheme, rest)) = text.split_once("://") else {
        return complain(format!("{text:?} is not a URL"), EXPECTED);
    };
    if scheme != "https" && scheme != "http" {
        return complain(format!("{text:?} is not http or https"), EXPECTED);
    }
    let host = rest.strip_suffix('/').unwrap_or(rest);
    if host.contains(['/', '?', '#']) {
        return complain(format!("{text:?} has a path, query or fragment"), EXPECTED);
    }
    let names_host = host.parse::<http::uri::Authority>().is_ok_and(|authority| !authority.host().is_empty());
    if !names_host || host.contains('@') {
        return complain(format!("{text:?} names no host"), EXPECTED);
    }
    Ok(format!("{scheme}://{host}"))
}

/// The value is not repeated in complaints: it may hold a password.
pub(super) fn database_url(text: &str) -> Parsed<String> {
    const EXPECTED: &str = "postgres://USER@HOST/DATABASE or host=… user=… dbname=…";
    let as_url = text.starts_with("postgres://") || text.starts_with("postgresql://");
    let as_pairs = text.split_whitespace().any(|pair| pair.starts_with("host="));
    if as_url || as_pairs {
        Ok(text.to_owned())
    } else {
        complain("is not the address of a PostgreSQL database", EXPECTED)
    }
}

/// A whole number from `least` to `most`.
pub(super) fn number(least: u64, most: u64) -> impl Fn(&str) -> Parsed<u64> {
    move |text| match text.parse() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        Ok(_) => complain(format!("{text} is out of range"), format!("a whole number from {least} to {most}")),
        Err(_) => complain(
            format!("{text:?} is not a whole number in range"),
            format!("a whole number from {least} to {most}"),
        ),
    }
}

pub(super) fn switch(text: &str) -> Parsed<bool> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => complain(format!("{text:?} is neither"), "true or false"),
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

pub(super) fn log_format(text: &str) -> Parsed<LogFormat> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => complain(format!("{text:?} is no format"), "text or json"),
    }
}

pub(super) fn log_filter(text: &str) -> Parsed<String> {
    // A word alone would be taken for the name of a target: a misspelt level must not pass for one.
    let is_level = |part: &str| part.parse::<tracing_subscriber::filter::LevelFilter>().is_ok();
    let parts_are_whole = text.split(',').all(|part| is_level(part) || part.contains('='));
    match text.parse::<tracing_subscriber::filter::Targets>() {
        Ok(_) if parts_are_whole => Ok(text.to_owned()),
        Ok(_) | Err(_) => complain(
            format!("{text:?} is not a filter"),
            "a level (error, warn, info, debug, trace) or pairs such as info,choba::access=debug",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls_are_a_scheme_and_a_host() {
        assert_eq!(base_url("https://pay.example.jp/"), Ok("https://pay.example.jp".into()));
        assert_eq!(base_url("http://[::1]:8080"), Ok("http://[::1]:8080".into()));
        for wrong in
            ["pay.example.jp", "ftp://a", "https://", "https://a/b", "https://a?b", "https://u@a", "https://a b"]
        {
            assert!(base_url(wrong).is_err(), "{wrong}");
        }
    }
}
