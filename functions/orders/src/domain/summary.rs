use events::{OrderSummary, SummaryLine};

use super::Order;

impl Order {
    /// What a mail about the order shows.
    #[must_use]
    pub fn summary(&self) -> OrderSummary {
        let lines = self.lines.iter().map(|line| SummaryLine {
            sku: line.what.sku.clone(),
            title: line.what.title.clone(),
            quantity: line.what.quantity,
            unit_price: line.what.unit_price,
            line_total: line.what.line_total,
        });
        OrderSummary {
            order_id: self.id,
            number: self.number.to_string(),
            user_id: self.user_id.clone(),
            email: self.email.clone(),
            locale: self.locale,
            lines: lines.collect(),
            subtotal: self.subtotal,
            discount: self.discount,
            shipping: self.shipping,
            tax: self.tax,
            prices_include_tax: self.prices_include_tax,
            total: self.total,
            shipping_address: self.shipping_address.clone(),
            placed_at: self.placed_at,
        }
    }
}
