//! Backups: the same file from either engine, restored whole or not at all.

use std::path::Path;

use store::backup::{self, BackupError, Summary};
use store::outbox::{self, NewMessage};
use store::{Database, ErrorKind, Migration, SqliteOptions, Store, audit, lease, params, timer};

use crate::fixture::{Fixture, OTHER_SHOP, SHOP, migrations};
use crate::on_both_engines;

on_both_engines!(
    a_database_with_rows_is_refused,
    a_truncated_backup_restores_nothing,
    an_altered_backup_restores_nothing,
    another_schema_is_refused_by_name,
    is_a_snapshot_while_others_write,
    a_backup_that_cannot_be_written_leaves_nothing,
);

const NOTES: usize = 2_500;

/// Everything that is hard to carry: order of text, empty and missing values, the ends of the integers, rows of all sizes.
fn fill(f: &Fixture) {
    let now = f.now();
    f.write(move |tx| {
        let sql = "INSERT INTO note (shop_id, note_id, amount, body, seal) VALUES ($1, $2, $3, $4, $5)";
        for (id, amount, body, seal) in [
            ("", i64::MAX, Some(""), None),
            ("B", i64::MIN, Some("帳場 \"引用\" \\ \u{1f9fe}\n\t\u{1}"), Some(vec![])),
            ("a", 0, None, Some(vec![0, 255, 10, 13])),
            ("あ", -1, Some("{\"hex\":\"00\"}"), Some((0..=255).collect())),
        ] {
            tx.execute(sql, &params![SHOP, id, amount, body, seal])?;
        }
        for number in 0..NOTES {
            let body = "x".repeat(number % 97 * (1 + number % 11));
            tx.execute(
                sql,
                &params![OTHER_SHOP, format!("n{}", number * 7_919 % NOTES), number as i64, body, Some(vec![7; 3])],
            )?;
        }
        let message = NewMessage {
            shop: SHOP,
            id: "m",
            world: kernel::Environment::Live,
            topic: "mail",
            lane: "l",
            body: "{}",
            due: now,
            created: now,
        };
        let timer = timer::set(SHOP, kernel::Environment::Live, "end", "a", now);
        let entry = audit::NewEntry {
            shop: SHOP,
            id: "u",
            at: now,
            actor: "k",
            origin: "o",
            action: "c",
            object: "n",
            fields: "{}",
        };
        tx.execute_all(&[outbox::enqueue(&message), timer, audit::record(&entry)])?;
        lease::acquire(tx, "l", "me", 5)?;
        audit::seal(tx, &|text| text.to_vec(), 10)
    });
}

fn back_up(f: &Fixture, name: &str) -> (std::path::PathBuf, Summary) {
    let path = f.folder.path().join(name);
    let summary = backup::backup_file(&f.store, &path).unwrap();
    assert!(!f.folder.path().join(format!("{name}.unfinished")).exists());
    (path, summary)
}

fn assert_empty(f: &Fixture) {
    let (_, summary) = back_up(f, "of-nothing");
    assert!(summary.rows.iter().all(|(_, rows)| *rows == 0), "{:?}", summary.rows);
}

#[test]
fn goes_round_both_engines_unchanged() {
    let (first, second, third) = (Fixture::sqlite(), Fixture::postgres(), Fixture::sqlite());
    fill(&first);
    let (file, made) = back_up(&first, "backup");
    assert!(made.rows.contains(&("note".to_owned(), NOTES as u64 + 4)), "{:?}", made.rows);
    assert_eq!(backup::restore_file(&second.store, &file).unwrap(), made);
    let (file, again) = back_up(&second, "backup");
    assert_eq!(again, made);
    assert_eq!(backup::restore_file(&third.store, &file).unwrap(), made);
    let (last, _) = back_up(&third, "backup");
    assert!(std::fs::read(&file).unwrap() == std::fs::read(&last).unwrap(), "the files differ");
    let found = third.read(|tx| audit::verify(tx, &|text, signature| text == signature));
    assert_eq!(found, Vec::<String>::new());
}

fn a_database_with_rows_is_refused(f: &Fixture) {
    fill(f);
    let (file, made) = back_up(f, "backup");
    let refused = backup::restore_file(&f.store, &file).unwrap_err();
    assert!(matches!(&refused, BackupError::NotEmpty(table) if table == "audit"), "{refused}");
    assert_eq!(back_up(f, "after").1, made);
}

/// Restores what `change` made of a backup; the refusal.
fn restore_changed(f: &Fixture, file: &Path, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> BackupError {
    let changed = f.folder.path().join("changed");
    std::fs::write(&changed, change(std::fs::read(file).unwrap())).unwrap();
    backup::restore_file(&f.store, &changed).unwrap_err()
}

fn a_truncated_backup_restores_nothing(f: &Fixture) {
    let full = Fixture::sqlite();
    fill(&full);
    let (file, _) = back_up(&full, "backup");
    let length = std::fs::read(&file).unwrap().len();
    let ends_of_lines: Vec<usize> =
        std::fs::read(&file).unwrap().iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(at, _)| at + 1).collect();
    let before_trailer = ends_of_lines[ends_of_lines.len() - 2];
    for keep in [0, 1, ends_of_lines[0], ends_of_lines[1], length / 2, before_trailer, length - 2, length - 1] {
        let refused = restore_changed(f, &file, |bytes| bytes[..keep].to_vec());
        assert!(matches!(refused, BackupError::Damaged { .. }), "{keep} bytes: {refused}");
    }
    assert_empty(f);
    let refused = restore_changed(f, &file, |bytes| [bytes.as_slice(), b"\n"].concat());
    assert!(refused.to_string().contains("something after the end"), "{refused}");
    assert_empty(f);
}

