//! A network in front of PostgreSQL that fails on request: at a COMMIT, before or after the server got it.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Where the connection is cut, the next time a COMMIT comes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The server never sees the COMMIT.
    BeforeServer,
    /// The server commits; its answer does not come through.
    AfterServer,
}

/// Forwards connections to a server.
pub struct TcpProxy {
    address: SocketAddr,
    network: Arc<Network>,
}

struct Network {
    target: SocketAddr,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    next: Option<Cut>,
    cuts: usize,
    down: bool,
    open: Vec<TcpStream>,
}

impl TcpProxy {
    /// Listens on a free port of the loopback interface.
    pub fn start(target: SocketAddr) -> TcpProxy {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("the address of a listener");
        let network = Arc::new(Network { target, state: Mutex::default() });
        let accepting = network.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let network = accepting.clone();
                std::thread::spawn(move || network.serve(client));
            }
        });
        TcpProxy { address, network }
    }

    /// Where to connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cuts the connection of the next COMMIT.
    pub fn cut_next_commit(&self, cut: Cut) {
        self.network.state.lock().unwrap().next = Some(cut);
    }

    /// How often a connection was cut at a COMMIT.
    pub fn cuts(&self) -> usize {
        self.network.state.lock().unwrap().cuts
    }

    /// Lets the open connections live, and no new one through, until `set_down(false)`.
    pub fn refuse_new_ones(&self) {
        self.network.state.lock().unwrap().down = true;
    }

    /// Cuts every connection and lets no new one through, or lets them through again.
    pub fn set_down(&self, down: bool) {
        let mut state = self.network.state.lock().unwrap();
        state.down = down;
        if down {
            state.open.drain(..).for_each(|stream| drop(stream.shutdown(Shutdown::Both)));
        }
    }
}

impl Network {
    fn serve(self: Arc<Self>, client: TcpStream) {
        // An error on either side ends the connection, which is all that the other side can be told.
        let _ = self.forward(client);
    }

    fn forward(self: Arc<Self>, mut client: TcpStream) -> io::Result<()> {
        let mut server = TcpStream::connect(self.target)?;
        for stream in [&client, &server] {
            stream.set_nodelay(true)?;
        }
        {
            let mut state = self.state.lock().unwrap();
            if state.down {
                return Ok(());
            }
            state.open.extend([client.try_clone()?, server.try_clone()?]);
        }
        let withheld = Arc::new(Mutex::new(false));
        let (mut answers, mut back, hold) = (server.try_clone()?, client.try_clone()?, withheld.clone());
        std::thread::spawn(move || {
            let _ = copy_unless_held(&mut answers, &mut back, &hold);
            let _ = back.shutdown(Shutdown::Both);
            let _ = answers.shutdown(Shutdown::Both);
        });
        let forwarded = self.forward_requests(&mut client, &mut server, &withheld);
        if !*withheld.lock().unwrap() {
            let _ = server.shutdown(Shutdown::Both);
            let _ = client.shutdown(Shutdown::Both);
        }
        forwarded
    }

    fn forward_requests(&self, client: &mut TcpStream, server: &mut TcpStream, hold: &Mutex<bool>) -> io::Result<()> {
        // The first message has no type; the client of these tests asks for no encryption.
        server.write_all(&message(client, false)?)?;
        loop {
            let request = message(client, true)?;
            let cut = if is_commit(&request) { self.take_cut() } else { None };
            match cut {
                None => server.write_all(&request)?,
                Some(Cut::BeforeServer) => return Ok(()),
                Some(Cut::AfterServer) => {
                    *hold.lock().unwrap() = true;
                    server.write_all(&request)?;
                }
            }
        }
    }

    fn take_cut(&self) -> Option<Cut> {
        let mut state = self.state.lock().unwrap();
        let cut = state.next.take();
        state.cuts += usize::from(cut.is_some());
        cut
    }
}

/// Copies until the end, or until something comes that is to be withheld.
fn copy_unless_held(from: &mut TcpStream, to: &mut TcpStream, hold: &Mutex<bool>) -> io::Result<()> {
    let mut buffer = [0; 16 * 1024];
    loop {
        let count = from.read(&mut buffer)?;
        if count == 0 || *hold.lock().unwrap() {
            return Ok(());
        }
        to.write_all(&buffer[..count])?;
    }
}

/// One message of the PostgreSQL protocol: a type (except for the first), a length that counts itself, a body.
fn message(from: &mut TcpStream, typed: bool) -> io::Result<Vec<u8>> {
    let mut message = vec![0; usize::from(typed) + 4];
    from.read_exact(&mut message)?;
    let length = message[message.len() - 4..].iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
    let start = message.len();
    message.resize(start + length.saturating_sub(4), 0);
    from.read_exact(&mut message[start..])?;
    Ok(message)
}

/// Whether this is a simple query that commits.
fn is_commit(message: &[u8]) -> bool {
    message.first() == Some(&b'Q') && message.get(5..).is_some_and(|sql| sql.starts_with(b"COMMIT"))
}
