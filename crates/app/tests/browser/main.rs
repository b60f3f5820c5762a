//! What people do, in a real browser, against the real binary and an emulated Procore on sockets of their own: the app on
//! 127.0.0.1, Procore on localhost, so that every redirect between them is cross-site.

mod harness;

use harness::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn look() {
    let stage = Stage::demo().await;
    println!("{}", stage.said());
    let person = stage.person().await;
    person.open("/").await;
    println!("{}", person.text().await);
    println!("{:?}", person.picture("root").await);
    println!("{}", person.overflow().await);
    person.leave_content().await;
}
