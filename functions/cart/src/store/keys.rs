//! The only place that writes the carts' keys.
//!
//! | row | pk | sk |
//! | --- | --- | --- |
//! | cart | `CART#<id>` | `CART` |
//!
//! | access pattern | how |
//! | --- | --- |
//! | a cart | get |
//! | a cart with the offer of one SKU | batch get over the carts' and the catalogue's table |
//! | a change of one line | one conditional update |
//! | closing a cart | one update within the checkout's transaction |

use dynamo::Key;
use kernel::CartId;

pub(crate) fn cart(id: CartId) -> Key {
    Key::new(format!("CART#{id}"), "CART")
}
