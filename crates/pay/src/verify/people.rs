//! Staff, their sessions, their saved searches and the links that were sent to them: each account has a shop and a
//! password, each session and link an account, each mail its message, and each saved search can be read.

use kernel::id::hex;
use shop::Vault;
use store::{StoreError, Tx};

use super::report::Findings;
use super::rows::people as rows;

/// Recounts them.
pub(super) fn check(tx: &mut Tx<'_>, vault: &Vault, found: &mut Findings) -> Result<(), StoreError> {
    for id in rows::broken_staff(tx)? {
        let problem = "it has no shop, or its address or the hash of its password is none";
        found.add("staff", format!("staff {id}"), problem);
    }
    for look_up in rows::broken_sessions(tx)? {
        let problem = "it has no account, or was used before it began";
        found.add("staff", format!("staff_session {}", hex(&look_up)), problem);
    }
    for (shop, key) in rows::broken_reads(tx)? {
        found.add("notice", format!("notice_read {shop}/{key}"), "there is no such notice");
    }
    for (shop, id, problem) in rows::broken_views(tx)? {
        found.add("staff", format!("order_view {shop}/{id}"), problem);
    }
    for (id, sealed) in rows::totps(tx)? {
        if !shop::staff::second::opens(vault, &id, &sealed) {
            found.add("staff", format!("staff {id}"), "the secret of its authenticator app does not open");
        }
    }
    for link in rows::broken_links(tx)? {
        found.add("staff", format!("{} {}", link.table, hex(&link.look_up)), link.problem);
    }
    for (shop, id) in rows::broken_mails(tx)? {
        let (mail, message) = (format!("staff_mail {shop}/{id}"), format!("outbox {shop}/{id}"));
        found.both("staff", mail, message, "mail and message disagree");
    }
    for (shop, id) in rows::broken_news(tx)? {
        let (mail, message) = (format!("news_mail {shop}/{id}"), format!("outbox {shop}/{id}"));
        found.both("notice", mail, message, "mail, message, notice and reader disagree");
    }
    for (shop, id) in rows::sealed_mails(tx, vault)? {
        found.add("staff", format!("staff_mail {shop}/{id}"), "what it says does not open");
    }
    Ok(())
}
