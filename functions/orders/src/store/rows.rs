use dynamo::{Entity, Personal};
use kernel::{OrderId, Timestamp};
use pricing::{ShippingZones, TaxTable};
use serde::{Deserialize, Serialize};

use crate::domain::Order;

impl Entity for Order {
    const TYPE: &'static str = "order";
    const PERSONAL: Personal = Personal::Anonymise;
}

/// Keeps a number to one order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NumberRow {
    pub(crate) order_id: OrderId,
}

impl Entity for NumberRow {
    const TYPE: &'static str = "order_number";
    const PERSONAL: Personal = Personal::None;
}

/// Lists an order that awaits its payment by the time it was to be paid; removed with the transition that ends the waiting. The order
/// may have been given more time since: its own `expires_at` decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DueRow {
    pub(crate) order_id: OrderId,
    pub(crate) expires_at: Timestamp,
}

impl Entity for DueRow {
    const TYPE: &'static str = "due";
    const PERSONAL: Personal = Personal::None;
}

/// The shop's tax rates.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TaxRatesRow {
    pub(crate) table: TaxTable,
}

impl Entity for TaxRatesRow {
    const TYPE: &'static str = "tax_rates";
    const PERSONAL: Personal = Personal::None;
}

/// The shop's shipping zones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ShippingZonesRow {
    pub(crate) table: ShippingZones,
}

impl Entity for ShippingZonesRow {
    const TYPE: &'static str = "shipping_zones";
    const PERSONAL: Personal = Personal::None;
}
