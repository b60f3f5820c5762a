//! The reconciliation: what is missing is pushed from it, the figures are signed off, and what moved is seen.

use crate::harness::stage::{MANAGER, OWNER, Stage};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_pushed_and_what_moved_is_seen() {
    let stage = Stage::demo().await;
    let daniel = stage.signed_in(MANAGER).await;
    daniel.open_log("Received").await;
    daniel.click("Reconciliation").await;
    daniel.see("Differences from Procore").await;
    daniel.see_row(&["Generator annunciator relocation", "Update needed", "CE 002"]).await;
    daniel.see_row(&["Besides our"]).await;

    // Last month's figures are signed off.
    daniel.click("Sign off…").await;
    daniel.fill("note", "October, agreed with Ruth").await;
    daniel.click_on(".signing form button").await;
    daniel.arrive("/reconciliations/").await;
    daniel.see("October, agreed with Ruth").await;
    daniel.not_see("These figures were changed after they were signed").await;

    // One that is missing goes the usual way.
    daniel.click("As of now").await;
    daniel.arrive("/reconciliation").await;
    daniel.tick_row(&["Credit: delete VAV boxes"]).await;
    daniel.see("1 selected").await;
    daniel.click("+PROCORE").await;
    daniel.arrive("/push/").await;
    daniel.click("Create a new Change Event").await;
    daniel.fill("new_title", "VAV credit, ASI 022").await;
    daniel.click("Next").await;
    daniel.arrive("/lines").await;
    daniel.click("Lump sum").await;
    daniel.pick("Budget code for all lines", "23-2113").await;
    daniel.click("Use for all").await;
    daniel.click("Next").await;
    daniel.arrive("/review").await;
    daniel.click("Push to Procore").await;
    daniel.arrive("/result").await;
    daniel.see("Open in Procore").await;

    daniel.click("Back to the log").await;
    daniel.click("Reconciliation").await;
    daniel.click("Compare with now").await;
    daniel.arrive("/reconciliations/compare").await;
    daniel.see_row(&["012", "Credit: delete VAV boxes", "Moved", "Not in Procore", "Matched", "(11,820.00)"]).await;
    assert_eq!(daniel.overflow().await, 0);

    // The whole office is its owner's to see.
    let renee = stage.signed_in(OWNER).await;
    renee.open_log("Received").await;
    renee.click("Reconciliation").await;
    renee.click("Whole office").await;
    renee.arrive("/offices/").await;
    renee.see_row(&["Harbor Point Medical Office", "Received"]).await;
    assert_eq!(renee.overflow().await, 0);
    daniel.leave_content().await;
    renee.leave_content().await;
}
