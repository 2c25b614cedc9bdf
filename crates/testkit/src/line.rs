//! A network line to a server that can be cut: all of it, or only the way back, so that the server does what it was asked
//! and nobody hears of it.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// How much comes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Everything.
    Whole,
    /// Nothing: connections end at once.
    Cut,
    /// Requests arrive; when the answer begins, the connection ends.
    Deaf,
}

/// Forwards connections to a server.
pub struct LineTo {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

struct State {
    line: Line,
    open: Vec<TcpStream>,
}

impl LineTo {
    /// Listens on a free port of the loopback interface.
    pub fn start(target: SocketAddr) -> LineTo {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("the address of a listener");
        let state = Arc::new(Mutex::new(State { line: Line::Whole, open: Vec::new() }));
        let shared = state.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let state = shared.clone();
                // An error on either side ends the connection, which is all that the other side can be told.
                std::thread::spawn(move || drop(forward(client, target, &state)));
            }
        });
        LineTo { address, state }
    }

    /// Where to connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on; connections that are open end.
    pub fn becomes(&self, line: Line) {
        let mut state = self.state.lock().expect("the line");
        state.line = line;
        state.open.drain(..).for_each(|stream| drop(stream.shutdown(Shutdown::Both)));
    }
}

fn forward(mut client: TcpStream, target: SocketAddr, state: &Arc<Mutex<State>>) -> io::Result<()> {
    let mut server = TcpStream::connect(target)?;
    {
        let mut state = state.lock().expect("the line");
        if state.line == Line::Cut {
            return client.shutdown(Shutdown::Both);
        }
        state.open.extend([client.try_clone()?, server.try_clone()?]);
    }
    let (mut answers, mut back, shared) = (server.try_clone()?, client.try_clone()?, state.clone());
    std::thread::spawn(move || {
        let _ = copy(&mut answers, &mut back, || shared.lock().expect("the line").line == Line::Whole);
        let _ = back.shutdown(Shutdown::Both);
    });
    copy(&mut client, &mut server, || true)?;
    server.shutdown(Shutdown::Write)
}

/// Copies until the end, or until something comes that may not pass.
fn copy(from: &mut TcpStream, to: &mut TcpStream, passes: impl Fn() -> bool) -> io::Result<()> {
    let mut buffer = [0; 16 * 1024];
    loop {
        let count = from.read(&mut buffer)?;
        if count == 0 || !passes() {
            return Ok(());
        }
        to.write_all(&buffer[..count])?;
    }
}
