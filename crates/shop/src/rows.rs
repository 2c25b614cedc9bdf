//! The rows of shops, credentials and tokens.

use kernel::{Entropy, Environment, ServiceId, ShopId, Timestamp};
use store::{Row, Statement, StoreError, Tx, params};

use crate::credential::{Credential, CredentialKind, KeyHolder};
use crate::service::{Services, Shop, Space};
use crate::token::Token;
use crate::vault::Vault;

/// Writes a new shop with its service ids.
pub fn insert_shop(tx: &mut Tx<'_>, shop: &Shop, services: Services) -> Result<(), StoreError> {
    let now = tx.machine_now();
    let insert = "INSERT INTO shop (shop_id, name, receives_address, created_us) VALUES ($1, $2, $3, $4)";
    tx.execute(insert, &params![shop.id, &shop.name, shop.receives_address, now])?;
    for (space, service) in [(Space::Sandbox, services.sandbox), (Space::Live, services.live)] {
        let insert = "INSERT INTO service (shop_id, space, service_id, next_serial) VALUES ($1, $2, $3, 1)";
        tx.execute(insert, &params![shop.id, space.as_str(), service])?;
    }
    Ok(())
}

/// Every shop, by id.
pub fn shops(tx: &mut Tx<'_>) -> Result<Vec<Shop>, StoreError> {
    let rows = tx.query("SELECT shop_id, name, receives_address FROM shop ORDER BY shop_id", &[])?;
    rows.iter().map(one_shop).collect()
}

/// One shop.
pub fn find_shop(tx: &mut Tx<'_>, id: ShopId) -> Result<Option<Shop>, StoreError> {
    let sql = "SELECT shop_id, name, receives_address FROM shop WHERE shop_id = $1";
    tx.query_opt(sql, &params![id])?.map(|row| one_shop(&row)).transpose()
}

fn one_shop(row: &Row) -> Result<Shop, StoreError> {
    Ok(Shop { id: ShopId(row.int(0)?), name: row.text(1)?.to_owned(), receives_address: row.int(2)? == 1 })
}

/// Notes that the registration of a shop for Live (本申込) is complete since `at`, machine time.
pub fn register_live(shop: ShopId, at: Timestamp) -> Statement<'static> {
    Statement::new("UPDATE shop SET live_since_us = $2 WHERE shop_id = $1", params![shop, at])
}

/// Whether a shop is told new notices by mail.
pub fn news_mail(tx: &mut Tx<'_>, shop: ShopId) -> Result<bool, StoreError> {
    let row = tx.query_opt("SELECT news_mail FROM shop WHERE shop_id = $1", &params![shop])?;
    Ok(row.map(|row| row.int(0)).transpose()? == Some(1))
}

/// Switches those mails on or off.
pub fn set_news_mail(shop: ShopId, wanted: bool) -> Statement<'static> {
    Statement::new("UPDATE shop SET news_mail = $2 WHERE shop_id = $1", params![shop, wanted])
}

/// Since when a shop may use Live, if it may.
pub fn live_since(tx: &mut Tx<'_>, shop: ShopId) -> Result<Option<Timestamp>, StoreError> {
    let row = tx.query_opt("SELECT live_since_us FROM shop WHERE shop_id = $1", &params![shop])?;
    Ok(row.map(|row| row.opt_int(0)).transpose()?.flatten().map(Timestamp::from_micros))
}

/// Takes the next `count` serials of order numbers: the service, and the first of them. Concurrent callers get different
/// ones; one that is not used leaves a gap.
pub fn take_serials(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    count: u64,
) -> Result<(ServiceId, u64), StoreError> {
    let sql = "UPDATE service SET next_serial = next_serial + $3 WHERE shop_id = $1 AND space = $2
               RETURNING service_id, next_serial - $3";
    let row = tx.query_one(sql, &params![shop, Space::of(environment).as_str(), count as i64])?;
    Ok((row.parsed(0)?, row.int(1)?.unsigned_abs()))
}

