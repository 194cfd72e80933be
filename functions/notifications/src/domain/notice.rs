use events::{
    BackInStock, CancelReason, Envelope, Event, OrderCancelled, OrderConfirmed, OrderSummary, PasswordChanged,
    RegistrationAttempted, Unreadable, UserDeleted, UserExportReady, UserUpdated, read_rule_message,
};
use kernel::{Email, EventId, ExportId, Locale, OrderId, Sku, Timestamp, UserId};
use queue::Message;
use telemetry::Trace;

/// What a queue's message has to tell: nothing, if nobody is to hear of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    pub trace: Trace,
    pub notice: Option<Notice>,
}

/// Something to tell somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub event_id: EventId,
    pub to: Recipient,
    pub about: About,
}

/// Whom a notice is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    pub email: Email,
    pub locale: Locale,
    /// Whose account it is about; guests have none.
    pub user_id: Option<UserId>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    Order(OrderNews, Box<OrderSummary>),
    Account {
        news: AccountNews,
        name: String,
    },
    /// Somebody waited for it.
    BackInStock(Goods),
}

/// What can be bought again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goods {
    pub title: String,
    pub variant_title: String,
    pub sku: Sku,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderNews {
    Confirmed,
    Cancelled(CancelReason),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountNews {
    /// Somebody registered with the address of this account.
    AlreadyRegistered,
    PasswordChanged,
    /// This goes to the address that was the account's until now.
    EmailChanged,
    Deleted,
    ExportReady {
        export_id: ExportId,
        until: Timestamp,
    },
}

impl About {
    /// What the delivery's record calls it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Order(OrderNews::Confirmed, _) => "order_confirmed",
            Self::Order(OrderNews::Cancelled(_), _) => "order_cancelled",
            Self::Account { news, .. } => match news {
                AccountNews::AlreadyRegistered => "already_registered",
                AccountNews::PasswordChanged => "password_changed",
                AccountNews::EmailChanged => "email_changed",
                AccountNews::Deleted => "account_deleted",
                AccountNews::ExportReady { .. } => "export_ready",
            },
            Self::BackInStock(_) => "back_in_stock",
        }
    }

    #[must_use]
    pub fn order_id(&self) -> Option<OrderId> {
        match self {
            Self::Order(_, order) => Some(order.order_id),
            Self::Account { .. } | Self::BackInStock(_) => None,
        }
    }

    /// Whether it is the last that somebody hears of the shop, of which nothing is kept that leads to them.
    #[must_use]
    pub const fn is_farewell(&self) -> bool {
        matches!(self, Self::Account { news: AccountNews::Deleted, .. })
    }
}

/// Reads the message of one event.
type Reader = fn(&str) -> Result<Incoming, Unreadable>;

impl Message for Incoming {
    /// One queue takes all events, so the message tells which one it is.
    fn read(body: &str) -> Result<Self, Unreadable> {
        let readers: [Reader; 8] = [
            read::<OrderConfirmed>,
            read::<OrderCancelled>,
            read::<RegistrationAttempted>,
            read::<PasswordChanged>,
            read::<UserUpdated>,
            read::<UserDeleted>,
            read::<UserExportReady>,
            read::<BackInStock>,
        ];
        let mut outcome = readers[0](body);
        for reader in &readers[1..] {
            match outcome {
                Err(Unreadable::OtherType { .. }) => outcome = reader(body),
                outcome => return outcome,
            }
        }
        outcome
    }

    fn trace(&self) -> &Trace {
        &self.trace
    }
}

fn read<E: Event + Tells>(body: &str) -> Result<Incoming, Unreadable> {
    let Envelope { id, trace, data, .. } = read_rule_message::<E>(body)?;
    let told = data.told().filter(|(to, _)| !to.email.is_erased());
    Ok(Incoming { trace, notice: told.map(|(to, about)| Notice { event_id: id, to, about }) })
}

/// An event that somebody may have to hear of.
trait Tells {
    fn told(self) -> Option<(Recipient, About)>;
}

fn of_order(news: OrderNews, order: OrderSummary) -> Option<(Recipient, About)> {
    let to = Recipient { email: order.email.clone(), locale: order.locale, user_id: order.user_id.clone() };
    Some((to, About::Order(news, Box::new(order))))
}

impl Tells for OrderConfirmed {
    fn told(self) -> Option<(Recipient, About)> {
        of_order(OrderNews::Confirmed, self.order)
    }
}

impl Tells for OrderCancelled {
    fn told(self) -> Option<(Recipient, About)> {
        of_order(OrderNews::Cancelled(self.reason), self.order)
    }
}

fn of_account(
    (user_id, email, locale): (UserId, Email, Locale),
    name: String,
    news: AccountNews,
) -> Option<(Recipient, About)> {
    Some((Recipient { email, locale, user_id: Some(user_id) }, About::Account { news, name }))
}

impl Tells for RegistrationAttempted {
    fn told(self) -> Option<(Recipient, About)> {
        of_account((self.user_id, self.email, self.locale), self.name, AccountNews::AlreadyRegistered)
    }
}

