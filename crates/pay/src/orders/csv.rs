//! The order list as CSV: the whole search, line by line as it is read, so that five million orders need no more memory
//! than ten.
//!
//! - Columns: 注文番号, 注文日時, 決済ステータス, 注文金額, 利用ポイント, Cart ID; outside of Sandbox 環境; in Shift_JIS
//!   文字の置換.
//! - UTF-8 begins with a byte order mark, which spreadsheets look for. Shift_JIS is CP932 ([`kernel::cp932`]): what it
//!   cannot carry becomes 〓, and the last column of that line names each such character.
//! - Lines end in CR LF; a field with a comma, a quotation mark or a line break is quoted (RFC 4180).
//! - A text that a spreadsheet would take for a formula begins with `'`.
//!
//! All of it is read on one snapshot, page after page, each from the place where the last one ended: the file shows the
//! orders as they were when it began. Who takes it too slowly, or no more, ends the reading; a file that broke off is seen
//! to be broken.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Bytes;
use http_body::Frame;
use kernel::{Environment, ShopId, Timestamp, cp932};
use store::{ErrorKind, Store, StoreError, Tx};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::{Cursor, Line, Search, Start, rows};
use crate::charge::State;
use crate::gateway::Gateway;

/// Lines read at a time.
const PAGE: usize = 500;
/// Pages that wait for a client who reads slowly.
const WAITING: usize = 2;
/// How long a page waits for its client at the longest.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a file takes at the longest, in seconds: a snapshot keeps the database from tidying up.
const LONGEST_SECONDS: i64 = 1_800;

/// How the file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 with a byte order mark.
    Utf8,
    /// CP932.
    ShiftJis,
}

impl Encoding {
    /// Both.
    pub const ALL: [Encoding; 2] = [Encoding::Utf8, Encoding::ShiftJis];

    /// As addresses spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::ShiftJis => "shift_jis",
        }
    }

    /// The encoding of this name.
    pub fn named(text: &str) -> Option<Encoding> {
        Encoding::ALL.into_iter().find(|encoding| encoding.as_str() == text)
    }

    /// The media type of a file.
    pub fn media_type(self) -> &'static str {
        match self {
            Encoding::Utf8 => "text/csv; charset=utf-8",
            Encoding::ShiftJis => "text/csv; charset=shift_jis",
        }
    }
}

/// What is written to a file.
#[derive(Clone, Debug)]
pub struct Export {
    /// Whose orders.
    pub shop: ShopId,
    /// The environments that are shown.
    pub environments: Vec<Environment>,
    /// Which of their orders, in which order.
    pub search: Search,
    /// How.
    pub encoding: Encoding,
}

impl Export {
    /// The file, as it is read. Dropping it ends the reading; a failure of the database breaks the file off, so that a
    /// client sees that it is not whole. To be called inside of the runtime.
    pub fn body(self, gateway: &Gateway) -> Chunks {
        let (sender, receiver) = mpsc::channel(WAITING);
        let store = gateway.store().clone();
        let taker = Taker { sender, runtime: Handle::current(), store: store.clone() };
        tokio::spawn(async move {
            let mut begun = false;
            let read = move |tx: &mut Tx<'_>| {
                // What was given out cannot be taken back: it is not begun again on another snapshot.
                if std::mem::replace(&mut begun, true) {
                    return Err(StoreError::new(ErrorKind::ConnectionLost, "the connection was lost amid an export"));
                }
                self.write(tx, &taker)
            };
            match store.read_at_length(read).await {
                Ok(Ended::Whole) => {}
                Ok(Ended::NotTaken) => tracing::info!("an export was not taken to its end"),
                Err(error) => tracing::error!(%error, "an export broke off"),
            }
        });
        Chunks { receiver, is_whole: false }
    }

    fn write(&self, tx: &mut Tx<'_>, taker: &Taker) -> Result<Ended, StoreError> {
        let shows_environment = self.environments.iter().any(|environment| *environment != Environment::Sandbox);
        let file = File { encoding: self.encoding, shows_environment };
        let (shop, search, sort) = (self.shop, &self.search, self.search.sort);
        let until = tx.machine_now().plus_seconds(LONGEST_SECONDS);
        let environments = search.environments_of(&self.environments);
        let counts = rows::counts(tx, shop, &environments, search)?;
        let mut start = Start::First;
        if !taker.give(Part::Bytes(file.head().into()), until) {
            return Ok(Ended::NotTaken);
        }
        loop {
            let lines = rows::lines(tx, shop, &environments, search, &start, PAGE, &counts)?;
            let mut bytes = Vec::with_capacity(lines.len() * 96);
            lines.iter().for_each(|line| file.write(line, &mut bytes));
            if !bytes.is_empty() && !taker.give(Part::Bytes(bytes.into()), until) {
                return Ok(Ended::NotTaken);
            }
            match lines.last().filter(|_| lines.len() == PAGE) {
                Some(last) => start = Start::After(Cursor::of(last, sort)),
                None => return Ok(if taker.give(Part::End, until) { Ended::Whole } else { Ended::NotTaken }),
            }
        }
    }
}

