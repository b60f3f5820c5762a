//! Step 3: every line that will be written, and three totals.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{
    DraftId,
    cor::LineKey,
    procore::{
        Amount, Side, footing,
        preflight::stops,
        push_plan::{self, Action, Change, Field, Work},
    },
};

use super::{
    field, fields, frame, head, label, over, prefixed,
    preflight::{self, Place},
};
use crate::{
    App, Error,
    push::{
        self, Answer, beside,
        draft::{slot, version},
        plan::Shown,
        views::{AskedLine, LineMark, Offer, PlanCor, PlanLine, ReviewEvent, ReviewStep, Step},
    },
    serving::{
        flash, forms,
        session::SignedIn,
        views::{Deed, Pill, Tone},
        words,
    },
};
use sync::connection::tokens::{self, Health};

pub(crate) async fn show(State(app): State<App>, person: SignedIn, Path(id): Path<DraftId>) -> Result<Response, Error> {
    let opened = push::open(&app, &person.actor, id).await?;
    if let Some(over) = over(&opened) {
        return Ok(over);
    }
    match push::plan(&app, &person.actor, id).await {
        Ok(shown) => forms::page(&step(&app, &person, &shown).await?),
        Err(Error::Conflict(sentence)) => {
            let step = if opened.body.target.is_none() { "event" } else { "lines" };
            Ok(flash::failed(&format!("/push/{id}/{step}"), sentence))
        }
        Err(error @ (Error::SignInToProcore(_) | Error::ProcoreRefused(_))) => {
            match preflight::in_place_of(&app, &person, id, Step::Review).await? {
                Some(step) => forms::page(&step),
                None => Err(error),
            }
        }
        Err(other) => Err(other),
    }
}

pub(crate) async fn act(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<DraftId>,
    body: String,
) -> Result<Response, Error> {
    let fields = fields(&body);
    let answers: std::collections::BTreeMap<String, Answer> = prefixed(&fields, "answer")
        .filter_map(|(slot, answer)| {
            let answer = match answer {
                "recreate" => Answer::Recreate,
                "leave" => Answer::Leave,
                "adjust" => Answer::Adjust,
                _ => return None,
            };
            Some((slot.to_owned(), answer))
        })
        .collect();
    if field(&fields, "do") == "answer" {
        let page = format!("/push/{id}/review");
        return match push::answer(&app, &person.actor, id, answers).await {
            Ok(()) => Ok(Redirect::to(&page).into_response()),
            Err(Error::Invalid(_)) => {
                Ok(flash::failed(&page, "The lines have changed in the meantime. Look at them again."))
            }
            Err(other) => Err(other),
        };
    }
    // Without script an answer may be chosen and *Push* be clicked at once: the plan with that answer was never shown.
    let opened = push::open(&app, &person.actor, id).await?;
    let is_new = |(slot, answer): (&String, &Answer)| opened.body.answers.get(slot) != Some(answer);
    let shown = field(&fields, "plan").to_owned();
    if opened.body.push.is_none() && answers.iter().any(is_new) {
        push::answer(&app, &person.actor, id, answers).await?;
        return Ok(flash::failed(&format!("/push/{id}/review"), push::confirm::ANOTHER_PLAN));
    }
    match push::confirm(&app, &person.actor, id, Some(shown)).await {
        Ok(_) => Ok(Redirect::to(&format!("/push/{id}/result")).into_response()),
        Err(Error::Conflict(sentence)) => Ok(flash::failed(&format!("/push/{id}/review"), sentence)),
        Err(other) => Err(other),
    }
}

