use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_000_000 + second).unwrap()
}

fn said(allowed: i64, remaining: i64, reset: i64) -> AnsweredLimits {
    AnsweredLimits { said: Some(RateHeaders { allowed, remaining, resets_at: at(reset) }), ..AnsweredLimits::default() }
}

/// The other side, as documented: two fixed windows that begin with their first request, the nearest is named.
struct TwoLimits {
    limits: [(i64, i64); 2],
    windows: [(i64, i64); 2],
    refused: u32,
    served: i64,
}

impl TwoLimits {
    fn of(hourly: i64, spike: i64) -> Self {
        Self { limits: [(hourly, 3600), (spike, 10)], windows: [(0, 0); 2], refused: 0, served: 0 }
    }

    fn serve(&mut self, now: i64) -> AnsweredLimits {
        for (window, (_, length)) in self.windows.iter_mut().zip(self.limits) {
            if now >= window.0 {
                *window = (now + length, 0);
            }
        }
        if self.windows.iter().zip(self.limits).any(|(window, (allowed, _))| window.1 >= allowed) {
            self.refused += 1;
        } else {
            self.windows.iter_mut().for_each(|window| window.1 += 1);
            self.served += 1;
        }
        let left = |n: usize| (self.limits[n].0 - self.windows[n].1, self.limits[n].0, self.windows[n].0);
        // Of two that are equally near the longer one is named; the other way round, the first one to be used up together
        // with a shorter one would cost one refusal before it is known.
        let (remaining, allowed, reset) = if left(0).0 <= left(1).0 { left(0) } else { left(1) };
        said(allowed, remaining, reset)
    }
}

/// Sends `requests` as fast as the budget lets them, `together` at a time, and answers the second of the last.
fn run(procore: &mut TwoLimits, requests: i64, together: i64) -> i64 {
    let (mut budget, mut now) = (Budget::default(), 0);
    while procore.served < requests {
        let mut sent = 0;
        while sent < together && procore.served + sent < requests {
            match budget.reserve(1, Priority::Bulk, at(now)) {
                Ok(()) => sent += 1,
                Err(until) if sent == 0 => {
                    assert!(until > at(now), "no busy waiting");
                    now = (until.duration_since(at(0)) + SignedDuration::from_millis(999)).as_secs();
                }
                Err(_) => break,
            }
        }
        let answers: Vec<AnsweredLimits> = (0..sent).map(|_| procore.serve(now)).collect();
        // Answers overtake each other.
        for heard in answers.into_iter().rev() {
            budget.hear(heard, at(now), at(now));
        }
    }
    now
}

#[test]
fn a_long_run_uses_what_is_allowed_and_is_never_refused() {
    for (hourly, spike, together) in
        [(600, 25, 1), (600, 25, 4), (3600, 25, 1), (3600, 25, 4), (100, 3, 2), (600, 600, 3)]
    {
        let requests = hourly * 3 + 50;
        let mut procore = TwoLimits::of(hourly, spike);
        let took = run(&mut procore, requests, together);
        assert_eq!(procore.refused, 0, "{hourly}/h, {spike} in 10 s, {together} at a time");
        // The least a sender could need who knows everything: whole windows, and the bursts of the last one.
        let bursts = |n: i64| (n - 1) / spike * 10;
        let hours = (requests - 1) / hourly;
        let least = hours * 3600.max(bursts(hourly) + 10) + bursts(requests - hours * hourly);
        assert!(took * 95 <= least * 100 + 9500, "{hourly}/h, {spike} in 10 s, {together}: {took} s of {least} s");
    }
}

#[test]
fn a_person_finds_room_where_pushes_have_none() {
    let mut budget = Budget::default();
    budget.hear(said(25, 25, 10), at(0), at(0));
    let mut pushes = 0;
    while budget.reserve(1, Priority::Bulk, at(0)).is_ok() {
        pushes += 1;
    }
    assert_eq!(pushes, 23);
    assert_eq!(budget.reserve(1, Priority::Bulk, at(1)), Err(at(5)), "what nobody wanted is given away at the end");
    budget.reserve(1, Priority::Background, at(1)).unwrap();
    assert!(budget.reserve(1, Priority::Background, at(1)).is_err());
    budget.reserve(1, Priority::Interactive, at(1)).unwrap();
    assert_eq!(budget.reserve(1, Priority::Interactive, at(1)), Err(at(10)));
    assert_eq!(budget.bulk_until, at(5));
}