/// How an export ended.
enum Ended {
    /// It was handed over to its end.
    Whole,
    /// Nobody took the rest of it, or not in time.
    NotTaken,
}

/// A part of a file on its way to who downloads it.
#[derive(Debug)]
enum Part {
    /// Some of it.
    Bytes(Bytes),
    /// There is no more: without this the file is not whole.
    End,
}

/// Who downloads a file, as the thread sees them that reads it.
struct Taker {
    sender: mpsc::Sender<Part>,
    runtime: Handle,
    store: Store,
}

impl Taker {
    /// Hands a part over, waiting for who reads slowly; false if nobody takes it in time.
    fn give(&self, part: Part, until: Timestamp) -> bool {
        let send = async { tokio::time::timeout(PATIENCE, self.sender.send(part)).await };
        self.store.machine_now() < until && self.runtime.block_on(send).is_ok_and(|sent| sent.is_ok())
    }
}

/// The bytes of a file as they come.
#[derive(Debug)]
pub struct Chunks {
    receiver: mpsc::Receiver<Part>,
    is_whole: bool,
}

impl http_body::Body for Chunks {
    type Data = Bytes;
    type Error = StoreError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, StoreError>>> {
        if self.is_whole {
            return Poll::Ready(None);
        }
        self.receiver.poll_recv(cx).map(|part| match part {
            Some(Part::Bytes(bytes)) => Some(Ok(Frame::data(bytes))),
            Some(Part::End) => {
                self.is_whole = true;
                None
            }
            None => Some(Err(StoreError::new(ErrorKind::Closed, "the export broke off"))),
        })
    }
}

/// How lines are written.
struct File {
    encoding: Encoding,
    shows_environment: bool,
}

impl File {
    fn head(&self) -> Vec<u8> {
        let mut names: Vec<String> =
            ["注文番号", "注文日時", "決済ステータス", "注文金額", "利用ポイント", "Cart ID"].map(str::to_owned).into();
        if self.shows_environment {
            names.push("環境".to_owned());
        }
        let mut bytes = Vec::new();
        match self.encoding {
            Encoding::Utf8 => bytes.extend_from_slice("\u{FEFF}".as_bytes()),
            Encoding::ShiftJis => names.push("文字の置換".to_owned()),
        }
        self.put(&names, &mut bytes);
        bytes
    }

    fn write(&self, line: &Line, bytes: &mut Vec<u8>) {
        let when: String = line.ordered.to_string().replace('T', " ").chars().take(19).collect();
        let mut fields = vec![
            line.number.to_string(),
            when,
            state(line.state).to_owned(),
            line.amount.to_string(),
            line.point.to_string(),
            harmless(line.cart_id.as_deref().unwrap_or_default()),
        ];
        if self.shows_environment {
            fields.push(key(line.environment).to_owned());
        }
        if self.encoding == Encoding::ShiftJis {
            fields.push(replaced(&fields));
        }
        self.put(&fields, bytes);
    }

    fn put(&self, fields: &[String], bytes: &mut Vec<u8>) {
        let fields: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
        let line = fields.join(",") + "\r\n";
        match self.encoding {
            Encoding::Utf8 => bytes.extend_from_slice(line.as_bytes()),
            Encoding::ShiftJis => bytes.extend(cp932::encode(&line).0),
        }
    }
}

