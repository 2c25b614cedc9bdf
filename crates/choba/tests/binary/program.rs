//! The program under test, run as a child.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::JoinHandle;

/// `choba` with a home of its own and nothing of this process's environment.
pub fn choba(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_choba"));
    command.env_clear().env("HOME", home).current_dir(home).args(arguments);
    command
}

/// Runs to the end: exit status, standard output, standard error.
pub fn run(home: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = choba(home, arguments).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// A running server; killed if a test fails.
pub struct Server {
    child: Child,
    /// Reads on what it logs, so that it never waits for a reader; what came after it was ready.
    reader: Option<JoinHandle<String>>,
    pub address: SocketAddr,
}

impl Server {
    pub fn start(home: &Path) -> Server {
        Server::start_with(home, &[])
    }

    /// Starts with further flags.
    pub fn start_with(home: &Path, flags: &[&str]) -> Server {
        let usual = ["serve", "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0", "--log-format", "json"];
        let mut child = choba(home, &usual).args(flags).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let address = loop {
            let mut line = String::new();
            assert_ne!(lines.read_line(&mut line).unwrap(), 0, "it ended before it was ready");
            let event: serde_json::Value = serde_json::from_str(&line).unwrap();
            if event["message"] == "ready" {
                break event["listening"].as_str().unwrap().parse().unwrap();
            }
        };
        let reader = std::thread::spawn(move || {
            let mut rest = String::new();
            lines.read_to_string(&mut rest).unwrap();
            rest
        });
        Server { child, reader: Some(reader), address }
    }

    /// An HTTP request with a JSON body; the status and the body of the answer.
    pub fn send(&self, method: &str, path: &str, authorization: &str, body: &str) -> (u16, serde_json::Value) {
        self.send_with(method, path, authorization, "", body)
    }

    /// The same, with further lines of headers.
    pub fn send_with(
        &self,
        method: &str,
        path: &str,
        authorization: &str,
        headers: &str,
        body: &str,
    ) -> (u16, serde_json::Value) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: here\r\nconnection: close\r\nauthorization: {authorization}\r\n\
             {headers}content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}")))
    }

    /// Where it listens, as a URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Sends SIGTERM; returns the exit status and the rest of the log.
    pub fn terminate(mut self) -> (Option<i32>, String) {
        let killed = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(killed.success());
        // The pipe closes when the process ends.
        let rest = self.reader.take().unwrap().join().unwrap();
        (self.child.wait().unwrap().code(), rest)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended already unless a test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
