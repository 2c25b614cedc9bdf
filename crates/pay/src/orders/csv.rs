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
//! Pages are read one after the other, each from the place where the last one ended: an order that arrives meanwhile is
//! in the file or not, none is in it twice.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Bytes;
use http_body::Frame;
use kernel::{Environment, ShopId, cp932};
use store::{StoreError, Tx};
use tokio::sync::mpsc;

use super::{Cursor, Line, Search, Start, rows};
use crate::charge::State;
use crate::gateway::Gateway;

/// Lines read at a time.
const PAGE: usize = 500;
/// Pages that wait for a client who reads slowly.
const WAITING: usize = 2;

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
    /// client sees that it is not whole.
    pub fn body(self, gateway: &Gateway) -> Chunks {
        let (sender, receiver) = mpsc::channel(WAITING);
        let gateway = gateway.clone();
        tokio::spawn(async move {
            if let Err(error) = self.write(&gateway, &sender).await {
                tracing::error!(%error, "an export broke off");
                // Nobody may be there to hear of it.
                let _ = sender.send(Err(error)).await;
            }
        });
        Chunks(receiver)
    }

    async fn write(
        self,
        gateway: &Gateway,
        sender: &mpsc::Sender<Result<Bytes, StoreError>>,
    ) -> Result<(), StoreError> {
        let shows_environment = self.environments.iter().any(|environment| *environment != Environment::Sandbox);
        let file = File { encoding: self.encoding, shows_environment };
        let (shop, search) = (self.shop, self.search.clone());
        let environments = search.environments_of(&self.environments);
        let (counted, all) = (search.clone(), environments.clone());
        let counts = gateway.store().read(move |tx: &mut Tx<'_>| rows::counts(tx, shop, &all, &counted)).await?;
        let mut start = Start::First;
        if sender.send(Ok(file.head().into())).await.is_err() {
            return Ok(());
        }
        loop {
            let (search, environments, counts) = (search.clone(), environments.clone(), counts.clone());
            let sort = search.sort;
            let read = move |tx: &mut Tx<'_>| rows::lines(tx, shop, &environments, &search, &start, PAGE, &counts);
            let lines: Vec<Line> = gateway.store().read::<_, StoreError, _>(read).await?;
            let mut bytes = Vec::with_capacity(lines.len() * 96);
            lines.iter().for_each(|line| file.write(line, &mut bytes));
            let is_last = lines.len() < PAGE;
            if let Some(last) = lines.last() {
                start = Start::After(Cursor::of(last, sort));
            }
            if !bytes.is_empty() && sender.send(Ok(bytes.into())).await.is_err() {
                return Ok(());
            }
            if is_last {
                return Ok(());
            }
        }
    }
}

/// The bytes of a file as they come.
#[derive(Debug)]
pub struct Chunks(mpsc::Receiver<Result<Bytes, StoreError>>);

impl http_body::Body for Chunks {
    type Data = Bytes;
    type Error = StoreError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, StoreError>>> {
        self.0.poll_recv(cx).map(|chunk| chunk.map(|chunk| chunk.map(Frame::data)))
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
    use kernel::{Timestamp, Yen};

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
