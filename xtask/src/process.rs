//! Programs that xtask starts: watched, limited in time, and never left behind.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// How often a running program is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// A command that the system ends with `signal` when xtask itself is gone, however it went.
pub fn bound(signal: &str, program: impl AsRef<Path>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", signal, "--"]).arg(program.as_ref());
    command
}

/// Runs `command` and hands each line of its standard output to `line`. After `limit` the program and everything it
/// started is ended, and that is an error.
pub fn run_lines(command: &mut Command, limit: Duration, mut line: impl FnMut(&str)) -> Result<ExitStatus> {
    let name = command.get_program().to_string_lossy().into_owned();
    let until = Instant::now() + limit;
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().with_context(|| format!("starting {name}"))?;
    let output = child.stdout.take().context("a child without standard output")?;
    let (send, receive) = mpsc::channel();
    thread::spawn(move || send_lines(output, |text| send.send(text).is_ok()));
    loop {
        match receive.recv_timeout(LOOK) {
            Ok(text) => line(&text),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                // A grandchild may hold the pipe open; the program itself decides when it is over.
                if child.try_wait()?.is_some() {
                    break;
                }
            }
        }
        if until < Instant::now() {
            end_tree(child.id());
            child.wait()?;
            bail!("{name} did not end within {} seconds", limit.as_secs());
        }
    }
    wait_until(&mut child, until)?.with_context(|| format!("{name} did not end within {} seconds", limit.as_secs()))
}

/// Runs `command` with its output on ours; anything but success is an error.
pub fn run(command: &mut Command, limit: Duration) -> Result<()> {
    let text = format!("{command:?}").replace('"', "");
    let status = run_lines(command, limit, |line| println!("{line}"))?;
    if status.success() { Ok(()) } else { bail!("{text}: {status}") }
}

/// Runs `command` and gives what it printed; anything but success is an error that carries what it complained about.
pub fn output(command: &mut Command) -> Result<String> {
    let text = format!("{command:?}").replace('"', "");
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("starting {text}"))?;
    if !output.status.success() {
        bail!("{text}: {}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Asks `child` to stop with `signal`; ends it hard when it does not within `patience`. Says whether it stopped by itself.
pub fn stop(child: &mut Child, signal: &str, patience: Duration) -> bool {
    send_signal(signal, &[child.id()]);
    matches!(wait_until(child, Instant::now() + patience), Ok(Some(_)))
}

/// Waits for `child` until then, and ends it hard after that; `None` if it had to be ended.
fn wait_until(child: &mut Child, until: Instant) -> Result<Option<ExitStatus>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if until < Instant::now() {
            end_tree(child.id());
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(LOOK);
    }
}

fn send_lines(output: impl Read, mut send: impl FnMut(String) -> bool) {
    let mut reader = BufReader::new(output);
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes).is_ok_and(|count| count > 0) {
        let text = String::from_utf8_lossy(&bytes).trim_end_matches(['\n', '\r']).to_owned();
        bytes.clear();
        if !send(text) {
            return;
        }
    }
}

/// Sends `signal` to processes; those that are gone already do not matter.
fn send_signal(signal: &str, processes: &[u32]) {
    let mut command = Command::new("sh");
    command.args(["-c", "kill -s \"$@\" 2>/dev/null", "sh", signal]);
    command.args(processes.iter().map(u32::to_string));
    let _some_are_gone = command.stdin(Stdio::null()).status();
}

/// Ends a process that we started and everything it started.
fn end_tree(process: u32) {
    let parents = parents();
    let mut tree = vec![process];
    let mut next = 0;
    while let Some(parent) = tree.get(next).copied() {
        tree.extend(parents.iter().filter(|(_, of)| **of == parent).map(|(child, _)| *child));
        next += 1;
    }
    send_signal("KILL", &tree);
}

/// Each process of the system and its parent.
fn parents() -> BTreeMap<u32, u32> {
    let mut parents = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let process: Option<u32> = entry.file_name().to_str().and_then(|name| name.parse().ok());
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        // `pid (name) state parent …`; the name may hold anything.
        let parent = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(1)?.parse().ok());
        if let (Some(process), Some(parent)) = (process, parent) {
            parents.insert(process, parent);
        }
    }
    parents
}

/// A port of the loopback interface that nobody listened on a moment ago.
pub fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0)).context("looking for a free port")?.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(text: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", text]);
        command
    }

    #[test]
    fn lines_and_status_come_through() {
        let mut lines = Vec::new();
        let status = run_lines(&mut shell("echo one; echo two; exit 3"), Duration::from_secs(20), |line| {
            lines.push(line.to_owned())
        });
        assert_eq!((lines.join(" "), status.unwrap().code()), ("one two".to_owned(), Some(3)));
        assert!(run(&mut shell("exit 1"), Duration::from_secs(20)).is_err());
    }

    #[test]
    fn what_hangs_is_ended_with_its_children() {
        let mut child = None;
        let error = run_lines(&mut shell("sleep 600 & echo $!; wait"), Duration::from_millis(300), |line| {
            child = line.parse::<u32>().ok();
        });
        assert!(error.unwrap_err().to_string().contains("did not end"));
        let child = child.unwrap();
        let until = Instant::now() + Duration::from_secs(20);
        while parents().contains_key(&child) {
            assert!(Instant::now() < until, "the grandchild still runs");
            thread::yield_now();
        }
    }
}
