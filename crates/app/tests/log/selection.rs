//! What is selected is frozen: ids, or a filter and exclusions.

use domain::{Money, procore::Side};
use ledgerboard::{
    Error,
    log::selection::{Selection, resolve},
};

use crate::Scene;

fn selection(scene: &Scene, pairs: &[(&str, &str)]) -> Selection {
    let project = scene.made.project.to_string();
    let place = [("project", project.as_str()), ("side", "received")];
    Selection::from_pairs(place.into_iter().chain(pairs.iter().copied())).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_a_filter_less_some_is_frozen_with_count_and_sum() {
    let scene = Scene::begin().await;
    let (app, actor) = (&scene.site.world.app, &scene.made.manager);
    let all = resolve(app, actor, selection(&scene, &[("all", "1"), ("filter", "status=in_review")])).await.unwrap();
    let one = all.ids[0].to_string();
    let some = [("all", "1"), ("filter", "status=in_review"), ("except", one.as_str())];
    let less = resolve(app, actor, selection(&scene, &some)).await.unwrap();
    let just = resolve(app, actor, selection(&scene, &[("cor", one.as_str())])).await.unwrap();
    let sum = |frozen: &ledgerboard::log::selection::Frozen| frozen.sums.values().copied().sum::<Money>();
    assert_eq!((less.count() + 1, sum(&less) + sum(&just)), (all.count(), sum(&all)));
    assert!(!less.ids.contains(&all.ids[0]));
    let page = scene.gc.get(&scene.log(Side::Received, "status=in_review")).await;
    assert!(page.text.contains(&format!("data-filter-minor=\"{}\"", sum(&all).in_minor())), "the page says the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_and_what_is_not_ones_own_is_no_selection() {
    let scene = Scene::begin().await;
    let (app, actor) = (&scene.site.world.app, &scene.made.manager);
    assert!(matches!(resolve(app, actor, selection(&scene, &[])).await, Err(Error::Conflict(_))));
    let draft = scene.write("", "Not theirs yet", "1.00", "save").await;
    let id = draft.rsplit('/').next().unwrap();
    assert!(matches!(resolve(app, actor, selection(&scene, &[("cor", id)])).await, Err(Error::Conflict(_))));
    assert!(Selection::from_pairs([("side", "received"), ("cor", id)]).is_none());
    let (other, _) = crate::visitor::Site::with_owner().await;
    let stranger = resolve(&other.world.app, actor, selection(&scene, &[("cor", id)])).await;
    assert!(matches!(stranger, Err(Error::NotFound)));
}
