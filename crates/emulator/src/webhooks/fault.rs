//! What goes wrong on the way to a hook.

use serde::{Deserialize, Serialize};

use super::{Delivery, DeliveryStatus, Webhooks};

/// What happens to a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DeliveryFaultKind {
    /// It is never sent, and nothing says so.
    Lose,
    /// It is sent twice.
    Double,
    /// It is sent after the one that follows it; after a minute, if none does.
    Reorder,
    /// It is sent later.
    Delay {
        /// By how much, on the emulator's clock.
        seconds: i64,
    },
}

/// A fault waiting for its deliveries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryFault {
    /// Only of this resource, such as `Change Events`; none for any.
    #[serde(default)]
    pub resource_name: Option<String>,
    /// Only of this kind, such as `update`; none for any.
    #[serde(default)]
    pub event_type: Option<String>,
    /// How many matching deliveries pass first.
    #[serde(default)]
    pub skip: u32,
    /// How many it meets after those; none for one.
    #[serde(default)]
    pub times: Option<u32>,
    /// What happens to them.
    #[serde(flatten)]
    pub kind: DeliveryFaultKind,
}

impl DeliveryFault {
    /// A fault for the next delivery of this resource.
    pub fn next(resource_name: &str, kind: DeliveryFaultKind) -> Self {
        Self { resource_name: Some(resource_name.to_owned()), event_type: None, skip: 0, times: None, kind }
    }

    /// A fault for the next `times` deliveries, whatever they are about.
    pub fn any(times: u32, kind: DeliveryFaultKind) -> Self {
        Self { resource_name: None, event_type: None, skip: 0, times: Some(times), kind }
    }
}

impl Webhooks {
    /// Puts a delivery into the queue, as the fault that meets it says.
    pub(super) fn queue(&mut self, mut delivery: Delivery) {
        match self.fault(&delivery) {
            Some(DeliveryFaultKind::Lose) => delivery.status = DeliveryStatus::Lost,
            Some(DeliveryFaultKind::Double) => delivery.to_send = 2,
            Some(DeliveryFaultKind::Reorder) => delivery.held = true,
            Some(DeliveryFaultKind::Delay { seconds }) => {
                delivery.due += jiff::SignedDuration::from_secs(seconds);
            }
            None => {}
        }
        if !delivery.held && delivery.status != DeliveryStatus::Lost {
            let places = &mut self.places;
            for held in self.deliveries.iter_mut().filter(|held| held.held && held.hook_id == delivery.hook_id) {
                *places += 1;
                held.place = *places;
                held.held = false;
            }
        }
        self.deliveries.push(delivery);
    }

    fn fault(&mut self, delivery: &Delivery) -> Option<DeliveryFaultKind> {
        for index in 0..self.faults.len() {
            let fault = &mut self.faults[index];
            let fits = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|wanted| wanted == is);
            if !fits(&fault.resource_name, &delivery.resource_name) || !fits(&fault.event_type, &delivery.event_type) {
                continue;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            let left = fault.times.unwrap_or(1).saturating_sub(1);
            fault.times = Some(left);
            let kind = fault.kind;
            if left == 0 {
                self.faults.remove(index);
            }
            return Some(kind);
        }
        None
    }
}
