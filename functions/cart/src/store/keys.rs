//! The only place that writes the carts' keys.
//!
//! | row | pk | sk |
//! | --- | --- | --- |
//! | cart | `CART#<id>` | `CART` |
//! | tombstone | `TOMBSTONE#<user id>` | `TOMBSTONE` |
//!
//! | in `gsi1` | gsi1pk | gsi1sk |
//! | --- | --- | --- |
//! | a shopper's cart | `PERSON#<user id>` | pk and sk |
//!
//! | access pattern | how |
//! | --- | --- |
//! | a cart | get |
//! | a cart with the offer of one SKU | batch get over the carts' and the catalogue's table |
//! | a change of one line | one conditional update |
//! | a shopper's carts | query `gsi1pk = PERSON#<user id>` |
//! | closing a cart | one update within the checkout's transaction |

use dynamo::Key;
use kernel::CartId;

pub(crate) fn cart(id: CartId) -> Key {
    Key::new(format!("CART#{id}"), "CART")
}
