//! Security events, and answers kept for calls sent again, on both databases.

use domain::{
    ApiTokenId, CompanyId, OfficeId, PersonId,
    role::Role,
    security::{SecurityEventKind as Kind, SecurityTopic},
};
use jiff::Timestamp;
use store::{
    StoreError, both_databases,
    repo::{
        api_token::NewApiToken,
        company::NewCompany,
        kept_answer::{KeptAnswer, KeyClaim, KeyedCall},
        person::NewPerson,
        security_event::{SecurityEvent, SecurityFilter},
    },
};

use crate::support::{at, uuid};

const US: CompanyId = CompanyId(uuid::Uuid::from_u128(1));
const OWNER: PersonId = PersonId(uuid::Uuid::from_u128(2));

fn us() -> NewCompany {
    let office = OfficeId(uuid(3));
    let owner = NewPerson {
        id: OWNER,
        name: "Ruth".to_owned(),
        email: "ruth@ledger.example".to_owned(),
        role: Role::AccountOwner,
        office,
        password_hash: "a hash".to_owned(),
        now: at(0),
    };
    NewCompany { id: US, name: "Whitfield".to_owned(), office, office_name: "Main".to_owned(), owner, now: at(0) }
}

fn event(kind: Kind, at: Timestamp, succeeded: bool) -> SecurityEvent {
    SecurityEvent {
        seq: 0,
        at,
        kind,
        succeeded,
        person: Some(OWNER),
        person_name: "Ruth".to_owned(),
        subject: String::new(),
        address: "203.0.113.24".to_owned(),
        browser: "Firefox on Windows".to_owned(),
    }
}

both_databases! {
    async fn security_events_are_listed_newest_first_and_never_changed(store: Store) {
        store.write(|tx| tx.found_company(&us())).await.unwrap();
        store
            .write(|tx| {
                let mut us = tx.of(US);
                us.add_security_event(&event(Kind::SignedIn, at(0), true), at(0))?;
                us.add_security_event(&event(Kind::SignInFailed, at(10), false), at(0))?;
                us.add_security_event(&event(Kind::TokenMade, at(10), true), at(0))
            })
            .await
            .unwrap();
        let kinds = async |filter: SecurityFilter| {
            let read: Result<Vec<SecurityEvent>, StoreError> = store.read(move |tx| tx.of(US).security_events(&filter, 10)).await;
            read.unwrap().into_iter().map(|event| event.kind).collect::<Vec<_>>()
        };
        let all = SecurityFilter::default();
        assert_eq!(kinds(all).await, [Kind::TokenMade, Kind::SignInFailed, Kind::SignedIn]);
        assert_eq!(kinds(SecurityFilter { failed: true, person: Some(OWNER), ..all }).await, [Kind::SignInFailed]);
        assert_eq!(kinds(SecurityFilter { topic: Some(SecurityTopic::Tokens), ..all }).await, [Kind::TokenMade]);
        assert_eq!(kinds(SecurityFilter { before: Some(2), ..all }).await, [Kind::SignedIn]);
        assert_eq!(store.read(|tx| tx.of(US).failed_sign_ins(OWNER, at(5))).await.unwrap(), 1);
        let theirs = store.read(move |tx| tx.of(CompanyId(uuid(9))).security_events(&all, 10)).await.unwrap();
        assert!(theirs.is_empty());
        assert!(store.write(|tx| tx.exec("UPDATE security_event SET subject = 'x'", &[])).await.is_err());
        store.write(|tx| tx.of(US).add_security_event(&event(Kind::SignedOut, at(20), true), at(10))).await.unwrap();
        assert_eq!(kinds(all).await, [Kind::SignedOut, Kind::TokenMade, Kind::SignInFailed], "the oldest went");
    }

    async fn a_key_is_claimed_once_and_answers_the_same_call(store: Store) {
        store.write(|tx| tx.found_company(&us())).await.unwrap();
        let token = ApiTokenId(uuid(5));
        let new = NewApiToken {
            id: token, name: "A program".to_owned(), hash: [7; 32], now: at(0), expires_at: at(1000), reads_only: false,
        };
        store.write(move |tx| tx.of(US).add_api_token(OWNER, &new)).await.unwrap();
        let call = KeyedCall { token, key: "k".to_owned(), digest: [1; 32] };
        let answer = KeptAnswer { status: 201, location: Some("/cors/1".to_owned()), body: b"{}".to_vec() };
        let (first, kept) = (call.clone(), answer.clone());
        let claimed: Result<KeyClaim, StoreError> = store
            .write(move |tx| {
                let claim = tx.claim_key(&first, at(0))?;
                tx.keep_answer(&first, &kept)?;
                Ok(claim)
            })
            .await;
        assert_eq!(claimed.unwrap(), KeyClaim::Claimed);
        let claim = async |call: KeyedCall| store.write(move |tx| tx.claim_key(&call, at(1))).await.unwrap();
        assert_eq!(claim(call.clone()).await, KeyClaim::Answered(answer));
        assert_eq!(claim(KeyedCall { digest: [2; 32], ..call.clone() }).await, KeyClaim::Taken);
        store.write(|tx| tx.sweep_answers(at(1))).await.unwrap();
        assert_eq!(claim(call).await, KeyClaim::Claimed, "it was swept");
    }
}
