//! `GET /shop`: what a storefront must know before it shows anything.

use api::{Problem, Request, Response};
use dynamo::StoreError;
use kernel::{AddressRules, CountryCode, Currency, Locale};
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::Settings;

/// Seconds that the settings may be shown from a cache; checkout never relies on them.
const CACHE_SECONDS: u32 = 60;

/// All this endpoint may do to the table; its role grants the same and no more.
pub trait LoadSettings {
    async fn load_settings(&self, currency: Currency) -> Result<Settings, StoreError>;
}

pub struct Deps<S> {
    pub orders: S,
    pub currency: Currency,
    /// IANA name; decides where the shop's days begin.
    pub time_zone: String,
    pub media_base_url: String,
    pub payment_window_seconds: i64,
    pub stripe_publishable_key: Option<String>,
}

pub async fn handle(deps: &Deps<impl LoadSettings>, _: Request) -> Result<Response, Problem> {
    let settings = deps.orders.load_settings(deps.currency).await?;
    let countries = settings.zones.countries().into_iter();
    let stripe = ProviderView { name: "stripe", publishable_key: deps.stripe_publishable_key.as_deref() };
    let shop = ShopView {
        currency: settings.currency,
        countries: countries.map(|code| CountryView { code, address_rules: code.address_rules() }).collect(),
        prices_include_tax: settings.taxes.prices_include_tax,
        locales: &Locale::ALL,
        time_zone: &deps.time_zone,
        providers: vec![stripe],
        media_base_url: &deps.media_base_url,
        payment_window_seconds: deps.payment_window_seconds,
    };
    Ok(Response::ok(&shop).public(CACHE_SECONDS))
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Shop")]
pub struct ShopView<'a> {
    /// The currency of all amounts.
    currency: Currency,
    /// Where the shop delivers to.
    countries: Vec<CountryView>,
    prices_include_tax: bool,
    locales: &'a [Locale],
    /// IANA name of the zone that the shop's days are in.
    time_zone: &'a str,
    providers: Vec<ProviderView<'a>>,
    /// What relative picture addresses are below of.
    media_base_url: &'a str,
    /// How long an unpaid order holds its stock.
    payment_window_seconds: i64,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ShopCountry")]
struct CountryView {
    code: CountryCode,
    address_rules: AddressRules,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PaymentProvider")]
struct ProviderView<'a> {
    /// What to send as `provider`.
    name: &'a str,
    /// What the provider's own scripts ask for.
    #[serde(skip_serializing_if = "Option::is_none")]
    publishable_key: Option<&'a str>,
}

#[cfg(test)]
mod tests {
    use testkit::{json, request};

    use super::*;
    use crate::domain::samples;

    struct Set;

    impl LoadSettings for Set {
        async fn load_settings(&self, currency: Currency) -> Result<Settings, StoreError> {
            Ok(Settings { currency, ..samples::settings(true) })
        }
    }

    fn deps(publishable_key: Option<&str>) -> Deps<Set> {
        Deps {
            orders: Set,
            currency: Currency::EUR,
            time_zone: "Europe/Berlin".into(),
            media_base_url: "https://media.example".into(),
            payment_window_seconds: 1800,
            stripe_publishable_key: publishable_key.map(str::to_owned),
        }
    }

    #[tokio::test]
    async fn a_storefront_learns_where_and_how_the_shop_sells() {
        let body = json(&handle(&deps(Some("pk_test_1")), request::get("/shop").build()).await.unwrap());
        assert_eq!(body["currency"], "EUR");
        assert_eq!(body["countries"][0]["code"], "DE");
        assert_eq!(body["countries"][0]["address_rules"]["postal_code_required"], true);
        assert_eq!(body["prices_include_tax"], true);
        assert_eq!(body["locales"], serde_json::json!(["en", "de"]));
        assert_eq!(body["providers"], serde_json::json!([{ "name": "stripe", "publishable_key": "pk_test_1" }]));
    }

    #[tokio::test]
    async fn a_key_that_is_not_set_is_left_out() {
        let body = json(&handle(&deps(None), request::get("/shop").build()).await.unwrap());
        assert_eq!(body["providers"], serde_json::json!([{ "name": "stripe" }]));
    }
}