#[test]
fn in_windows_of_a_minute_some_is_kept_for_people_and_pushes_leave_evenly() {
    let mut budget = Budget::default();
    budget.hear(said(25, 25, 60), at(0), at(0));
    let mut pushes = Vec::new();
    for second in 0..60 {
        while budget.reserve(1, Priority::Bulk, at(second)).is_ok() {
            pushes.push(second);
        }
    }
    assert_eq!(pushes.iter().filter(|at| **at == 0).count(), 5, "a few at once: {pushes:?}");
    assert!(pushes[4..].windows(2).all(|two| two[1] - two[0] >= 5), "then evenly: {pushes:?}");
    assert!((14..=17).contains(&pushes.len()), "{pushes:?}");
    for _ in 0..10 {
        budget.reserve(1, Priority::Interactive, at(59)).unwrap();
    }
}

#[test]
fn a_minute_is_assumed_until_a_shorter_window_is_seen_where_others_were_first() {
    let mut budget = Budget::default();
    // Somebody else's request counts no more in three seconds, or the window ends then: nobody can tell.
    budget.hear(said(25, 15, 3), at(0), at(0));
    assert_eq!(budget.limits[0].length, SignedDuration::from_mins(1));
    for n in 0..5 {
        budget.reserve(1, Priority::Interactive, at(n)).unwrap();
        budget.hear(said(25, 14 - n, 5 + n), at(n), at(n));
    }
    assert_eq!(budget.limits[0].length, SignedDuration::from_mins(1));
    // All that was sent before counts no more: it was renewed.
    budget.reserve(1, Priority::Interactive, at(12)).unwrap();
    budget.hear(said(25, 24, 22), at(12), at(12));
    assert_eq!(budget.limits[0].length, SignedDuration::from_secs(10));
    assert_eq!(budget.limits[0].free(at(12)), 24);
    // And longer ones are taken for what they are.
    budget.hear(said(25, 23, 72), at(13), at(13));
    assert_eq!(budget.limits[0].length, SignedDuration::from_mins(1));
}

#[test]
fn what_others_use_is_left_to_them_for_a_while_and_never_all_of_it() {
    for allowed in [1, 2, 3, 25] {
        let mut budget = Budget::default();
        let mut now = 0;
        budget.hear(said(allowed, allowed - 1, 60), at(0), at(0));
        for _ in 0..4 {
            now += 61;
            budget.reserve(1, Priority::Interactive, at(now)).unwrap();
            // Others use nearly all that we don't.
            budget.hear(said(allowed, allowed.min(2) - 1, now + 60), at(now), at(now));
        }
        let others = budget.limits[0].others;
        assert_eq!(others, (allowed - 2).max(0), "of {allowed}");
        budget.reserve(1, Priority::Bulk, at(now + 61)).unwrap();
        assert!(allowed < 25 || budget.limits[0].free(at(now + 61)) < 9, "of {allowed}");
        budget.reserve(1, Priority::Bulk, at(now + 122)).unwrap();
        budget.hear(said(allowed, allowed - 1, now + 182), at(now + 122), at(now + 122));
        assert_eq!(budget.limits[0].others, others, "they are expected to come back");
        budget.reserve(1, Priority::Bulk, at(now + 800)).unwrap();
        budget.hear(said(allowed, allowed - 1, now + 860), at(now + 800), at(now + 800));
        assert_eq!(budget.limits[0].others, 0);
    }
}

#[test]
fn in_a_rolling_window_never_more_leave_than_it_allows() {
    let mut budget = Budget::default();
    let (mut sent, mut now) = (Vec::new(), 0);
    while now < 600 {
        let priority = if now % 3 == 0 { Priority::Bulk } else { Priority::Interactive };
        if budget.reserve(1, priority, at(now)).is_ok() {
            sent.push(now);
            let used = sent.iter().filter(|then| **then > now - 60).count();
            assert!(used <= 25, "{used} at {now}");
            let oldest = sent.iter().find(|then| **then > now - 60).unwrap();
            budget.hear(said(25, 25 - i64::try_from(used).unwrap(), oldest + 60), at(now), at(now));
        } else {
            now += 1;
        }
    }
    assert!(sent.len() >= 225, "{} of 250", sent.len());
}

