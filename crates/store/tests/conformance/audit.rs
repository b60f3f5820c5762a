//! The record of what was pushed: it can be added to, and whoever does anything else to it is found.

use crate::support::{World, at, uuid};
use domain::{
    CompanyId, CorId, Money, PushId,
    audit::{
        AuditEvent, Fact, PrivateEntry, SharedEntry, Step,
        chain::{ChainCheck, ChainHead, Flaw, Hash},
    },
};
use store::{Store, StoreError, Val, dialect::Dialect};

fn told(world: &World, n: u128) -> Fact {
    let told = SharedEntry::CorAsked {
        number: format!("{n:03}"),
        by: "Dana Whitfield".into(),
        planned: Money::minor(1_845_000).into(),
        before: Money::ZERO.into(),
        currency: "USD".into(),
    };
    let kept =
        PrivateEntry { salt: format!("{n:032x}"), login: Some("dana@procore".into()), ..PrivateEntry::default() };
    let event = AuditEvent::Cor { cor: CorId(uuid(1000 + n)), told, kept };
    Fact { at: at(1), project: world.project, push: Some(PushId(uuid(77))), event }
}

fn resumed(world: &World) -> Fact {
    let event = AuditEvent::Push(Step::Resumed { uncertain: false });
    Fact { at: at(2), project: world.project, push: Some(PushId(uuid(77))), event }
}

async fn append(store: &Store, company: CompanyId, facts: Vec<Fact>) {
    let appended: Result<_, StoreError> = store.write(move |tx| tx.of(company).append_audit(&facts)).await;
    appended.unwrap();
}

/// Five entries of the general contractor and two of a sub.
async fn written(store: &Store) -> World {
    let world = World::make(store).await;
    append(store, world.gc, vec![told(&world, 1), told(&world, 2)]).await;
    append(store, world.gc, vec![resumed(&world), told(&world, 3), told(&world, 4)]).await;
    append(store, world.mechanical, vec![told(&world, 1), told(&world, 2)]).await;
    world
}

async fn head(store: &Store, company: CompanyId) -> ChainHead {
    store.read(move |tx| tx.of(company).audit_head()).await.unwrap()
}

async fn flaws(store: &Store, company: CompanyId) -> Vec<Flaw> {
    store
        .read(move |tx| {
            let mut us = tx.of(company);
            let (mut check, mut flaws) = (ChainCheck::new(company), Vec::new());
            for entry in us.audit_after(i64::MIN, 100)? {
                flaws.extend(check.next(&entry));
            }
            flaws.extend(check.end(us.audit_head()?).1);
            Ok::<_, StoreError>(flaws)
        })
        .await
        .unwrap()
}

/// As somebody with the database's own tools would.
async fn tamper(store: &Store, sql: &'static str) {
    let tampered: Result<_, StoreError> = store
        .write(move |tx| {
            match tx.dialect() {
                Dialect::Sqlite => {
                    tx.exec("DROP TRIGGER IF EXISTS audit_record_stays", &[])?;
                    tx.exec("DROP TRIGGER IF EXISTS audit_record_keeps", &[])?;
                }
                Dialect::Postgres => {
                    tx.exec("DROP TRIGGER IF EXISTS audit_record_stays ON audit_record", &[])?;
                }
            }
            assert_ne!(tx.exec(sql, &[])?, 0, "{sql}");
            Ok(())
        })
        .await;
    tampered.unwrap();
}

