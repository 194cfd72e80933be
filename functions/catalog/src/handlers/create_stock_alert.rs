//! `POST /products/{id}/stock-alerts`: somebody wants to hear, once, when a SKU that is sold out can be bought again.

use api::{Authenticator, Caller, Code, Problem, Request, Response, StatusCode};
use dynamo::{StoreError, WriteError};
use kernel::{Email, Fault, Locale, ProductId, Sku, Timestamp, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use users::interface::Profile;

use crate::domain::{Addressee, AlertSlot, Offer, Room, StockAlert, room_for};

/// Tries when somebody asks for several things at the same time.
const TRIES: u32 = 5;

/// The SKU, and who asks for it, in one call.
pub trait LoadAsked {
    async fn load_asked(
        &self,
        sku: &Sku,
        user: Option<&UserId>,
    ) -> Result<(Option<Offer>, Option<Profile>), StoreError>;
}

pub trait LoadSlots {
    /// All that somebody waits for.
    async fn load_slots(&self, to: &Addressee) -> Result<Vec<AlertSlot>, StoreError>;
}

pub trait SaveAlert {
    /// Writes the alert with its slot, unless the SKU can be bought.
    async fn save_alert(&self, alert: &StockAlert, now: Timestamp) -> Result<(), WriteError<NotSaved>>;
}

/// Why an alert was not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotSaved {
    InStock,
    /// Whoever asks has left.
    Left,
    /// Another request of theirs was faster.
    Raced,
}