#[test]
fn a_stranger_who_uses_the_same_limit_is_seen_in_the_headers() {
    let mut budget = Budget::default();
    budget.hear(said(25, 24, 10), at(0), at(0));
    budget.reserve(3, Priority::Interactive, at(1)).unwrap();
    // Two of ours are still on their way when the first is answered, and others took fifteen.
    budget.hear(said(25, 6, 10), at(1), at(1));
    assert_eq!(budget.limits[0].free(at(1)), 4, "what is on its way may not have been counted");
    // An answer from before says nothing new, and one from the window before even less.
    budget.hear(said(25, 20, 10), at(1), at(1));
    budget.hear(said(25, 0, 5), at(1), at(1));
    assert_eq!(budget.limits[0].free(at(1)), 4);
}

#[test]
fn a_wait_that_was_asked_for_is_kept() {
    let mut budget = Budget::default();
    budget.hear(AnsweredLimits { refused_until: Some(at(40)), ..AnsweredLimits::default() }, at(0), at(0));
    assert_eq!(budget.reserve(1, Priority::Interactive, at(39)), Err(at(40)));
    budget.reserve(1, Priority::Bulk, at(40)).unwrap();
    budget.hear(AnsweredLimits { quiet_until: Some(at(60)), ..AnsweredLimits::default() }, at(40), at(40));
    assert_eq!(budget.reserve(1, Priority::Bulk, at(50)), Err(at(60)));
    budget.reserve(1, Priority::Interactive, at(50)).unwrap();
}

#[test]
fn a_limit_that_is_no_more_is_forgotten() {
    let mut budget = Budget::default();
    budget.hear(said(10, 9, 3600), at(0), at(0));
    // The office bought more: from the next hour on only the new limit is named.
    let mut sent = 0;
    for n in 0..30 {
        let now = at(4000 + n);
        if budget.reserve(1, Priority::Interactive, now).is_ok() {
            sent += 1;
            budget.hear(said(100, 99 - n, 8000), now, now);
        }
    }
    assert_eq!(sent, 30);
    assert_eq!(budget.limits.iter().map(|l| l.allowed).collect::<Vec<_>>(), [100]);
}

#[test]
fn permits_that_were_not_used_come_back() {
    let mut budget = Budget::default();
    budget.hear(said(25, 25, 10), at(0), at(0));
    budget.reserve(2, Priority::Bulk, at(1)).unwrap();
    budget.give_back(1, at(1));
    assert_eq!((budget.limits[0].free(at(1)), budget.limits[0].unanswered()), (24, 1));
    budget.reserve(1, Priority::Bulk, at(12)).unwrap();
    budget.give_back(1, at(1));
    assert_eq!(budget.limits[0].free(at(12)), 24, "a window that is over takes nothing back");
}

#[test]
fn an_estimate_counts_windows() {
    let mut budget = Budget::default();
    assert_eq!(budget.left_by(1000, at(0)), at(0), "nothing is known");
    budget.hear(said(25, 24, 10), at(0), at(0));
    budget.hear(said(600, 500, 3600), at(0), at(0));
    assert_eq!(budget.left_by(24, at(0)), at(0));
    assert_eq!(budget.left_by(25, at(0)), at(10));
    assert_eq!(budget.left_by(70, at(0)), at(20));
    assert_eq!(budget.left_by(501, at(0)), at(3600));
    assert_eq!(budget.left_by(1101, at(0)), at(7200));
    budget.request = SignedDuration::from_millis(1_500);
    assert_eq!(budget.answered_by(12, at(0)), at(18), "they take their time where nothing limits them");
    assert_eq!(budget.answered_by(70, at(0)), at(105));
    assert_eq!(budget.answered_by(1101, at(0)), at(7200));
}

#[test]
fn a_clock_that_differs_makes_us_late_and_never_early() {
    for ahead in [-90, -1, 0, 1, 90] {
        let mut budget = Budget::default();
        let second = SignedDuration::from_secs(1);
        let mut worst = SignedDuration::ZERO;
        for n in 0..40 {
            // Answers come at odd moments; Procore cuts its clock to the second, and says when its window ends.
            let now = at(n) + SignedDuration::from_millis(37 * n);
            let there = now + SignedDuration::from_secs(ahead);
            let date = Timestamp::from_second(there.as_second()).unwrap();
            let heard = AnsweredLimits { date: Some(date), ..said(25, 24, 100 + ahead) };
            budget.hear(heard, now, now);
            let late = budget.limits[0].ends_at.duration_since(at(100));
            assert!(late >= SignedDuration::ZERO && late < second, "{ahead}: {late}");
            worst = late;
        }
        assert!(worst < second / 10, "of many answers the clock is known well: {worst}");
    }
}

