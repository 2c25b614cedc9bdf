//! Opening: the schema is brought up, and what cannot be used safely is refused with its reason.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;

use store::{Database, ErrorKind, Migration, Store, StoreError, migration};
use testkit::postgres::{PostgresServer, TestDatabase};
use testkit::sim_clock::SimClock;

use crate::fixture::{Fixture, few_connections, insert_note, migrations};
use crate::on_both_engines;

on_both_engines!(opening_again_changes_nothing, a_newer_schema_is_refused, a_broken_migration_leaves_nothing);

fn open(database: Database, migrations: &[Migration]) -> Result<Store, StoreError> {
    Store::open(database, migrations, Arc::new(SimClock::default()))
}

fn refusal(database: Database, migrations: &[Migration]) -> StoreError {
    open(database, migrations).err().expect("opening was not refused")
}

fn extended(name: &'static str, sql: &'static str) -> Vec<Migration> {
    migrations().into_iter().chain([Migration { name, sql }]).collect()
}

fn opening_again_changes_nothing(f: &Fixture) {
    f.write(|tx| insert_note(tx, "a"));
    let again = open(f.store.database().clone(), &migrations()).unwrap();
    let applied = again.read_blocking(migration::applied).unwrap();
    assert_eq!(applied, migrations().iter().map(|migration| migration.name).collect::<Vec<_>>());
    let wider = extended("test/0002-wider", "ALTER TABLE note ADD COLUMN colour @TEXT;");
    let wider = open(f.store.database().clone(), &wider).unwrap();
    let colour = wider.read_blocking(|tx| tx.query_one("SELECT colour FROM note", &[]));
    assert_eq!(colour.unwrap().opt_text(0), Ok(None));
}

fn a_newer_schema_is_refused(f: &Fixture) {
    let newer = extended("test/0002-newer", "CREATE TABLE newer (a @INT PRIMARY KEY) @CLUSTERED;");
    drop(open(f.store.database().clone(), &newer).unwrap());
    let refused = refusal(f.store.database().clone(), &migrations());
    assert_eq!(refused.kind, ErrorKind::Unsuitable);
    let expected = "the database was made by a newer choba (it has the migration test/0002-newer): use that one";
    assert_eq!(refused.message, expected);
}

fn a_broken_migration_leaves_nothing(f: &Fixture) {
    let broken =
        extended("test/0002-broken", "CREATE TABLE half (a @INT PRIMARY KEY) @CLUSTERED; CREATE TABLE note (a @INT);");
    let refused = refusal(f.store.database().clone(), &broken);
    assert!(refused.message.contains("migration test/0002-broken"), "{refused}");
    let mended = extended("test/0002-mended", "CREATE TABLE half (a @INT PRIMARY KEY) @CLUSTERED;");
    open(f.store.database().clone(), &mended).unwrap();
}

#[test]
fn several_processes_may_start_on_one_new_database() {
    let postgres = TestDatabase::new();
    std::thread::scope(|scope| {
        let start = || open(Database::Postgres(few_connections(postgres.url())), &migrations()).map(drop);
        let threads: Vec<_> = (0..6).map(|_| scope.spawn(start)).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap().unwrap());
    });
}

#[test]
fn postgres_without_synchronous_commit_is_refused() {
    let postgres = TestDatabase::new();
    postgres.execute(&format!("ALTER DATABASE {} SET synchronous_commit = off", postgres.name()));
    let refused = refusal(Database::Postgres(few_connections(postgres.url())), &migrations());
    assert_eq!(refused.kind, ErrorKind::Unsuitable);
    assert!(refused.message.contains("synchronous_commit = off"), "{refused}");
}

#[test]
fn postgres_without_fsync_is_refused() {
    let server = PostgresServer::start(&[("fsync", "off")]);
    let refused = refusal(Database::Postgres(few_connections(server.url("postgres", server.address()))), &migrations());
    assert_eq!(refused.kind, ErrorKind::Unsuitable);
    assert!(refused.message.contains("fsync = off"), "{refused}");
}

#[test]
fn a_server_elsewhere_is_asked_for_encryption_and_nothing_else() {
    // 0.0.0.0 is no loopback address, but a connection to it arrives on this machine.
    asked_for_encryption_and_nothing_else("0.0.0.0", "");
    asked_for_encryption_and_nothing_else("localhost", "&hostaddr=0.0.0.0");
}

fn asked_for_encryption_and_nothing_else(host: &str, more: &str) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let mut request = [0; 8];
        client.read_exact(&mut request).unwrap();
        client.write_all(b"N").unwrap();
        let mut rest = Vec::new();
        client.read_to_end(&mut rest).unwrap();
        (request, rest)
    });
    let url = format!("postgres://postgres:secret@{host}:{port}/postgres?sslmode=disable{more}");
    let refused = refusal(Database::Postgres(few_connections(url)), &migrations());
    assert!(refused.message.contains("TLS"), "{refused}");
    let (request, rest) = server.join().unwrap();
    assert_eq!(request, [0, 0, 0, 8, 4, 210, 22, 47], "the request for encryption");
    assert!(rest.is_empty(), "no name and no password in the clear");
}

#[test]
fn a_server_that_is_not_there_is_an_error_at_once() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("postgres://postgres@{free}/postgres");
    let refused = refusal(Database::Postgres(few_connections(url)), &migrations());
    assert_eq!(refused.kind, ErrorKind::ConnectionLost);
    assert!(refused.message.contains("connecting to PostgreSQL"), "{refused}");
}

#[test]
fn a_wrong_url_is_named() {
    let refused = refusal(Database::Postgres(few_connections("postgres://[".into())), &migrations());
    assert_eq!(refused.kind, ErrorKind::Unsuitable);
    assert!(refused.message.contains("the database URL"), "{refused}");
}
