//! Reads a list to its end, or says that it could not.

use std::{collections::HashSet, hash::Hash, sync::PoisonError};

use http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use url::Url;

use crate::{
    client::Procore,
    error::{Error, Message},
    model::{Listed, list},
    rate,
    send::{Call, Reply},
    session::Answered,
};

/// More pages than any list that belongs on a screen; a server that always names a next page would hold us for ever.
const MAX_PAGES: usize = 200;
/// How often a list is begun with smaller pages.
const TRIES: usize = 3;
/// What is asked for where a refusal names no size.
const LEAST: usize = 100;
/// More bytes than the change events of any project, with their lines, have.
const MAX_BYTES: usize = 256 << 20;

impl Procore {
    /// All pages of a list, from the first. `make` gives the call for an address.
    ///
    /// A record that moves to a later page while we read shows up twice and is kept once, as first read. One that moves
    /// to an earlier page can be missed: Procore has no cursor, so a list is never proof that something is absent.
    pub(crate) async fn all_pages<T, K>(
        &self,
        first: Url,
        make: impl Fn(Url) -> Call,
        key: impl Fn(&T) -> K,
    ) -> Result<Answered<Listed<T>>, Error>
    where
        T: DeserializeOwned,
        K: Eq + Hash,
    {
        self.all_pages_of(first, make, key, Reply::decode).await
    }

    /// The same for a list whose pages are wrapped; `values` unwraps one.
    pub(crate) async fn all_pages_of<T, K>(
        &self,
        first: Url,
        make: impl Fn(Url) -> Call,
        key: impl Fn(&T) -> K,
        values: impl Fn(&Reply) -> Result<Vec<Box<RawValue>>, Error>,
    ) -> Result<Answered<Listed<T>>, Error>
    where
        T: DeserializeOwned,
        K: Eq + Hash,
    {
        let template = make(first.clone()).template;
        let mut first = self.as_taken(template, first);
        for _ in 0..TRIES {
            match self.pages_from(&first, &make, &key, &values).await {
                Err(Error::Refused { messages, .. }) if let Some(smaller) = smaller(&first, &messages) => {
                    tracing::info!(path = template, smaller, "Procore takes smaller pages than it was asked for");
                    self.page_sizes.lock().unwrap_or_else(PoisonError::into_inner).insert(template, smaller);
                    first = with_size(&first, smaller);
                }
                done => return done,
            }
        }
        Err(Error::Unexpected("the list is refused in pages of any size".into()))
    }

    /// The address with the size of pages that its route is known to take.
    fn as_taken(&self, template: &'static str, first: Url) -> Url {
        let known = self.page_sizes.lock().unwrap_or_else(PoisonError::into_inner).get(template).copied();
        match (asked_for(&first), known) {
            (Some(asked), Some(known)) if known < asked => with_size(&first, known),
            _ => first,
        }
    }

    async fn pages_from<T, K>(
        &self,
        first: &Url,
        make: &impl Fn(Url) -> Call,
        key: &impl Fn(&T) -> K,
        values: &impl Fn(&Reply) -> Result<Vec<Box<RawValue>>, Error>,
    ) -> Result<Answered<Listed<T>>, Error>
    where
        T: DeserializeOwned,
        K: Eq + Hash,
    {
        let (mut all, mut seen, mut read, mut url, mut date) =
            (Listed::default(), HashSet::new(), 0, first.clone(), None);
        let (mut been, mut bytes) = (HashSet::new(), 0);
        for page in 1..=MAX_PAGES {
            if !been.insert(url.query().map(str::to_owned)) {
                return Err(Error::Unexpected("the list leads back to a page that was read".into()));
            }
            let reply = self.send(make(url.clone())).await?.success()?;
            bytes += reply.body.len();
            if bytes > MAX_BYTES {
                return Err(Error::Unexpected(format!("the list is longer than {MAX_BYTES} bytes")));
            }
            let page_values = values(&reply)?;
            let (before, size) = (all.len(), page_values.len());
            read += size;
            for record in list::each(&page_values) {
                match record {
                    Ok(record) if seen.insert(key(&record)) => all.records.push(record),
                    Err(odd) if !all.odd.contains(&odd) => all.odd.push(odd),
                    Ok(_) | Err(_) => {}
                }
            }
            let read = Read { page, size, news: all.len() - before, so_far: read };
            // The list is as old as its first page.
            date = date.or_else(|| rate::date(&reply.headers));
            match next(&url, &reply, &read) {
                Some(_) if size > 0 && read.news == 0 => {
                    return Err(Error::Unexpected("a page of the list repeats others, and names a next one".into()));
                }
                Some(following) if size > 0 => url = following,
                _ => return Ok(Answered { date, ..Answered::new(all, &reply) }),
            }
        }
        Err(Error::Unexpected(format!("the list goes on after {MAX_PAGES} pages")))
    }
}

