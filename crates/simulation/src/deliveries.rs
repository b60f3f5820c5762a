//! What Procore delivers, and what goes wrong on the way.

use emulator::{DeliveryFault, DeliveryFaultKind, webhooks};
use ledgerboard::pages;
use sync::Listener;

use crate::{
    run::{Broken, Run},
    wire::Doing,
};

impl Run {
    /// A process looks after the hooks, Procore delivers what is due, and that is handled. Some deliveries are lost, doubled,
    /// late, or come in another order.
    pub(crate) async fn receives_deliveries(&mut self) -> Result<(), Broken> {
        if self.dice.percent(40) {
            let times = u32::try_from(self.dice.between(1, 3)).unwrap_or(1);
            let seconds = self.dice.between(1, 600);
            let kinds = [
                DeliveryFaultKind::Lose,
                DeliveryFaultKind::Double,
                DeliveryFaultKind::Reorder,
                DeliveryFaultKind::Delay { seconds },
            ];
            let kind = self.dice.one_of(&kinds).copied().unwrap_or(DeliveryFaultKind::Lose);
            self.net.procore.delivery_fault(DeliveryFault::any(times, kind));
        }
        self.tends().await?;
        let delivered = self.net.procore.deliver(&webhooks::courier_into(pages::router(&self.web.app))).await;
        self.net.say(format!("Procore delivers: {} accepted, {} not", delivered.accepted, delivered.failed));
        self.tends().await
    }

    async fn tends(&self) -> Result<(), Broken> {
        self.web_wire.does(Doing::default());
        let tended = Listener::new(&self.web.app).run_until_idle().await;
        tended.map_err(|error| format!("what Procore delivered could not be handled: {error}"))
    }
}
