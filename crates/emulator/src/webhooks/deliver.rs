//! Sends what is due.

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::courier::{Courier, Reply};
use super::{Attempt, Delivery, DeliveryStatus, Pause, Webhooks};
use crate::Emulator;

/// The longest pause of a failing destination.
const LONGEST_PAUSE: i64 = 3600;
/// After so long a row of failures the queue of a hook is thrown away.
const GIVEN_UP: SignedDuration = SignedDuration::from_hours(12);
/// A delivery held back for the next one goes anyway after this.
const HELD_AT_MOST: SignedDuration = SignedDuration::from_mins(1);
/// Between two rounds of deliveries.
const BREAK: std::time::Duration = std::time::Duration::from_millis(250);
/// As much of an answer as is kept.
const BODY_KEPT: usize = 500;

/// What one round of deliveries came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Attempts that were answered with a 2xx.
    pub accepted: usize,
    /// Attempts that were not.
    pub failed: usize,
}

/// A delivery ready to be carried.
struct Letter {
    hook_id: i64,
    place: u64,
    request: http::Request<Bytes>,
}

impl Emulator {
    /// Delivers over sockets as long as it is polled.
    pub async fn deliver_for_ever(self) {
        let courier = super::courier_over_sockets();
        loop {
            self.deliver(&courier).await;
            tokio::time::sleep(BREAK).await;
        }
    }

    /// Sends every delivery that is due at the emulator's time, one after the other, until the queue is empty or each
    /// hook that has something left is paused. Nothing is sent unless somebody calls this.
    pub async fn deliver(&self, courier: &Courier) -> Delivered {
        let _one_at_a_time = self.delivering().await;
        let mut done = Delivered::default();
        loop {
            let now = self.now();
            let letter = {
                let mut state = self.state();
                let authorized = state.switches.authorization_echoed;
                state.webhooks.next_letter(now, authorized)
            };
            let Some(letter) = letter else { return done };
            let reply = match tokio::time::timeout(self.delivery_timeout(), courier(letter.request)).await {
                Ok(reply) => reply,
                Err(_) => Err("no answer in time".to_owned()),
            };
            let accepted = self.state().webhooks.answered(letter.hook_id, letter.place, &reply, now, self.now());
            if accepted { done.accepted += 1 } else { done.failed += 1 }
        }
    }
}

impl Webhooks {
    fn next_letter(&mut self, now: Timestamp, authorized: bool) -> Option<Letter> {
        self.give_up(now);
        let ready = |delivery: &&Delivery| {
            delivery.is_waiting()
                && delivery.due <= now
                && (!delivery.held || delivery.due + HELD_AT_MOST <= now)
                && self
                    .hooks
                    .get(&delivery.hook_id)
                    .is_some_and(|hook| hook.active && hook.pause.is_none_or(|pause| pause.until <= now))
        };
        let delivery = self.deliveries.iter().filter(ready).min_by_key(|delivery| delivery.place)?;
        let hook = self.hooks.get(&delivery.hook_id)?;
        let mut request = http::Request::post(&hook.destination_url)
            .header("content-type", "application/json")
            .header("user-agent", "Procore Webhooks (emulated)");
        if let Some(authorization) = hook.authorization.as_ref().filter(|_| authorized) {
            request = request.header("authorization", authorization);
        }
        let body = Bytes::from(delivery.payload.to_string());
        // Destination and header were checked when the hook was made.
        let request = request.body(body).unwrap_or_default();
        Some(Letter { hook_id: hook.id, place: delivery.place, request })
    }

    /// Throws away the queues of hooks that failed for too long.
    fn give_up(&mut self, now: Timestamp) {
        for hook in self.hooks.values_mut() {
            if hook.pause.is_some_and(|pause| pause.since + GIVEN_UP <= now) {
                hook.pause = None;
                for delivery in self.deliveries.iter_mut().filter(|d| d.hook_id == hook.id && d.is_waiting()) {
                    delivery.status = DeliveryStatus::Discarded;
                }
            }
        }
    }

    fn answered(&mut self, hook_id: i64, place: u64, reply: &Reply, began: Timestamp, now: Timestamp) -> bool {
        let (status, body) = match reply {
            Ok((status, body)) => (Some(*status), body.chars().take(BODY_KEPT).collect()),
            Err(why) => (None, why.clone()),
        };
        let accepted = status.is_some_and(|status| (200..300).contains(&status));
        let of_hook = |d: &&mut Delivery| d.hook_id == hook_id && d.place == place;
        if let Some(delivery) = self.deliveries.iter_mut().find(of_hook) {
            delivery.attempts.push(Attempt { started_at: began, completed_at: now, status, body });
            if accepted {
                delivery.to_send -= 1;
            }
            delivery.status = match (accepted, delivery.to_send) {
                (true, 0) => DeliveryStatus::Delivered,
                (true, _) => DeliveryStatus::Enqueued,
                (false, _) => DeliveryStatus::Retrying,
            };
        }
        if let Some(hook) = self.hooks.get_mut(&hook_id) {
            hook.pause = (!accepted).then(|| Pause::after(hook.pause, now));
        }
        accepted
    }
}

impl Delivery {
    fn is_waiting(&self) -> bool {
        matches!(self.status, DeliveryStatus::Enqueued | DeliveryStatus::Retrying)
    }
}

impl Pause {
    fn after(previous: Option<Pause>, now: Timestamp) -> Self {
        let seconds = previous.map_or(1, |pause| (pause.seconds * 2).min(LONGEST_PAUSE));
        let since = previous.map_or(now, |pause| pause.since);
        Self { since, seconds, until: now + SignedDuration::from_secs(seconds) }
    }
}
