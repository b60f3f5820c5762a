//! One kill after the other, each in the middle of another push.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use domain::{CorId, DraftId, procore::push_state::ProcoreState};
use emulator::{Fault, FaultKind};
use serde_json::{Value, json};
use store::StoreError;

use crate::plant::{self, Plant};

/// Longer than lease, quarantine and another request take.
const PATIENCE: Duration = Duration::from_mins(3);

pub struct Rounds {
    pub plant: Plant,
    pub kills: usize,
    /// Where the push stood that was made just before a kill, and how often.
    pub stood_at: BTreeMap<String, usize>,
    cors: Vec<(usize, CorId)>,
    next: usize,
    random: u64,
}

impl Rounds {
    pub fn new(plant: Plant) -> Self {
        let cors = plant.made.cors.iter().enumerate().flat_map(|(sub, cors)| cors.iter().map(move |c| (sub, *c)));
        let cors = cors.collect();
        Self { plant, kills: 0, stood_at: BTreeMap::new(), cors, next: 0, random: 0x2545_F491_4F6C_DD1D }
    }

    /// Xorshift: the same moments in each run, as far as a machine lets them be.
    fn below(&mut self, end: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random % end
    }

    /// Makes a push, kills the product somewhere in it, looks at what it left behind, and starts it again.
    pub async fn kill_one(&mut self) {
        let draft = self.planned().await;
        match self.below(4) {
            // Executed, or not, and silent: the process dies while it waits.
            0 => self.fault(FaultKind::HangAfter),
            1 => self.fault(FaultKind::HangBefore),
            _ => {}
        }
        let pause = Duration::from_millis(self.below(150));
        let push = format!("/push-drafts/{draft}/push");
        if self.below(5) == 0 {
            // While the click itself is answered.
            let (url, token) = (self.plant.url.clone(), self.plant.manager.clone());
            let clicked = std::thread::spawn(move || plant::call(&url, &token, "POST", &push, &json!({})));
            tokio::time::sleep(pause / 10).await;
            self.plant.kill_one(0);
            let _ = clicked.join();
        } else {
            let (status, said) = self.plant.call(&self.plant.manager, "POST", &push, &json!({})).unwrap();
            assert_eq!(status, 202, "{said}");
            tokio::time::sleep(pause).await;
            // Whoever pushes; of several workers one.
            let workers = self.plant.processes().saturating_sub(1) as u64;
            let which = if workers == 0 { 0 } else { 1 + self.below(workers) };
            self.plant.kill_one(usize::try_from(which).unwrap());
        }
        self.kills += 1;
        let stood_at = self.stands_at(draft).await;
        *self.stood_at.entry(stood_at).or_default() += 1;
        self.plant.start().await;
    }

    /// What befalls the next write.
    fn fault(&self, kind: FaultKind) {
        let method = if self.next <= self.cors.len() { "POST" } else { "PATCH" };
        self.plant.procore.fault(Fault::next(method, "/change_events", kind));
    }

    async fn stands_at(&self, draft: DraftId) -> String {
        let (store, company) = (self.plant.left_behind().await, self.plant.made.manager.company);
        let pushes = store.read(move |tx| tx.of(company).pushes_of_draft(draft)).await;
        let pushes = pushes.map_err(|error: StoreError| error.to_string()).unwrap();
        pushes.first().map_or_else(|| "not confirmed".to_owned(), |push| push.state.code().to_owned())
    }

