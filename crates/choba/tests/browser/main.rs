//! The button and the checkout in Chromium, as a buyer sees them: one browser, a fresh visitor for each path. After each
//! path the LITE API says how many charges there are: one or none.

mod desk;
mod paths;
mod shop;

use desk::Desk;

/// Every path, in one browser: starting one takes longer than most paths.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_buyer_at_the_button_and_the_checkout() {
    let mut desk = Desk::start().await;
    desk.path("happy path", paths::happy).await;
    desk.path("several buttons, English", paths::english).await;
    desk.path("keyboard only", paths::keyboard).await;
    desk.path("phone's width", paths::phone).await;
    desk.path("windows are blocked", paths::blocked).await;
    desk.path("double click", paths::double_click).await;
    desk.path("back and reload", paths::back_and_reload).await;
    desk.path("closed window", paths::closed_window).await;
    desk.path("second click at the button", paths::second_click).await;
    desk.path("shop's page loaded again", paths::reloaded).await;
    desk.path("left, then pressed again", paths::left).await;
    desk.path("refused card, then another", paths::refused_card).await;
    desk.path("3-D Secure passes", paths::three_ds_passes).await;
    desk.path("3-D Secure fails", paths::three_ds_fails).await;
    desk.path("3-D Secure is abandoned", paths::three_ds_abandoned).await;
    desk.path("points pay all", paths::points).await;
    desk.path("saved card, code asked again, address kept", paths::saved).await;
    desk.path("forged signature, changed price, semicolon, wrong origin", paths::forged).await;
    desk.path("charge.check refuses, then passes", paths::check_refuses).await;
    desk.path("charge.check answers late", paths::check_late).await;
    desk.path("window closed while the shop is asked, then pressed again", paths::closed_while_asked).await;
    desk.finish().await;
}
