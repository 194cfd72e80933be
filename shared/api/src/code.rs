//! The one list of error codes. A code, once published, keeps its meaning and status.

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $status:literal, $title:literal;)+) => {
        /// Why a request was refused, for programs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $($(#[$doc])* $name,)+
        }

        impl Code {
            /// All codes, in the order of the documentation.
            pub const ALL: &[Code] = &[$(Code::$name,)+];

            /// The code as it is sent: `out_of_stock`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// The HTTP status it comes with.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)+ }
            }

            /// A short sentence for people, the same for every occurrence.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)+ }
            }
        }
    };
}

codes! {
    // Any endpoint
    MalformedJson = "malformed_json", 400, "The body is not JSON";
    InvalidQuery = "invalid_query", 400, "The query string is not valid";
    InvalidCursor = "invalid_cursor", 400, "The cursor is not valid for this list";
    InvalidHeader = "invalid_header", 400, "A header is not valid";
    ValidationFailed = "validation_failed", 422, "The request has faults";
    BodyTooLarge = "body_too_large", 413, "The body is too large";
    UnsupportedMediaType = "unsupported_media_type", 415, "The body must be application/json";
    Unauthenticated = "unauthenticated", 401, "A valid access token is needed";
    Forbidden = "forbidden", 403, "This account may not do that";
    TotpRequired = "totp_required", 403, "Staff sign in with a second factor";
    NotFound = "not_found", 404, "There is no such thing here";
    RouteNotFound = "route_not_found", 404, "There is no such route";
    TooManyRequests = "too_many_requests", 429, "Too many requests";
    TryAgain = "try_again", 503, "Too busy right now; try again";
    Timeout = "timeout", 503, "The request took too long; try again";
    InternalError = "internal_error", 500, "Something went wrong on our side";

    // Idempotency and concurrency
    IdempotencyKeyMissing = "idempotency_key_missing", 400, "The Idempotency-Key header is needed";
    IdempotencyKeyReused = "idempotency_key_reused", 422, "The Idempotency-Key was used with another request";
    IdempotencyInFlight = "idempotency_in_flight", 409, "A request with this Idempotency-Key is still running";
    VersionMismatch = "version_mismatch", 412, "It has changed since it was read";
    IfMatchMissing = "if_match_missing", 428, "The If-Match header is needed";

    // Users
    CredentialsInvalid = "credentials_invalid", 401, "The e-mail address or password is wrong";
    UserNotConfirmed = "user_not_confirmed", 403, "The e-mail address is not confirmed yet";
    CodeMismatch = "code_mismatch", 422, "The confirmation code is wrong";
    CodeExpired = "code_expired", 422, "The confirmation code has expired";
    PasswordTooWeak = "password_too_weak", 422, "The password is too weak";
    LastAdmin = "last_admin", 409, "The shop needs an admin, and there is no other";
    TooManyAttempts = "too_many_attempts", 429, "Too many attempts; wait before the next";
    AddressBookFull = "address_book_full", 422, "The address book has as many addresses as it may have";
    AddressNotFound = "address_not_found", 422, "There is no such address in the address book";
    TotpActive = "totp_active", 409, "An authenticator app is set up already; remove it before setting up another";

    // Catalogue
    SlugTaken = "slug_taken", 409, "The slug is in use";
    SkuTaken = "sku_taken", 409, "The SKU is in use, or was for what was sold or counted";
    CategoryNotFound = "category_not_found", 422, "There is no such category";
    CategoryNotEmpty = "category_not_empty", 409, "The category is not empty";
    CategoryClosing = "category_closing", 409, "The category is being deleted";
    StockNegative = "stock_negative", 409, "The stock cannot fall below what is reserved or sold";
    LastVariant = "last_variant", 409, "A product keeps its last variant";
    InStock = "in_stock", 409, "It is in stock: there is nothing to wait for";
    TooManyAlerts = "too_many_alerts", 422, "The address waits for as many products as it may";
    TooManyImages = "too_many_images", 422, "The product has as many images as it may have";

    // Cart
    CartNotOpen = "cart_not_open", 409, "The cart is closed";
    CartFull = "cart_full", 422, "The cart has as many lines as it may have";
    SkuNotFound = "sku_not_found", 422, "There is no such SKU for sale";
    QuantityTooLarge = "quantity_too_large", 422, "That is more of one SKU than a cart may have";
    CartChanged = "cart_changed", 409, "The cart was changed at the same time; read it again";

    // Orders
    CartEmpty = "cart_empty", 422, "An empty cart cannot be ordered";
    CartAlreadyOrdered = "cart_already_ordered", 409, "The cart is ordered already";
    TotalChanged = "total_changed", 409, "The total is not what was expected";
    OutOfStock = "out_of_stock", 409, "There is not enough stock";
    NotForSale = "not_for_sale", 409, "A product is no longer for sale";
    ShippingUnavailable = "shipping_unavailable", 422, "There is no delivery to this address";
    ShippingMethodUnknown = "shipping_method_unknown", 422, "There is no such shipping method for this address";
    TaxRateMissing = "tax_rate_missing", 422, "There is no tax rate for this address";
    AmountTooLarge = "amount_too_large", 422, "The amount is too large";
    EmailRequired = "email_required", 422, "A guest order needs an e-mail address";
    OrderNotCancellable = "order_not_cancellable", 409, "The order can no longer be cancelled";
    OrderClosed = "order_closed", 409, "The order is closed";

    // Payments
    OrderNotPayable = "order_not_payable", 409, "The order does not await a payment";
    PaymentDeclined = "payment_declined", 422, "The payment provider declined";
    AmountBelowMinimum = "amount_below_minimum", 422, "The amount is below what the provider takes";
    ProviderNotConfigured = "provider_not_configured", 503, "The payment provider is not set up";
    ProviderUnavailable = "provider_unavailable", 503, "The payment provider does not answer; try again";
    SignatureInvalid = "signature_invalid", 400, "The signature is not valid";
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_come_with_an_error_status() {
        let texts: HashSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(texts.len(), Code::ALL.len());
        assert!(Code::ALL.iter().all(|code| (400..600).contains(&code.status())));
    }
}
