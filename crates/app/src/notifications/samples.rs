//! Samples of Change Notifications.

use domain::{
    ChangeNotificationId, CompanyId, ContractId, CorId, Currency, Money, ProjectId,
    change_notification::Response as Answer, cor::Status, procore::Side,
};
use store::repo::{
    change_notification::{ChangeNotification, NotificationResponse, ResponseCor},
    log::LogRow,
};
use uuid::Uuid;

use super::{
    ListedNotification, NotificationDetail, NotificationList, SendNotification,
    pages::{ContractorsPage, CustomersPage, ListPage, NewPage},
};
use crate::{
    contracts::samples::contract,
    gallery::{Pages, at, put, shell},
    log::{self, pages::cell::Reader, samples::NOW},
    projects::samples::project,
    serving::{
        views::{ActionLink, FormErrors, NavItem},
        words,
    },
};

pub(crate) fn add(pages: &mut Pages) {
    let titles = [
        "Added card readers at stair 2, loading dock and the new medication room on Level 3",
        "Lobby soffit, bulletin 5",
    ];
    let late = ChangeNotification { title: titles[0].into(), due_on: "2026-11-17".parse().ok(), ..asked() };
    let done = ChangeNotification { number: 3, title: titles[1].into(), responded: 1, asked: 1, ..asked() };
    let row = |notification: &ChangeNotification, answers: Vec<NotificationResponse>| ListedNotification {
        notification: notification.clone(),
        answers,
    };
    let sent = vec![row(&late, Vec::new()), row(&done, Vec::new())];
    let received = vec![row(&late, vec![waiting()]), row(&done, vec![answered()])];
    for (name, side, rows, add) in [
        ("notifications-sent", Side::Sent, sent, ActionLink::May("new".into())),
        ("notifications-received", Side::Received, received, ActionLink::Absent),
        ("notifications-empty", Side::Sent, Vec::new(), ActionLink::May("new".into())),
    ] {
        let list = &NotificationList { project: project(), side, rows };
        let shell = shell("Change Notifications", NavItem::Notifications);
        put(pages, name, &ListPage { shell, list, add, today: words::today(at(NOW)) });
    }
    let contracts = vec![contract(1, "26A - Electrical", ELECTRIC, 0), contract(2, "23A - Mechanical", MECHANICAL, 0)];
    let typed = SendNotification {
        due_on: "2026-12-04".into(),
        contracts: vec![contracts[0].id.to_string()],
        ..SendNotification::default()
    };
    let form = NewPage {
        today: words::today(at(NOW)),
        shell: shell("New Change Notification", NavItem::Notifications),
        project: ProjectId(Uuid::from_u128(1)),
        contracts,
        typed,
        errors: FormErrors::default(),
    };
    put(pages, "notification-new", &form);
    let asked = &detail();
    let reader = Reader { project: &asked.in_procore, may_push: true, now: at(NOW) };
    let push = ActionLink::May("/pushes".into());
    let page = CustomersPage { shell: shell("CN 4", NavItem::Notifications), asked, reader, push };
    put(pages, "notification-responses", &page);
    for (name, own) in [("notification-respond", waiting()), ("notification-responded", answered())] {
        let page = ContractorsPage {
            shell: shell("CN 4", NavItem::Notifications),
            asked,
            own: &own,
            offered: &[cor(), ResponseCor { title: "Conduit at roof".into(), total: Money::minor(120_000), ..cor() }],
            respond: ActionLink::May("respond".into()),
            errors: FormErrors::default(),
        };
        put(pages, name, &page);
    }
}

const ELECTRIC: &str = "Northline Electric LLC";
const MECHANICAL: &str = "Cascade Mechanical, Inc.";

fn asked() -> ChangeNotification {
    ChangeNotification {
        id: ChangeNotificationId(Uuid::from_u128(4)),
        project: ProjectId(Uuid::from_u128(1)),
        customer: CompanyId(Uuid::from_u128(1)),
        customer_name: "Whitfield & Sons Construction".into(),
        number: 4,
        title: "Added card readers".into(),
        description: "Add card readers at stair 2 and the loading dock.\nInclude power, data and the door hardware \
                      interface; see ASI 31."
            .into(),
        due_on: "2026-11-17".parse().ok(),
        reference: "PCO 24".into(),
        created_at: at("2026-11-03T14:32:00Z"),
        created_by_name: "Dana Whitfield".into(),
        asked: 3,
        responded: 2,
    }
}

fn cor() -> ResponseCor {
    ResponseCor {
        id: CorId(Uuid::from_u128(33)),
        number: log::samples::number("033"),
        title: "Card readers at stair 2 and loading dock, with power and data".into(),
        status: Status::InReview,
        total: Money::minor(973_550),
        currency: Currency::Usd,
    }
}

fn waiting() -> NotificationResponse {
    NotificationResponse {
        contract: ContractId(Uuid::from_u128(3)),
        contract_name: "09B - Drywall".into(),
        contractor: CompanyId(Uuid::from_u128(3)),
        contractor_name: "Ridgeway Drywall & Acoustical Specialties of the Northwest".into(),
        response: Answer::Waiting,
        note: String::new(),
        answered_at: None,
        cor: None,
    }
}

fn answered() -> NotificationResponse {
    NotificationResponse {
        contract_name: "26A - Electrical".into(),
        contractor_name: ELECTRIC.into(),
        response: Answer::Answered,
        answered_at: Some(at("2026-11-05T09:12:00Z")),
        cor: Some(cor()),
        ..waiting()
    }
}

fn detail() -> NotificationDetail {
    let declined = NotificationResponse {
        contract_name: "23A - Mechanical".into(),
        contractor_name: MECHANICAL.into(),
        response: Answer::Declined,
        note: "No cost: nothing of ours is affected.".into(),
        answered_at: Some(at("2026-11-06T16:40:00Z")),
        ..waiting()
    };
    let row = LogRow { id: cor().id, ..log::samples::rows().swap_remove(1) };
    NotificationDetail {
        project: project(),
        notification: asked(),
        responses: vec![answered(), declined, waiting()],
        answered_with: vec![row],
        in_procore: log::samples::in_procore(),
    }
}