/// What was read of a list.
struct Read {
    /// Which page was the last.
    page: usize,
    /// How many records it had.
    size: usize,
    /// How many of them were new.
    news: usize,
    /// How many all pages had.
    so_far: usize,
}

/// Where the next page is: as `Link` says, or, where a list has no `Link`, by counting as long as `Total` says more, or
/// the last page may have been a full one.
fn next(url: &Url, reply: &Reply, read: &Read) -> Option<Url> {
    if reply.headers.contains_key(header::LINK) {
        let mut following = url.clone();
        // Only the query is taken over: a token never follows a link to another host.
        following.set_query(Some(&next_query(url, &reply.headers)?));
        return Some(following);
    }
    let more = match rate::text(&reply.headers, "total").and_then(|total| total.parse::<usize>().ok()) {
        Some(total) => read.so_far < total,
        // Neither header: a full page may have a next one, which is empty at worst. A server may give fewer than it was asked
        // for, but limits are round numbers; one that knows no pages gives the same again.
        None => asked_for(url).is_some_and(|full| read.news > 0 && (read.size >= full || read.size.is_multiple_of(10))),
    };
    more.then(|| at_page(url, read.page + 1))
}

fn next_query(base: &Url, headers: &HeaderMap) -> Option<String> {
    let links = headers.get_all(header::LINK).iter().filter_map(|value| value.to_str().ok());
    let link =
        links.flat_map(|value| value.split(",<").flat_map(|part| part.split(", <"))).find(|link| is_next(link))?;
    let target = link.trim_start().trim_start_matches('<').split('>').next()?;
    base.join(target).ok()?.query().map(str::to_owned)
}

fn is_next(link: &str) -> bool {
    let relation = |part: &str| part.trim().strip_prefix("rel=").map(|rel| rel.trim_matches('"').to_owned());
    link.rsplit('>').next().is_some_and(|tail| {
        tail.split(';').filter_map(relation).any(|rel| rel.split_ascii_whitespace().any(|rel| rel == "next"))
    })
}

/// The size of pages to ask for instead, where a refusal is about theirs: the one it names ("Invalid per_page of 1000, exceeding
/// max per_page of 100"), else what every list takes.
fn smaller(url: &Url, messages: &[Message]) -> Option<usize> {
    let asked = asked_for(url)?;
    let said = messages.iter().find(|message| {
        message.text.contains("per_page") || message.field.as_ref().is_some_and(|field| field.contains("per_page"))
    })?;
    let numbers = said.text.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse::<usize>().ok());
    let named = numbers.filter(|number| (1..asked).contains(number)).max();
    named.or((asked > LEAST).then_some(LEAST))
}

fn with_size(url: &Url, size: usize) -> Url {
    let mut other = url.clone();
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().filter(|(key, _)| key != "per_page").collect();
    other.query_pairs_mut().clear().extend_pairs(pairs).append_pair("per_page", &size.to_string());
    other
}

fn asked_for(url: &Url) -> Option<usize> {
    url.query_pairs().find(|(key, _)| key == "per_page")?.1.parse().ok().filter(|size| *size > 0)
}

fn at_page(url: &Url, page: usize) -> Url {
    let mut following = url.clone();
    let others: Vec<_> = url.query_pairs().filter(|(key, _)| key != "page").collect();
    following.query_pairs_mut().clear().extend_pairs(others).append_pair("page", &page.to_string());
    following
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(links: &[&'static str]) -> Option<String> {
        let base = Url::parse("https://api.procore.com/rest/v1.1/projects?page=1").unwrap();
        let headers = links.iter().map(|link| (header::LINK, http::HeaderValue::from_static(link))).collect();
        next_query(&base, &headers)
    }

    #[test]
    fn the_next_page_is_found_in_every_spelling() {
        let wanted = Some("page=2&filters[x]=a,b".to_owned());
        let all = "<https://a.b/x?page=1>; rel=\"first\", <https://a.b/x?page=2&filters[x]=a,b>; rel=\"next\",<https://a.b/x?page=9>; rel=\"last\"";
        assert_eq!(query(&[all]), wanted);
        assert_eq!(
            query(&["<https://a.b/x?page=1>; rel=\"prev\"", "</x?page=2&filters[x]=a,b>; title=\"n\"; rel=next"]),
            wanted
        );
        assert_eq!(query(&["<?page=2&filters[x]=a,b>;rel=\"last next\""]), wanted);
        assert_eq!(query(&["<https://a.b/x?page=1>; rel=\"first\", <https://a.b/x?page=9>; rel=\"last\""]), None);
        assert_eq!(query(&["<https://a.b/next>; rel=\"prev\""]), None);
        assert_eq!(query(&["nonsense"]), None);
    }
}
