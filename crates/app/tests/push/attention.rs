//! What needs attention is counted the same everywhere.

use domain::Money;

use crate::{fixture::Fixture, record_pages::Reader};

/// The number that stands last before `mark`.
fn before(page: &str, mark: &str) -> Option<i64> {
    let (text, _) = page.split_once(mark)?;
    let digits: String =
        text.chars().rev().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.chars().rev().collect::<String>().parse().ok()
}

store::sqlite_only! {
    async fn the_filter_counts_what_the_sign_in_the_navigation_counts(store: Store) {
        let fixture = Fixture::on(store).await;
        let (received, sent) = (fixture.mechanical(&[9, 10]), fixture.sent(1).await);
        fixture.push(&received).into_event("002").finished().await;
        fixture.push(&sent).sent().into_new_event().finished().await;
        let reader = Reader::of(&fixture, fixture.actor()).await;
        let log = |side: &str, filter: &str| format!("/projects/{}/log/{side}?{filter}", fixture.made.project);
        let page = reader.read(&log("received", "")).await.1;
        assert_eq!(before(&page, " attention in Procore"), None, "{page}");
        for cor in received.iter().chain(&sent) {
            fixture.edit(*cor, |lines| lines[0].amount += Money::minor(1_000)).await;
        }
        for (side, here, other, there) in [("received", 2, "Sent", 1), ("sent", 1, "Received", 2)] {
            for filter in ["", "procore=attention"] {
                let page = reader.read(&log(side, filter)).await.1;
                assert_eq!(before(&page, " attention in Procore"), Some(3), "{page}");
                let chip = page.split("Needs attention").nth(1).unwrap().split("</b>").next().unwrap();
                assert_eq!(before(&format!("{chip}|"), "|"), Some(here), "{side} {filter}: {page}");
                assert_eq!(before(&page, &format!(" more in {other}")), Some(there), "{side} {filter}");
            }
            let rows = reader.read(&log(side, "procore=attention")).await.1.matches("data-row=").count();
            assert_eq!(rows, usize::try_from(here).unwrap());
        }
        let led = reader.read(&log("received", "")).await.1;
        assert!(led.contains(&format!("href=\"{}\"", log("sent", "procore=attention"))), "{led}");
    }
}