/// The characters of a line that CP932 cannot carry, each once: `U+1F375`.
fn replaced(fields: &[String]) -> String {
    let mut names: Vec<String> = Vec::new();
    for character in fields.iter().flat_map(|field| cp932::encode(field).1) {
        let name = format!("U+{:04X}", u32::from(character));
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(" ")
}

/// A text that no spreadsheet takes for a formula.
fn harmless(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if is_formula { format!("'{text}") } else { text.to_owned() }
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

fn state(state: State) -> &'static str {
    match state {
        State::Authorized => "仮売上",
        State::Captured => "実売上",
        State::Cancelled => "キャンセル",
    }
}

fn key(environment: Environment) -> &'static str {
    match environment {
        Environment::Sandbox => "Sandbox",
        Environment::Test => "テスト用認証キー",
        Environment::Live => "本番用認証キー",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Yen;

    fn line(cart_id: &str, environment: Environment) -> Line {
        Line {
            environment,
            number: "1234567890-20261122-0000000042".parse().unwrap(),
            state: State::Authorized,
            amount: Yen::new(2_244).unwrap(),
            point: Yen::new(100).unwrap(),
            cart_id: Some(cart_id.to_owned()),
            ordered: Timestamp::from_seconds(1_795_305_600),
        }
    }

    fn written(cart_id: &str, encoding: Encoding) -> Vec<u8> {
        let mut bytes = Vec::new();
        File { encoding, shows_environment: false }.write(&line(cart_id, Environment::Sandbox), &mut bytes);
        bytes
    }

    #[tokio::test]
    async fn a_file_without_its_end_is_seen_to_be_broken() {
        async fn read(parts: Vec<Part>) -> Vec<Result<Bytes, String>> {
            let (sender, receiver) = mpsc::channel(8);
            for part in parts {
                sender.send(part).await.unwrap();
            }
            drop(sender);
            let (mut chunks, mut read) = (Box::pin(Chunks { receiver, is_whole: false }), Vec::new());
            while let Some(frame) = std::future::poll_fn(|cx| http_body::Body::poll_frame(chunks.as_mut(), cx)).await {
                let is_over = frame.is_err();
                read.push(frame.map(|frame| frame.into_data().unwrap()).map_err(|error| error.message));
                if is_over {
                    break;
                }
            }
            read
        }
        let head = || Part::Bytes(Bytes::from_static(b"head"));
        assert_eq!(read(vec![head(), Part::End]).await, [Ok(Bytes::from_static(b"head"))]);
        let broken = read(vec![head()]).await;
        assert_eq!(broken[1], Err("the export broke off".to_owned()));
    }

    #[test]
    fn lines_in_utf_8() {
        let begins = "1234567890-20261122-0000000042,2026-11-22 09:00:00,仮売上,2244,100,";
        for (cart_id, cell) in [
            ("cart-1", "cart-1"),
            ("a,b", "\"a,b\""),
            ("5\" 茶", "\"5\"\" 茶\""),
            ("=1+1", "'=1+1"),
            ("+81", "'+81"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("＝1", "'＝1"),
            ("=HYPERLINK(\"x\",1)", "\"'=HYPERLINK(\"\"x\"\",1)\""),
            ("🍵", "🍵"),
        ] {
            let line = String::from_utf8(written(cart_id, Encoding::Utf8)).unwrap();
            assert_eq!(line, format!("{begins}{cell}\r\n"));
        }
        let head = File { encoding: Encoding::Utf8, shows_environment: true }.head();
        let names = "\u{FEFF}注文番号,注文日時,決済ステータス,注文金額,利用ポイント,Cart ID,環境\r\n";
        assert_eq!(String::from_utf8(head).unwrap(), names);
    }

    #[test]
    fn lines_in_shift_jis_name_what_was_replaced() {
        let begins = [
            b"1234567890-20261122-0000000042,2026-11-22 09:00:00,".as_slice(),
            // 仮売上
            &[0x89, 0xBC, 0x94, 0x84, 0x8F, 0xE3],
            b",2244,100,",
        ]
        .concat();
        let expected = [&begins[..], &[b'a', 0x81, 0xAC, 0x81, 0xAC, 0x81, 0xAC], b",U+1F375 U+00E9\r\n"].concat();
        assert_eq!(written("a🍵é🍵", Encoding::ShiftJis), expected);
        // ① is carried.
        assert_eq!(written("①", Encoding::ShiftJis), [&begins[..], &[0x87, 0x40], b",\r\n"].concat());
    }
}
