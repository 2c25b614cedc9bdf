//! What can be done on a page can be done by a program: every form of the pages has an operation of the document that does the
//! same.

use std::collections::BTreeSet;

use testkit::{Engine, Setup, TestApp};

use crate::routes::operations;

/// Where people prove who they are, or say how they like to see pages: a program's token does the former, and it sees none of
/// the latter. What arrives as a link in a mail is answered by whom the mail is for.
const OF_PEOPLE: [&str; 7] =
    ["/login", "/login/code", "/logout", "/language", "/invitation", "/reset", "/dashboard/{side}/account/confirm"];

/// The forms of the pages, and what does the same.
const EQUALS: [(&str, &[&str]); 69] = [
    ("/forgotten", &["reset_staff_password"]),
    ("/password", &["change_staff_password"]),
    ("/requests/{id}/again", &["run_request_again"]),
    ("/dashboard/{side}/account/automatic-mails", &["replace_mail_settings"]),
    ("/dashboard/{side}/account/devices/end", &["end_staff_sessions"]),
    ("/dashboard/{side}/account/devices/{id}/end", &["end_staff_session"]),
    ("/dashboard/{side}/account/invitations/{id}/end", &["delete_staff_invitation"]),
    ("/dashboard/{side}/account/keys/{environment}/{id}/end", &["end_key"]),
    ("/dashboard/{side}/account/keys/{environment}/{id}/reveal", &["reveal_key"]),
    ("/dashboard/{side}/account/keys/{environment}/{kind}/rotate", &["rotate_key"]),
    ("/dashboard/{side}/account/news-mail", &["set_news_mail"]),
    ("/dashboard/{side}/account/security-code", &["change_security_code"]),
    ("/dashboard/{side}/account/staff/invite", &["invite_staff"]),
    ("/dashboard/{side}/account/staff/two-step", &["replace_live_two_step"]),
    ("/dashboard/{side}/account/staff/{id}/end", &["delete_staff"]),
    ("/dashboard/{side}/account/staff/{id}/roles", &["replace_staff_roles"]),
    ("/dashboard/{side}/account/two-step/off", &["turn_off_two_step"]),
    ("/dashboard/{side}/account/two-step/on", &["propose_two_step", "turn_on_two_step"]),
    ("/dashboard/{side}/account/two-step/recovery", &["renew_recovery_codes"]),
    ("/dashboard/{side}/images", &["sign_button"]),
    ("/dashboard/{side}/mall/clock", &["advance_clock"]),
    ("/dashboard/{side}/mall/functions", &["replace_mall_functions"]),
    ("/dashboard/{side}/mall/functions/register", &["replace_mall_functions"]),
    ("/dashboard/{side}/mall/licences/renew", &["issue_mall_licence"]),
    ("/dashboard/{side}/mall/licences/reveal", &["reveal_mall_licence"]),
    ("/dashboard/{side}/mall/orders/{order}/ask_again", &["ask_mall_order_again"]),
    (
        "/dashboard/{side}/mall/orders/{order}/{act}",
        &[
            "cancel_mall_order",
            "change_mall_method",
            "charge_back_mall_order",
            "enter_mall_recipient",
            "pay_mall_order",
            "return_mall_goods",
        ],
    ),
    ("/dashboard/{side}/mall/rcard/plus", &["act_by_rcard_plus"]),
    ("/dashboard/{side}/mall/rcard/reveal", &["reveal_rcard_key"]),
    ("/dashboard/{side}/mall/rcard/switch", &["switch_over_rcard"]),
    ("/dashboard/{side}/mall/settings", &["replace_mall_settings"]),
    ("/dashboard/{side}/notices/read", &["read_notice"]),
    ("/dashboard/{side}/notices/{id}/read", &["read_notice"]),
    ("/dashboard/{side}/notices/{id}/unread", &["unread_notice"]),
    ("/dashboard/{side}/orders/views", &["save_order_view"]),
    ("/dashboard/{side}/orders/views/{id}/remove", &["remove_order_view"]),
    ("/dashboard/{side}/orders/views/{id}/restore", &["restore_order_view"]),
    ("/dashboard/{side}/orders/{id}/cancel", &["cancel_order"]),
    ("/dashboard/{side}/orders/{id}/capture", &["capture_order"]),
    ("/dashboard/{side}/orders/{id}/change", &["change_order"]),
    ("/dashboard/{side}/orders/{id}/mails", &["send_order_mail"]),
    ("/dashboard/{side}/orders/{id}/mails/check", &["check_mail"]),
    ("/dashboard/{side}/orders/{id}/mails/edit", &["draft_order_mail"]),
    ("/dashboard/{side}/orders/{id}/mails/preview", &["preview_order_mail"]),
    ("/dashboard/{side}/orders/{id}/mails/{mail}/resend", &["resend_order_mail"]),
    ("/dashboard/{side}/webhooks/deliveries/{id}/resend", &["resend_event"]),
    ("/dashboard/{side}/webhooks/new", &["create_webhook"]),
    ("/dashboard/{side}/webhooks/replay", &["count_replay", "replay_events"]),
    ("/dashboard/{side}/webhooks/signature/{environment}/{id}/end", &["end_key"]),
    ("/dashboard/{side}/webhooks/signature/{environment}/{id}/reveal", &["reveal_key"]),
    ("/dashboard/{side}/webhooks/signature/{environment}/{kind}/rotate", &["rotate_key"]),
    ("/dashboard/{side}/webhooks/{id}/certificate", &["set_webhook_certificate"]),
    ("/dashboard/{side}/webhooks/{id}/certificate/delete", &["remove_webhook_certificate"]),
    ("/dashboard/{side}/webhooks/{id}/delete", &["delete_webhook"]),
    ("/dashboard/{side}/webhooks/{id}/disable", &["disable_webhook"]),
    ("/dashboard/{side}/webhooks/{id}/edit", &["change_webhook"]),
    ("/dashboard/{side}/webhooks/{id}/enable", &["enable_webhook"]),
    ("/dashboard/{side}/webhooks/{id}/ping", &["ping_webhook"]),
    ("/operator/notices/new", &["write_notice"]),
    ("/operator/notices/{notice}/withdraw", &["withdraw_notice"]),
    ("/operator/operators", &["grant_operator"]),
    ("/operator/operators/{member}/revoke", &["revoke_operator"]),
    ("/operator/shops/new", &["open_shop"]),
    ("/operator/shops/{shop}/fees", &["write_fee"]),
    ("/operator/shops/{shop}/fees/{fee}/withdraw", &["withdraw_fee"]),
    ("/operator/shops/{shop}/brands", &["change_security_code"]),
    ("/operator/shops/{shop}/information", &["replace_shop_information"]),
    ("/operator/shops/{shop}/registration", &["register_shop"]),
    ("/operator/shops/{shop}/owner", &["add_owner"]),
];

#[tokio::test]
async fn whatever_a_form_does_an_operation_does() {
    let app = TestApp::start(Engine::Sqlite, Setup::default()).await;
    let known: BTreeSet<&str> =
        operations().filter_map(|(_, _, operation)| operation["operationId"].as_str()).collect();
    let listed = app.wired.listed_pages(Setup::default().limits);
    let forms: BTreeSet<&str> =
        listed.iter().filter(|page| page.method == http::Method::POST).map(|page| page.path).collect();
    let spoken: BTreeSet<&str> = EQUALS.iter().map(|(path, _)| *path).chain(OF_PEOPLE).collect();
    assert_eq!(forms, spoken);
    for (path, equals) in EQUALS {
        assert!(!equals.is_empty(), "{path}");
        for operation in equals {
            assert!(known.contains(operation), "{path}: {operation} is not in the document");
        }
    }
    app.finish().await;
}