/// The statements that store a credential: sealed, and in the index if requests are authenticated with it.
pub fn insert_credential(vault: &Vault, credential: &Credential, entropy: &dyn Entropy) -> Vec<Statement<'static>> {
    let Credential { shop, environment, id, kind, value, created, expires } = credential;
    let purpose = Credential::purpose(*shop, *environment, id);
    let mut statements = vec![Statement::new(
        "INSERT INTO credential (shop_id, environment, credential_id, kind, sealed, created_us, expires_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            *shop,
            *environment,
            id,
            kind.as_str(),
            vault.seal(&purpose, value.as_bytes(), entropy),
            *created,
            *expires
        ],
    )];
    if kind.is_indexed() {
        statements.push(Statement::new(
            "INSERT INTO key_index (look_up, shop_id, environment, credential_id, expires_us)
             VALUES ($1, $2, $3, $4, $5)",
            params![&vault.look_up(value)[..], *shop, *environment, id, *expires],
        ));
    }
    statements
}

/// The statements that set the end of a credential.
pub fn end_credential(shop: ShopId, environment: Environment, id: &str, end: Timestamp) -> [Statement<'static>; 2] {
    [
        "UPDATE credential SET expires_us = $4 WHERE shop_id = $1 AND environment = $2 AND credential_id = $3",
        "UPDATE key_index SET expires_us = $4 WHERE shop_id = $1 AND environment = $2 AND credential_id = $3",
    ]
    .map(|sql| Statement::new(sql, params![shop, environment, id, end]))
}

/// Who is indexed under `look_up`.
pub fn find_by_look_up(tx: &mut Tx<'_>, look_up: &[u8]) -> Result<Option<KeyHolder>, StoreError> {
    let sql = "SELECT k.shop_id, k.environment, k.credential_id, s.receives_address, k.expires_us
               FROM key_index k JOIN shop s ON s.shop_id = k.shop_id WHERE k.look_up = $1";
    let row = tx.query_opt(sql, &params![look_up])?;
    row.map(|row| {
        Ok(KeyHolder {
            shop: ShopId(row.int(0)?),
            environment: row.parsed(1)?,
            credential_id: row.text(2)?.to_owned(),
            receives_address: row.int(3)? == 1,
            expires: row.opt_int(4)?.map(Timestamp::from_micros),
        })
    })
    .transpose()
}

/// A credential as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedCredential {
    /// Whose it is.
    pub shop: ShopId,
    /// Where it counts.
    pub environment: Environment,
    /// Its name.
    pub id: String,
    /// What it is for.
    pub kind: CredentialKind,
    /// The sealed value.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Option<Timestamp>,
}

impl SealedCredential {
    /// Opens the value.
    pub fn open(self, vault: &Vault) -> Result<Credential, crate::vault::VaultError> {
        let purpose = Credential::purpose(self.shop, self.environment, &self.id);
        let value = vault.open(&purpose, &self.sealed)?;
        let value = String::from_utf8(value).map_err(|_| crate::vault::VaultError::DoesNotOpen(purpose))?;
        let SealedCredential { shop, environment, id, kind, created, expires, .. } = self;
        Ok(Credential { shop, environment, id, kind, value, created, expires })
    }
}

/// Every credential of every shop, newest last.
pub fn credentials(tx: &mut Tx<'_>) -> Result<Vec<SealedCredential>, StoreError> {
    let sql = "SELECT shop_id, environment, credential_id, kind, sealed, created_us, expires_us FROM credential
               ORDER BY shop_id, environment, kind, created_us";
    tx.query(sql, &[])?.iter().map(sealed_credential).collect()
}

/// A credential of a shop by its name.
pub fn find_credential(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    id: &str,
) -> Result<Option<SealedCredential>, StoreError> {
    let sql = "SELECT shop_id, environment, credential_id, kind, sealed, created_us, expires_us FROM credential
               WHERE shop_id = $1 AND environment = $2 AND credential_id = $3";
    tx.query_opt(sql, &params![shop, environment, id])?.as_ref().map(sealed_credential).transpose()
}

/// The credentials of a shop in one environment.
pub fn credentials_of(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
) -> Result<Vec<SealedCredential>, StoreError> {
    let sql = "SELECT shop_id, environment, credential_id, kind, sealed, created_us, expires_us FROM credential
               WHERE shop_id = $1 AND environment = $2 ORDER BY credential_id";
    tx.query(sql, &params![shop, environment])?.iter().map(sealed_credential).collect()
}

fn sealed_credential(row: &Row) -> Result<SealedCredential, StoreError> {
    Ok(SealedCredential {
        shop: ShopId(row.int(0)?),
        environment: row.parsed(1)?,
        id: row.text(2)?.to_owned(),
        kind: row.parsed(3)?,
        sealed: row.blob(4)?.to_vec(),
        created: row.timestamp(5)?,
        expires: row.opt_int(6)?.map(Timestamp::from_micros),
    })
}