store::both_databases! {
    async fn a_record_is_read_as_it_was_written(store: Store) {
        let world = written(&store).await;
        assert_eq!(flaws(&store, world.gc).await, []);
        assert_eq!(flaws(&store, world.mechanical).await, []);
        assert_eq!(flaws(&store, world.electrical).await, [], "nothing was written, and nothing is wrong");
        assert_eq!((head(&store, world.gc).await.seq, head(&store, world.mechanical).await.seq), (5, 2));
        let (gc, third) = (world.gc, resumed(&world));
        let entry = store.read(move |tx| tx.of(gc).audit_after(2, 1)).await.unwrap().remove(0);
        assert_eq!(entry.event().unwrap(), third.event);
        assert_eq!((entry.kind.as_str(), entry.time(), entry.push), ("resumed", third.at, third.push));
    }

    async fn nothing_of_it_is_changed_or_removed_by_mistake(store: Store) {
        let world = written(&store).await;
        for sql in ["UPDATE audit_record SET at = at + 1", "DELETE FROM audit_record WHERE seq = 2"] {
            let tried: Result<u64, StoreError> = store.write(move |tx| tx.exec(sql, &[])).await;
            assert!(tried.is_err(), "{sql}");
        }
        assert_eq!(flaws(&store, world.gc).await, []);
    }

    async fn an_edit_is_found_whatever_it_edits(store: Store) {
        let world = written(&store).await;
        let edits = [
            r#"UPDATE audit_record SET told = replace(told, '"18450"', '"19450"') WHERE seq = 4"#,
            "UPDATE audit_record SET kept = replace(kept, 'dana', 'cora') WHERE seq = 4",
            "UPDATE audit_record SET at = at + 1 WHERE seq = 4",
            "UPDATE audit_record SET kind = 'cor_written' WHERE seq = 4",
            "UPDATE audit_record SET cor_id = (SELECT a.cor_id FROM audit_record a WHERE a.seq = 1 LIMIT 1) WHERE seq = 4",
            "UPDATE audit_record SET push_id = NULL WHERE seq = 4",
            "UPDATE audit_record SET project_id = cor_id WHERE seq = 4",
        ];
        let mut before = flaws(&store, world.gc).await;
        for edit in edits {
            run(&store, &["CREATE TABLE spare AS SELECT * FROM audit_record"]).await;
            tamper(&store, edit).await;
            let found = flaws(&store, world.gc).await;
            assert_eq!(found, [Flaw::Changed { seq: 4 }], "{edit}");
            assert_ne!(found, before, "{edit}");
            run(&store, &BACK).await;
            before = flaws(&store, world.gc).await;
            assert_eq!(before, [], "restored");
        }
    }

    async fn an_edit_with_its_hash_reckoned_anew_is_found_at_the_next_entry(store: Store) {
        let world = written(&store).await;
        tamper(&store, r#"UPDATE audit_record SET told = replace(told, '"18450"', '"19450"') WHERE seq = 4"#).await;
        let gc = world.gc;
        let reckoned: Result<_, StoreError> = store
            .write(move |tx| {
                let entry = tx.of(gc).audit_after(3, 1)?.remove(0);
                let new: [Val; 2] = [entry.reckoned().into(), gc.into()];
                tx.exec_one("UPDATE audit_record SET hash = $1 WHERE company_id = $2 AND seq = 4", &new)
            })
            .await;
        reckoned.unwrap();
        assert_eq!(flaws(&store, world.gc).await, [Flaw::Unlinked { seq: 5 }]);
    }

    async fn a_removed_entry_is_missed(store: Store) {
        let world = written(&store).await;
        tamper(&store, "DELETE FROM audit_record WHERE seq = 3").await;
        assert_eq!(flaws(&store, world.gc).await, [Flaw::Missing { from: 3, to: 3 }]);
        assert_eq!(flaws(&store, world.mechanical).await, []);
    }

    async fn a_removed_entry_is_missed_though_the_others_move_up(store: Store) {
        let world = written(&store).await;
        tamper(&store, "DELETE FROM audit_record WHERE seq = 3").await;
        tamper(&store, "UPDATE audit_record SET seq = 3 WHERE seq = 4").await;
        tamper(&store, "UPDATE audit_record SET seq = 4 WHERE seq = 5").await;
        let found = flaws(&store, world.gc).await;
        assert!(found.contains(&Flaw::Unlinked { seq: 3 }) && found.contains(&Flaw::Changed { seq: 3 }), "{found:?}");
        assert!(found.contains(&Flaw::End { found: 4, head: 5 }), "{found:?}");
    }

    async fn the_removed_end_is_missed(store: Store) {
        let world = written(&store).await;
        tamper(&store, "DELETE FROM audit_record WHERE seq = 5").await;
        assert_eq!(flaws(&store, world.gc).await, [Flaw::End { found: 4, head: 5 }]);
    }

    async fn the_removed_end_is_missed_by_whoever_kept_the_head(store: Store) {
        let world = written(&store).await;
        let (gc, kept) = (world.gc, head(&store, world.gc).await);
        let known = || store.read(move |tx| tx.of(gc).audit_entry_with(kept.hash));
        assert_eq!(known().await.unwrap(), Some(5));
        tamper(&store, "DELETE FROM audit_record WHERE seq = 5").await;
        let forged = "UPDATE audit_head SET seq = 4, \
             hash = (SELECT a.hash FROM audit_record a WHERE a.company_id = audit_head.company_id AND a.seq = 4) \
             WHERE seq = 5";
        tamper(&store, forged).await;
        assert_eq!(flaws(&store, world.gc).await, [], "with the head forged, the rest is a whole record");
        assert_eq!(known().await.unwrap(), None, "but not the one whose head was kept");
    }

    async fn an_inserted_entry_is_found(store: Store) {
        let world = written(&store).await;
        let copy = "INSERT INTO audit_record SELECT company_id, 6, at, kind, project_id, push_id, cor_id, told, kept, \
             prev, hash FROM audit_record WHERE seq = 5";
        tamper(&store, copy).await;
        let found = flaws(&store, world.gc).await;
        assert!(found.contains(&Flaw::Changed { seq: 6 }), "{found:?}");
        assert!(found.contains(&Flaw::End { found: 6, head: 5 }), "{found:?}");
        let early = "INSERT INTO audit_record SELECT company_id, 0, at, kind, project_id, push_id, cor_id, told, kept, \
             prev, hash FROM audit_record WHERE seq = 5";
        tamper(&store, early).await;
        assert!(flaws(&store, world.gc).await.contains(&Flaw::OutOfPlace { seq: 0 }));
    }

    async fn exchanged_entries_are_found(store: Store) {
        let world = written(&store).await;
        for sql in [
            "UPDATE audit_record SET seq = 100 WHERE seq = 2",
            "UPDATE audit_record SET seq = 2 WHERE seq = 4",
            "UPDATE audit_record SET seq = 4 WHERE seq = 100 AND company_id <> (SELECT company_id FROM audit_head WHERE seq = 2)",
        ] {
            tamper(&store, sql).await;
        }
        let found = flaws(&store, world.gc).await;
        for seq in [2, 4] {
            assert!(found.contains(&Flaw::Changed { seq }) && found.contains(&Flaw::Unlinked { seq }), "{found:?}");
        }
    }

    async fn an_entry_given_to_another_company_is_found_on_both_sides(store: Store) {
        let world = written(&store).await;
        let given = "UPDATE audit_record SET company_id = (SELECT company_id FROM audit_head WHERE seq = 2), seq = 3 \
             WHERE seq = 5";
        tamper(&store, given).await;
        assert_eq!(flaws(&store, world.gc).await, [Flaw::End { found: 4, head: 5 }]);
        let found = flaws(&store, world.mechanical).await;
        assert!(found.contains(&Flaw::Changed { seq: 3 }) && found.contains(&Flaw::Unlinked { seq: 3 }), "{found:?}");
    }

    async fn two_at_once_are_both_in_it(store: Store) {
        let world = World::make(&store).await;
        let mut tasks = Vec::new();
        for n in 0..8 {
            let (store, facts, gc) = (store.clone(), vec![told(&world, n), resumed(&world)], world.gc);
            tasks.push(tokio::spawn(async move { append(&store, gc, facts).await }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(head(&store, world.gc).await.seq, 16);
        assert_eq!(flaws(&store, world.gc).await, []);
    }

    async fn a_company_reads_of_another_only_what_is_about_its_cors(store: Store) {
        let world = World::make(&store).await;
        let cor = world.make_draft(&store, 1, None, "Sleeves", 100).await;
        append(&store, world.gc, vec![resumed(&world), told(&world, 1), told(&world, 2)]).await;
        let read = |company: CompanyId| {
            let from = (CompanyId(uuid(0)), 0);
            store.read(move |tx| tx.of(company).audit_told_to_us(None, from, 10))
        };
        let found = read(world.mechanical).await.unwrap();
        let [mine] = found.as_slice() else { panic!("one is about a COR of theirs: {found:?}") };
        assert_eq!((mine.entry.cor, mine.entry.seq), (Some(cor.id), 2));
        assert_eq!(mine.entry.kept, "", "what is the other's alone is taken out");
        let gc = world.gc;
        let whole = store.read(move |tx| tx.of(gc).audit_after(1, 1)).await.unwrap().remove(0);
        assert_eq!((mine.kept, mine.entry.hash), (Hash::of(&whole.kept), whole.reckoned()));
        assert_eq!(read(world.electrical).await.unwrap(), [], "nothing is about theirs");
    }
}

/// Brings back what was copied.
const BACK: [&str; 3] =
    ["DELETE FROM audit_record", "INSERT INTO audit_record SELECT * FROM spare", "DROP TABLE spare"];

async fn run(store: &Store, statements: &'static [&'static str]) {
    let done: Result<_, StoreError> = store
        .write(move |tx| {
            for sql in statements {
                tx.exec(sql, &[])?;
            }
            Ok(())
        })
        .await;
    done.unwrap();
}
