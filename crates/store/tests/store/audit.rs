//! The audit log: chained, signed, and every kind of damage is named.

use std::sync::atomic::{AtomicUsize, Ordering};

use hmac::{Hmac, KeyInit, Mac};
use kernel::ShopId;
use sha2::Sha256;
use store::audit::{self, NewEntry};

use crate::fixture::{Fixture, OTHER_SHOP, SHOP};
use crate::on_both_engines;

on_both_engines!(
    rows_are_chained_once_and_recount,
    a_thousand_rows_are_one_transaction,
    a_changed_row_is_named,
    a_missing_row_is_named,
    a_moved_head_is_named,
    a_rewritten_chain_is_found_by_its_signature,
    two_sealers_at_once_make_one_chain,
);

fn sign_with(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

fn sign(text: &[u8]) -> Vec<u8> {
    sign_with(b"sealing key", text)
}

fn seal(f: &Fixture, limit: usize) -> usize {
    f.write(move |tx| audit::seal(tx, &sign, limit))
}

fn verify(f: &Fixture) -> Vec<String> {
    f.read(|tx| audit::verify(tx, &|text, signature| sign(text) == signature))
}

fn record(f: &Fixture, shop: ShopId, numbers: std::ops::Range<u32>) {
    let at = f.now();
    f.write(move |tx| {
        for number in numbers.clone() {
            let entry = NewEntry {
                shop,
                id: &format!("au-{number:05}"),
                at,
                actor: "key:1",
                origin: "api",
                action: "charge.capture",
                object: "0000000123-20261122-0000000042",
                fields: r#"{"state":["authorized","captured"]}"#,
            };
            tx.execute_all(&[audit::record(&entry)])?;
        }
        Ok(())
    });
}

fn sealed(f: &Fixture) {
    record(f, SHOP, 1..6);
    record(f, OTHER_SHOP, 3..4);
    assert_eq!(seal(f, 100), 6);
    assert_eq!(verify(f), Vec::<String>::new());
}

fn rows_are_chained_once_and_recount(f: &Fixture) {
    assert_eq!(verify(f), Vec::<String>::new(), "an empty log is right");
    assert_eq!(seal(f, 10), 0);
    assert_eq!(verify(f), Vec::<String>::new());
    record(f, SHOP, 0..25);
    assert_eq!(f.read(audit::unsealed_count), 25);
    assert_eq!(seal(f, 10), 10);
    assert_eq!(f.read(audit::unsealed_count), 15);
    assert_eq!(verify(f), Vec::<String>::new());
    record(f, OTHER_SHOP, 3..4);
    assert_eq!(seal(f, 100), 16, "a row that comes late is chained where it comes");
    assert_eq!(seal(f, 100), 0);
    assert_eq!(verify(f), Vec::<String>::new());
    let last = f.read(|tx| {
        let row = tx.query_one("SELECT position FROM audit WHERE shop_id = 7 AND audit_id = 'au-00024'", &[])?;
        row.int(0)
    });
    assert_eq!(last, 26);
}

fn a_thousand_rows_are_one_transaction(f: &Fixture) {
    record(f, SHOP, 0..2_345);
    assert_eq!(seal(f, 1_000), 1_000);
    assert_eq!(seal(f, 1_000), 1_000);
    assert_eq!(seal(f, 1_000), 345);
    assert_eq!(verify(f), Vec::<String>::new());
}

fn a_changed_row_is_named(f: &Fixture) {
    sealed(f);
    f.damage("UPDATE audit SET actor = 'key:2' WHERE shop_id = 7 AND audit_id = 'au-00002'");
    assert_eq!(verify(f), ["audit row 7/au-00002 (position 2): its content does not match its hash"]);
}

fn a_missing_row_is_named(f: &Fixture) {
    sealed(f);
    f.damage("DELETE FROM audit WHERE shop_id = 7 AND audit_id = 'au-00002'");
    assert_eq!(verify(f), ["audit positions 2 to 2: no row; the next is audit row 7/au-00003 (position 3)"]);
    f.damage("DELETE FROM audit WHERE shop_id = 7 AND audit_id = 'au-00005'");
    let found = verify(f);
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[1], "audit head: signed at position 6, but the chain ends at 5");
}

fn a_moved_head_is_named(f: &Fixture) {
    sealed(f);
    f.damage("UPDATE audit_head SET position = 5");
    let found = verify(f);
    assert_eq!(found[0], "audit head: signed at position 5, but the chain ends at 6");
    assert_eq!(found[1], "audit head (position 5): its signature is not of this key");
    f.damage("DELETE FROM audit_head");
    assert_eq!(verify(f), ["audit head: missing, but the chain ends at 6"]);
}

fn a_rewritten_chain_is_found_by_its_signature(f: &Fixture) {
    record(f, SHOP, 1..6);
    assert_eq!(f.write(|tx| audit::seal(tx, &|text| sign_with(b"another key", text), 100)), 5);
    assert_eq!(verify(f), ["audit head (position 5): its signature is not of this key"]);
}

fn two_sealers_at_once_make_one_chain(f: &Fixture) {
    record(f, SHOP, 0..200);
    let sealed = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while f.read(audit::unsealed_count) > 0 {
                    sealed.fetch_add(seal(f, 30), Ordering::SeqCst);
                }
            });
        }
    });
    assert_eq!(sealed.into_inner(), 200);
    assert_eq!(verify(f), Vec::<String>::new());
}
