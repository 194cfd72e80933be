//! Typed ids: a prefix that names the kind, and a ULID that sorts by time.

use std::fmt;

use ulid::Ulid;

use crate::string_value::string_value;
use crate::{Invalid, Timestamp};

/// The ULID of an instant and 80 random bits; higher bits of `random` are dropped.
pub fn ulid_at(now: Timestamp, random: u128) -> Ulid {
    Ulid::from_parts(now.epoch_millis().unsigned_abs(), random)
}

/// Reads a ULID only as it is written: 26 capitals and digits, so that each has one spelling.
fn canonical_ulid(text: &str) -> Option<Ulid> {
    // The decoder also takes small letters, and drops bits beyond 128.
    let ulid = Ulid::from_string(text).ok()?;
    let mut buffer = [0; ulid::ULID_LEN];
    (ulid.array_to_str(&mut buffer) == text).then_some(ulid)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Ulid);

        impl $name {
            /// What every id of this kind starts with.
            pub const PREFIX: &str = $prefix;

            /// The id with this ULID.
            pub const fn new(ulid: Ulid) -> Self {
                Self(ulid)
            }

            /// The ULID behind the prefix.
            pub const fn ulid(self) -> Ulid {
                self.0
            }

            /// Reads the one spelling of an id.
            pub fn parse(text: &str) -> Result<Self, Invalid> {
                text.strip_prefix($prefix).and_then(canonical_ulid).map(Self).ok_or_else(|| {
                    Invalid::new("invalid_id", concat!("The id is '", $prefix, "' and 26 capitals and digits (a ULID)."))
                })
            }
        }

        impl From<Ulid> for $name {
            fn from(ulid: Ulid) -> Self {
                Self(ulid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut buffer = [0; ulid::ULID_LEN];
                write!(f, "{}{}", $prefix, self.0.array_to_str(&mut buffer))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        string_value!(
            $name,
            schemars::json_schema!({
                "type": "string",
                "pattern": concat!("^", $prefix, "[0-7][0-9A-HJKMNP-TV-Z]{25}$"),
                "examples": [concat!($prefix, "01JH8Z6V0W4T3N9Q2RSKX7M5CD")],
            })
        );
    )+};
}

ids! {
    /// A product.
    ProductId "prod_";
    /// A category.
    CategoryId "cat_";
    /// A cart.
    CartId "cart_";
    /// An order.
    OrderId "ord_";
    /// A line of an order.
    LineId "line_";
    /// A payment.
    PaymentId "pay_";
    /// A refund.
    RefundId "ref_";
    /// A shipment.
    ShipmentId "shp_";
    /// A return.
    ReturnId "ret_";
    /// An address in a shopper's address book.
    AddressId "addr_";
    /// A product image.
    ImageId "img_";
    /// A copy of somebody's data, or of the catalogue, made for them.
    ExportId "exp_";
    /// A file that the catalogue is changed by.
    ImportId "imp_";
    /// An event; its id has no prefix.
    EventId "";
}

#[cfg(test)]
mod tests {
    use super::*;

    const ULID: &str = "01JH8Z6V0W4T3N9Q2RSKX7M5CD";

    #[test]
    fn an_id_is_read_as_it_is_written() {
        let text = format!("ord_{ULID}");
        let id = OrderId::parse(&text).unwrap();
        assert_eq!(id.to_string(), text);
        assert_eq!(serde_json::to_value(id).unwrap(), text);
        assert_eq!(serde_json::from_value::<OrderId>(text.into()).unwrap(), id);
        assert_eq!(EventId::parse(ULID).unwrap().to_string(), ULID);
    }

    #[test]
    fn an_id_has_one_spelling() {
        let small = ULID.to_lowercase();
        for refused in [
            ULID.to_owned(),
            format!("prod_{ULID}"),
            format!("ORD_{ULID}"),
            format!("ord_{small}"),
            format!("ord_{ULID} "),
            format!("ord_8{}", &ULID[1..]),
            format!("ord_{}I", &ULID[..25]),
            format!("ord_{}é", &ULID[..24]),
            format!("ord_ord_{ULID}"),
            "ord_".to_owned(),
            String::new(),
        ] {
            assert!(OrderId::parse(&refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        let early = Timestamp::parse("2026-11-23T05:00:00Z").unwrap();
        let late = early.plus_seconds(1);
        assert!(OrderId::new(ulid_at(early, u128::MAX)) < OrderId::new(ulid_at(late, 0)));
        assert_eq!(ulid_at(early, 7).timestamp_ms(), early.epoch_millis().unsigned_abs());
    }
}
