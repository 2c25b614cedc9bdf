//! The rows of what is known of shops.

use kernel::{ServiceId, ShopId, Timestamp};
use store::{Row, Statement, StoreError, Tx, params};

use super::{Information, Registration};

const COLUMNS: &str = "s.shop_id, s.name, s.live_requested_us, s.live_since_us, s.created_us,
    (SELECT v.service_id FROM service v WHERE v.shop_id = s.shop_id AND v.space = 'sandbox'),
    (SELECT v.service_id FROM service v WHERE v.shop_id = s.shop_id AND v.space = 'live'),
    i.company_name, i.company_kana, i.representative, i.postal_code, i.address, i.phone, i.site_url, i.contact_phone,
    i.contact_hours";
const TABLES: &str = "shop s LEFT JOIN shop_information i ON i.shop_id = s.shop_id";

/// A shop and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its number.
    pub shop: ShopId,
    /// サイト名.
    pub name: String,
    /// How far it is on the way to Live.
    pub registration: Registration,
    /// When it was made, machine time.
    pub created: Timestamp,
    /// サービスID of Sandbox.
    pub sandbox: ServiceId,
    /// サービスID of Live.
    pub live: ServiceId,
    /// The rest.
    pub information: Information,
}

/// What is known of one shop; none if there is none of this number.
pub fn find(tx: &mut Tx<'_>, shop: ShopId) -> Result<Option<Known>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE s.shop_id = $1");
    tx.query_opt(&sql, &params![shop])?.as_ref().map(read).transpose()
}

/// Shops after the number `after`, in the order of their numbers.
pub fn page(tx: &mut Tx<'_>, after: i64, limit: i64) -> Result<Vec<Known>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE s.shop_id > $1 ORDER BY s.shop_id LIMIT $2");
    tx.query(&sql, &params![after, limit])?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Known, StoreError> {
    let at = |column| Ok::<_, StoreError>(row.opt_int(column)?.map(Timestamp::from_micros));
    let registration = match (at(2)?, at(3)?) {
        (_, Some(since)) => Registration::Complete(since),
        (Some(received), None) => Registration::Received(received),
        (None, None) => Registration::None,
    };
    let text = |column| Ok::<_, StoreError>(row.opt_text(column)?.unwrap_or_default().to_owned());
    Ok(Known {
        shop: ShopId(row.int(0)?),
        name: row.text(1)?.to_owned(),
        registration,
        created: row.timestamp(4)?,
        sandbox: row.parsed(5)?,
        live: row.parsed(6)?,
        information: Information {
            company_name: text(7)?,
            company_kana: text(8)?,
            representative: text(9)?,
            postal_code: text(10)?,
            address: text(11)?,
            phone: text(12)?,
            site_url: text(13)?,
            contact_phone: text(14)?,
            contact_hours: text(15)?,
        },
    })
}

/// Writes what is known of a shop, but for its name.
pub fn save(shop: ShopId, information: &Information) -> Statement<'static> {
    let Information { company_name, company_kana, representative, postal_code, address, .. } = information;
    let Information { phone, site_url, contact_phone, contact_hours, .. } = information;
    Statement::new(
        "INSERT INTO shop_information (shop_id, company_name, company_kana, representative, postal_code, address, phone,
             site_url, contact_phone, contact_hours)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (shop_id) DO UPDATE SET company_name = excluded.company_name,
             company_kana = excluded.company_kana, representative = excluded.representative,
             postal_code = excluded.postal_code, address = excluded.address, phone = excluded.phone,
             site_url = excluded.site_url, contact_phone = excluded.contact_phone,
             contact_hours = excluded.contact_hours",
        params![
            shop,
            company_name,
            company_kana,
            representative,
            postal_code,
            address,
            phone,
            site_url,
            contact_phone,
            contact_hours
        ],
    )
}

/// Gives a shop another name.
pub fn rename(shop: ShopId, name: &str) -> Statement<'static> {
    Statement::new("UPDATE shop SET name = $2 WHERE shop_id = $1", params![shop, name])
}

/// Notes that 本申込 was received.
pub fn received(shop: ShopId, at: Timestamp) -> Statement<'static> {
    Statement::new("UPDATE shop SET live_requested_us = $2 WHERE shop_id = $1", params![shop, at])
}