async fn step(app: &App, person: &SignedIn, shown: &Shown) -> Result<ReviewStep, Error> {
    let id = shown.opened.draft.id;
    let health = tokens::health(app, person.actor.company, person.actor.person).await?;
    let as_whom = match health {
        Health::Live { user, .. } => format!("as {user} in Procore"),
        _ => format!("as {} in Procore", person.actor.name),
    };
    let plan = &shown.order.plan;
    Ok(ReviewStep {
        shell: frame(app, person, &shown.opened).await?,
        head: head(app, person, &shown.opened, Step::Review).await?,
        version: version(&shown.order),
        action_url: format!("/push/{id}/review"),
        back_url: format!("/push/{id}/lines"),
        event: event(app, shown),
        notes: notes(shown),
        cors: plan.cors.iter().map(|cor| plan_cor(shown, cor)).collect(),
        requests: requests(plan),
        as_whom,
        preflight: preflight::checklist(
            Place::of(app, &shown.opened, Step::Review),
            &shown.preflight,
            shown.unanswered + shown.undecided,
        ),
        push: match shown.unanswered {
            _ if !stops(&shown.preflight).is_empty() => {
                Deed::MayNot("Pre-flight found what stops this push: see above.".into())
            }
            0 if shown.undecided > 0 => Deed::MayNot(push::confirm::UNDECIDED.into()),
            0 => Deed::May(format!("/push/{id}/review")),
            1 => Deed::MayNot("A line was removed in Procore: say what to do with it.".into()),
            n => Deed::MayNot(format!("{n} lines were removed in Procore: say what to do with them.")),
        },
    })
}

fn event(app: &App, shown: &Shown) -> ReviewEvent {
    let totals = &shown.totals();
    let found = shown.found.as_ref();
    let mapping = &shown.opened.mapping;
    let (ours, whole): (Change, Change) = (totals.ours, totals.whole);
    let differs = found.is_some() && totals.latest != whole.previous + totals.following;
    ReviewEvent {
        label: shown.order.target.name(),
        url: found.map(|f| app.event_in_procore(mapping.procore_company_id, mapping.procore_project_id, f.id.0)),
        status: match found {
            Some(f) => {
                Pill::new(super::event::status_tone(&String::from(f.status.mapped_to.clone())), f.status.name.clone())
            }
            None => Pill::new(Tone::Info, "New"),
        },
        ours_previous: words::money(ours.previous),
        ours_new: words::money(ours.new),
        ours_difference: signed(ours.difference()),
        others: words::money(totals.others),
        others_note: match totals.others_count {
            0 => "no other lines".into(),
            n => {
                let lines = words::count(i64::try_from(n).unwrap_or(0), "line", "lines");
                let following = match totals.following {
                    none if none.is_zero() => String::new(),
                    odd if !odd.is_readable() => ". Procore adds revenue that follows cost".to_owned(),
                    following => format!(". Procore adds {following}, which follows cost"),
                };
                format!("{lines}, not touched{following}")
            }
        },
        whole_previous: words::money(whole.previous),
        whole_new: words::money(whole.new),
        whole_difference: signed(whole.difference()),
        ours_rounding: footing::told(shown.rounding_in_ours()),
        whole_rounding: footing::told(shown.rounding()),
        markup: beside::by_procore(shown.markup().map_or(Amount::ZERO, |markup| markup.there)),
        latest: if differs { format!("Procore's latest: {}", totals.latest) } else { String::new() },
    }
}

/// A locked line that should change or go can be made up for by another one; the arithmetic is shown before it is asked for.
fn offer(cor: &push_plan::PlanCor, line: &push_plan::PlanLine, answer: Option<&Answer>) -> Option<Offer> {
    let key = slot(cor.cor, line.key);
    let taken = answer == Some(&Answer::Adjust);
    // What is void asks for a decision; what isn't stays locked unless somebody says otherwise.
    let left = if cor.taken_out { answer == Some(&Answer::Leave) } else { !taken };
    let makes_up = line.key.adjustment()?;
    let planned = cor.lines.iter().find(|l| l.key == makes_up);
    match (&line.action, planned) {
        (Action::Locked { .. }, _) if line.before.is_some() && !line.gap().is_zero() => {
            let wanted = line.wanted.as_ref().map_or(Amount::ZERO, |v| v.amount);
            let text = format!("Add a line for the difference: {wanted} − {} = {}", line.previous(), line.gap());
            Some(Offer { key, text, taken, left })
        }
        (_, Some(adjustment)) if taken => {
            let text = format!("The difference of {} is a line of its own", adjustment.after());
            Some(Offer { key, text, taken, left })
        }
        _ => None,
    }
}

fn signed(amount: Amount) -> crate::serving::views::Money {
    if amount.is_zero() || amount == Amount::NotComparable {
        crate::serving::views::Money::default()
    } else {
        crate::serving::views::Money::from(amount.signed())
    }
}

