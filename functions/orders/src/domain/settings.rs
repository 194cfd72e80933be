use kernel::Currency;
use pricing::{ShippingZones, TaxTable};

/// What staff have set, and what prices depend on beside the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub currency: Currency,
    /// Empty until staff set it: then nothing can be sold.
    pub taxes: TaxTable,
    /// Empty until staff set it: then nothing can be shipped.
    pub zones: ShippingZones,
}
