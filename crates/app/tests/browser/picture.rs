//! The picture in the README, taken from the demo: `cargo test -p ledgerboard --test browser picture -- --ignored`.

use crate::harness::stage::{MANAGER, Stage};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "writes docs/pictures; run it when the log looks different"]
async fn the_log_for_the_readme() {
    let stage = Stage::demo().await;
    let daniel = stage.signed_in(MANAGER).await;
    daniel.open_log("Received").await;
    daniel.click_on_header("Procore").await;
    daniel.tick_row(&["Generator annunciator relocation"]).await;
    daniel.tick_row(&["Nurse call"]).await;
    daniel.script("document.querySelector('.logtable')?.scrollIntoView(); window.scrollTo(0, 0)", &[]).await;
    let taken = daniel.picture("cor-log").await;
    let target = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/pictures/cor-log.png");
    std::fs::copy(taken, target).expect("the picture is kept");
}