pub struct Deps<S> {
    pub alerts: S,
    pub auth: Authenticator,
    pub now: fn() -> Timestamp,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStockAlert {
    sku: Sku,
    /// Where a guest hears of it. A shopper who is signed in hears by the address of their account, and gives none.
    #[serde(default)]
    email: Option<Email>,
    /// The language for a guest; a shopper's is that of their account.
    #[serde(default)]
    locale: Option<Locale>,
}

/// That the wish is known, now or from before.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "StockAlert")]
pub struct StockAlertView {
    status: StockAlertStatus,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum StockAlertStatus {
    Registered,
}

pub async fn handle(
    deps: &Deps<impl LoadAsked + LoadSlots + SaveAlert>,
    request: Request,
) -> Result<Response, Problem> {
    let caller = deps.auth.caller(&request).await?;
    let product: ProductId = request.path_parameter("id")?;
    let wish: NewStockAlert = request.json()?;
    let (offer, profile) = deps.alerts.load_asked(&wish.sku, caller.user_id()).await?;
    let offer = offer.filter(|offer| offer.product_id == product && offer.for_sale);
    let offer = offer.ok_or_else(not_found)?;
    let to = wish.addressee(caller, profile.as_ref())?;
    if offer.can_be_bought() {
        return Err(in_stock(&offer));
    }
    for _ in 0..TRIES {
        let now = (deps.now)();
        let slots = deps.alerts.load_slots(&to).await?;
        let slot = match room_for(&wish.sku, &slots, now) {
            Room::Waits => return Ok(registered()),
            Room::Full => return Err(Problem::new(Code::TooManyAlerts)),
            Room::Free(slot) => slot,
        };
        let alert = StockAlert::new(wish.sku.clone(), product, to.clone(), slot, now);
        match deps.alerts.save_alert(&alert, now).await {
            Ok(()) => return Ok(registered()),
            Err(WriteError::Refused(why)) if why.contains(&NotSaved::Left) => {
                return Err(Problem::new(Code::Unauthenticated));
            }
            Err(WriteError::Refused(why)) if why.contains(&NotSaved::InStock) => return Err(in_stock(&offer)),
            Err(WriteError::Refused(_)) => {}
            Err(WriteError::Store(error)) => return Err(error.into()),
        }
    }
    Err(Problem::new(Code::TryAgain))
}

impl NewStockAlert {
    /// Who is told.
    fn addressee(&self, caller: Caller, profile: Option<&Profile>) -> Result<Addressee, Problem> {
        match (caller, &self.email) {
            (Caller::User(_), Some(_)) => {
                let detail = "Leave the address out: who is signed in hears by that of the account.";
                Err(Problem::detailed(Code::ValidationFailed, detail).at("/email"))
            }
            // A token outlives its account by minutes.
            (Caller::User(_), None) if profile.is_none() => Err(Problem::new(Code::Unauthenticated)),
            (Caller::User(user), None) => Ok(Addressee::User { user_id: user.id }),
            (Caller::Guest, None) => {
                Err(Problem::detailed(Code::EmailRequired, "A guest says where to hear of it.").at("/email"))
            }
            (Caller::Guest, Some(email)) if !email.can_exist() => {
                let detail = "No mail reaches this address.".into();
                Err(Problem::invalid(vec![Fault { pointer: "/email".into(), code: "invalid_email", detail }]))
            }
            (Caller::Guest, Some(email)) => {
                Ok(Addressee::Guest { email: email.clone(), locale: self.locale.unwrap_or_default() })
            }
        }
    }
}

fn not_found() -> Problem {
    Problem::detailed(Code::NotFound, "There is no such product, or it has no such SKU.").at("/sku")
}

fn in_stock(offer: &Offer) -> Problem {
    Problem::new(Code::InStock).at("/sku").with("sku", &offer.sku)
}

fn registered() -> Response {
    Response::new(StatusCode::ACCEPTED, &StockAlertView { status: StockAlertStatus::Registered })
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use serde_json::{Value, json};
    use testkit::request::{self, RequestBuilder};

    use super::*;
    use crate::domain::MAX_ALERTS;
    use crate::fixtures;

    /// A tea that is sold out, and who waits for what.
    #[derive(Default)]
    struct Fake {
        available: i64,
        is_draft: bool,
        /// The account is not known any more.
        has_left: bool,
        slots: Mutex<Vec<AlertSlot>>,
        saved: Mutex<Vec<StockAlert>>,
        refusals: Mutex<Vec<NotSaved>>,
    }

    impl LoadAsked for Fake {
        async fn load_asked(
            &self,
            sku: &Sku,
            user: Option<&UserId>,
        ) -> Result<(Option<Offer>, Option<Profile>), StoreError> {
            let offer = fixtures::tea().1.remove(0);
            let offer = Offer { available: self.available, for_sale: !self.is_draft, ..offer };
            let profile = user.filter(|_| !self.has_left).map(|id| {
                serde_json::from_value(json!({
                    "id": id, "email": "ada@example.com", "name": "Ada", "locale": "de", "created_at": fixtures::now(),
                }))
                .unwrap()
            });
            Ok((Some(offer).filter(|offer| offer.sku == *sku), profile))
        }
    }

    impl LoadSlots for Fake {
        async fn load_slots(&self, _: &Addressee) -> Result<Vec<AlertSlot>, StoreError> {
            Ok(self.slots.lock().unwrap().clone())
        }
    }

    impl SaveAlert for Fake {
        async fn save_alert(&self, alert: &StockAlert, now: Timestamp) -> Result<(), WriteError<NotSaved>> {
            if let Some(refusal) = self.refusals.lock().unwrap().pop() {
                return Err(WriteError::Refused(vec![refusal]));
            }
            self.slots.lock().unwrap().push(alert.slot(now));
            self.saved.lock().unwrap().push(alert.clone());
            Ok(())
        }
    }

    fn wish(body: Value) -> RequestBuilder {
        let id = fixtures::tea().0.id;
        request::post(&format!("/products/{id}/stock-alerts")).path_parameter("id", id).json(body)
    }

    fn guest() -> Value {
        json!({ "sku": "TEA-100", "email": "Guest@example.com", "locale": "de" })
    }

    async fn ask(fake: Fake, request: RequestBuilder) -> (Fake, Result<Response, Problem>) {
        let deps = Deps { alerts: fake, auth: testkit::auth::authenticator(), now: fixtures::now };
        let answer = handle(&deps, request.build()).await;
        (deps.alerts, answer)
    }

    async fn refused(fake: Fake, request: RequestBuilder) -> Code {
        let (fake, answer) = ask(fake, request).await;
        assert!(fake.saved.lock().unwrap().is_empty());
        answer.unwrap_err().code()
    }

    #[tokio::test]
    async fn a_guest_waits_with_their_address_and_a_shopper_with_their_account() {
        let (fake, answer) = ask(Fake::default(), wish(guest())).await;
        let answer = answer.unwrap();
        assert_eq!((answer.status().as_u16(), testkit::json(&answer)), (202, json!({ "status": "registered" })));
        let email = "guest@example.com".parse().unwrap();
        assert_eq!(fake.saved.lock().unwrap()[0].to, Addressee::Guest { email, locale: Locale::De });

        let shopper = wish(json!({ "sku": "TEA-100" })).signed_in(fixtures::STAFF, &[]);
        let (fake, answer) = ask(Fake::default(), shopper).await;
        assert!(answer.is_ok());
        let user_id = fixtures::STAFF.parse().unwrap();
        assert_eq!(fake.saved.lock().unwrap()[0].to, Addressee::User { user_id });
    }

    #[tokio::test]
    async fn who_waits_already_is_told_the_same_and_waits_once() {
        let (fake, _) = ask(Fake::default(), wish(guest())).await;
        let (fake, answer) = ask(fake, wish(guest())).await;
        assert_eq!((answer.unwrap().status().as_u16(), fake.saved.lock().unwrap().len()), (202, 1));
    }

    #[tokio::test]
    async fn there_is_no_waiting_for_what_is_there() {
        assert_eq!(refused(Fake { available: 1, ..Fake::default() }, wish(guest())).await, Code::InStock);
        let just_back = Fake { refusals: Mutex::new(vec![NotSaved::InStock]), ..Fake::default() };
        assert_eq!(refused(just_back, wish(guest())).await, Code::InStock);
    }

    #[tokio::test]
    async fn what_shoppers_do_not_see_is_not_found() {
        let other = json!({ "sku": "TEA-200", "email": "guest@example.com" });
        assert_eq!(refused(Fake::default(), wish(other)).await, Code::NotFound);
        assert_eq!(refused(Fake { is_draft: true, ..Fake::default() }, wish(guest())).await, Code::NotFound);
        let elsewhere = wish(guest()).path_parameter("id", "prod_01JH8Z6V0W4T3N9Q2RSKX7M5CD");
        assert_eq!(refused(Fake::default(), elsewhere).await, Code::NotFound);
    }

    #[tokio::test]
    async fn an_address_is_given_by_guests_and_by_nobody_else() {
        let nowhere = json!({ "sku": "TEA-100" });
        assert_eq!(refused(Fake::default(), wish(nowhere.clone())).await, Code::EmailRequired);
        let shopper = wish(guest()).signed_in(fixtures::STAFF, &[]);
        assert_eq!(refused(Fake::default(), shopper).await, Code::ValidationFailed);
        for body in [
            json!({ "sku": "TEA-100", "email": "nobody" }),
            json!({ "sku": "TEA-100", "email": "ada@shop.invalid" }),
            json!({ "sku": "?" }),
            json!({ "sku": 7 }),
        ] {
            assert_eq!(refused(Fake::default(), wish(body)).await, Code::ValidationFailed);
        }
        let stranger = wish(nowhere).header("authorization", "Bearer nonsense");
        assert_eq!(refused(Fake::default(), stranger).await, Code::Unauthenticated);
    }

    #[tokio::test]
    async fn whoever_left_waits_for_nothing() {
        let shopper = || wish(json!({ "sku": "TEA-100" })).signed_in(fixtures::STAFF, &[]);
        assert_eq!(refused(Fake { has_left: true, ..Fake::default() }, shopper()).await, Code::Unauthenticated);
        let leaving = Fake { refusals: Mutex::new(vec![NotSaved::Left]), ..Fake::default() };
        assert_eq!(refused(leaving, shopper()).await, Code::Unauthenticated);
    }

    #[tokio::test]
    async fn somebody_waits_for_twenty_things_at_most() {
        let slot = |slot: u8| {
            let sku = Sku::parse(&format!("MUG-{slot}")).unwrap();
            AlertSlot { sku, slot, since: fixtures::now(), expires_at: fixtures::now().plus_seconds(1) }
        };
        let full = Fake { slots: Mutex::new((0..MAX_ALERTS).map(slot).collect()), ..Fake::default() };
        assert_eq!(refused(full, wish(guest())).await, Code::TooManyAlerts);
    }

    #[tokio::test]
    async fn whoever_is_slower_looks_again_but_not_for_ever() {
        let raced = |times| Fake { refusals: Mutex::new(vec![NotSaved::Raced; times]), ..Fake::default() };
        assert!(ask(raced(4), wish(guest())).await.1.is_ok());
        assert_eq!(refused(raced(5), wish(guest())).await, Code::TryAgain);
    }
}