/// Seals a credential again under the newest master key and moves its index row, for `secrets rotate`.
pub fn reseal_credential(
    tx: &mut Tx<'_>,
    vault: &Vault,
    credential: &Credential,
    entropy: &dyn Entropy,
) -> Result<(), StoreError> {
    let Credential { shop, environment, id, value, .. } = credential;
    let sealed = vault.seal(&Credential::purpose(*shop, *environment, id), value.as_bytes(), entropy);
    tx.execute(
        "UPDATE credential SET sealed = $4 WHERE shop_id = $1 AND environment = $2 AND credential_id = $3",
        &params![*shop, *environment, id, sealed],
    )?;
    for old in vault.look_ups(value) {
        tx.execute(
            "UPDATE key_index SET look_up = $2 WHERE look_up = $1",
            &params![&old[..], &vault.look_up(value)[..]],
        )?;
    }
    Ok(())
}

/// Stores a token under the hash of its value.
pub fn insert_token(vault: &Vault, token: &Token, value: &str) -> Statement<'static> {
    let scopes: Vec<&str> = token.scopes.iter().map(|scope| scope.as_str()).collect();
    Statement::new(
        "INSERT INTO api_token (token_id, look_up, shop_id, label, scopes, created_us, expires_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            &token.id,
            &vault.look_up(value)[..],
            token.shop,
            &token.label,
            scopes.join(" "),
            token.created,
            token.expires
        ],
    )
}

const TOKEN_COLUMNS: &str = "token_id, shop_id, label, scopes, created_us, expires_us, revoked_us";

/// Every token, newest last.
pub fn tokens(tx: &mut Tx<'_>) -> Result<Vec<Token>, StoreError> {
    tx.query(&format!("SELECT {TOKEN_COLUMNS} FROM api_token ORDER BY created_us, token_id"), &[])?
        .iter()
        .map(token)
        .collect()
}

/// The token with this value, valid or not.
pub fn find_token(tx: &mut Tx<'_>, vault: &Vault, value: &str) -> Result<Option<Token>, StoreError> {
    for look_up in vault.look_ups(value) {
        let sql = format!("SELECT {TOKEN_COLUMNS} FROM api_token WHERE look_up = $1");
        if let Some(row) = tx.query_opt(&sql, &params![&look_up[..]])? {
            return token(&row).map(Some);
        }
    }
    Ok(None)
}

/// Revokes a token; false if there is none with this id that is not revoked already.
pub fn revoke_token(tx: &mut Tx<'_>, id: &str) -> Result<bool, StoreError> {
    let now = tx.machine_now();
    let sql = "UPDATE api_token SET revoked_us = $2 WHERE token_id = $1 AND revoked_us IS NULL";
    Ok(tx.execute(sql, &params![id, now])? == 1)
}

fn token(row: &Row) -> Result<Token, StoreError> {
    let scopes = row.text(3)?.split_whitespace().map(str::parse).collect::<Result<_, crate::token::UnknownScope>>();
    Ok(Token {
        id: row.text(0)?.to_owned(),
        shop: row.opt_int(1)?.map(ShopId),
        label: row.text(2)?.to_owned(),
        scopes: scopes.map_err(|error| StoreError::new(store::ErrorKind::Programming, error.to_string()))?,
        created: row.timestamp(4)?,
        expires: row.opt_int(5)?.map(Timestamp::from_micros),
        revoked: row.opt_int(6)?.map(Timestamp::from_micros),
    })
}

/// What people call the actor of an audit row of `shop`: the name of a member of its staff (the address where there is
/// none) or of an operator, the label of a token; none for all others.
pub fn actor_name(tx: &mut Tx<'_>, shop: ShopId, actor: &str) -> Result<Option<String>, StoreError> {
    let (sql, id) = match actor.split_once(':') {
        Some(("staff", id)) => (
            "SELECT CASE WHEN name <> '' THEN name WHEN shop_id = $2 THEN email END FROM staff
             WHERE staff_id = $1 AND (shop_id = $2 OR operator = 1)",
            id,
        ),
        Some(("token", id)) => {
            ("SELECT label FROM api_token WHERE token_id = $1 AND (shop_id = $2 OR shop_id IS NULL)", id)
        }
        Some(_) | None => return Ok(None),
    };
    let row = tx.query_opt(sql, &params![id, shop])?;
    Ok(row.map(|row| row.opt_text(0).map(|name| name.map(str::to_owned))).transpose()?.flatten())
}