    /// A plan of a COR that no push holds just now, edited first where Procore has it already.
    async fn planned(&mut self) -> DraftId {
        let begun = Instant::now();
        loop {
            for _ in 0..self.cors.len() {
                let (sub, cor) = self.cors[self.next % self.cors.len()];
                self.next += 1;
                if let Some(draft) = self.plan(sub, cor) {
                    return draft;
                }
            }
            assert!(begun.elapsed() < PATIENCE, "no COR becomes free");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    fn plan(&mut self, sub: usize, cor: CorId) -> Option<DraftId> {
        let manager = self.plant.manager.clone();
        let seen = self.seen(cor)?;
        match seen["procore"]["state"].as_str() {
            Some("up_to_date") => {
                let total = format!("{}.{:02}", 1000 + self.below(90_000), self.below(100));
                let sender = self.plant.senders[sub].clone();
                let revision = self.get(&sender, &format!("/cors/{cor}"))["revision"].clone();
                let edit = json!({ "revision": revision, "total": total });
                let (status, said) = self.plant.call(&sender, "PATCH", &format!("/cors/{cor}"), &edit).unwrap();
                // One that was approved or closed is not edited any more; it has been pushed once.
                if status != 200 {
                    assert!(status < 500, "{said}");
                    return None;
                }
            }
            Some("update_needed" | "not_in_procore") | None => {}
            Some("in_progress" | "checking") => return None,
            Some(other) => panic!("COR {} is {other}: {}", seen["number"], seen["procore"]),
        }
        let project = self.plant.made.project;
        let new = json!({ "project_id": project, "side": "received", "cors": [cor] });
        let (status, drafts) = self.plant.call(&manager, "POST", "/push-drafts", &new).unwrap();
        if status != 201 {
            assert!(status < 500, "{drafts}");
            return None;
        }
        let draft = &drafts["drafts"][0];
        let at = |step: &str| format!("/push-drafts/{}{step}", draft["id"].as_str().unwrap());
        let data = self.get(&manager, &format!("/projects/{project}/procore/reference"));
        let event = match &draft["linked_event_id"] {
            Value::Null => {
                json!({ "new": { "title": format!("Killed {cor}"), "status_id": data["statuses"][0]["id"], "scope": "tbd" } })
            }
            event => json!({ "event_id": event }),
        };
        self.send("PUT", &at("/event"), &event);
        let commitment = &data["commitments"][0]["id"];
        let code = &data["budget_codes"][0]["id"];
        let contracts = json!({ cor.to_string(): commitment });
        let lines = json!({ "detail": "lump_sum", "contracts": contracts, "budget_code_for_all": code });
        self.send("PUT", &at("/lines"), &lines);
        self.send("POST", &at("/plan"), &json!({}));
        Some(draft["id"].as_str().unwrap().parse().unwrap())
    }

    /// A COR as its receiver sees it; a Draft isn't theirs to see.
    fn seen(&self, cor: CorId) -> Option<Value> {
        let (status, seen) =
            self.plant.call(&self.plant.manager, "GET", &format!("/cors/{cor}"), &Value::Null).unwrap();
        assert!(status < 500, "{seen}");
        (status == 200).then_some(seen)
    }

    fn get(&self, token: &str, path: &str) -> Value {
        let (status, said) = self.plant.call(token, "GET", path, &Value::Null).unwrap();
        assert_eq!(status, 200, "GET {path}: {said}");
        said
    }

    fn send(&self, method: &str, path: &str, body: &Value) {
        let (status, said) = self.plant.call(&self.plant.manager, method, path, body).unwrap();
        assert_eq!(status, 200, "{method} {path} {body}: {said}");
    }

    /// Lets it finish what it was killed in.
    pub async fn come_to_rest(&mut self) {
        self.plant.procore.clear_faults();
        let begun = Instant::now();
        loop {
            let busy = |cor: &CorId| {
                let seen = self.seen(*cor).unwrap_or_default();
                matches!(seen["procore"]["state"].as_str(), Some("in_progress" | "checking" | "waiting_for_sign_in"))
            };
            if !self.cors.iter().any(|(_, cor)| busy(cor)) {
                return self.plant.kill();
            }
            assert!(begun.elapsed() < PATIENCE, "it does not come to rest");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Counts in Procore what the log says of it. Answers how many lines.
    pub async fn assert_once(&self) -> usize {
        let (store, company) = (self.plant.left_behind().await, self.plant.made.manager.company);
        let lines = self.plant.our_lines();
        let (mut corded, mut counted, mut events) = (0, 0, BTreeSet::new());
        for (_, id) in &self.cors {
            let id = *id;
            let read =
                store.read(move |tx| Ok::<_, StoreError>((tx.of(company).cor(id)?, tx.of(company).link_of(id)?)));
            let (cor, link) = read.await.unwrap();
            let (Some(cor), Some(link)) = (cor, link) else { continue };
            let there = lines.get(&link.reference.to_string()).cloned().unwrap_or_default();
            let Some(event) = link.event else {
                assert!(there.is_empty(), "COR {} is not in Procore", cor.number);
                continue;
            };
            let link_id = link.id;
            let known = store.read(move |tx| tx.of(company).link_lines(link_id)).await;
            let known = known.map_err(|error: StoreError| error.to_string()).unwrap();
            let found: Vec<_> = there.iter().map(|line| (line.ordinal, line.id, line.amount)).collect();
            let mut told: Vec<_> = known
                .iter()
                .filter_map(|line| Some((line.ordinal, line.line?, line.values.amount.money()?.to_decimal())))
                .collect();
            told.sort();
            assert_eq!(found, told, "COR {}: {}", cor.number, plant::record_of(&store, company, id).await);
            assert!(there.iter().all(|line| line.event == event), "all in its own event: {there:?}");
            match link.state {
                ProcoreState::UpToDate => {
                    let wanted = cor.price.broken_down(link.breakdown, &cor.title);
                    let mut wanted: Vec<_> = wanted.iter().map(|line| line.amount.to_decimal().normalize()).collect();
                    let mut found: Vec<_> = there.iter().map(|line| line.amount.normalize()).collect();
                    wanted.sort();
                    found.sort();
                    assert_eq!(found, wanted, "COR {}", cor.number);
                }
                ProcoreState::UpdateNeeded => {}
                other => panic!("COR {} rests as {other:?}: {}", cor.number, link.reason),
            }
            events.insert(event);
            (corded, counted) = (corded + 1, counted + there.len());
        }
        assert_eq!(lines.len(), corded, "no line is there that nobody knows");
        assert_eq!(self.plant.events_of_ours(), events, "and no event");
        counted
    }
}