fn an_altered_backup_restores_nothing(f: &Fixture) {
    let full = Fixture::sqlite();
    fill(&full);
    let (file, made) = back_up(&full, "backup");
    let text = String::from_utf8(std::fs::read(&file).unwrap()).unwrap();
    let row = text.lines().find(|line| line.starts_with("[8,\"n1\",")).unwrap();
    let altered = [
        text.replace(row, &row.replace("[8,\"n1\",", "[8,\"n1\",1")),
        text.replace(&format!("{row}\n"), ""),
        text.replace(row, &format!("{row}\n{row}")),
        text.replace(row, &row.replace("[8,\"n1\",", "[8,\"n1\",null,")),
        text.replace(row, &row.replace("[8,\"n1\",", "[8,7,")),
        text.replace("{\"hex\":\"070707\"}", "{\"hex\":\"07070\"}"),
        text.replace("{\"table\":\"note\"", "{\"table\":\"other\""),
        text.replace("\"choba_backup\":1", "\"choba_backup\":2"),
        text.replace(&made.sha256, &"0".repeat(64)),
    ];
    for altered in altered {
        assert_ne!(altered, text);
        let refused = restore_changed(f, &file, |_| altered.into_bytes());
        // A row that is there twice is refused by the table before the hash is known.
        let expected = matches!(refused.kind(), ErrorKind::Corrupt | ErrorKind::Constraint);
        assert!(expected, "{refused}");
    }
    assert_empty(f);
    assert_eq!(backup::restore_file(&f.store, &file).unwrap(), made, "and the right one restores after all that");
}

fn another_schema_is_refused_by_name(f: &Fixture) {
    let folder = tempfile::tempdir().unwrap();
    let newer = Migration { name: "test/0002-newer", sql: "CREATE TABLE newer (a @INT PRIMARY KEY) @CLUSTERED;" };
    let with_newer: Vec<Migration> = migrations().into_iter().chain([newer]).collect();
    let database = Database::Sqlite(SqliteOptions::new(folder.path().join("newer.db")));
    let other = Store::open(database, &with_newer, f.clock.clone()).unwrap();
    let file = folder.path().join("backup");
    backup::backup_file(&other, &file).unwrap();
    let refused = backup::restore_file(&f.store, &file).unwrap_err();
    assert!(refused.to_string().contains("only in the backup: [\"test/0002-newer\"], only here: []"), "{refused}");
    assert_eq!(refused.kind(), ErrorKind::Unsuitable);

    let (file, _) = back_up(f, "older");
    let refused = backup::restore_file(&other, &file).unwrap_err();
    assert!(refused.to_string().contains("only here: [\"test/0002-newer\"]"), "{refused}");
}

fn a_backup_that_cannot_be_written_leaves_nothing(f: &Fixture) {
    fill(f);
    let missing = backup::backup_file(&f.store, &f.folder.path().join("no/such/folder/backup")).unwrap_err();
    assert!(matches!(missing, BackupError::File(_)), "{missing}");
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let refused: Result<Summary, BackupError> =
        f.store.read_blocking(move |tx| backup::write_backup(tx, &mut std::io::BufWriter::new(&full)));
    assert!(matches!(refused, Err(BackupError::File(_))));
    let (file, _) = back_up(f, "backup");
    let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&file).unwrap());
    assert_eq!(mode & 0o777, 0o600, "personal data of buyers is in it");
}

fn is_a_snapshot_while_others_write(f: &Fixture) {
    fill(f);
    let (writer, path) = (f.store.clone(), f.folder.path().join("backup"));
    let file = path.clone();
    let made = f.store.read_blocking(move |tx| {
        // The snapshot begins with the first statement; what is committed after it is not in the backup.
        tx.query("SELECT 1 FROM note LIMIT 1", &[])?;
        writer.write_blocking(|tx| {
            tx.execute("DELETE FROM timer", &[])?;
            tx.execute("INSERT INTO note (shop_id, note_id, amount) VALUES (1, 'late', 1)", &[])
        })?;
        backup::write_backup(tx, &mut std::fs::File::create(&path)?)
    });
    let made: Summary = made.unwrap();
    assert!(made.rows.contains(&("note".to_owned(), NOTES as u64 + 4)));
    assert!(made.rows.contains(&("timer".to_owned(), 1)));
    assert_eq!(backup::restore_file(&Fixture::sqlite().store, &file).unwrap(), made);
}