impl Tells for PasswordChanged {
    fn told(self) -> Option<(Recipient, About)> {
        of_account((self.user_id, self.email, self.locale), self.name, AccountNews::PasswordChanged)
    }
}

impl Tells for UserUpdated {
    /// Only another address is news, and for the old one: whoever reads there may not have asked for it.
    fn told(self) -> Option<(Recipient, About)> {
        of_account((self.user_id, self.old_email?, self.locale), self.name, AccountNews::EmailChanged)
    }
}

impl Tells for UserDeleted {
    fn told(self) -> Option<(Recipient, About)> {
        of_account((self.user_id, self.email, self.locale), self.name, AccountNews::Deleted)
    }
}

impl Tells for UserExportReady {
    fn told(self) -> Option<(Recipient, About)> {
        let news = AccountNews::ExportReady { export_id: self.export_id, until: self.expires_at };
        of_account((self.user_id, self.email, self.locale), self.name, news)
    }
}

impl Tells for BackInStock {
    fn told(self) -> Option<(Recipient, About)> {
        let Self { sku, title, variant_title, email, locale, user_id, .. } = self;
        Some((Recipient { email, locale, user_id }, About::BackInStock(Goods { title, variant_title, sku })))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::examples::{NOW, event_id, order, user_id};

    fn message<E: Event>(data: E) -> String {
        let event = Envelope::new(event_id(), NOW, Trace::start("request-1"), 2, data);
        json!({ "source": E::SOURCE, "detail-type": E::DETAIL_TYPE, "detail": event }).to_string()
    }

    fn notice<E: Event>(data: E) -> Option<Notice> {
        let incoming = Incoming::read(&message(data)).unwrap();
        assert_eq!(incoming.trace().correlation_id, "request-1");
        incoming.notice
    }

    fn updated(old_email: Option<&str>) -> UserUpdated {
        UserUpdated {
            user_id: user_id(),
            email: "new@example.com".parse().unwrap(),
            old_email: old_email.map(|email| email.parse().unwrap()),
            name: "Ada".into(),
            locale: Locale::De,
            since: None,
        }
    }

    #[test]
    fn events_of_orders_and_of_accounts_are_read_from_one_queue() {
        let confirmed = notice(OrderConfirmed { order: order() }).unwrap();
        assert_eq!(confirmed.about, About::Order(OrderNews::Confirmed, Box::new(order())));
        assert_eq!((confirmed.to.email, confirmed.event_id), (order().email, event_id()));
        let reason = CancelReason::Expired;
        let cancelled = notice(OrderCancelled { order: order(), reason }).unwrap();
        assert_eq!(cancelled.about.as_str(), "order_cancelled");
        let left = UserDeleted {
            user_id: user_id(),
            email: "ada@example.com".parse().unwrap(),
            name: "Ada".into(),
            locale: Locale::De,
        };
        let left = notice(left).unwrap();
        assert_eq!((left.to.locale, left.to.user_id, left.about.is_farewell()), (Locale::De, Some(user_id()), true));
    }

    #[test]
    fn another_address_is_told_to_the_old_one_and_another_name_to_nobody() {
        let told = notice(updated(Some("old@example.com"))).unwrap();
        assert_eq!((told.to.email.as_str(), told.about.as_str()), ("old@example.com", "email_changed"));
        assert_eq!(notice(updated(None)), None);
    }

    #[test]
    fn what_is_back_is_told_to_who_waited_for_it() {
        let back = |user_id: Option<UserId>| BackInStock {
            sku: "LAMP-S".parse().unwrap(),
            product_id: "prod_01JH8Z6V0W4T3N9Q2RSKX7M5CD".parse().unwrap(),
            slug: "brass-lamp".parse().unwrap(),
            title: "Brass lamp".into(),
            variant_title: "Small".into(),
            email: "ada@example.com".parse().unwrap(),
            locale: Locale::De,
            user_id,
        };
        for user_id in [None, Some(user_id())] {
            let told = notice(back(user_id.clone())).unwrap();
            assert_eq!(
                (told.to.email.as_str(), told.to.locale, told.to.user_id),
                ("ada@example.com", Locale::De, user_id)
            );
            assert_eq!((told.about.as_str(), told.about.order_id()), ("back_in_stock", None));
            assert!(!told.about.is_farewell());
        }
    }

    #[test]
    fn an_order_whose_shopper_left_is_told_to_nobody() {
        let order = OrderSummary { email: Email::erased(), ..order() };
        assert_eq!(notice(OrderCancelled { order, reason: CancelReason::Expired }), None);
    }

    #[test]
    fn another_event_is_unreadable() {
        let other = r#"{"detail-type":"OrderPlaced.v1","detail":{}}"#;
        assert!(matches!(Incoming::read(other), Err(Unreadable::OtherType { .. })));
        assert!(matches!(Incoming::read("{}"), Err(Unreadable::Json(_))));
    }
}
