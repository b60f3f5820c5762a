//! How people sign in to Procore, and connect and disconnect their office.

use ledgerboard::{Error, integration::connect};
use sync::connection::tokens;

use crate::{
    run::{Broken, Run},
    world::Person,
};

impl Run {
    /// People who have to sign in again do so; now and then somebody else does too.
    pub(crate) async fn comes_back(&mut self) -> Result<(), Broken> {
        let site = self.dice.index(self.sites.len());
        let person = self.somebody(site);
        self.signs_in(site, &person, false).await
    }

    pub(crate) async fn signs_in(&mut self, site: usize, person: &Person, only_if_lost: bool) -> Result<(), Broken> {
        let (app, actor) = (self.web.app.clone(), &person.actor);
        let health = tokens::health(&app, actor.company, actor.person).await;
        let health = health.map_err(|error| format!("the health of a sign-in: {error}"))?;
        if health.is_live() && (only_if_lost || self.dice.percent(70)) {
            return Ok(());
        }
        self.on_the_pages(site, person);
        match self.web.sign_in_to_procore(&app, actor, &person.login).await {
            Ok(_) => {
                self.net.say(format!("{} signs in to Procore", actor.name));
                Ok(())
            }
            Err(error) => self.told("signs in", &error),
        }
    }

    pub(crate) async fn disconnects(&mut self, site: usize) -> Result<(), Broken> {
        let owner = self.sites[site].people[0].clone();
        self.on_the_pages(site, &owner);
        self.net.say(format!("{} is disconnected", self.sites[site].name));
        match connect::disconnect(&self.web.app, &owner.actor, self.sites[site].office).await {
            Ok(_) | Err(Error::NotFound) => Ok(()),
            Err(error) => self.told("disconnects", &error),
        }
    }

    /// The owner connects the office again, if it is not; or in any case, as one does after the app was installed again:
    /// nothing else tells us that what waited for that may go on. True when it is connected.
    pub(crate) async fn connects(&mut self, site: usize, in_any_case: bool) -> Result<bool, Broken> {
        let owner = self.sites[site].people[0].clone();
        let (company, office) = (owner.actor.company, self.sites[site].office);
        let there = self.common.store.read(move |tx| tx.of(company).integration(office)).await.expect("the store");
        if there.is_some() && !in_any_case {
            return Ok(true);
        }
        self.signs_in(site, &owner, true).await?;
        self.on_the_pages(site, &owner);
        match connect::connect(&self.web.app, &owner.actor, office, self.sites[site].account).await {
            Ok(()) => {
                self.net.say(format!("{} is connected again", self.sites[site].name));
                Ok(true)
            }
            Err(error) => self.told("connects", &error).map(|()| false),
        }
    }
}
