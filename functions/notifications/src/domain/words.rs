//! All words of the mails about orders. A language that lacks one does not compile.

use events::CancelReason;
use kernel::Locale;
use serde::Serialize;

use crate::domain::OrderNews;

/// What one language calls the parts of a mail.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Words {
    pub(crate) order: &'static str,
    pub(crate) item: &'static str,
    pub(crate) quantity: &'static str,
    /// Between a unit's price and what it stands for: `€5.00 each`.
    pub(crate) each: &'static str,
    pub(crate) unit_price: &'static str,
    pub(crate) line_total: &'static str,
    pub(crate) subtotal: &'static str,
    pub(crate) discount: &'static str,
    pub(crate) shipping: &'static str,
    pub(crate) total: &'static str,
    /// Tax that the prices contain.
    pub(crate) tax_contained: &'static str,
    /// Tax that comes on top.
    pub(crate) tax_added: &'static str,
    pub(crate) delivered_to: &'static str,
    #[serde(skip)]
    pub(crate) confirmed: Sentences,
    #[serde(skip)]
    pub(crate) cancelled_by_shopper: Sentences,
    #[serde(skip)]
    pub(crate) cancelled_unpaid: Sentences,
}

/// What one kind of mail says, as templates that know `number` and `shop`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sentences {
    pub(crate) subject: &'static str,
    pub(crate) opening: &'static str,
}

impl Words {
    pub(crate) const fn of(locale: Locale) -> &'static Self {
        match locale {
            Locale::En => &ENGLISH,
            Locale::De => &GERMAN,
        }
    }

    pub(crate) const fn sentences(&self, news: OrderNews) -> Sentences {
        match news {
            OrderNews::Confirmed => self.confirmed,
            OrderNews::Cancelled(CancelReason::Shopper) => self.cancelled_by_shopper,
            OrderNews::Cancelled(CancelReason::Expired) => self.cancelled_unpaid,
        }
    }
}

const ENGLISH: Words = Words {
    order: "Order",
    item: "Item",
    quantity: "Quantity",
    each: "each",
    unit_price: "Price",
    line_total: "Amount",
    subtotal: "Subtotal",
    discount: "Discount",
    shipping: "Shipping",
    total: "Total",
    tax_contained: "Tax included",
    tax_added: "Tax",
    delivered_to: "Delivered to",
    confirmed: Sentences {
        subject: "Your {{ shop }} order {{ number }} is confirmed",
        opening: "Thank you for your order. It is confirmed, and we are getting it ready for you.",
    },
    cancelled_by_shopper: Sentences {
        subject: "Your {{ shop }} order {{ number }} is cancelled",
        opening: "As you asked, we have cancelled your order. Anything you have paid for it goes back the way you paid.",
    },
    cancelled_unpaid: Sentences {
        subject: "Your {{ shop }} order {{ number }} is cancelled",
        opening: "We have cancelled your order because it was not paid in time. Should a payment still arrive, it goes back \
                  the way it came.",
    },
};

const GERMAN: Words = Words {
    order: "Bestellung",
    item: "Artikel",
    quantity: "Menge",
    each: "je Stück",
    unit_price: "Preis",
    line_total: "Betrag",
    subtotal: "Zwischensumme",
    discount: "Rabatt",
    shipping: "Versand",
    total: "Gesamtbetrag",
    tax_contained: "Enthaltene Steuer",
    tax_added: "Steuer",
    delivered_to: "Lieferanschrift",
    confirmed: Sentences {
        subject: "Ihre Bestellung {{ number }} bei {{ shop }} ist bestätigt",
        opening: "Vielen Dank für Ihre Bestellung. Sie ist bestätigt, und wir machen sie für Sie fertig.",
    },
    cancelled_by_shopper: Sentences {
        subject: "Ihre Bestellung {{ number }} bei {{ shop }} ist storniert",
        opening: "Wie gewünscht haben wir Ihre Bestellung storniert. Was Sie dafür bezahlt haben, erhalten Sie auf demselben \
                  Weg zurück.",
    },
    cancelled_unpaid: Sentences {
        subject: "Ihre Bestellung {{ number }} bei {{ shop }} ist storniert",
        opening: "Wir haben Ihre Bestellung storniert, weil sie nicht rechtzeitig bezahlt wurde. Sollte noch eine Zahlung \
                  eintreffen, erhalten Sie sie auf demselben Weg zurück.",
    },
};