#[test]
fn nothing_that_is_said_holds_us_longer_than_a_limit_lasts() {
    let years = at(57 * 365 * 86_400);
    for heard in [
        AnsweredLimits { refused_until: Some(years), ..AnsweredLimits::default() },
        AnsweredLimits { quiet_until: Some(Timestamp::MAX), ..AnsweredLimits::default() },
        said(25, 0, 57 * 365 * 86_400),
        AnsweredLimits { date: Some(Timestamp::MAX), ..said(25, 0, 40) },
        AnsweredLimits { date: Some(Timestamp::MIN), ..said(25, 0, 40) },
        AnsweredLimits {
            said: Some(RateHeaders { allowed: i64::MAX, remaining: 0, resets_at: Timestamp::MAX }),
            ..AnsweredLimits::default()
        },
    ] {
        let mut budget = Budget::default();
        budget.hear(heard, at(0), at(0));
        let until = budget.reserve(1, Priority::Bulk, at(1)).err().unwrap_or(at(1));
        assert!(until <= at(3600), "{heard:?}: {until}");
        assert!(budget.bulk_until <= at(3600), "{heard:?}");
        budget.reserve(1, Priority::Bulk, at(3601)).unwrap();
        assert!(
            budget.answered_by(1_000_000, at(0)) >= at(0) && budget.nearest(at(0)).is_none_or(|(_, at)| at <= years)
        );
    }
}

#[test]
fn what_an_earlier_version_stored_of_a_longer_wait_is_forgotten() {
    let far = Timestamp::MAX;
    let mut limit = Limit::named(RateHeaders { allowed: 25, remaining: 0, resets_at: at(60) }, at(0), at(0));
    (limit.ends_at, limit.length) = (far, far.duration_since(at(0)));
    for waits in 0..4 {
        let until = |n| if waits == n { far } else { at(0) };
        let mut budget = Budget {
            limits: if waits == 3 { vec![limit.clone()] } else { Vec::new() },
            blocked_until: until(0),
            quiet_until: until(1),
            bulk_until: until(2),
            ..Budget::default()
        };
        assert_eq!(budget.held_until(at(10)), None);
        budget.reserve(1, Priority::Bulk, at(10)).unwrap();
        assert!(budget.bulk_until <= at(10));
    }
    // The last one's window may be sane, and its length not.
    limit.ends_at = at(20);
    let mut budget = Budget { limits: vec![limit], ..Budget::default() };
    assert!(budget.reserve(1, Priority::Interactive, at(25)).is_ok());
    assert!(budget.reserve(1, Priority::Interactive, at(25)).is_ok());
}

#[test]
fn a_server_that_names_ever_other_limits_does_not_fill_the_memory() {
    let mut budget = Budget::default();
    for n in 0..1000 {
        budget.hear(said(100 + n, 90, 10 + n), at(n), at(n));
    }
    assert!(budget.limits.len() <= 8, "{}", budget.limits.len());
    budget.reserve(1, Priority::Interactive, at(1000)).unwrap();
}

#[test]
fn a_person_may_end_a_wait() {
    let mut budget = Budget::default();
    budget.hear(AnsweredLimits { refused_until: Some(at(600)), ..said(25, 0, 600) }, at(0), at(0));
    assert_eq!(budget.reserve(1, Priority::Bulk, at(1)), Err(at(600)));
    assert_eq!(budget.held_until(at(1)), Some(at(600)));
    budget.lift(at(2));
    assert_eq!(budget.held_until(at(2)), None);
    budget.reserve(1, Priority::Bulk, at(2)).unwrap();
}

#[test]
fn pushes_wait_for_the_first_answer_of_a_window_for_a_minute_at_the_most() {
    for set_back in [0, 1800] {
        let mut budget = Budget::default();
        budget.hear(said(3600, 10, 4000), at(3000), at(3000));
        // Its window ends, the first request of the next is let through, and what comes back names no limit.
        assert_eq!(budget.reserve(1, Priority::Bulk, at(4000)), Ok(()));
        let (mut now, mut asked) = (at(4000 - set_back), 0);
        while let Err(until) = budget.reserve(1, Priority::Bulk, now) {
            assert!(until > now);
            (now, asked) = (until, asked + 1);
        }
        assert!(asked <= 120, "set back by {set_back} s: asked {asked} times");
    }
}
