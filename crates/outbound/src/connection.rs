//! One connection: the name is resolved once, every address is checked, and only a checked address is connected to,
//! so a name that changes its address in between gains nothing.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::rt::{Read, Write};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Sleep, timeout};
use tokio_rustls::rustls::pki_types::ServerName;

use crate::error::{SendError, Step, TlsFault};
use crate::guard::Guard;
use crate::pin::PinnedCertificate;
use crate::target::{BadUrl, Target};
use crate::tls::Tls;

/// A request as it goes onto the wire.
pub(crate) type Message = hyper::Request<Full<Bytes>>;

/// The head of an answer may not be larger; neither is what is buffered of its body.
const BUFFER_BYTES_MAX: usize = 64 * 1024;
/// A name may have more addresses; the first ones are tried.
const ADDRESSES_MAX: usize = 8;
/// How long one address has before the next is tried beside it (RFC 8305).
const NEXT_ADDRESS_AFTER: Duration = Duration::from_millis(250);
/// How long a connection has to become free again after an answer was read.
const FREE_WITHIN: Duration = Duration::from_millis(100);

/// What two requests must agree on to use one connection after the other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) tls: bool,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) pin: Option<PinnedCertificate>,
}

impl Key {
    pub(crate) fn new(target: &Target, pin: Option<PinnedCertificate>) -> Key {
        Key {
            tls: target.is_tls(),
            host: target.host().to_owned(),
            port: target.port(),
            pin: pin.filter(|_| target.is_tls()),
        }
    }
}

/// A connection that one request at a time may use. Dropping it closes it.
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    address: SocketAddr,
    driver: AbortHandle,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// Why an exchange brought no answer.
pub(crate) enum Broken {
    /// The connection was closed before anything was sent: here is the message again.
    Unsent(Box<Message>),
    /// Nobody knows what the other side received.
    Sent(SendError),
}

impl Connection {
    /// Opens a connection within what is left of `limit`.
    pub(crate) async fn open(
        key: &Key,
        guard: &Guard,
        tls: &Tls,
        mut limit: Pin<&mut Sleep>,
    ) -> Result<Connection, SendError> {
        let resolved = within(limit.as_mut(), Step::Resolving, resolve(&key.host, key.port)).await??;
        let addresses = permitted(guard, resolved)?;
        let (stream, address) = within(limit.as_mut(), Step::Connecting, connect(&addresses)).await??;
        if !key.tls {
            return Connection::start(TokioIo::new(stream), address).await;
        }
        let name = ServerName::try_from(key.host.clone()).map_err(|_| BadUrl::NoHost)?;
        let handshake = tls.connector(key.pin.as_ref()).connect(name, stream);
        let secured = within(limit, Step::Securing, handshake).await?;
        Connection::start(TokioIo::new(secured.map_err(TlsFault::from)?), address).await
    }

    async fn start<T>(stream: T, address: SocketAddr) -> Result<Connection, SendError>
    where
        T: Read + Write + Unpin + Send + 'static,
    {
        let (sender, connection) = http1::Builder::new()
            .max_buf_size(BUFFER_BYTES_MAX)
            .handshake(stream)
            .await
            .map_err(|error| SendError::Connect { address, reason: error.to_string() })?;
        // What goes wrong on the connection reaches us through the sender.
        let driver = tokio::spawn(connection).abort_handle();
        Ok(Connection { sender, address, driver })
    }

    /// The address that was connected to.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sends one message and waits for the head of the answer.
    pub(crate) async fn exchange(&mut self, message: Message) -> Result<hyper::Response<Incoming>, Broken> {
        self.sender.try_send_request(message).await.map_err(|mut failure| match failure.take_message() {
            Some(message) => Broken::Unsent(Box::new(message)),
            None => Broken::Sent(protocol(failure.error())),
        })
    }

    /// Whether the other side has closed it already.
    pub(crate) fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// Whether it can take the next message, now that an answer was read.
    pub(crate) async fn is_free(&mut self) -> bool {
        matches!(timeout(FREE_WITHIN, self.sender.ready()).await, Ok(Ok(())))
    }
}

/// Runs `work` within what is left of `limit`.
pub(crate) async fn within<T>(
    limit: Pin<&mut Sleep>,
    step: Step,
    work: impl Future<Output = T>,
) -> Result<T, SendError> {
    tokio::select! {
        biased;
        done = work => Ok(done),
        () = limit => Err(SendError::TimedOut(step)),
    }
}

/// What hyper says, with its cause.
pub(crate) fn protocol(error: &hyper::Error) -> SendError {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    SendError::Protocol(format!("{error}{cause}"))
}

async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, SendError> {
    let not_found = |reason: String| SendError::NameNotFound { host: host.to_owned(), reason };
    let addresses: Vec<SocketAddr> =
        tokio::net::lookup_host((host, port)).await.map_err(|error| not_found(error.to_string()))?.collect();
    if addresses.is_empty() { Err(not_found("it has no address".to_owned())) } else { Ok(addresses) }
}

/// The addresses to try. One that is forbidden among them spoils all: a public name has no business there.
fn permitted(guard: &Guard, mut addresses: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, SendError> {
    for address in &addresses {
        guard.check(address.ip())?;
    }
    addresses.truncate(ADDRESSES_MAX);
    Ok(addresses)
}

/// Connects to the first address that answers; a slow one is joined by the next.
async fn connect(addresses: &[SocketAddr]) -> Result<(TcpStream, SocketAddr), SendError> {
    let mut waiting = addresses.iter().copied();
    let mut attempts = JoinSet::new();
    let mut failure = None;
    loop {
        let next = waiting.next();
        if let Some(address) = next {
            attempts.spawn(async move { (address, TcpStream::connect(address).await) });
        }
        let patience = if next.is_some() { NEXT_ADDRESS_AFTER } else { Duration::MAX };
        match timeout(patience, attempts.join_next()).await {
            Ok(Some(Ok((address, Ok(stream))))) => {
                // Without it small messages wait for acknowledgements; a socket that refuses it works as well.
                let _ = stream.set_nodelay(true);
                return Ok((stream, address));
            }
            Ok(Some(Ok((address, Err(error))))) => failure = Some((address, error)),
            Ok(Some(Err(error))) => failure = Some((addresses[0], io::Error::other(error))),
            Ok(None) => {
                let (address, reason) = failure
                    .map_or((addresses[0], "no address".to_owned()), |(address, error)| (address, error.to_string()));
                return Err(SendError::Connect { address, reason });
            }
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_forbidden_address_spoils_all() {
        let addresses = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<SocketAddr>>();
        let open = addresses(&["8.8.8.8:443", "[2001:4860:4860::8888]:443"]);
        assert_eq!(permitted(&Guard::public(), open.clone()), Ok(open));
        for spoiled in [["8.8.8.8:443", "10.0.0.1:443"], ["[::ffff:127.0.0.1]:443", "8.8.8.8:443"]] {
            let refused = permitted(&Guard::public(), addresses(&spoiled));
            assert!(matches!(refused, Err(SendError::Forbidden(_))), "{spoiled:?}: {refused:?}");
        }
    }

    #[tokio::test]
    async fn the_next_address_is_tried_when_one_refuses() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let open = listener.local_addr().unwrap();
        // Nobody listens on port 1 of a loopback address of its own.
        let closed: SocketAddr = "127.9.8.7:1".parse().unwrap();
        let (_, address) = connect(&[closed, open]).await.unwrap();
        assert_eq!(address, open);
        let refused = connect(&[closed]).await.unwrap_err();
        assert!(matches!(refused, SendError::Connect { address, .. } if address == closed), "{refused:?}");
    }
}