fn notes(shown: &Shown) -> Vec<Pill> {
    let plan = &shown.order.plan;
    // Of a void COR it is said with what stays there.
    let kept = plan.cors.iter().filter(|cor| !cor.taken_out).flat_map(|cor| &cor.lines);
    let mut notes = Vec::new();
    let adds = plan.work() != Work::TakesOut;
    if let Some((warns, text)) = shown.markup().filter(|_| adds).and_then(|markup| markup.sentence()) {
        notes.push(Pill::new(if warns { Tone::Warn } else { Tone::Info }, text));
    }
    notes.extend(shown.owner_sees().map(|text| Pill::new(Tone::Info, text)));
    let locked = kept.filter(|line| matches!(line.action, Action::Locked { .. })).count();
    let gap: Amount = plan.cors.iter().filter(|cor| !cor.taken_out).map(push_plan::PlanCor::gap).sum();
    notes.extend(plan.cors.iter().filter(|cor| cor.taken_out).map(taken_out));
    match locked {
        0 => {}
        1 => notes.push(Pill::new(Tone::Warn, "One line is locked in Procore and stays as it is.")),
        n => notes.push(Pill::new(Tone::Warn, format!("{n} lines are locked in Procore and stay as they are."))),
    }
    if !gap.is_zero() && shown.compares() {
        notes.push(Pill::new(Tone::Warn, format!("After this push Procore lacks {gap} of what the CORs ask for.")));
    }
    let surplus: usize = plan.cors.iter().map(|c| c.surplus.len()).sum();
    if surplus > 0 {
        let what = words::count(i64::try_from(surplus).unwrap_or(0), "more line carries", "more lines carry");
        let text =
            format!("{what} our reference in Procore (a copy?). It counts with others' lines and isn't touched.");
        notes.push(Pill::new(Tone::Warn, text));
    }
    let far_off = plan.cors.iter().filter(|cor| shown.rounding_warning(cor.cor).is_some());
    let far_off: Vec<_> = far_off.map(|cor| label(&cor.number)).collect();
    if !far_off.is_empty() {
        let text =
            format!("The typed total is far from the sum of the lines: {}. See the Rounding line.", far_off.join(", "));
        notes.push(Pill::new(Tone::Warn, text));
    }
    // Of a void COR that is said with what stays there.
    if plan.writes() == 0 && shown.unanswered == 0 && !plan.cors.iter().any(|cor| cor.taken_out) {
        notes.push(Pill::new(Tone::Info, "Nothing is to be written: Procore has these lines already."));
    }
    notes
}

/// What the click takes out of Procore: asked here, line by line, before anything is sent.
fn taken_out(cor: &push_plan::PlanCor) -> Pill {
    let change = cor.change();
    let removed: Vec<_> = cor.lines.iter().filter(|line| line.action == Action::Remove).collect();
    let amount: Amount = removed.iter().map(|line| line.previous()).sum();
    let lines = words::count(i64::try_from(removed.len()).unwrap_or(0), "line", "lines");
    let is_locked = cor.lines.iter().any(|line| matches!(line.action, Action::Locked { .. }));
    let stays = format!(
        "{} of it is locked in Procore and stays there unless you add a line that makes up for it.",
        change.new
    );
    if is_locked && removed.is_empty() && cor.made_up().is_zero() {
        return Pill::new(Tone::Warn, format!("COR {} is void: {stays}", cor.number));
    }
    let goes = match removed.len() {
        0 => "none of its lines can be removed from Procore".to_owned(),
        _ => format!("{lines} of {amount} {} removed from Procore", if removed.len() == 1 { "is" } else { "are" }),
    };
    let made_up = cor.made_up();
    let is_made_up = if made_up.is_zero() {
        String::new()
    } else {
        format!(" {made_up} of it is locked there and made up for by a line of its own.")
    };
    let stays = if is_locked { format!(" {stays}") } else { String::new() };
    Pill::new(Tone::Warn, format!("COR {} is void: {goes}.{is_made_up}{stays}", cor.number))
}

fn requests(plan: &push_plan::Plan) -> String {
    let writes = plan.batches(push_plan::BATCH_LIMIT).len();
    let count = |n: usize, one: &str, many: &str| words::count(i64::try_from(n).unwrap_or(0), one, many);
    match (plan.event, writes) {
        (None, n) if n <= 1 => "1 write".into(),
        (None, n) => format!("{} and {}", count(n - 1, "read", "reads"), count(n, "write", "writes")),
        (Some(_), n) => format!("{} and {}", count(n.max(1), "read", "reads"), count(n, "write", "writes")),
    }
}

