//! A `choba serve` as a child process: started, killed, stopped; what it printed.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// A running server. Killed when this is dropped.
pub struct Server {
    child: Arc<Mutex<Child>>,
    pub address: SocketAddr,
    printed: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

/// Kills a server from any thread.
#[derive(Clone)]
pub struct Killer(Arc<Mutex<Child>>);

impl Killer {
    /// `kill -9`.
    pub fn kill(&self) {
        // It may have ended by itself, which is found out when it is waited for.
        let _ = self.0.lock().unwrap().kill();
    }
}

impl Server {
    /// Runs `command`, which logs JSON to standard error, until it says that it is ready; `Err` is what it printed instead.
    pub fn try_start(mut command: Command) -> Result<Server, String> {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("starting the server");
        let lines = BufReader::new(child.stderr.take().expect("a pipe"));
        let printed: Arc<Mutex<String>> = Arc::default();
        let (tell, ready) = channel();
        let kept = printed.clone();
        let reader = std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                let event: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
                if event["message"] == "ready" {
                    let address: SocketAddr = event["listening"].as_str().unwrap().parse().unwrap();
                    tell.send(address).expect("the test waits for it");
                }
                let mut kept = kept.lock().unwrap();
                kept.push_str(&line);
                kept.push('\n');
            }
        });
        Server::when_ready(child, &ready, printed, reader)
    }

    fn when_ready(
        mut child: Child,
        ready: &Receiver<SocketAddr>,
        printed: Arc<Mutex<String>>,
        reader: JoinHandle<()>,
    ) -> Result<Server, String> {
        match ready.recv() {
            Ok(address) => Ok(Server { child: Arc::new(Mutex::new(child)), address, printed, reader: Some(reader) }),
            Err(_) => {
                let status = child.wait().unwrap();
                Err(format!("{status}: {}", printed.lock().unwrap()))
            }
        }
    }

    /// Kills it, now or later.
    pub fn killer(&self) -> Killer {
        Killer(self.child.clone())
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.lock().unwrap().id()
    }

    /// Waits until it has ended; its status and everything it printed.
    pub fn ended(mut self) -> (ExitStatus, String) {
        // The pipe closes when the process ends. Until then the killer needs the lock.
        self.reader.take().unwrap().join().unwrap();
        let status = self.child.lock().unwrap().wait().unwrap();
        let printed = self.printed.lock().unwrap().clone();
        (status, printed)
    }

    /// `kill -9`; what it had printed.
    pub fn kill(self) -> String {
        self.killer().kill();
        self.ended().1
    }

    /// Asks it to stop.
    pub fn terminate(&self) {
        let killed = Command::new("kill").arg(self.id().to_string()).status().unwrap();
        assert!(killed.success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing is left to kill unless a test failed.
        self.killer().kill();
        let _ = self.child.lock().unwrap().wait();
    }
}
