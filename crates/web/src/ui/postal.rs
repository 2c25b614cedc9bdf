//! Postal codes as letters have them.

/// `158-0094` of seven digits; anything else as it is.
pub fn postal_code(zip: &str) -> String {
    match zip.split_at_checked(3) {
        Some((area, town)) if zip.len() == 7 && zip.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{area}-{town}")
        }
        Some(_) | None => zip.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::postal_code;

    #[test]
    fn postal_codes_are_written_as_on_letters() {
        let rows = [("1580094", "158-0094"), ("158-0094", "158-0094"), ("1580", "1580"), ("〒", "〒"), ("", "")];
        for (typed, shown) in rows {
            assert_eq!(postal_code(typed), shown);
        }
    }
}