fn plan_cor(shown: &Shown, plan: &push_plan::PlanCor) -> PlanCor {
    let cor = shown.opened.cors.iter().find(|c| c.id == plan.cor);
    let (change, left) = (shown.cor_change(plan), shown.rounding_in(plan));
    // The prime contract is the whole event's, and told with its markup.
    let contract = shown.opened.body.contracts.get(&plan.cor).filter(|_| shown.opened.side() == Side::Received);
    let contract = contract.and_then(|id| Some(shown.data.contract(shown.opened.side(), *id)?.name()));
    let party = cor.map_or("", |cor| shown.opened.party(cor));
    PlanCor {
        label: label(&plan.number),
        about: [Some(party.to_owned()), contract].into_iter().flatten().collect::<Vec<_>>().join(" · "),
        previous: words::money(change.previous),
        new: words::money(change.new),
        difference: signed(change.difference()),
        rounding: (!left.is_nothing()).then(|| rounding(left)),
        lines: plan.lines.iter().map(|line| plan_line(shown, plan, line)).collect(),
    }
}

/// The cents by which the rounded lines miss their COR's amounts.
fn rounding(left: Change) -> [crate::serving::views::Money; 3] {
    [words::money(left.previous), words::money(left.new), signed(left.difference())]
}

fn plan_line(shown: &Shown, cor: &push_plan::PlanCor, line: &push_plan::PlanLine) -> PlanLine {
    let values = line.wanted.as_ref().or(line.before.as_ref());
    let code = values.and_then(|v| v.budget_code);
    let known = code.and_then(|id| shown.data.code(id));
    let key = slot(cor.cor, line.key);
    let answer = shown.opened.body.answers.get(&key);
    let reason = match &line.action {
        Action::Locked { why } if line.gap().is_zero() || !shown.compares() => why.clone(),
        Action::Locked { why } if cor.taken_out => format!("{why}. It can't be removed."),
        Action::Locked { why } => format!("{why}. {} stays out of Procore.", line.gap()),
        Action::Update { withheld, why, .. } if !withheld.is_empty() => {
            let names = withheld.iter().map(|f: &Field| f.name()).collect::<Vec<_>>().join(", ");
            format!("The {names} can't change: {}.", why.as_deref().unwrap_or("locked in Procore"))
        }
        Action::Create if answer == Some(&Answer::Recreate) => "Removed in Procore; made again.".into(),
        Action::RemovedThere => "Somebody removed this line in Procore.".into(),
        _ => String::new(),
    };
    let warning = shown.rounding_warning(cor.cor).filter(|_| line.key == LineKey::Rounding && line.wanted.is_some());
    let reason = [warning.unwrap_or_default(), reason].join(" ").trim().to_owned();
    let change = shown.line_change(line);
    let asked = || AskedLine {
        key: key.clone(),
        answer: match answer {
            Some(Answer::Recreate) => crate::push::views::Answer::Recreate,
            Some(Answer::Leave) => crate::push::views::Answer::Leave,
            Some(Answer::Adjust) | None => crate::push::views::Answer::None,
        },
    };
    PlanLine {
        mark: match line.action {
            Action::Create => LineMark::Create,
            Action::Update { .. } => LineMark::Update,
            Action::Remove => LineMark::Remove,
            Action::Unchanged => LineMark::Unchanged,
            Action::Locked { .. } => LineMark::Locked,
            Action::RemovedThere => LineMark::RemovedThere,
        },
        text: values.map_or_else(String::new, |v| v.description.clone()),
        reason,
        code: known.map_or_else(|| code.map_or_else(String::new, |_| "in no list".to_owned()), |c| c.code.clone()),
        previous: if line.before.is_some() {
            words::money(change.previous)
        } else {
            crate::serving::views::Money::default()
        },
        new: if line.action == Action::RemovedThere {
            crate::serving::views::Money::default()
        } else {
            words::money(change.new)
        },
        difference: signed(change.difference()),
        asked: (line.action == Action::RemovedThere || answer == Some(&Answer::Recreate)).then(asked),
        offer: offer(cor, line, answer).filter(|_| shown.compares()),
    }
}
